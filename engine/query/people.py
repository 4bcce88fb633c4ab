"""People as targets of links: who has left is still read, and not chosen any more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, FromClause, func, not_, select

from engine.compiled import CompiledModel

USER = "user"

HANDOVER = "sys_handover"


def left_at(compiled: CompiledModel, row: FromClause) -> ColumnElement[datetime | None]:
    """Return since when the person of a row of `user` has left, null for whoever works here.

    Who was handed over and is active again has come back.
    """
    handovers = compiled.tables.of(HANDOVER)
    active = row.c[compiled.model.entities[USER].fields["active"].column]
    return (
        select(func.max(handovers.c.created_at))
        .where(handovers.c.person == row.c.id, handovers.c.disable, not_(active))
        .scalar_subquery()
    )
