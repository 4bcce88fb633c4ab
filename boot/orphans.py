"""Ending with one's parent, however that ended: no process outlives the one that started it."""

from __future__ import annotations

import os
import threading
import time

PARENT = "JOINERY_SERVER_PID"
"""How a process learns who started it, even where that one is gone by the time it looks."""

_EVERY = 0.5


def announce_parent() -> None:
    """Tell the processes that this one starts whose end is theirs."""
    os.environ[PARENT] = str(os.getpid())


def end_with_parent() -> None:
    """Watch from a thread of its own, and end this process when its parent is gone."""
    parent = int(os.environ[PARENT])
    threading.Thread(target=_watch, args=(parent,), name="parent-watch", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_EVERY)
    # Requests under way are lost with the parent that would have answered for them;
    # PostgreSQL rolls back what was not committed.
    os._exit(1)
