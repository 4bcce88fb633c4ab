"""Preparing a database for Joinery, once: roles, registry, queue, functions of formulas.

Repeating it changes nothing.
"""

from __future__ import annotations

from importlib.resources import as_file, files
from secrets import token_urlsafe
from time import sleep

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Text, column, create_engine, select, table, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from engine.connections import DEFAULT
from engine.database import OWNER_ROLE, Database, sqlstate, translated_errors
from engine.jobs import install_queue
from engine.tenants.errors import NotPrepared
from engine.tenants.functions import functions_version, install_functions
from engine.tenants.roles import prepare_roles
from engine.tenants.tables import REGISTRY, secret
from formula import library

# Roles belong to the whole server, and another of its databases may be prepared just now.
_RACES = frozenset({"23505", "42710", "XX000"})
_ATTEMPTS = 8


def initialise(admin: URL, *, app_password: str | None, registry: bool = True) -> tuple[str, ...]:
    """Prepare the database at `admin`, an account that may make roles; return warnings.

    Without `registry` it is a further one of an installation, for tenants and their queue.
    """
    engine = create_engine(admin, poolclass=NullPool, hide_parameters=True)
    with translated_errors():
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with engine.begin() as connection:
                    return _prepare(connection, app_password, registry=registry)
            except DBAPIError as error:
                if sqlstate(error) not in _RACES or attempt == _ATTEMPTS:
                    raise
                sleep(0.05 * attempt)
    raise AssertionError("the last attempt returns or raises")


def _prepare(
    connection: Connection, app_password: str | None, *, registry: bool
) -> tuple[str, ...]:
    warnings = prepare_roles(connection, password=app_password)
    connection.execute(text(f"SET LOCAL ROLE {OWNER_ROLE}"))
    connection.execute(text("SET LOCAL search_path TO pg_catalog"))
    if registry:
        _migrate(connection)
        values = {"name": "cookies", "value": token_urlsafe(48)}
        connection.execute(insert(secret).values(values).on_conflict_do_nothing())
    install_queue(connection)
    install_functions(connection)
    return warnings


def renew(database: Database, name: str) -> None:
    """Bring a further database's queue and functions up to this version, as the application."""
    with database.owner(database=name) as connection:
        install_queue(connection)
        install_functions(connection)


def require_current(database: Database) -> None:
    """Raise `NotPrepared` unless the registry has exactly the form of this version."""
    found = registry_revision(database)
    newest = _newest()
    if found == newest:
        require_functions(database, DEFAULT)
        return
    if found is None:
        raise NotPrepared("This database is not prepared yet: run `joinery init`.")
    raise NotPrepared(
        f"The registry is at revision {found} and this version of Joinery needs {newest}: "
        "run `joinery init`, with this version or the newer one that wrote it."
    )


def require_functions(database: Database, name: str) -> None:
    """Raise `NotPrepared` unless a database has the functions of this version."""
    with database.queue(name) as connection:
        if functions_version(connection) != library.version():
            raise NotPrepared(
                f"The database {name!r} has the functions of formulas of another version of "
                "Joinery: run `joinery init`."
            )


def registry_revision(database: Database) -> str | None:
    """Return the registry's revision, or None where there is no registry."""
    with database.registry() as connection:
        there = connection.execute(
            text("SELECT to_regclass(:name)"), {"name": f"{REGISTRY}.registry_revision"}
        ).scalar()
        if there is None:
            return None
        revisions = table("registry_revision", column("version_num", Text), schema=REGISTRY)
        return connection.execute(select(revisions.c.version_num)).scalar()


def cookie_key(database: Database) -> str:
    """Return the key that signs cookies and cursors, the same for every process."""
    with database.registry() as connection:
        found = connection.execute(select(secret.c.value).where(secret.c.name == "cookies"))
        return str(found.scalar_one())


def _migrate(connection: Connection) -> None:
    with as_file(files("engine.tenants") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _newest() -> str:
    with as_file(files("engine.tenants") / "migrations") as folder:
        return str(ScriptDirectory(str(folder)).get_current_head())
