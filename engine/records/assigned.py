"""Telling people whom somebody else names in a record: as its owner, or in another field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from engine.notices.telling import News, tell
from engine.records.draft import STAMPS, Draft
from engine.records.work import Work
from metamodel.model import Field

DOORS = frozenset({"form", "api", "convert"})
"""Where a person names a person; an import, a hand-over or a publish tells in its own way."""

EACH = 3
"""Records of which somebody is told one by one; more of them are told as a number."""


def tell_assigned(work: Work, drafts: Sequence[Draft]) -> None:
    """Tell everybody who was named in a record just now, by a person, and was not before."""
    ctx = work.ctx
    if ctx.cause.door not in DOORS or ctx.actor.kind != "person":
        return
    named: dict[UUID, list[tuple[Draft, Field]]] = {}
    for draft in drafts:
        for field, person in _named(draft):
            if person != ctx.actor.user:
                named.setdefault(person, []).append((draft, field))
    for person, found in named.items():
        records = {(draft.entity.key, draft.id): field for draft, field in found}
        if len(records) > EACH:
            words = {"count": len(records), "entity": found[0][0].entity.key}
            tell(ctx, work.connection, [person], News("assigned", words=words))
            continue
        for (entity, record), field in records.items():
            news = News("assigned", entity, record, {"field": field.key})
            tell(ctx, work.connection, [person], news)


def _named(draft: Draft) -> Iterator[tuple[Field, UUID]]:
    """Yield the people that a record names and did not before, by field."""
    kind = draft.entity
    if draft.operation not in ("create", "update") or kind.system or not kind.track:
        return
    if kind.child_of is not None or kind.key in ("user", "department", "team", "deputy"):
        return
    for field in kind.fields.values():
        if field.link is None or field.link.to != ("user",) or field.link.many:
            continue
        if field.key in STAMPS or field.formula is not None:
            continue
        person = draft.values.get(field.key)
        if isinstance(person, UUID) and person != draft.before.get(field.key):
            yield field, person
