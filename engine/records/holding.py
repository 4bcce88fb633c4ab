"""Whose a record is: its owner and department, its members, and the record that it follows.

A share or a membership lends rights on a record. Whoever could make themselves its owner by them
would keep it, so that changing any of these takes a role that reaches the record.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from engine.access.grants import ASSIGN
from engine.records.draft import Draft
from engine.records.work import Work
from metamodel.model import Entity


@dataclass(frozen=True, slots=True)
class Bearing:
    """What rights on an entity's records follow from: its fields, and child entities, by key."""

    fields: frozenset[str]
    children: frozenset[str]


def bearing(entity: Entity) -> Bearing:
    """Return what says who reaches an entity's records beside the roles."""
    fields = {*entity.follows, *(("owner", "department") if entity.owned else ())}
    children = set()
    for each in entity.members.read.dependencies.collections if entity.members else ():
        if each.links:
            fields.add(each.links[0].field)
        else:
            children.add(each.via.entity)
    return Bearing(frozenset(fields), frozenset(children))


def check_holding(work: Work, drafts: Iterable[Draft]) -> None:
    """Refuse changes of whose a record is by people who reach it only by what is lent to them."""
    asked: dict[str, dict[UUID, list[tuple[Draft, str]]]] = {}
    for draft in drafts:
        found = _record(work, draft)
        if found is None or work.policy.row_filter(work.ctx, found[0], ASSIGN) is None:
            continue
        entity, record, key = found
        asked.setdefault(entity, {}).setdefault(record, []).append((draft, key))
    for entity, records in asked.items():
        held = work.policy.permitted(
            work.ctx, work.connection, list(records), entity=entity, action=ASSIGN
        )
        for draft, key in (one for id_ in records.keys() - held for one in records[id_]):
            draft.refuse("may_not_assign", key)


def _record(work: Work, draft: Draft) -> tuple[str, UUID, str] | None:
    """Return the record whose holders a draft changes: entity, id, and the field that does."""
    if draft.along:
        return None
    child = draft.entity.child_of
    if child is not None:
        holder = draft.values.get(child.via)
        members = draft.entity.key in bearing(work.entity(child.entity)).children
        there = draft.parent is None or not draft.parent.is_new
        changes = draft.operation != "update" or bool(draft.changed())
        if members and there and changes and isinstance(holder, UUID):
            return child.entity, holder, ""
        return None
    if draft.is_new:
        return None
    fields = bearing(draft.entity).fields & draft.given
    changed = sorted(key for key in fields if draft.values.get(key) != draft.before.get(key))
    return (draft.entity.key, draft.id, changed[0]) if changed else None
