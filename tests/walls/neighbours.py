"""Two tenants side by side: ours, with a person in every role, and one full of secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    ARRAY,
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Numeric,
    String,
    Table,
    Time,
    Uuid,
    create_engine,
    insert,
    text,
)
from sqlalchemy.exc import DBAPIError

from boot.wiring import House
from engine.context import NOWHERE, Context
from engine.schema.tables import TENANT
from engine.tenants.members import enrol
from engine.tenants.sessions import begin
from engine.tenants.tokens import issue
from metamodel.model import Entity
from tests.conftest import Installation

FIND = "Kestrel"
"""A word by which every foreign record would be found."""

SECRET = "Zq8vWw3xJ7secret"
"""What stands beside it, and must never be seen."""

FOREIGN = UUID("0199f0c3-5a1b-7c2d-8e3f-00000000beef")
"""The id of one record of every entity of the foreign tenant: whatever links, links to it."""

SCOPES: Mapping[str, tuple[str, ...]] = {
    "all": ("all",),
    "read": ("read",),
    "one": ("customer:read", "customer:update", "customer:create"),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of our tenant: a live session with its token against forgery, and API tokens."""

    email: str
    session: str
    csrf: str
    tokens: Mapping[str, str]


def person(house: House, ctx: Context, roles: Sequence[str], *, tokens: bool = True) -> Person:
    """Enrol somebody in a tenant, signed in."""
    email = f"{uuid4().hex[:12]}@example.com"
    account = house.accounts.create(email, name="Lin Xiao", password=None, language="en")
    enrol(house.accounts, house.writer, ctx, account, roles=roles)
    with house.database.registry() as connection:
        signed_in = begin(connection, account, NOWHERE, strong=True)
    issued = {
        name: issue(house.accounts.ledger, ctx.tenant.name, account.id, scopes)
        for name, scopes in SCOPES.items()
        if tokens
    }
    return Person(email, signed_in.secret, signed_in.csrf, issued)


def fill_with_secrets(installation: Installation, ctx: Context) -> set[str]:
    """Write a record with secrets into every table of a tenant; return the tables that took it.

    Rules and links are not asked: what matters is that there is something to leak.
    """
    filled = set()
    with superuser(installation, ctx) as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for entity in ctx.model.entities.values():
            table = ctx.compiled.tables.of(entity.key)
            if any(_took(connection, table, row) for row in _rows(entity, table)):
                filled.add(entity.key)
    return filled


def digest(installation: Installation, ctx: Context) -> dict[str, str]:
    """Return a digest of every row of every table of a tenant, by table."""
    with superuser(installation, ctx) as connection:
        tables = connection.execute(
            text("SELECT table_name FROM information_schema.tables WHERE table_schema = :schema"),
            {"schema": ctx.tenant.schema},
        ).scalars()
        return {
            each: str(
                connection.execute(
                    text(
                        "SELECT count(*) || md5(string_agg(t::text, '|' ORDER BY t::text)) "
                        f'FROM "{ctx.tenant.schema}"."{each}" t'
                    )
                ).scalar()
            )
            for each in tables
        }


@contextmanager
def superuser(installation: Installation, ctx: Context) -> Iterator[Connection]:
    """Yield a transaction of the superuser, its statements on a tenant's tables."""
    engine = create_engine(
        installation.admin_url,
        execution_options={"schema_translate_map": {TENANT: ctx.tenant.schema}},
    )
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _took(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
    try:
        with connection.begin_nested():
            connection.execute(insert(table), row)
    except DBAPIError:
        return False
    return True


def _rows(entity: Entity, table: Table) -> Iterator[dict[str, Any]]:
    """Yield a full row, then poorer ones, for a table whose rules bar some columns together."""
    own = {field.column for field in entity.fields.values() if _links_to_itself(field, entity)}
    whole = {
        column.name: _value(column)
        for column in table.columns
        if column.computed is None and column.name not in own and column.name != "sys_trashed_at"
    }
    yield whole
    words = {name: value for name, value in whole.items() if value == f"{FIND} {SECRET}"}
    needed = {
        column.name: whole[column.name]
        for column in table.columns
        if column.name in whole and (not column.nullable or column.primary_key)
    }
    yield needed | words
    for name, value in words.items():
        yield needed | {name: value}
    yield needed


def _links_to_itself(field: Any, entity: Entity) -> bool:
    return field.link is not None and entity.key in field.link.to


def _value(column: Column[Any]) -> Any:  # noqa: C901, PLR0911 - one line for each type
    match column.type:
        case Uuid():
            return FOREIGN
        case Boolean():
            return True
        case DateTime():
            return datetime(2026, 1, 1, tzinfo=UTC)
        case Date():
            return datetime(2026, 1, 1, tzinfo=UTC).date()
        case Time():
            return datetime(2026, 1, 1, tzinfo=UTC).time()
        case Integer() | Numeric():
            return 1
        case LargeBinary():
            return SECRET.encode()
        case ARRAY():
            return [SECRET]
        case JSON():
            return {"word": SECRET}
        case String():
            return f"{FIND} {SECRET}"
        case _:
            return None
