"""Pools of many databases and tenants are bounded together; connections are renewed in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import NullPool, create_engine, event, text

from engine.connections import Connections, Door, Limits
from engine.database import APP_ROLE, OWNER_ROLE, Database
from tests.conftest import Installation

APP = "format: 1\napp: {name: a, label: A, version: '1', languages: [en]}\nentities: {}\n"

Connect = Callable[[Limits], Database]


@pytest.fixture
def connect(installation: Installation) -> Iterator[Connect]:
    """Open the installation's database anew, with these limits."""
    opened: list[Database] = []

    def make(limits: Limits) -> Database:
        url = installation.url.render_as_string(hide_password=False)
        database = Database.connect(url, limits=limits)
        database.extend(lambda name: installation.url)
        opened.append(database)
        return database

    yield make
    for each in opened:
        each.close()


def backend(database: Database, tenant: Any) -> int:
    """Return the process that answers for a tenant."""
    with database.reading_tenant(tenant) as connection:
        return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def test_a_connection_that_has_served_enough_tenants_is_renewed(
    connect: Connect, tenant_of: Any
) -> None:
    tenants = [tenant_of(APP).tenant for _ in range(3)]
    database = connect(Limits(size=1, overflow=0, tenants=2))

    same = [backend(database, tenants[0]) for _ in range(3)]
    others = [backend(database, each) for each in tenants[1:]]
    after = backend(database, tenants[0])

    assert len({*same, *others}) == 1
    assert after not in same


def test_idle_connections_of_all_databases_together_are_bounded(connect: Connect) -> None:
    database = connect(Limits(size=2, overflow=0, idle=3))

    for number in range(8):
        with database.queue(f"db{number}") as connection:
            connection.execute(text("SELECT 1"))

    held = database.held()
    assert held.open <= 3
    assert held.in_use == 0
    assert held.closed >= 5


def test_a_database_that_is_elsewhere_now_is_connected_to_anew(connect: Connect) -> None:
    database = connect(Limits())
    with database.queue("moved") as connection:
        connection.execute(text("SELECT 1"))
    before = database.engine_of("moved")

    database.forget("moved")

    assert database.engine_of("moved") is not before


def test_a_connection_that_does_not_know_of_a_role_is_replaced(
    connect: Connect, tenant_of: Any, installation: Installation
) -> None:
    """A grant that PostgreSQL missed shows as here: refused once, and not by a new connection."""
    tenant = tenant_of(APP).tenant
    database = connect(Limits(size=1, overflow=0))
    before = backend(database, tenant)
    admin = create_engine(installation.admin_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)

    def change(statement: str) -> None:
        with admin.connect() as connection:
            connection.execute(text(statement))

    change(f'REVOKE "{tenant.role}" FROM {APP_ROLE} GRANTED BY {OWNER_ROLE}')

    @event.listens_for(database.engine_of("default"), "invalidate")
    def grant(*_: object) -> None:
        change(f'GRANT "{tenant.role}" TO {APP_ROLE} GRANTED BY {OWNER_ROLE}')

    assert backend(database, tenant) != before
    assert database.held().in_use == 0


def test_a_role_that_was_taken_away_is_refused(
    connect: Connect, tenant_of: Any, installation: Installation
) -> None:
    tenant = tenant_of(APP).tenant
    database = connect(Limits(size=1, overflow=0))
    admin = create_engine(installation.admin_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection:
        connection.execute(text(f'REVOKE "{tenant.role}" FROM {APP_ROLE} GRANTED BY {OWNER_ROLE}'))

    with pytest.raises(InsufficientPrivilege):
        backend(database, tenant)

    assert database.held().in_use == 0


def test_a_database_that_nobody_told_of_is_not_known() -> None:
    connections = Connections("postgresql://nobody@127.0.0.1:1/none", Limits())

    with pytest.raises(LookupError):
        connections.of(Door("other"))
