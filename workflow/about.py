"""Whether what runs are about is still there when workers come to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, any_, select

from engine.context import Context
from engine.records.work import IDS, Work
from metamodel.model import Model
from workflow.doing import Hands
from workflow.runs import Run


def gone(
    ctx: Context, connection: Connection, hands: Hands, runs: Sequence[Run]
) -> Mapping[UUID, str]:
    """Return the runs whose records lie in the trash, or are deleted for good: why, by run.

    Nobody is written to about what was thrown away meanwhile, and nothing is made from it. What
    waits for records to be thrown away is about those in the trash.
    """
    found: dict[UUID, str] = {}
    groups: dict[str, list[Run]] = {}
    for run in runs:
        if run.stand.record is not None:
            groups.setdefault(run.stand.entity, []).append(run)
    for entity, several in groups.items():
        there = _there(Work.begin(ctx, connection, hands.policy), entity, several)
        for run in several:
            record = run.stand.record
            if record not in there:
                found[run.id] = "record_purged"
            elif there[record] and not _awaits_trash(ctx.model, run):
                found[run.id] = "record_trashed"
    return found


def _there(work: Work, entity: str, runs: Sequence[Run]) -> Mapping[UUID | None, bool]:
    """Return the records that are there: whether each lies in the trash."""
    table = work.ctx.compiled.tables.of(entity)

    def make() -> Select[Any]:
        trashed = table.c.sys_trashed_at.is_not(None).label("trashed")
        return select(table.c.id, trashed).where(table.c.id == any_(IDS))

    ids = [run.stand.record for run in runs]
    return {row[0]: bool(row[1]) for row in work.run(("still there", entity), make, ids=ids)}


def _awaits_trash(model: Model, run: Run) -> bool:
    """Return whether a run was set off by a record that went to the trash, or put it there."""
    automation = model.automations.get(run.automation)
    if automation is not None and automation.trigger.on == "deleted":
        return True
    return any("deleted" in each.words for each in run.steps)
