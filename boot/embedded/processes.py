"""Whether a process lives, told apart from one that is dead and not yet reaped."""

from __future__ import annotations

import os
from pathlib import Path

DEAD = frozenset({"Z", "X"})
"""States of a process that ended and is still listed."""


def process_state(pid: int) -> str:
    """Return the letter for a process's state on Linux; blank where there is none to read."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # The command's name, in brackets, may itself hold brackets and spaces.
    return line.rpartition(")")[2].split()[0]


def lives(pid: int) -> bool:
    """Return whether a process runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return process_state(pid) not in DEAD
    return process_state(pid) not in DEAD
