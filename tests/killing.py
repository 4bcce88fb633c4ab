"""Work in a process of its own that is killed on the way, and what PostgreSQL still does for it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

from sqlalchemy import text

from engine.database import Database


def killed(database: Database, work: Callable[[], object], *, surely: bool = True) -> None:
    """Run `work` in a process of its own, which must be killed on the way (`surely`).

    Connections of the parent are not the child's to use. Returns once PostgreSQL has let go of
    what the process held: it may be some time before it notices.
    """
    before = _serving(database)
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os._exit(3)
    _, status = os.waitpid(child, 0)
    for _ in range(600):
        if _serving(database) <= before:
            break
        time.sleep(0.05)
    if surely:
        assert os.WIFSIGNALED(status), f"it ended by itself: {os.waitstatus_to_exitcode(status)}"
        assert os.WTERMSIG(status) == signal.SIGKILL


def _serving(database: Database) -> set[int]:
    """Return which processes of PostgreSQL serve this database, besides the one that tells."""
    asked = text(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
        "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    with database.engine.connect() as connection:
        return set(connection.execute(asked).scalars())
