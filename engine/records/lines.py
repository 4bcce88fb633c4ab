"""Child lines and the record that holds them: its version counts on, and they keep an order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, any_, func, select

from engine.records.draft import Draft
from engine.records.entering import existing
from engine.records.work import IDS, Work
from metamodel.model import Entity


def touched_parents(work: Work, drafts: Sequence[Draft]) -> list[Draft]:
    """Return drafts of records whose lines are written by themselves; mark those that are there."""
    known = {draft.id: draft for draft in drafts}
    added: dict[UUID, Draft] = {}
    for draft in drafts:
        child = draft.entity.child_of
        if child is None or draft.along:
            continue
        if not (draft.is_new or draft.moved or draft.operation != "update" or _differs(draft)):
            continue
        for parent in _parents(draft, child.via):
            holder = known.get(parent) or added.get(parent)
            if holder is None:
                row = work.read(child.entity, [parent]).get(parent)
                if row is None or row["sys_trashed_at"] is not None:
                    continue
                holder = existing(work, work.entity(child.entity), parent)
                holder.along = True
                added[parent] = holder
            holder.touched = holder.touched or holder.operation in ("update", "move")
    return list(added.values())


def _differs(draft: Draft) -> bool:
    return bool(draft.references) or bool(draft.changed())


def _parents(draft: Draft, via: str) -> set[UUID]:
    """Return the record that holds a line, and the one that held it."""
    reference = draft.references.get(via)
    found = {draft.values.get(via), draft.before.get(via), reference.id if reference else None}
    return {each for each in found if isinstance(each, UUID)}


def place_lines(work: Work, drafts: Sequence[Draft]) -> None:
    """Put new lines that say no place after those that their parent has."""
    waiting: dict[str, list[Draft]] = {}
    for draft in drafts:
        if draft.is_new and draft.entity.child_of is not None and draft.position is None:
            waiting.setdefault(draft.entity.key, []).append(draft)
    for key, group in waiting.items():
        entity = work.entity(key)
        via = entity.child_of.via if entity.child_of else ""
        parents = {draft.values[via] for draft in group}
        found = work.run(("last line", key), partial(_last, work, entity, via), ids=list(parents))
        last = {row[0]: row[1] or 0 for row in found}
        for draft in group:
            parent = draft.values[via]
            last[parent] = draft.position = last.get(parent, 0) + 1


def _last(work: Work, entity: Entity, via: str) -> Select[Any]:
    table = work.ctx.compiled.tables.of(entity.key)
    link = table.c[entity.fields[via].column]
    statement = select(link, func.max(table.c.sys_position)).where(link == any_(IDS))
    return statement.group_by(link)
