"""Both sides of a comparison on one PostgreSQL: the product's tenant and the baseline's schema."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.pool import NullPool

from bench.baseline import SCHEMA
from bench.baseline import metadata as baseline
from bench.rows import Sizes, fill_baseline, fill_tenant
from boot.connection import addressed
from boot.settings import read_settings

TENANT = "bench"

ADMIN = "admin@example.com"


@dataclass(frozen=True, slots=True)
class Installation:
    """A filled installation: its database, and a token for the tenant's API."""

    home: Path
    admin: URL
    token: str


@contextmanager
def installed(home: Path, sizes: Sizes) -> Iterator[Installation]:
    """Yield an installation of its own, with the same rows on both sides."""
    environment = {**os.environ, "JOINERY_HOME": str(home)}
    with addressed(read_settings({"home": str(home)})) as address:
        if address.admin is None:
            raise SystemExit("The benchmark needs a database role that may create roles.")
        joinery(environment, "init")
        joinery(
            environment, "tenant", "create", TENANT, "--template", "crm",
            "--admin", ADMIN, "--password-stdin", given="only for measuring",
        )  # fmt: skip
        engine = create_engine(address.admin, poolclass=NullPool)
        with engine.begin() as connection:
            _prepare_baseline(connection)
            fill_baseline(connection, sizes)
            fill_tenant(connection, TENANT, sizes)
        joinery(environment, "recompute", TENANT)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        token = joinery(
            environment, "token", "create", TENANT, "--user", ADMIN, "--scopes", "all"
        ).splitlines()[-1]
        yield Installation(home, address.admin, token)


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
