"""Progress is for whoever waits at a terminal, and for nobody else."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import time

import pytest

from tests.running import EXAMPLES, ROOT, environment

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no pseudo terminals")

GOOD = (EXAMPLES / "undecided" / "source.yaml").read_bytes()


def _run(seconds: float, *options: str, terminal: str = "stderr") -> tuple[bytes, bytes]:
    """Return what a run that waits for its input writes to a terminal, and what elsewhere."""
    ours, theirs = pty.openpty()
    run = subprocess.Popen(
        [sys.executable, "-m", "crrlint", "-", "--fail-on", "never", *options],
        stdin=subprocess.PIPE,
        env=environment(PYTHONPATH=str(ROOT), TERM="xterm"),
        cwd=ROOT,
        stdout=theirs if terminal == "stdout" else subprocess.PIPE,
        stderr=theirs if terminal == "stderr" else subprocess.PIPE,
    )
    os.close(theirs)
    time.sleep(seconds)
    elsewhere = b"".join(part or b"" for part in run.communicate(GOOD, timeout=60))
    shown = b""
    try:
        while part := os.read(ours, 65536):
            shown += part
    except OSError:  # how Linux tells that the other end was closed
        pass
    os.close(ours)
    assert 0 == run.returncode
    return shown, elsewhere


def test_a_long_run_tells_a_terminal_what_it_is_at() -> None:
    shown, elsewhere = _run(2)
    assert b"crrlint: waiting for the standard input" in shown
    assert b"waiting" not in elsewhere
    # In the end the line is blank, and the cursor at its start.
    assert re.search(rb"\r +\r\Z", shown)


def test_a_short_run_shows_nothing() -> None:
    assert b"" == _run(0)[0]


def test_who_wants_quiet_gets_it() -> None:
    assert b"" == _run(2, "-q")[0]


def test_a_report_on_a_terminal_is_not_disturbed_when_errors_go_elsewhere() -> None:
    shown, elsewhere = _run(2, "--format", "json", terminal="stdout")
    assert b"waiting" not in shown + elsewhere
