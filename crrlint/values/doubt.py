"""Carrying on where a question stays open, and raising it where nothing else answers."""

from __future__ import annotations

from types import TracebackType

from crrlint.values.symbols import Undecided


class Doubt:
    """The first question that stayed open among those asked within `with doubt:`.

    A block that meets such a question ends there.  One that hangs on a choice passes: the
    engine asks again under each of its answers, and who ends it would hide them.
    """

    __slots__ = ("gap",)

    def __init__(self) -> None:
        self.gap: Undecided | None = None

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if not isinstance(error, Undecided) or error.choice is not None:
            return False
        if self.gap is None:
            self.gap = error
        return True

    def raise_unless(self, proved: bool) -> None:
        """Raise what stayed open, if anything did and nothing was proved all the same."""
        if self.gap is not None and not proved:
            raise self.gap
