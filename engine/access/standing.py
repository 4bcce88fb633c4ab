"""Who holds every right in a tenant, and that somebody always does."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Connection,
    Select,
    Text,
    any_,
    bindparam,
    literal,
    or_,
    select,
    text,
)

from engine.access.grants import ADMINISTRATOR
from engine.compiled import CompiledModel
from engine.errors import EngineError
from metamodel.model import Model


class NobodyAdministers(EngineError):
    """What would leave a tenant without any person who holds every right."""

    code = "nobody_administers"


def all_rights_roles(model: Model) -> frozenset[str]:
    """Return the names of the roles that hold every right."""
    return frozenset(name for name, role in model.roles.items() if role.all_rights) | {
        ADMINISTRATOR
    }


def administrators(connection: Connection, compiled: CompiledModel) -> frozenset[UUID]:
    """Return the people who hold every right, by themselves or by their position, and can act."""
    return frozenset(connection.execute(_holders(compiled)).scalars())


def require_administrator(
    connection: Connection, compiled: CompiledModel, *, without: Collection[UUID] = ()
) -> None:
    """Raise `NobodyAdministers` where nobody but people `without` whom it should go on does.

    Whoever takes rights away calls it in the same transaction, after the change: those who do
    so at once wait for each other, so that two cannot each leave the last to the other.
    """
    lock_standing(connection)
    if not administrators(connection, compiled) - set(without):
        raise NobodyAdministers


def keep_administered(connection: Connection, old: CompiledModel, new: CompiledModel) -> None:
    """Raise `NobodyAdministers` where a new model takes every right from all who hold it."""
    if administrators(connection, old) and not administrators(connection, new):
        raise NobodyAdministers


def lock_standing(connection: Connection) -> None:
    """Wait for all others who change what people of this tenant are to each other."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(current_user, 11))"))


def _holders(compiled: CompiledModel) -> Select[Any]:
    people, positions = compiled.tables.of("user"), compiled.tables.of("position")
    names = {key: each.column for key, each in compiled.model.entities["user"].fields.items()}
    theirs = {key: each.column for key, each in compiled.model.entities["position"].fields.items()}
    wanted = literal(sorted(all_rights_roles(compiled.model)), ARRAY(Text()))
    by_position = (
        select(positions.c.id)
        .where(
            positions.c.sys_trashed_at.is_(None),
            positions.c[theirs["roles"]].op("&&")(wanted),
        )
        .scalar_subquery()
    )
    return select(people.c.id).where(
        people.c.sys_trashed_at.is_(None),
        people.c[names["active"]],
        ~people.c[names["system"]],
        or_(
            people.c[names["roles"]].op("&&")(wanted),
            people.c[names["position"]] == any_(by_position),
        ),
    )


def rings(
    connection: Connection, compiled: CompiledModel, entity: str, link: str, ids: Collection[UUID]
) -> frozenset[UUID]:
    """Return those of the records from which a link to their own kind leads back to them."""
    table = compiled.tables.of(entity)
    above = table.c[compiled.model.entities[entity].fields[link].column]
    wanted = table.c.id == any_(bindparam("ids", list(ids), type_=ARRAY(table.c.id.type)))
    way = select(table.c.id.label("start"), above.label("at")).where(wanted, above.is_not(None))
    climbed = way.cte("climbed", recursive=True)
    climbed = climbed.union(
        select(climbed.c.start, above)
        .join(climbed, table.c.id == climbed.c.at)
        .where(above.is_not(None))
    )
    found = select(climbed.c.start).where(climbed.c.start == climbed.c.at)
    return frozenset(connection.execute(found).scalars())
