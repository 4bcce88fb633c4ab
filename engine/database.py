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
from psycopg import Cursor
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from engine.context import Context, Tenant
from engine.errors import Busy, ModelChanged, StorageFull, Unavailable
from engine.schema.names import quoted
from engine.schema.tables import TENANT

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

ATTEMPTS = 5
"""How often a unit of work runs before its caller hears that the database is busy."""

AGAIN = frozenset({"40P01", "40001", "0A000"})
"""Deadlock, serialization failure, and a cached plan outlived by a change of the tables."""

BUSY = frozenset({"55P03", "57014", "53300"})
"""Lock time-out, statement time-out, too many connections."""
AUDITOR_ROLE = "joinery_auditor"
"""Reads audit logs and nothing else; nobody logs in as it, and it writes nowhere."""


FULL = frozenset({"53100", "53200", "53400"})
"""Disk full, out of memory, a limit of the server's configuration reached."""
AUDITING = f"BEGIN READ ONLY; SET LOCAL ROLE {AUDITOR_ROLE}"
"""What opens the transaction of somebody who reads an audit log."""


SESSION = {
    "search_path": "pg_catalog",
    "timezone": "UTC",
    # Compiling a plan costs more than the small statements of screens and forms take.
    "jit": "off",
    "statement_timeout": "60s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "120s",
}


class RunAgain(Exception):  # noqa: N818
    """Raised inside a unit of work that found more rows to lock than it had locked."""


class ExtendedCursor(Cursor[Any]):
    """A cursor that never uses the simple protocol, in which one text may hold two statements."""

    def _execute_send(
        self, query: Any, *, force_extended: bool = False, binary: bool | None = None
    ) -> None:  # Any: the type of psycopg's parsed query is private to it.
        super()._execute_send(query, force_extended=True, binary=binary)


class Database:
    """One PostgreSQL database with the application's connections to it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def connect(cls, url: str, *, pool_size: int = 10, overflow: int = 20) -> Database:
        """Return the database at `url`; nothing is opened before it is needed."""
        options = " ".join(f"-c {name}={value}" for name, value in SESSION.items())
        engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            pool_size=pool_size,
            max_overflow=overflow,
            pool_recycle=1800,
            # Every transaction ends here; asking the driver once more costs time.
            pool_reset_on_return=None,
            connect_args={"options": options, "cursor_factory": ExtendedCursor},
        )
        return cls(engine)

    @property
    def engine(self) -> Engine:
        return self._engine

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def unit(self, ctx: Context, work: Callable[[Connection], Result]) -> Result:
        """Run `work` in one writing transaction of the tenant, again where it must be.

        `work` may run several times; its effects are only in the transaction. Raises
        `ModelChanged`, `Busy` after the last attempt, `Unavailable`, `StorageFull`, or what
        `work` raises.
        """
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
        with self.reading_tenant(ctx.tenant) as connection:
            yield connection

    @contextmanager
    def reading_tenant(self, tenant: Tenant) -> Iterator[Connection]:
        """Yield what `reading` does where there is no context yet: to find out the model."""
        with self._transaction(tenant, reading_prologue(tenant)) as (connection, _):
            yield connection

    @contextmanager
    @contextmanager
    def adding(self, tenant: Tenant) -> Iterator[Connection]:
        """Yield a transaction under the tenant's role that waits for no publish.

        For what is only ever added and means the same under every model: the audit log.
        """
        begin = f"BEGIN; SET LOCAL ROLE {quoted(tenant.role)}"
        with self._transaction(tenant, begin) as (connection, _):
            yield connection

    @contextmanager
    def auditing(self, tenant: Tenant | None = None) -> Iterator[Connection]:
        """Yield a read-only transaction that sees audit logs alone: a tenant's, the registry's."""
        with self._transaction(tenant, AUDITING) as (connection, _):
            yield connection

    def glance(self, tenant: Tenant, question: str) -> Iterator[tuple[Driver, str | None]]:
        """Ask a tenant's tables one thing, answered as text; yield where to ask more, and that.

        `question` is one of our own texts, which answers at most one row of one column.
        """
        begin = f"{reading_prologue(tenant)}; {question}"
        with translated_errors(), self._begun(begin) as (connection, answer):
            yield driver_of(connection), answer
            run_script(connection, "COMMIT")

    @contextmanager
    def registry(self) -> Iterator[Connection]:
        """Yield a transaction under the application's own role: registry, accounts, queue."""
        with self._transaction(None, "BEGIN") as (connection, _):
            yield connection

    @contextmanager
    def owner(self, tenant: Tenant | None = None) -> Iterator[Connection]:
        """Yield a transaction under the owner's role, for DDL and publishing."""
        begin = f"BEGIN; SET LOCAL ROLE {OWNER_ROLE}"
        with self._transaction(tenant, begin) as (connection, _):
            yield connection

    @contextmanager
    def _transaction(self, tenant: Tenant | None, begin: str) -> Iterator[Begun]:
        """Yield a connection in a transaction that `begin` began; commit at the end."""
        with translated_errors(), self._begun(begin) as (connection, answer):
            if tenant is not None:
                connection.execution_options(schema_translate_map={TENANT: tenant.schema})
            with connection.begin():
                yield connection, answer

    @contextmanager
    def _begun(self, begin: str) -> Iterator[Begun]:
        connection = self._engine.connect()
        try:
            try:
                answer = run_script(connection, begin)
            except (DBAPIError, psycopg.Error) as error:
                if not lost(error):
                    raise
                # The server was restarted under pooled connections: nothing was done yet.
                connection.invalidate()
                connection.close()
                self._engine.dispose()
                connection = self._engine.connect()
                answer = run_script(connection, begin)
            yield connection, answer
        finally:
            give_back(connection)


def give_back(connection: Connection) -> None:
    """Return a connection to the pool; one that is left in a transaction is closed instead."""
    if connection.closed:
        return
    if not connection.invalidated and not is_idle(driver_of(connection)):
        connection.invalidate()
    connection.close()


def is_idle(driver: Driver) -> bool:
    """Return whether a connection is open and in no transaction."""
    return driver.pgconn.transaction_status == TransactionStatus.IDLE


def reading_prologue(tenant: Tenant) -> str:
    """Return what opens a reading transaction: the tenant's role."""
    return f"BEGIN READ ONLY; SET LOCAL ROLE {quoted(tenant.role)}"


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
