"""The only door to PostgreSQL: units of work that can run again, and reads, under a tenant's role.

A writing unit is one transaction that takes the tenant's role and the tenant's advisory
lock (shared) and then reads the revision: if the model it was compiled from is no longer
the published one it refuses with `ModelChanged`, before anything is written. Whatever
PostgreSQL asks to be run again, and whatever a unit asks to be run again itself
(`RunAgain`), is run again here, so that no client sees a deadlock.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any, TypeVar, cast

import psycopg
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from engine.connections import (
    DEFAULT,
    Address,
    Connections,
    Door,
    Held,
    Limits,
    Password,
    note_served,
)
from engine.context import Context, Tenant
from engine.errors import Busy, ModelChanged, Previewing, StorageFull, Unavailable
from engine.schema.names import quoted
from engine.schema.tables import TENANT
from engine.tenants.errors import TenantMoving, TenantReading

Result = TypeVar("Result")

Values = Mapping[str, Any]
"""Bind values by name. Any: what a bind takes differs from one to the next."""

Rows = Sequence[Any]
"""What a statement answers, row by row as tuples. Any: of columns of every type."""

Driver = psycopg.Connection[Any]
"""The driver's own connection. Any: its rows are tuples of columns of every type."""

Begun = tuple[Connection, str | None]
"""A connection in a transaction, and what the text that began it answered."""

OWNER_ROLE = "joinery_owner"
"""Owns every schema and table; nobody logs in as it, and only DDL runs under it."""

APP_ROLE = "joinery_app"
"""Logs in, and has no rights of its own on tenants' data."""

AUDITOR_ROLE = "joinery_auditor"
"""Reads audit logs and nothing else; nobody logs in as it, and it writes nowhere."""

ATTEMPTS = 5
"""How often a unit of work runs before its caller hears that the database is busy."""

AUDITING = f"BEGIN READ ONLY; SET LOCAL ROLE {AUDITOR_ROLE}"
"""What opens the transaction of somebody who reads an audit log."""

MOVING = "moving"
"""Why a tenant is frozen for the system itself, too: it is being copied to another place."""

PREVIEW = "preview"
"""Why nobody changes anything through a preview of a draft."""

AGAIN = frozenset({"40P01", "40001", "0A000"})
"""Deadlock, serialization failure, and a cached plan outlived by a change of the tables."""

GONE = frozenset({"42P01", "3F000"})
"""A table or a schema that is not where it was: it was moved, or taken away, a moment ago."""

DENIED = "42501"
"""A role that may not be taken, or so a connection says.

PostgreSQL (15 to 18, `roles_is_member_of`) misses a grant that comes while it gathers roles.
"""

REPLACED = 2
"""How many connections are replaced where a transaction does not begin."""

BUSY = frozenset({"55P03", "57014", "53300"})
"""Lock time-out, statement time-out, too many connections."""

FULL = frozenset({"53100", "53200", "53400"})
"""Disk full, out of memory, a limit of the server's configuration reached."""


class RunAgain(Exception):  # noqa: N818
    """Raised inside a unit of work that found more rows to lock than it had locked."""


class Database:
    """The databases of an installation, with the application's connections to them.

    The registry lives in one of them; a tenant's tables and its queue in the one that the
    registry names.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    @classmethod
    def connect(
        cls, url: str, *, pool_size: int = 10, overflow: int = 20, limits: Limits | None = None
    ) -> Database:
        """Return the installation whose registry is at `url`; nothing is opened before need."""
        return cls(Connections(url, limits or Limits(size=pool_size, overflow=overflow)))

    @property
    def engine(self) -> Engine:
        """The pool of the database that the registry lives in."""
        return self._connections.registry

    def extend(self, address: Address, password: Password | None = None) -> None:
        """Learn where other databases are; with `password`, tenants enter as their own roles."""
        self._connections.extend(address, password)

    def engine_of(self, name: str) -> Engine:
        """Return the application's own pool of a database, by its name."""
        return self._connections.of(Door(name))

    def forget(self, name: str) -> None:
        """Close what is open to a database that is elsewhere now, or gone."""
        self._connections.forget(name)

    def held(self) -> Held:
        """Return how many connections this process holds."""
        return self._connections.held()

    def close(self) -> None:
        """Close every connection."""
        self._connections.close()

    def unit(self, ctx: Context, work: Callable[[Connection], Result]) -> Result:
        """Run `work` in one writing transaction of the tenant, again where it must be.

        `work` may run several times; its effects are only in the transaction. Raises
        `ModelChanged`, `Busy` after the last attempt, `Unavailable`, `StorageFull`, or what
        `work` raises.
        """
        require_open(ctx)
        begin = f"{writing_prologue(ctx.tenant)}; {published_revision(ctx.tenant)}"
        for attempt in range(ATTEMPTS):
            if attempt:
                # Jitter, so that two units that met do not meet again.
                time.sleep(random.uniform(0.0, 0.02 * 2**attempt))  # noqa: S311
            try:
                with self._transaction(ctx.tenant, begin) as (connection, published):
                    if published != str(ctx.revision):
                        raise ModelChanged(tenant=ctx.tenant.name)
                    return work(connection)
            except RunAgain:
                continue
            except (DBAPIError, psycopg.Error) as error:
                if sqlstate(error) not in AGAIN:
                    raise
        raise Busy(attempts=ATTEMPTS)

    @contextmanager
    def reading(self, ctx: Context) -> Iterator[Connection]:
        """Yield a connection in a read-only transaction under the tenant's role."""
        begin = reading_prologue(ctx.tenant, person=ctx.actor.kind == "person")
        try:
            with self._transaction(ctx.tenant, begin) as (connection, _):
                yield connection
        except (DBAPIError, psycopg.Error) as error:
            if ctx.tenant.frozen != PREVIEW or sqlstate(error) not in GONE:
                raise
            # A publish took the preview away between two statements.
            raise ModelChanged(tenant=ctx.tenant.name) from error

    @contextmanager
    def reading_tenant(self, tenant: Tenant) -> Iterator[Connection]:
        """Yield what `reading` does where there is no context yet: to find out the model."""
        with self._transaction(tenant, reading_prologue(tenant)) as (connection, _):
            yield connection

    @contextmanager
    def adding(self, tenant: Tenant) -> Iterator[Connection]:
        """Yield a transaction under the tenant's role that waits for no publish.

        For what is only ever added and means the same under every model: the audit log.
        """
        if tenant.frozen == MOVING:
            raise TenantMoving(tenant=tenant.name)
        begin = f"BEGIN; SET LOCAL ROLE {quoted(tenant.role)}"
        with self._transaction(tenant, begin) as (connection, _):
            yield connection

    @contextmanager
    def auditing(self, tenant: Tenant | None = None) -> Iterator[Connection]:
        """Yield a read-only transaction that sees audit logs alone: a tenant's, the registry's."""
        door = Door(tenant.database) if tenant is not None else Door()
        with self._transaction(tenant, AUDITING, door) as (connection, _):
            yield connection

    @contextmanager
    def glance(self, tenant: Tenant, question: str) -> Iterator[tuple[Driver, str | None]]:
        """Ask a tenant's tables one thing, answered as text; yield where to ask more, and that.

        `question` is one of our own texts, which answers at most one row of one column.
        """
        begin = f"{reading_prologue(tenant)}; {question}"
        with translated_errors(), self._begun(self._door(tenant), tenant, begin) as begun:
            connection, answer = begun
            yield driver_of(connection), answer
            run_script(connection, "COMMIT")

    @contextmanager
    def registry(self) -> Iterator[Connection]:
        """Yield a transaction under the application's own role: registry and accounts."""
        with self._transaction(None, "BEGIN") as (connection, _):
            yield connection

    @contextmanager
    def queue(self, database: str = DEFAULT) -> Iterator[Connection]:
        """Yield a transaction under the application's own role in any database: its queue."""
        with self._transaction(None, "BEGIN", Door(database)) as (connection, _):
            yield connection

    @contextmanager
    def owner(
        self, tenant: Tenant | None = None, *, database: str = DEFAULT
    ) -> Iterator[Connection]:
        """Yield a transaction under the owner's role, for DDL and publishing.

        It is in the tenant's database, else in the one that is named.
        """
        begin = f"BEGIN; SET LOCAL ROLE {OWNER_ROLE}"
        door = Door(tenant.database if tenant is not None else database)
        with self._transaction(tenant, begin, door) as (connection, _):
            yield connection

    def _door(self, tenant: Tenant) -> Door:
        """Return where a tenant's own transactions enter."""
        role = tenant.role if self._connections.separate else ""
        return Door(tenant.database, role)

    @contextmanager
    def _transaction(
        self, tenant: Tenant | None, begin: str, door: Door | None = None
    ) -> Iterator[Begun]:
        """Yield a connection in a transaction that `begin` began; commit at the end."""
        door = door or (Door() if tenant is None else self._door(tenant))
        with translated_errors(), self._begun(door, tenant, begin) as (connection, answer):
            if tenant is not None:
                connection.execution_options(schema_translate_map={TENANT: tenant.schema})
            with connection.begin():
                yield connection, answer

    @contextmanager
    def _begun(self, door: Door, tenant: Tenant | None, begin: str) -> Iterator[Begun]:
        pool = self._connections.of(door)
        connection, answer = self._begin(pool, begin)
        try:
            if tenant is not None:
                note_served(connection, tenant.schema)
            yield connection, answer
        finally:
            self._connections.give_back(pool, connection, clean=is_clean(connection))

    def _begin(self, pool: Engine, begin: str, left: int = REPLACED) -> Begun:
        """Return a connection on which `begin` was run; replace what is of no use."""
        connection = pool.connect()
        try:
            return connection, run_script(connection, begin)
        except BaseException as error:
            self._connections.give_back(pool, connection, clean=False)
            if not left or not isinstance(error, DBAPIError | psycopg.Error):
                raise
            if lost(error):
                # The server was restarted under pooled connections: nothing was done yet.
                pool.dispose()
            elif sqlstate(error) != DENIED:
                raise
        return self._begin(pool, begin, left - 1)


def require_open(ctx: Context) -> None:
    """Raise `TenantReading` where nobody may change a tenant now, or people may not."""
    frozen = ctx.tenant.frozen
    if frozen == MOVING:
        raise TenantMoving(tenant=ctx.tenant.name)
    if frozen == PREVIEW:
        raise Previewing(tenant=ctx.tenant.name)
    if frozen and ctx.actor.kind == "person":
        raise TenantReading(tenant=ctx.tenant.name)


def is_clean(connection: Connection) -> bool:
    """Tell whether a connection is not left in a transaction."""
    usable = not connection.closed and not connection.invalidated
    return usable and is_idle(driver_of(connection))


def is_idle(driver: Driver) -> bool:
    """Return whether a connection is open and in no transaction."""
    return driver.pgconn.transaction_status == TransactionStatus.IDLE


def reading_prologue(tenant: Tenant, *, person: bool = False) -> str:
    """Return what opens a reading transaction: the tenant's role.

    What a `person` may see follows from lists of people, departments and shares, of which one
    has one and another a thousand: a plan for both would read whole tables for one of them.
    """
    planned = "SET LOCAL plan_cache_mode = force_custom_plan; " if person else ""
    return f"BEGIN READ ONLY; {planned}SET LOCAL ROLE {quoted(tenant.role)}"


def writing_prologue(tenant: Tenant) -> str:
    """Return what opens a unit: the tenant's role, and its lock, shared with other writers.

    A unit finds rows by their ids, so its statements are planned once for each connection:
    planning them anew, as PostgreSQL would for lists of ids, costs more than running them.
    """
    return (
        f"BEGIN; SET LOCAL plan_cache_mode = force_generic_plan; "
        f"SET LOCAL ROLE {quoted(tenant.role)}; "
        f"SELECT pg_advisory_xact_lock_shared({lock_key(tenant)})"
    )


def published_revision(tenant: Tenant) -> str:
    """Return the statement that reads the revision.

    It is one of its own, after the lock's: a statement that waited for the lock still sees
    what was published before it began to wait.
    """
    return f"SELECT max(number) FROM {quoted(tenant.schema)}.sys_revision"  # noqa: S608


def run_script(connection: Connection, script: str) -> str | None:
    """Run statements of our own in one round trip; return the last one's first value, as text.

    For fixed texts only: they go by the simple protocol, from which `ExtendedCursor` keeps
    everything else.
    """
    server = driver_of(connection).pgconn
    result = server.exec_(script.encode())
    if server.status != ConnStatus.OK:
        raise psycopg.OperationalError(server.get_error_message())
    if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
        raise psycopg.errors.error_from_result(result)
    value = result.get_value(0, 0) if result.ntuples and result.nfields else None
    return None if value is None else value.decode()


def lock_key(tenant: Tenant) -> int:
    """Return the key of the advisory lock that orders a tenant's writers and its publishes."""
    digest = blake2b(tenant.schema.encode(), digest_size=8, person=b"tenant").digest()
    return int.from_bytes(digest, "big", signed=True)


def driver_of(connection: Connection) -> Driver:
    """Return psycopg's own connection, for statements to be sent exactly as they are written."""
    # Any: SQLAlchemy does not know which driver's connection it holds.
    return cast("psycopg.Connection[Any]", connection.connection.driver_connection)


def sqlstate(error: BaseException) -> str:
    """Return the five characters by which PostgreSQL names an error, else an empty text."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    return getattr(origin, "sqlstate", None) or ""


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn what the database says about itself into the engine's own refusals."""
    try:
        yield
    except (DBAPIError, psycopg.Error) as error:
        state = sqlstate(error)
        if state in BUSY:
            raise Busy(attempts=1) from error
        if state in FULL:
            raise StorageFull(reason=str(error).splitlines()[0]) from error
        if lost(error):
            raise Unavailable(reason=str(error).splitlines()[0]) from error
        raise


def lost(error: DBAPIError | psycopg.Error) -> bool:
    """Tell whether an error means that the server is away or going."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    origin = error.orig if isinstance(error, DBAPIError) else error
    state = sqlstate(error)
    return isinstance(origin, psycopg.OperationalError) and (
        not state or state[:2] == "08" or state[:3] == "57P"
    )
