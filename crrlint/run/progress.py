"""What a long run is at, for whoever waits for it at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TextIO

if TYPE_CHECKING:
    from types import TracebackType

AFTER: Final = 1.0
"""Seconds for which nothing is shown."""

_EVERY: Final = 0.2
_WIDTH: Final = 79


class Progress:
    """Shows the latest step on one line of a terminal, which is empty again afterwards.

    A thread of its own does that, for a step can take longer than all others together.
    On anything but a terminal there is neither the line nor the thread.
    """

    def __init__(self, stream: TextIO, *, quiet: bool = False) -> None:
        self._stream = stream
        self._step = "starting"
        self._shown = ""
        self._stop: Any = None
        self._thread: Any = None
        self._wanted = not quiet and stream.isatty()

    def step(self, text: str) -> None:
        self._step = text

    def __enter__(self) -> Progress:
        if self._wanted:
            import threading

            self._stop = threading.Event()
            self._thread = threading.Thread(target=self._show, daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._thread is not None:
            self._stop.set()
            self._thread.join()

    def _show(self) -> None:
        wait = AFTER
        while not self._stop.wait(wait):
            wait = _EVERY
            text = f"crrlint: {self._step}"
            if len(text) > _WIDTH:
                text = f"{text[: _WIDTH // 2]}…{text[-(_WIDTH // 2) :]}"
            if text != self._shown:
                self._write(text)
        if self._shown:
            self._write("")

    def _write(self, text: str) -> None:
        try:
            # Blanks over what was there: not every terminal knows how to erase a line.
            self._stream.write("\r" + text.ljust(len(self._shown)) + ("" if text else "\r"))
            self._stream.flush()
        except (OSError, ValueError):  # the terminal is gone, or lacks a letter of a file's name
            self._stop.set()
        self._shown = text
