"""What an expression is evaluated in: the names that it may use, and what goes wrong."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from crrlint.documents.source import Document, Key, Location, Node, Problem


class Fault(Exception):  # noqa: N818 - the input's, not ours
    """An expression that has no value: a wrong type, a missing attribute, a bad argument.

    `try` and `can` catch it, unless it is `final`: what a name stands for is worked out before
    the expression is, so what is wrong there, or declared nowhere, is wrong with all of it.
    Whoever evaluates reports it (`problem`) and goes on.
    """

    final = False

    def __init__(self, message: str, at: Location) -> None:
        super().__init__(message)
        self.message = message
        self.at = at

    def problem(self) -> Problem:
        """Return what to tell the user, with file, line and column."""
        from crrlint.documents.places import Places

        span = Places().span(self.at)
        line, column = (None, None) if span is None else (span.line, span.column)
        return Problem(self.at.path, self.message, line, column)


class Found(NamedTuple):
    """What a name stands for, and how many of the steps after it were used to find it.

    The evaluator takes the other steps.
    """

    node: Node
    used: int = 0


class Scope(Protocol):
    """The names that an expression may use; given by whoever evaluates."""

    @property
    def id(self) -> str:
        """A text that differs between scopes in which an expression can differ.

        Questions that an expression leaves open are told apart by it: the module's
        address with its instance keys, and `each.key` or the index where there is one.
        """

    def resolve(self, root: str, steps: tuple[Key, ...], at: Location) -> Found:
        """Return what `root.steps…` stands for: `var`, `local`, `aws_s3_bucket`, `each`, ….

        `steps` are the attribute names and the indices whose value is plain text or a
        whole number, as far as they go.  Raises `Fault` for what does not exist, and
        must not be called in circles: a cycle of locals is a `Fault` of the consumer's.
        The node's place is where the value was written, not where it is used.
        """

    def read(self, path: str, at: Location) -> Document | Unreadable:
        """Return a text file for `file` and its like, or why not.

        A relative path counts from the folder that Terraform runs in (the root module).
        The document is a `Document` of syntax "hcl" whose `text` is the file's.
        """

    def read_bytes(self, path: str, at: Location) -> bytes | Unreadable:
        """Return a file for `filebase64` and the hashes of files, or why not."""

    def exists(self, path: str, at: Location) -> bool | Unreadable:
        """Tell whether there is such a file, or why it cannot be told."""

    def files(self, folder: str, at: Location) -> list[str] | Unreadable:
        """Return the files below a folder, with `/`, relative to it, or why not."""


class Unreadable(NamedTuple):
    """Why a file cannot be had.

    `missing` when it is certain that Terraform would not find it either; then the call
    is a `Fault`, otherwise its value is unknown.
    """

    why: str
    missing: bool = False


class NoFiles:
    """The part of a scope that reads files, for expressions that have none at hand."""

    def read(self, path: str, at: Location) -> Document | Unreadable:
        return Unreadable(f"the file {path} is not at hand")

    def read_bytes(self, path: str, at: Location) -> bytes | Unreadable:
        return Unreadable(f"the file {path} is not at hand")

    def exists(self, path: str, at: Location) -> bool | Unreadable:
        return Unreadable(f"the file {path} is not at hand")

    def files(self, folder: str, at: Location) -> list[str] | Unreadable:
        return Unreadable(f"the folder {folder} is not at hand")


class Locals(NoFiles):
    """A scope of given values, the first name by name: enough for tfvars and for tests."""

    def __init__(self, names: dict[str, Node], id: str = "") -> None:
        self.names = names
        self.id = id

    def resolve(self, root: str, steps: tuple[Key, ...], at: Location) -> Found:
        node = self.names.get(root)
        if node is None:
            raise Fault(f"there is no {root} here", at)
        return Found(node)
