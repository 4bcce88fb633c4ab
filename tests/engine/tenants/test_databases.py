"""Tenants are placed on the emptiest database; addresses are told without their passwords."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from engine.connections import Limits
from engine.database import Database
from engine.sealing import MasterKey
from engine.tenants.databases import Databases, claim
from engine.tenants.errors import DatabaseExists, DatabasesFull, DatabaseUnknown, NameInvalid
from engine.tenants.install import initialise, renew, require_functions
from engine.tenants.registry import TenantRegistry
from tests.conftest import Installation

KEY = MasterKey.read("5e" * 32)

Build = Callable[[int], Databases]


@pytest.fixture
def build(installation: Installation) -> Iterator[Build]:
    """Make the list of databases with a limit; entries that a test makes go at its end."""
    database = installation.database
    before = Databases(database, KEY).names()
    yield lambda most: Databases(database, KEY, most=most)
    databases = Databases(database, KEY)
    registry = TenantRegistry(database)
    for each in databases.all():
        if each.name not in before:
            for record in registry.all():
                if record.tenant.database == each.name:
                    registry.remove(record.tenant.name)
            databases.remove(each.name)


@pytest.fixture
def name() -> str:
    return f"d{uuid4().hex[:10]}"


def test_a_tenant_goes_to_the_database_with_the_fewest(
    installation: Installation, build: Build, name: str
) -> None:
    databases = build(100_000)
    databases.add(name, make_url("postgresql://app@db2.internal/crm"))
    registry = TenantRegistry(installation.database, databases.chosen)
    first = registry.add(f"{name}-1", label="", language="en", template="", database="default")

    for _ in range(2):
        record = registry.add(f"{name}{uuid4().hex[:6]}", label="", language="en", template="")
        registry.remove(record.tenant.name)
        assert record.tenant.database == name

    databases.drain(name)
    record = registry.add(f"{name}-x", label="", language="en", template="")
    registry.remove(record.tenant.name)
    registry.remove(first.tenant.name)
    assert record.tenant.database != name


def test_no_tenant_is_placed_where_every_database_is_full(
    installation: Installation, build: Build, name: str
) -> None:
    registry = TenantRegistry(installation.database, build(0).chosen)

    with pytest.raises(DatabasesFull):
        registry.add(name, label="", language="en", template="")

    assert name not in {record.tenant.name for record in registry.all()}


def test_a_password_is_kept_sealed_and_never_shown(
    installation: Installation, build: Build, name: str
) -> None:
    databases = build(10)
    databases.add(name, make_url("postgresql://app:s3cr%40t@db2.internal:6432/crm?sslmode=require"))

    [placed] = [each for each in databases.all() if each.name == name]
    with installation.database.registry() as connection:
        row = connection.execute(
            text("SELECT url, password FROM joinery.database WHERE name = :name"), {"name": name}
        ).one()

    assert placed.address == "postgresql://app@db2.internal:6432/crm?sslmode=require"
    assert b"s3cr" not in row.password
    assert "s3cr" not in row.url
    assert databases.address(name).password == "s3cr@t"


def test_a_database_is_entered_once_and_known_by_a_plain_name(build: Build, name: str) -> None:
    databases = build(10)
    databases.add(name, make_url("postgresql:///other"))

    with pytest.raises(DatabaseExists):
        databases.add(name, make_url("postgresql:///another"))
    with pytest.raises(NameInvalid):
        databases.add("No such name", make_url("postgresql:///another"))
    with pytest.raises(DatabaseUnknown):
        databases.address(f"{name}-not")


def test_a_database_that_tenants_live_on_stays(
    installation: Installation, build: Build, name: str
) -> None:
    databases = build(10)
    databases.add(name, make_url("postgresql:///other"))
    registry = TenantRegistry(installation.database)
    registry.add(name, label="", language="en", template="", database=name)

    with pytest.raises(DatabaseExists):
        databases.remove(name)


def test_a_further_database_is_prepared_claimed_and_renewed(
    installation: Installation, build: Build, name: str
) -> None:
    admin = installation.admin_url
    made = f"{admin.database}_{name}"
    engine = create_engine(admin, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {made} TEMPLATE template0"))
    try:
        initialise(admin.set(database=made), app_password=None, registry=False)
        claim(installation.url.set(database=made), KEY)
        claim(installation.url.set(database=made), KEY)
        with pytest.raises(DatabaseExists):
            claim(installation.url.set(database=made), MasterKey.read("7a" * 32))
        with pytest.raises(DatabaseExists):
            claim(installation.url, KEY)
        build(10).add(name, make_url(f"postgresql:///{made}"))
        database = reaching(installation.url, installation)
        renew(database, name)
        require_functions(database, name)
        database.close()
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {made} WITH (FORCE)"))


def reaching(url: URL, installation: Installation) -> Database:
    """Return an installation's databases on connections of their own."""
    database = Database.connect(url.render_as_string(hide_password=False), limits=Limits(size=1))
    database.extend(Databases(installation.database, KEY).address)
    return database
