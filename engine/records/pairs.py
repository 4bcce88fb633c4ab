"""Links to many records on their way into their link table: a draft for each row that changes.

The record that holds the field is written along, so that its version counts on and its history
says what it named before. What lies in the trash stays in the table unseen, and comes back
with the record that it names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, any_, false, select

from engine.changes import Operation
from engine.records.draft import Chosen, Draft
from engine.records.plans import plan_of
from engine.records.work import IDS, Work
from engine.values.identity import new_id
from metamodel.model import HOLDER, MEMBER, PLACE, Entity


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a link table: which record it names, at which place, and whether that is seen."""

    id: UUID
    member: UUID
    place: int
    trashed: bool


def pair_drafts(work: Work, drafts: Sequence[Draft]) -> list[Draft]:
    """Return drafts of the rows that change with links to many records; note old and new lists."""
    found: list[Draft] = []
    for draft in drafts:
        _recall(work, draft)
        for key, chosen in draft.chosen.items():
            found += _of_field(work, draft, key, chosen)
        draft.chosen.clear()
    return found


def _recall(work: Work, draft: Draft) -> None:
    """Read what the record names where a check asks whether it names anything."""
    for key in plan_of(work.ctx.compiled, draft.entity).asked:
        if not draft.is_new and key not in draft.chosen:
            held = members(work, draft, key) or None
            draft.values[key], draft.before = held, {**draft.before, key: held}


def members(work: Work, draft: Draft, key: str) -> tuple[UUID, ...]:
    """Return the records that a draft's link names now, those in the trash too, in order."""
    return tuple(row.member for row in _rows(work, draft, key))


def _of_field(work: Work, draft: Draft, key: str, chosen: Chosen) -> list[Draft]:
    rows = {row.member: row for row in _rows(work, draft, key)}
    before, after = tuple(rows), _after(rows, chosen)
    if not draft.is_new:
        draft.before = {**draft.before, key: before or None}
    draft.values[key] = after or None
    pair = _pair(work, draft, key)
    changed = [_gone(pair, draft, row) for row in rows.values() if row.member not in after]
    at = {row.member: row.place for row in rows.values()}
    highest = 0
    for member in after:
        place = at.get(member, 0)
        if place > highest:
            highest = place
            continue
        highest += 1
        changed.append(
            _moved(pair, draft, rows[member], highest)
            if member in rows
            else _made(work, pair, (draft, key), member, highest)
        )
    return changed


def _after(rows: Mapping[UUID, Row], chosen: Chosen) -> tuple[UUID, ...]:
    """Return what the field names afterwards; what lies in the trash goes only if named."""
    if chosen.whole:
        hidden = (row.member for row in rows.values() if row.trashed)
        return tuple(dict.fromkeys((*chosen.add, *hidden)))
    return tuple(each for each in dict.fromkeys((*rows, *chosen.add)) if each not in chosen.remove)


def _pair(work: Work, draft: Draft, key: str) -> Entity:
    link = draft.entity.fields[key].link
    return work.entity(link.through if link else "")


def _made(work: Work, pair: Entity, at: tuple[Draft, str], member: UUID, place: int) -> Draft:
    holder, key = at
    path = (*holder.path, holder.entity.fields[key].name)
    draft = Draft(pair, new_id(work.ctx.now), "create", path, parent=holder, version=0)
    draft.values = {"id": draft.id, HOLDER: holder.id, MEMBER: member, PLACE: place}
    return draft


def _gone(pair: Entity, holder: Draft, row: Row) -> Draft:
    return _there(pair, holder, row, "delete")


def _moved(pair: Entity, holder: Draft, row: Row, place: int) -> Draft:
    draft = _there(pair, holder, row, "update")
    draft.values[PLACE] = place
    return draft


def _there(pair: Entity, holder: Draft, row: Row, operation: Operation) -> Draft:
    values: dict[str, object] = {
        "id": row.id,
        HOLDER: holder.id,
        MEMBER: row.member,
        PLACE: row.place,
    }
    return Draft(pair, row.id, operation, holder.path, dict(values), values, parent=holder)


def _rows(work: Work, draft: Draft, key: str) -> Sequence[Row]:
    """Return the rows of a record's link, in order; none of one that is being made."""
    if draft.is_new:
        return ()
    return pair_rows(work, _pair(work, draft, key), [draft.id])


def pair_rows(work: Work, pair: Entity, holders: Iterable[UUID]) -> Sequence[Row]:
    """Return the rows of a link table that belong to records, in order."""
    found = work.run(("pairs", pair.key), partial(_statement, work, pair), ids=list(holders))
    return [Row(row[0], row[1], int(row[2] or 0), bool(row[3])) for row in found]


def _statement(work: Work, pair: Entity) -> Select[Any]:
    tables = work.ctx.compiled.tables
    rows, far = tables.of(pair.key), tables.of(pair.pair.target if pair.pair else "").alias()
    own = rows.c
    at = far.c.get("sys_trashed_at")
    trashed = false() if at is None else at.is_not(None)
    return (
        select(own.id, own[MEMBER], own[PLACE], trashed.label("trashed"))
        .join_from(rows, far, far.c.id == own[MEMBER])
        .where(own[HOLDER] == any_(IDS))
        .order_by(own[PLACE], own.id)
    )
