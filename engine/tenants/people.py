"""People as a tenant knows them: its own rows of users and departments, read into an `Actor`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    Column,
    ColumnElement,
    Date,
    Integer,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy import Select as SelectStatement
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
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

LONGEST_CHAIN = 20
"""How many superiors above each other are known."""

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
    name, own, position_roles, department, position, level, manager, below, *arrays = rows[0]
    represents, homes, above, teams, managers = (
        tuple(dict.fromkeys(array or ())) for array in arrays
    )
    return Actor(
        user=user,
        name=name or "",
        roles=tuple(dict.fromkeys((*(own or ()), *(position_roles or ())))),
        department=department,
        departments=_written_ids(below or "{}"),
        teams=teams,
        represents=tuple(each for each in represents if each != user),
        homes=homes,
        above=above,
        position=position,
        level=level,
        manager=manager,
        managers=tuple(each for each in managers if each != user),
    )


@lru_cache(maxsize=1024)
def _written_ids(text: str) -> tuple[UUID, ...]:
    """Return the ids of an array that was read as text: a tree of departments has many of them."""
    return tuple(dict.fromkeys(UUID(each) for each in text.strip("{}").split(",") if each))


def _person(compiled: CompiledModel) -> SelectStatement[Any]:
    """Return who somebody is, where, and whose deputy today, all in one statement."""
    table, position = compiled.tables.of("user"), compiled.tables.of("position")
    who = bindparam("who", type_=Uuid())
    acting = _acting(compiled, who)
    homes = _homes(compiled, acting)
    return (
        select(
            _column(compiled, "user", "name"),
            _column(compiled, "user", "roles"),
            _column(compiled, "position", "roles").label("position_roles"),
            _column(compiled, "user", "department"),
            position.c.id.label("position"),
            _column(compiled, "position", "level"),
            _column(compiled, "user", "manager"),
            _below(compiled, homes).label("below"),
            _array(select(acting.c.id)).label("represents"),
            _array(select(homes.c.id)).label("homes"),
            _above(compiled, homes).label("above"),
            _teams(compiled, acting).label("teams"),
            _managers(compiled, who).label("managers"),
        )
        .select_from(
            table.outerjoin(
                position,
                (position.c.id == _column(compiled, "user", "position"))
                & position.c.sys_trashed_at.is_(None),
            )
        )
        .where(
            table.c.id == who,
            table.c.sys_trashed_at.is_(None),
            _column(compiled, "user", "active"),
        )
    )


def _acting(compiled: CompiledModel, who: ColumnElement[Any]) -> CTE:
    """Return the person and those whose deputy the person is today, in the tenant's zone."""
    table = compiled.tables.of("deputy")
    first, last = _column(compiled, "deputy", "from"), _column(compiled, "deputy", "until")
    zone = literal(compiled.model.app.timezone, Text())
    today = cast(func.timezone(zone, func.now()), Date())
    represented = select(_column(compiled, "deputy", "person")).where(
        _column(compiled, "deputy", "deputy") == who,
        table.c.sys_trashed_at.is_(None),
        or_(first.is_(None), first <= today),
        or_(last.is_(None), last >= today),
    )
    return union_all(select(who.label("id")), represented).cte("acting")


def _homes(compiled: CompiledModel, acting: CTE) -> CTE:
    """Return the departments of the person and of those stood in for."""
    people = compiled.tables.of("user").alias()
    department = people.c[_name(compiled, "user", "department")]
    return (
        select(department.label("id"))
        .distinct()
        .select_from(people.join(acting, people.c.id == acting.c.id))
        .where(department.is_not(None))
        .cte("homes")
    )


def _below(compiled: CompiledModel, homes: CTE) -> ColumnElement[Any]:
    """Return an array of departments and all that lie under them."""
    table = compiled.tables.of("department")
    parent = _column(compiled, "department", "parent")
    # UNION, not UNION ALL: a ring of departments ends where it began.
    tree = select(homes.c.id).cte("below", recursive=True)
    tree = tree.union(
        select(table.c.id).join(tree, parent == tree.c.id).where(table.c.sys_trashed_at.is_(None))
    )
    # The same for many people, and for each at every request: read as ids once.
    return cast(_array(select(tree.c.id)), Text())


def _above(compiled: CompiledModel, homes: CTE) -> ColumnElement[Any]:
    """Return an array of departments and all that they lie under."""
    table = compiled.tables.of("department")
    parent = _column(compiled, "department", "parent")
    tree = select(homes.c.id).cte("above", recursive=True)
    tree = tree.union(select(parent).join(tree, table.c.id == tree.c.id).where(parent.is_not(None)))
    return _array(select(tree.c.id))


def _teams(compiled: CompiledModel, acting: CTE) -> ColumnElement[Any]:
    """Return an array of the teams that people are members of."""
    table = compiled.tables.of("team_member")
    member = _column(compiled, "team_member", "member")
    return _array(
        select(_column(compiled, "team_member", "team"))
        .join(acting, member == acting.c.id)
        .where(table.c.sys_trashed_at.is_(None))
    )


def _managers(compiled: CompiledModel, who: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return an array of a person's superiors, nearest first, as far as a chain is climbed."""
    people = compiled.tables.of("user").alias()
    above = people.c[_name(compiled, "user", "manager")]
    first = select(above.label("id"), literal(1, Integer()).label("step")).where(
        people.c.id == who, above.is_not(None)
    )
    chain = first.cte("managers", recursive=True)
    chain = chain.union(
        select(above, chain.c.step + 1)
        .join(chain, people.c.id == chain.c.id)
        .where(above.is_not(None), chain.c.step < LONGEST_CHAIN)
    )
    nearest: SelectStatement[Any] = select(
        func.array_agg(aggregate_order_by(chain.c.id, chain.c.step))
    )
    return nearest.scalar_subquery()


def _array(ids: SelectStatement[Any]) -> ColumnElement[Any]:
    return func.array(ids.scalar_subquery(), type_=ARRAY(Uuid()))


def _column(compiled: CompiledModel, entity: str, key: str) -> Column[Any]:
    return compiled.tables.column(entity, _name(compiled, entity, key))


def _name(compiled: CompiledModel, entity: str, key: str) -> str:
    return compiled.model.entities[entity].fields[key].column
