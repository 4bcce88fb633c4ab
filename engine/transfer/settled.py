"""The moment of a copy: one at which all that a publish does after its switch is done.

What is left of one is kept beside the model that serves, and done by statements of that tenant
alone: in a copy nobody would tell of the records that moved, nor list what did not convert.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from engine.context import Tenant
from engine.database import Database
from engine.errors import PublishRunning
from engine.schema.running import left_behind
from engine.transfer.rows import moment

PATIENCE = 900.0
"""Seconds that a copy waits for publishes that run, one after the other."""

Finisher = Callable[[Tenant], int]
"""What finishes a publish whose process died, and raises `PublishRunning` where one runs."""


@contextmanager
def settled_moment(
    database: Database, tenant: Tenant, finish: Finisher, patience: float = PATIENCE
) -> Iterator[Connection]:
    """Yield a transaction that sees a tenant as it is now, with nothing left to do in it.

    Raises `PublishRunning` where that does not come within `patience` seconds.
    """
    until = time.monotonic() + patience
    while True:
        with moment(database, tenant) as source:
            if all(each.state != "switched" for each in left_behind(source, tenant)):
                yield source
                return
        try:
            finish(tenant)
        except PublishRunning:
            if time.monotonic() > until:
                raise
