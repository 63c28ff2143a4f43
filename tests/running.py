"""Runs the program as a user does: in a process of its own, with a scrubbed environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"

_KEPT = ("PATH", "HOME", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
_KEPT_PREFIXES = ("PIP_", "REQUESTS_", "HTTP", "http", "no_proxy", "NO_PROXY")


class Run(NamedTuple):
    """What one run gave."""

    code: int
    out: str
    err: str


def environment(**more: str) -> dict[str, str]:
    """Return an environment without anything that changes what the program does."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or name.startswith(_KEPT_PREFIXES)
    }
    return {**kept, "LANG": "C.UTF-8", **more}


def crrlint(
    *arguments: str | Path,
    cwd: Path = ROOT,
    stdin: bytes = b"",
    timeout: float = 60,
    program: Sequence[str | Path] = (),
    **env: str,
) -> Run:
    """Run `crrlint`, the checkout's unless another program is given."""
    command = [*program] if program else [sys.executable, "-m", "crrlint"]
    path = {} if program else {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, *arguments],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        timeout=timeout,
        env=environment(**path, **env),
    )
    return Run(done.returncode, done.stdout.decode(), done.stderr.decode())
