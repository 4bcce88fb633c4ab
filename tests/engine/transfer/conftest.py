"""An installation with two databases, a furnished tenant, and what takes tenants as a whole."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Protocol
from uuid import UUID, uuid4

import pytest
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from engine.access.policy import Policy
from engine.audit.log import AuditLog
from engine.backfill import Backfill
from engine.connections import Limits
from engine.context import Cause, Context, Tenant
from engine.database import Database
from engine.files.storage import Storage
from engine.publish import Publisher
from engine.query.reader import Records
from engine.schema.revisions import Document
from engine.sealing import MasterKey
from engine.store import ModelStore
from engine.tenants.contexts import context_of
from engine.tenants.databases import Databases
from engine.tenants.install import initialise
from engine.tenants.people import SYSTEM
from engine.tenants.provision import NewTenant, Provisioning
from engine.tenants.registry import TenantRegistry
from engine.tenants.tables import account
from engine.transfer.backup import Backups
from engine.transfer.catalog import read_structure
from engine.transfer.cloning import Cloning
from engine.transfer.farewell import Farewell
from engine.transfer.moving import Moving
from engine.transfer.restore import Restoring
from engine.transfer.rows import moment, rows_of
from engine.transfer.work import Works
from engine.vault.keys import Vault
from tests.engine.house import APP, House, furnish

KEY = MasterKey.read("5e" * 32)

Progress = Callable[[str, int, int], None]


class Installed(Protocol):
    """What is used of an installation."""

    admin_url: URL
    url: URL
    database: Database


@dataclass(frozen=True, slots=True)
class Estate:
    """Every service that takes tenants as a whole, on connections of its own."""

    database: Database
    store: ModelStore
    databases: Databases
    registry: TenantRegistry
    provisioning: Provisioning
    storage: Storage
    vault: Vault
    cloning: Cloning
    moving: Moving
    backups: Backups
    restoring: Restoring
    farewell: Farewell

    def system(self, name: str) -> Context:
        """Return the context in which the system acts in a tenant."""
        place = self.registry.get(name).tenant
        published = self.store.current(place)
        return context_of(place, published.compiled, published.revision, SYSTEM, "en", Cause("job"))


@dataclass(frozen=True, slots=True)
class Estates:
    """Builds estates on one installation: a process that is killed has its own."""

    url: URL
    files: Path

    def build(self, limits: Limits | None = None, key: MasterKey = KEY) -> Estate:
        """Build every service anew."""
        database = Database.connect(self.url.render_as_string(hide_password=False), limits=limits)
        databases = Databases(database, key)
        database.extend(databases.address)
        store = ModelStore(database)
        registry = TenantRegistry(database, databases.chosen)
        provisioning = Provisioning(database, store, registry)
        works, vault = Works(database), Vault(database, key)
        storage = Storage(self.files.as_uri())

        def system(name: str) -> Context:
            return built.system(name)

        def account_of(email: str, name: str, language: str) -> UUID:
            with database.registry() as connection:
                query = text("SELECT id FROM joinery.account WHERE lower(email) = lower(:email)")
                found: UUID | None = connection.execute(query, {"email": email}).scalar()
                if found is None:
                    found = uuid4()
                    values = {"id": found, "email": email, "name": name, "language": language}
                    connection.execute(account.insert().values(values))
            return found

        finish = Publisher(database, store, Backfill(), AuditLog(database)).mend
        built = Estate(
            database, store, databases, registry, provisioning, storage, vault,
            Cloning(
                database, store, registry, provisioning, works, storage, Backfill(), system, finish
            ),
            Moving(database, registry, provisioning, works, databases.address),
            Backups(database, registry, storage, vault, key, finish),
            Restoring(
                database, store, registry, provisioning, works, storage, vault, key, account_of
            ),
            Farewell(registry, provisioning, storage, lambda name, state: None),
        )  # fmt: skip
        return built


@pytest.fixture(scope="session")
def estates(installation: Installed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estates]:
    """Builders of estates on an installation with a second database, `two`."""
    made = f"{installation.admin_url.database}_two"
    engine = create_engine(installation.admin_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {made} TEMPLATE template0"))
    initialise(installation.admin_url.set(database=made), app_password=None, registry=False)
    found = Estates(installation.url, tmp_path_factory.mktemp("files"))
    first = found.build()
    first.databases.add("two", make_url(f"postgresql:///{made}"))
    first.databases.drain("two")
    yield found
    for record in first.registry.all():
        if record.tenant.database == "two":
            first.farewell.at_once(record.tenant.name)
    first.databases.remove("two")
    first.database.close()
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {made} WITH (FORCE)"))


@pytest.fixture(scope="session")
def estate(estates: Estates) -> Iterator[Estate]:
    """The services of the tests' own process."""
    built = estates.build()
    yield built
    built.database.close()


@pytest.fixture(scope="session")
def furnished(estate: Estate) -> Iterator[House]:
    """A tenant with people, records, a file, and somebody who may enter it."""
    name = f"first{uuid4().hex[:8]}"
    documents = (Document("house", APP), Document("tenant", ""))
    record, _ = estate.provisioning.create(NewTenant(name, documents), author="Tester")
    policy = Policy(estate.database)
    reader = Records(estate.database, policy, "secret")
    found = House(record.tenant, estate.database, estate.store, policy, reader)
    furnish(found, Random(7))
    file = found.put("sys_file", name="plan.txt", type="text/plain", size=4, sha256="-")
    estate.storage.put(record.tenant, file, BytesIO(b"plan"))
    user = next(iter(found.rows["user"]))
    with estate.database.registry() as connection:
        who = uuid4()
        email = f"{name}@example.com"
        connection.execute(account.insert().values(id=who, email=email, name="Ada"))
        connection.execute(
            text('INSERT INTO joinery.membership (tenant, account, "user") VALUES (:t, :a, :u)'),
            {"t": name, "a": who, "u": user},
        )
    yield found
    estate.farewell.at_once(name)


def quiet(what: str, done: int, steps: int) -> None:
    """Tell nobody how far it got."""


def dying(at: int) -> Progress:
    """Return a listener that kills its process at a step."""

    def progress(what: str, done: int, steps: int) -> None:
        if done == min(at, steps):
            os.kill(os.getpid(), signal.SIGKILL)

    return progress


def everything(estate: Estate, tenant: Tenant) -> dict[str, list[bytes]]:
    """Return every row of every table of a tenant, in one order."""
    with moment(estate.database, tenant) as connection:
        return {
            table.name: sorted(b"".join(rows_of(connection, tenant, table)).splitlines())
            for table in read_structure(connection, tenant).values()
        }
