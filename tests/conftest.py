"""What every test may ask for: a PostgreSQL server, a prepared database, the data folder."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from textwrap import dedent
from typing import Protocol
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from boot.connection import Address, app_password
from boot.embedded import EmbeddedServer
from boot.settings import read_settings
from boot.wiring import House, furnish
from engine.accounts import passwords
from engine.context import Cause, Context
from engine.database import Database
from engine.schema.revisions import Document
from engine.sealing import MasterKey
from engine.store import ModelStore
from engine.tenants.contexts import context_of
from engine.tenants.install import initialise
from engine.tenants.people import SYSTEM
from engine.tenants.provision import NewTenant, Provisioning
from engine.tenants.registry import TenantRegistry
from engine.vault.keys import Vault
from tests.browsers import browser_program
from tests.budget import SOAK

# The same examples on every machine and every run; `make soak` looks for new ones.
settings.register_profile(
    "same",
    derandomize=SOAK == 1,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("same")

# Tests start in homes of their own on one database, whose key is that of the first.
os.environ.setdefault("JOINERY_MASTER_KEY", "5e" * 32)

# A hash as strong as the product's takes a quarter of a second of a core, for each person of tests.
passwords.PasswordHasher = partial(  # type: ignore[misc]
    PasswordHasher, time_cost=1, memory_cost=64, parallelism=1
)

# Data of tests need not survive a power cut.
_QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "512MB",
}

ROOM = 8 * 2**30
"""Bytes that must be free in memory for the databases of tests to lie there; they take a part."""


@dataclass(frozen=True, slots=True)
class Installation:
    """A prepared database of this test process: as its superuser, and as the application."""

    admin_url: URL
    url: URL
    database: Database


class TenantMaker(Protocol):
    """Makes tenants for tests."""

    def __call__(self, app: str, *, name: str = "") -> Context:
        """Make a tenant of an app, given as YAML text."""
        ...


@pytest.fixture(scope="session")
def database_url() -> Iterator[URL]:
    """The superuser's address of a server: JOINERY_DATABASE_URL, else an embedded one."""
    given = os.environ.get("JOINERY_DATABASE_URL")
    if given:
        yield make_url(given).set(drivername="postgresql+psycopg")
        return
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid4().hex)
    home = _roomy() / f"joinery-test-{run[:12]}"
    server = EmbeddedServer(home, configuration=_QUICK, durable=False)
    server.join()
    yield make_url(server.url())
    if server.leave():
        shutil.rmtree(home)


def _roomy() -> Path:
    """Return where the server of the tests lives: in memory, where there is plenty of it.

    A tenant is hundreds of files: on a disk most of its making is the file system's work.
    """
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    if not memory.is_dir() or shutil.disk_usage(memory).free < ROOM:
        return Path(tempfile.gettempdir())
    # Root's server runs programs that lie beside its data.
    barred = os.statvfs(memory).f_flag & os.ST_NOEXEC
    return Path(tempfile.gettempdir()) if barred else memory


@pytest.fixture(scope="session")
def fresh_database(database_url: URL) -> Iterator[URL]:
    """The superuser's address of an empty database, dropped at the end."""
    name = f"joinery_test_{uuid4().hex[:12]}"
    engine = create_engine(database_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
    yield database_url.set(database=name)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def installation(fresh_database: URL) -> Iterator[Installation]:
    """A database with roles, registry and queue, and the application's connections to it."""
    password = app_password(fresh_database)
    initialise(fresh_database, app_password=password)
    url = fresh_database.set(username="joinery_app", password=password)
    database = Database.connect(url.render_as_string(hide_password=False))
    yield Installation(fresh_database, url, database)
    database.close()


@pytest.fixture(autouse=True)
def no_connection_is_left_out(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that used the installation and did not give every connection back."""
    yield
    if "installation" not in request.fixturenames:
        return
    pool = request.getfixturevalue("installation").database.engine.pool
    # What a browser sent as it went away may still be at work.
    for _ in range(40 if pool.checkedout() else 0):
        time.sleep(0.05)
        if not pool.checkedout():
            break
    assert pool.checkedout() == 0, "a connection was taken from the pool and not given back"


@pytest.fixture(scope="session")
def vault(installation: Installation) -> Vault:
    """The keys of the installation's tenants."""
    return Vault(installation.database, MasterKey.read(os.environ["JOINERY_MASTER_KEY"]))


@pytest.fixture(scope="session")
def models(installation: Installation) -> ModelStore:
    """The models of this test process: what was linked for one test need not be for the next."""
    return ModelStore(installation.database)


@pytest.fixture(scope="session")
def tenant_of(installation: Installation, models: ModelStore, vault: Vault) -> TenantMaker:
    """Make a tenant of an app, given as YAML text; return the system's context on it."""
    registry = TenantRegistry(installation.database)
    provisioning = Provisioning(installation.database, models, registry)

    def make(app: str, *, name: str = "") -> Context:
        documents = (Document("app.yaml", dedent(app)), Document("tenant", ""))
        wanted = NewTenant(name or f"t{uuid4().hex[:12]}", documents)
        record, published = provisioning.create(wanted, author="tests")
        made = context_of(
            record.tenant, published.compiled, published.revision, SYSTEM, "en", Cause("cli")
        )
        return replace(made, rings=vault)

    return make


@pytest.fixture(scope="session")
def furnished(installation: Installation) -> House:
    """Every service over the tests' installation."""
    return furnish(
        read_settings({}), Address(admin=None, app=installation.url), installation.database
    )


@pytest.fixture(scope="session")
def house(furnished: House) -> House:
    """The same by its short name, which some folders of tests give to a house of their own."""
    return furnished


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of real data sets, or a skip that says how to have it."""
    given = os.environ.get("JOINERY_TEST_DATA")
    if not given or not Path(given).is_dir():
        pytest.skip("JOINERY_TEST_DATA does not name the folder of real data sets")
    return Path(given)


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The program of a Chromium, or a skip; a failure where JOINERY_REQUIRE_BROWSER is set."""
    found = browser_program()
    if found:
        return found
    reason = "no browser is installed: install chromium, or name one in JOINERY_BROWSER"
    if os.environ.get("JOINERY_REQUIRE_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)
