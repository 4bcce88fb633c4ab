"""Connections to the databases of an installation: few, shared, and renewed before they grow.

A connection keeps some memory for every table that it has touched, so one that has served many
tenants is closed and opened anew; and however many databases and tenants there are, all pools
of a process together keep a bounded number of connections that nobody uses.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any, NamedTuple

from psycopg import Cursor, RawCursor
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

DEFAULT = "default"
"""The database that the registry itself lives in."""

SESSION = {
    "search_path": "pg_catalog",
    "timezone": "UTC",
    # Compiling a plan costs more than the small statements of screens and forms take.
    "jit": "off",
    "statement_timeout": "60s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "120s",
}

_SERVED = "joinery.served"

Address = Callable[[str], URL]
"""Tells where a database is, by its name, as the application connects to it."""

Password = Callable[[str], str]
"""Tells the password of a tenant's role, by the role's name."""


class Door(NamedTuple):
    """A database by its name, and as whom one enters: blank for the application itself."""

    database: str = DEFAULT
    role: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the pools of one process hold.

    `size` and `overflow` are those of each database's pool; `idle` is how many connections all
    pools keep together, `tenants` how many tenants one connection serves, `seconds` how long it
    lives.
    """

    size: int = 10
    overflow: int = 20
    idle: int = 40
    tenants: int = 50
    seconds: int = 1800


@dataclass(frozen=True, slots=True)
class Held:
    """How many connections a process holds, to how many doors, and how many it has closed."""

    doors: int
    open: int
    in_use: int
    closed: int


class ExtendedCursor(Cursor[Any]):
    """A cursor that never uses the simple protocol, in which one text may hold two statements."""

    def _execute_send(
        self, query: Any, *, force_extended: bool = False, binary: bool | None = None
    ) -> None:  # Any: the type of psycopg's parsed query is private to it.
        super()._execute_send(query, force_extended=True, binary=binary)


class PositionalCursor(RawCursor[Any], ExtendedCursor):
    """The same, which takes parameters by their place, as the server does: no text is parsed."""


class Connections:
    """One pool for each door that is used, the least recently used emptied first."""

    def __init__(self, url: str, limits: Limits) -> None:
        self._limits = limits
        self._lock = Lock()
        self._open = self._closed = 0
        self._address: Address | None = None
        self._password: Password | None = None
        self.registry = self._engine(make_url(url), Door())
        self._pools: OrderedDict[Door, Engine] = OrderedDict({Door(): self.registry})
        self._live = {self.registry}

    def extend(self, address: Address, password: Password | None) -> None:
        """Learn where other databases are, and how each tenant enters as its own role."""
        self._address, self._password = address, password

    @property
    def separate(self) -> bool:
        """Whether each tenant enters as its own role."""
        return self._password is not None

    def of(self, door: Door) -> Engine:
        """Return the pool of a door."""
        with self._lock:
            found = self._pools.get(door)
            if found is not None:
                self._pools.move_to_end(door)
                return found
        made = self._engine(self._url(door), door)
        with self._lock:
            kept = self._pools.setdefault(door, made)
            self._pools.move_to_end(door)
            self._live.add(kept)
        return kept

    def give_back(self, engine: Engine, connection: Connection, *, clean: bool) -> None:
        """Return a connection to its pool; close one that is unclean or has served enough."""
        if connection.closed:
            return
        if not connection.invalidated and not (
            clean and engine in self._live and self._may_go_on(connection)
        ):
            connection.invalidate()
        connection.close()
        if self._open > self._limits.idle:
            self._make_room(engine)

    def forget(self, database: str) -> None:
        """Close what is open to a database: it is elsewhere now, or gone."""
        with self._lock:
            gone = [door for door in self._pools if door.database == database and door != Door()]
            engines = [self._pools.pop(door) for door in gone]
            self._live.difference_update(engines)
        for engine in engines:
            engine.dispose()

    def held(self) -> Held:
        """Return how many connections there are just now."""
        with self._lock:
            engines = list(self._pools.values())
        in_use = sum(engine.pool.checkedout() for engine in engines)  # type: ignore[attr-defined]
        return Held(len(engines), self._open, in_use, self._closed)

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            engines = list(self._pools.values())
        for engine in engines:
            engine.dispose()

    def _may_go_on(self, connection: Connection) -> bool:
        served = connection.info.get(_SERVED, ())
        return len(served) <= self._limits.tenants

    def _make_room(self, used: Engine) -> None:
        """Close the idle connections of the pools that were not used for longest."""
        with self._lock:
            candidates = [
                (door, engine) for door, engine in self._pools.items() if engine is not used
            ]
        for door, engine in candidates:
            if self._open <= self._limits.idle:
                return
            if engine.pool.checkedin():  # type: ignore[attr-defined]
                engine.dispose()
            if door.role:
                with self._lock:
                    self._pools.pop(door, None)
                    self._live.discard(engine)

    def _url(self, door: Door) -> URL:
        url = self.registry.url
        if door.database != DEFAULT:
            if self._address is None:
                raise LookupError(f"nothing is known of a database {door.database!r}")
            url = self._address(door.database)
        if door.role and self._password is not None:
            url = url.set(username=door.role, password=self._password(door.role))
        return url

    def _engine(self, url: URL, door: Door) -> Engine:
        options = " ".join(f"-c {name}={value}" for name, value in SESSION.items())
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            # A tenant's own pool keeps little: there are thousands of them.
            pool_size=2 if door.role else self._limits.size,
            max_overflow=self._limits.size if door.role else self._limits.overflow,
            pool_recycle=self._limits.seconds,
            # What a statement was given is nobody else's business, in no message of an error.
            hide_parameters=True,
            # Every transaction ends in `Database`; asking the driver once more costs time.
            pool_reset_on_return=None,
            connect_args={"options": options, "cursor_factory": ExtendedCursor},
        )
        event.listen(engine, "connect", self._opened)
        event.listen(engine, "close", self._ended)
        return engine

    def _opened(self, *_: object) -> None:
        with self._lock:
            self._open += 1

    def _ended(self, *_: object) -> None:
        with self._lock:
            self._open -= 1
            self._closed += 1


def note_served(connection: Connection, tenant: str) -> None:
    """Note that a connection has touched a tenant's tables."""
    connection.info.setdefault(_SERVED, set()).add(tenant)
