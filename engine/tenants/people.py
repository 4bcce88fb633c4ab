"""People as a tenant knows them: its own rows of users and departments, read into an `Actor`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Uuid, bindparam, func, select
from sqlalchemy import Select as SelectStatement
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from engine.compiled import CompiledModel
from engine.context import Actor, Tenant
from engine.database import Database
from engine.values.sending import Sentence
from engine.values.sending import compiled as compile_sentence

SYSTEM_USER = UUID("00000000-0000-7000-8000-000000000001")
"""The row under which the system itself acts: the same in every tenant."""

ADMINISTRATOR = "administrator"
"""The built-in role that holds every right."""

# SQLAlchemy leaves the constructors of its dialects without types.
_DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]

SYSTEM = Actor(user=SYSTEM_USER, name="System", roles=(ADMINISTRATOR,), kind="system")


def seat_system(database: Database, tenant: Tenant, compiled: CompiledModel) -> None:
    """Give the system its row of `user`, the first there is: every other has an author."""
    values = {
        "id": SYSTEM_USER,
        _name(compiled, "user", "name"): SYSTEM.name,
        _name(compiled, "user", "roles"): list(SYSTEM.roles),
        _name(compiled, "user", "active"): False,
        _name(compiled, "user", "system"): True,
        **{_name(compiled, "user", key): func.now() for key in ("created_at", "updated_at")},
        **{_name(compiled, "user", key): SYSTEM_USER for key in ("created_by", "updated_by")},
    }
    with database.owner(tenant) as connection:
        table = compiled.tables.of("user")
        connection.execute(insert(table).values(values).on_conflict_do_nothing())


def actor_sentence(compiled: CompiledModel) -> Sentence:
    """Return the statement that reads the person of the row of `user` in its bind `who`."""
    return compiled.keep("actor", lambda: compile_sentence(_DIALECT, _person(compiled)))


def actor_of(user: UUID, rows: Sequence[Any]) -> Actor | None:
    """Return the person that the statement found: a live, active row of `user`."""
    if not rows:
        return None
    name, roles, department, departments, teams = rows[0]
    return Actor(
        user=user,
        name=name or "",
        roles=tuple(roles or ()),
        department=department,
        departments=tuple(departments or ()),
        teams=tuple(teams or ()),
    )


def _person(compiled: CompiledModel) -> SelectStatement[Any]:
    table = compiled.tables.of("user")
    department = _column(compiled, "user", "department")
    return select(
        _column(compiled, "user", "name"),
        _column(compiled, "user", "roles"),
        department,
        _below(compiled, department).label("departments"),
        _teams(compiled, table.c.id).label("teams"),
    ).where(
        table.c.id == bindparam("who", type_=Uuid()),
        table.c.sys_trashed_at.is_(None),
        _column(compiled, "user", "active"),
    )


def _below(compiled: CompiledModel, top: Column[Any]) -> ColumnElement[Any]:
    """Return an array of a department and all that lie under it."""
    table = compiled.tables.of("department")
    parent = _column(compiled, "department", "parent")
    # UNION, not UNION ALL: a ring of departments ends where it began.
    root = select(table.c.id).where(table.c.id == top)
    tree = root.correlate(top.table).cte(recursive=True, nesting=True)
    tree = tree.union(
        select(table.c.id).join(tree, parent == tree.c.id).where(table.c.sys_trashed_at.is_(None))
    )
    ids: SelectStatement[Any] = select(func.array_agg(tree.c.id))
    return ids.scalar_subquery()


def _teams(compiled: CompiledModel, user: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return an array of the teams that a person is a member of."""
    table = compiled.tables.of("team_member")
    member = _column(compiled, "team_member", "member")
    team = _column(compiled, "team_member", "team")
    return (
        select(func.array_agg(team))
        .where(member == user, table.c.sys_trashed_at.is_(None))
        .scalar_subquery()
    )


def _column(compiled: CompiledModel, entity: str, key: str) -> Column[Any]:
    return compiled.tables.column(entity, _name(compiled, entity, key))


def _name(compiled: CompiledModel, entity: str, key: str) -> str:
    return compiled.model.entities[entity].fields[key].column
