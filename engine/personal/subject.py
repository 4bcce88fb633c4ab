"""Which records tell of a person, and which of their fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, or_, select

from engine.access.grants import holds_everything, roles_of
from engine.context import Context
from engine.errors import FieldError, Forbidden, NotFound, RecordRefused
from engine.query.legible import live_entity
from metamodel.model import Entity, Field, Model

USER = "user"

Places = Mapping[str, tuple[UUID, ...]]
"""Records by entity key."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A person as the records know them: the one that is the person, and those that tell of it.

    `about` are records whose personal fields are this person's, the person's own first; `others`
    are records of other people that are linked to this one, and that stay.
    """

    entity: str
    record: UUID
    about: Places
    others: Places


def subject_of(ctx: Context, connection: Connection, entity: str, record: UUID) -> Subject:
    """Return what tells of a person; raise where the record is none, or not there.

    Records in the trash count. A record that links to the person tells of it by its personal
    fields, unless it is a person itself: then its title is personal, too. What links to a
    colleague is that colleague's work, and says nothing of them.
    """
    kind = live_entity(ctx, entity)
    require_administrator(ctx, kind)
    if not any(each.personal_data for each in kind.fields.values()):
        raise RecordRefused([FieldError("not_a_person", (), {"entity": kind.label})])
    table = ctx.compiled.tables.of(kind.key)
    there = connection.execute(select(table.c.id).where(table.c.id == record)).first()
    if there is None:
        raise NotFound(entity=kind.name, id=str(record))
    about: dict[str, tuple[UUID, ...]] = {kind.key: (record,)}
    others: dict[str, tuple[UUID, ...]] = {}
    for near in _linked(ctx.model, kind) if kind.key != USER else ():
        ids = _pointing(ctx, connection, near, kind.key, record)
        if ids:
            into = others if is_person(near) and not _is_line_of(near, kind) else about
            into[near.key] = (*into.get(near.key, ()), *ids)
    return Subject(kind.key, record, about, others)


def require_administrator(ctx: Context, entity: Entity) -> None:
    """Raise `Forbidden` for anybody who does not hold every right."""
    if not holds_everything(ctx.actor, roles_of(ctx)):
        raise Forbidden(action="erase", entity=entity.name)


def is_person(entity: Entity) -> bool:
    """Return whether records of an entity are people: what they are called is personal."""
    title = entity.fields.get(entity.title_field)
    return title is not None and title.personal_data


def personal_fields(entity: Entity) -> tuple[Field, ...]:
    """Return the personal fields that somebody entered, retired ones included."""
    return tuple(
        each for each in entity.fields.values() if each.personal_data and each.formula is None
    )


def _linked(model: Model, kind: Entity) -> Iterator[Entity]:
    """Yield the entities with personal fields that link to records of a kind."""
    for entity in model.entities.values():
        if entity.system or entity.pair is not None or entity.key == kind.key:
            continue
        if personal_fields(entity) and any(_links(entity, kind.key)):
            yield entity


def _links(entity: Entity, target: str) -> Iterator[Field]:
    for each in entity.fields.values():
        if each.link is not None and not each.link.many and target in each.link.to:
            yield each


def _is_line_of(near: Entity, kind: Entity) -> bool:
    return near.child_of is not None and near.child_of.entity == kind.key


def _pointing(
    ctx: Context, connection: Connection, near: Entity, target: str, record: UUID
) -> tuple[UUID, ...]:
    table = ctx.compiled.tables.of(near.key)
    columns = [table.c[each.columns.get(target) or each.column] for each in _links(near, target)]
    found = select(table.c.id).where(or_(*(column == record for column in columns)))
    return tuple(connection.execute(found.order_by(table.c.id)).scalars())
