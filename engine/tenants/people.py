"""People as a tenant knows them: its own rows of users and departments, read into an `Actor`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Connection, func, select
from sqlalchemy import Select as SelectStatement
from sqlalchemy.dialects.postgresql import insert

from engine.compiled import CompiledModel
from engine.context import Actor, Tenant
from engine.database import Database

SYSTEM_USER = UUID("00000000-0000-7000-8000-000000000001")
"""The row under which the system itself acts: the same in every tenant."""

ADMINISTRATOR = "administrator"
"""The built-in role that holds every right."""

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


def read_actor(connection: Connection, compiled: CompiledModel, user: UUID) -> Actor | None:
    """Return the person of a live, active row of `user`; one statement."""
    table = compiled.tables.of("user")
    active = _column(compiled, "user", "active")
    department = _column(compiled, "user", "department")
    row = connection.execute(
        select(
            _column(compiled, "user", "name").label("name"),
            _column(compiled, "user", "roles").label("roles"),
            department.label("department"),
            _below(compiled, department).label("departments"),
            _teams(compiled, table.c.id).label("teams"),
        ).where(table.c.id == user, table.c.sys_trashed_at.is_(None), active)
    ).one_or_none()
    if row is None:
        return None
    return Actor(
        user=user,
        name=row.name or "",
        roles=tuple(row.roles or ()),
        department=row.department,
        departments=tuple(row.departments or ()),
        teams=tuple(row.teams or ()),
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
