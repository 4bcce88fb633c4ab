"""The members of a collection that steps are done for, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Select, any_, select

from engine.query.joins import MemberRows, RowSource
from engine.records.formed import InputColumns, run_at
from engine.records.work import IDS
from formula import compile_filter
from formula.backends.contract import Columns
from formula.scope import CollectionBinding, Root
from metamodel.actions import Each
from metamodel.scope import scope_of
from workflow.acts.records import at_hand
from workflow.doing import Here
from workflow.errors import TooMany

MOST_MEMBERS = 200_000
"""Members that one step is done for; of more none is, and the run says so."""


def members_of(here: Here, act: Each) -> Sequence[UUID]:
    """Return the live members of a collection for which the step's condition holds, in order."""
    members = _found(here, act, "members")
    if len(members) > MOST_MEMBERS:
        raise TooMany(most=MOST_MEMBERS)
    return members


def members_from(here: Here, act: Each, reached: UUID, *, waited: bool) -> Sequence[UUID]:
    """Return the members that are left for a run that reached one of them, itself the first.

    Where the run waited within its steps, the condition need not hold for that one any more. One
    that is gone is passed over.
    """
    members = members_of(here, act)
    if reached in members:
        return members[members.index(reached) :]
    everyone = _found(here, replace(act, where=None), "everyone")
    if reached not in everyone:
        return [each for each in members if each > reached]
    later = frozenset(everyone[everyone.index(reached) :])
    rest = [each for each in members if each in later]
    return [reached, *rest] if waited else rest


def _found(here: Here, act: Each, name: str) -> Sequence[UUID]:
    work = here.fresh()
    key, ids = (*here.key, name), [at_hand(here)]
    rows = run_at(work, here.stand, key, lambda: _statement(here, act), ids=ids)
    return [row[0] for row in rows]


def _statement(here: Here, act: Each) -> Select[Any]:
    compiled, holder = here.ctx.compiled, here.stand.entity
    found = scope_of(here.ctx.model, holder).lookup(tuple(act.path.split(".")))
    if not isinstance(found, CollectionBinding):
        raise TypeError(f"{act.path} is no collection")
    roots: dict[Root, Columns] = {"input": InputColumns()}
    outer = RowSource.over(compiled, holder, compiled.tables.of(holder).alias(), roots=roots)
    members = outer.rows(found)
    if not isinstance(members, MemberRows):
        raise TypeError("the collection of a record is read from its members")
    held, meant = members.source, members.meant
    chosen = [] if act.where is None else [compile_filter(act.where, meant)]
    order = [held.row.c[name] for name in ("sys_position", "place") if name in held.row.c]
    return (
        select(meant.row.c.id)
        .select_from(outer.joins.clause(), held.joins.clause())
        .where(
            outer.row.c.id == any_(IDS),
            members.via == members.anchor.row.c.id,
            meant.row.c.id.is_not(None),
            *held.alive(),
            *meant.alive(),
            *chosen,
        )
        .order_by(*order, meant.row.c.id)
        .limit(MOST_MEMBERS + 1)
    )
