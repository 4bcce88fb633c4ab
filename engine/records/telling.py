"""What a person may be told while a record is written: what they entered, or read anyway."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from engine.access.fields import may_read_all
from engine.records.draft import Draft
from engine.records.work import Work
from formula.typed import Typed
from metamodel.model import Entity


def told(work: Work, draft: Draft, key: str) -> object:
    """Return a draft's value, or "" where the person neither entered it nor may read it."""
    if key in draft.given:
        return draft.values.get(key)
    access, entity = work.policy, draft.entity.key
    legible = access.readable(work.ctx, entity) - access.masked(work.ctx, entity)
    return draft.values.get(key) if key in legible else ""


def may_take(work: Work, entity: Entity, key: str, source: Typed) -> bool:
    """Return whether a field may be filled from a formula: never to show what is hidden there.

    What the person does not read in the field itself may come from anywhere.
    """
    shown = key in work.policy.readable(work.ctx, entity.key)
    return not shown or may_read_all(work.ctx, source.dependencies)


def told_records(work: Work, entity: str, ids: Collection[UUID]) -> frozenset[UUID]:
    """Return those of some records that refusals may name: the person sees them."""
    if not ids:
        return frozenset()
    return work.policy.permitted(work.ctx, work.connection, ids, entity=entity, action="read")
