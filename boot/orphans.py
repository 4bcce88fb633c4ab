"""Ending with one's parent, however that ended: no process outlives the one that started it."""

from __future__ import annotations

import os
import threading
import time

_EVERY = 0.5


def end_with_parent() -> None:
    """Watch from a thread of its own, and end this process when its parent is gone."""
    parent = os.getppid()
    threading.Thread(target=_watch, args=(parent,), name="parent-watch", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_EVERY)
    # Requests under way are lost with the parent that would have answered for them;
    # PostgreSQL rolls back what was not committed.
    os._exit(1)
