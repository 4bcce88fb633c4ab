"""Runs a script of ours in a process of its own: it is bounded, knows nothing, and may end badly.

What strangers wrote is read there by code in C: pages to be set, papers to be drawn. It gets the
bytes that it is about and nothing else: no secret of the server's, no way to a database.
"""

from __future__ import annotations

import os
import subprocess  # noqa: S404 - runs this Python on a file of ours
import sys
from dataclasses import dataclass
from pathlib import Path


class TooLong(Exception):
    """The process was stopped, for it took more than its time."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: its exit status, and the parts that it wrote."""

    status: int
    parts: tuple[bytes, ...]


def run_apart(script: Path, given: bytes, *, seconds: int) -> Ended:
    """Run a script by its path on what it is given; raise `TooLong`.

    It writes its parts one after the other, each behind a line that says how many bytes it has.
    """
    kept = {name: os.environ[name] for name in ("TMPDIR", "SYSTEMROOT") if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603 - both are ours
            [sys.executable, "-I", str(script)],
            input=given,
            capture_output=True,
            timeout=seconds,
            env=kept,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise TooLong from late
    return Ended(done.returncode, _parts(done.stdout) if done.returncode == 0 else ())


def _parts(made: bytes) -> tuple[bytes, ...]:
    found, at = [], 0
    while at < len(made):
        begin = made.index(b"\n", at) + 1
        at = begin + int(made[at:begin])
        found.append(made[begin:at])
    return tuple(found)
