"""What a part of an expression is evaluated in: the scope, the names of loops, open questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from crrlint.documents.source import Key, Location, Node
from crrlint.loaders.hcl.scope import Fault, Found, Scope


class _State:
    """Counts, for one evaluation with all its loops."""

    __slots__ = ("doubts", "questions", "work")

    def __init__(self) -> None:
        self.doubts = 0
        self.questions = 0
        self.work = 0


class Environment:
    __slots__ = ("_state", "names", "scope")

    def __init__(
        self,
        scope: Scope,
        names: Mapping[str, Node] | None = None,
        state: _State | None = None,
    ) -> None:
        self.scope = scope
        self.names: Mapping[str, Node] = {} if names is None else names
        self._state = _State() if state is None else state

    def within(self, names: Mapping[str, Node]) -> Environment:
        """Return the environment inside a loop that gives these names."""
        return Environment(self.scope, {**self.names, **names}, self._state)

    def alone(self, names: Mapping[str, Node]) -> Environment:
        """Return the environment of a template file, which knows nothing but these names."""
        return Environment(_Nothing(self.scope), names, self._state)

    @property
    def is_alone(self) -> bool:
        """Whether this is inside a template file."""
        return isinstance(self.scope, _Nothing)

    def doubt(self) -> None:
        """Note that what is being evaluated may have no value, for all that is known."""
        self._state.doubts += 1

    @property
    def doubts(self) -> int:
        return self._state.doubts

    def reset(self, doubts: int) -> None:
        """Forget the doubts since then: they have been dealt with."""
        self._state.doubts = doubts

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Evaluate something that is not used: what is doubtful in it counts for nothing."""
        before = self._state.doubts
        try:
            yield
        finally:
            self._state.doubts = before

    def question(self, at: Location) -> str:
        """Return a name for a question that is asked at this place, at this time, only."""
        self._state.questions += 1
        return f"{self.scope.id} {at.path}{at.pointer} #{self._state.questions}"

    def worked(self, amount: int) -> int:
        """Count work that grows faster than what is written; return how much there was."""
        self._state.work += amount
        return self._state.work


class _Nothing:
    """The scope of a template file: it can read files, and knows no names."""

    def __init__(self, scope: Scope) -> None:
        self.id = scope.id
        self.read = scope.read
        self.read_bytes = scope.read_bytes
        self.exists = scope.exists
        self.files = scope.files

    def resolve(self, root: str, steps: tuple[Key, ...], at: Location) -> Found:
        raise Fault(f"the template is given no {root}", at)
