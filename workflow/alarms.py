"""Tells administrators of what could not be done: of each automation once a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from engine.access.standing import administrators
from engine.context import Context
from engine.notices.tables import columns_of
from engine.notices.telling import News, tell
from engine.tenants.people import SYSTEM
from engine.values.identity import new_id
from workflow.runs import Run

COUNTER, ALARM = "sys_counter", "automation.alarm"

QUIET = int(timedelta(days=1).total_seconds())
"""Seconds for which nobody is told again of the same automation."""


def tell_of(ctx: Context, connection: Connection, runs: Sequence[Run]) -> None:
    """Tell administrators of runs that failed or went on for ever, where they do not know yet."""
    first = {run.automation: run for run in reversed(runs)}
    for run in first.values():
        if not _is_new(ctx, connection, run):
            continue
        url = f"/{ctx.tenant.name}/admin/automations/runs/{run.id}"
        words = {"what": "run_failed", "script": run.automation, "url": url}
        # Whoever set it off did not break it, and is told as well where they look after the app.
        system = replace(ctx, actor=SYSTEM)
        people = administrators(connection, ctx.compiled)
        tell(system, connection, people, News("finished", words=words))


def _is_new(ctx: Context, connection: Connection, run: Run) -> bool:
    """Return whether nobody was told of an automation lately, and note that they are now."""
    table, column = columns_of(ctx, COUNTER)
    now, value = int(ctx.now.timestamp()), column["value"]
    known = select(value).where(column["name"] == ALARM, column["period"] == run.automation)
    last = connection.execute(known).scalar()
    if last is not None and last > now - QUIET:
        return False
    row = {"id": new_id(ctx.now), "name": ALARM, "period": run.automation, "value": now}
    noted = (
        insert(table)
        .values({column[key].name: each for key, each in row.items()})
        .on_conflict_do_update(
            index_elements=[column["name"], column["period"]],
            set_={value.name: now},
            where=value <= now - QUIET,
        )
    )
    return connection.execute(noted.returning(column["id"])).first() is not None
