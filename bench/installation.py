"""Both sides of a comparison on one PostgreSQL: the product's tenants and the baseline's schema."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.pool import NullPool

from bench.baseline import SCHEMA
from bench.baseline import metadata as baseline
from bench.rows import ALIKE, TEMPLATE, Sizes, fill_baseline, fill_tenant
from boot.connection import addressed
from boot.settings import read_settings

TENANTS = {"alike": ALIKE, "crm": TEMPLATE}
"""The tenant that does what the baseline does, and one of the whole CRM."""

ADMIN = "admin@example.com"


@dataclass(frozen=True, slots=True)
class Installation:
    """A filled installation: its database, and tokens for the tenants' APIs."""

    home: Path
    admin: URL
    tokens: Mapping[str, str]


@contextmanager
def installed(home: Path, sizes: Sizes) -> Iterator[Installation]:
    """Yield an installation of its own, with the same rows on both sides."""
    environment = {**os.environ, "JOINERY_HOME": str(home)}
    with addressed(read_settings({"home": str(home)})) as address:
        if address.admin is None:
            raise SystemExit("The benchmark needs a database role that may create roles.")
        joinery(environment, "init")
        for tenant, app in TENANTS.items():
            joinery(
                environment, "tenant", "create", tenant, "--template", str(app),
                "--admin", ADMIN, "--password-stdin", given="only for measuring",
            )  # fmt: skip
        engine = create_engine(address.admin, poolclass=NullPool)
        with engine.begin() as connection:
            _prepare_baseline(connection)
            fill_baseline(connection, sizes)
            for tenant, app in TENANTS.items():
                fill_tenant(connection, tenant, app, sizes)
        for tenant in TENANTS:
            joinery(environment, "recompute", tenant)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        yield Installation(
            home, address.admin, {each: _token(environment, each) for each in TENANTS}
        )


def _token(environment: dict[str, str], tenant: str) -> str:
    made = joinery(environment, "token", "create", tenant, "--user", ADMIN, "--scopes", "all")
    return made.splitlines()[-1]


def joinery(environment: dict[str, str], *arguments: str, given: str = "") -> str:
    """Run one command and return what it printed."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "boot.cli.main", *arguments],
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"joinery {' '.join(arguments)}: {done.stdout}{done.stderr}")
    return done.stdout.strip()


def _prepare_baseline(connection: Connection) -> None:
    connection.execute(text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))
    connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
    baseline.create_all(connection)
