"""Importing a file: chunk by chunk, each committed together with how far the import is."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from engine.audit.event import Auditing, Event
from engine.context import Context
from engine.database import Database
from engine.doors import Access, Payload
from engine.errors import EngineError, Forbidden, NotFound
from engine.exchange.chunks import FIRST_CHUNK, LARGEST_REHEARSED, Chunk, Pace, pace_of, take_in
from engine.exchange.collecting import collect, collecting_between
from engine.exchange.journal import ImportState, Journal, Mode, Rejected
from engine.exchange.mapping import ColumnMap, MapFile, match_columns, read_map
from engine.exchange.matching import key_field
from engine.exchange.sources import Origin, Source, SourceRow, open_source
from engine.jobs import defer
from engine.messages import sentence
from engine.records.held import Held
from engine.records.writer import Records
from engine.requests import claim, settle
from engine.schema.names import quoted
from metamodel.model import Entity

TASK = "import"

PASSING = frozenset({"unavailable", "busy", "import_overtaken", "model_changed"})
"""Refusals that another try, or another worker, may not meet."""

PIECE = 1 << 20

Result = TypeVar("Result")

Progress = Callable[[ImportState], None]


class Fresh(Protocol):
    """Runs work on a context that is made anew where the tenant was reshaped meanwhile."""

    def run(self, ctx: Context, work: Callable[[Context], Result]) -> Result: ...


class Rehearsed(Exception):  # noqa: N818 - not an error: it takes a rehearsal's writes back
    """Ends the unit of a rehearsal with what would have happened."""

    def __init__(self, state: ImportState) -> None:
        super().__init__()
        self.state = state


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody asks to be imported. `map` is the text of a map file, "" for none."""

    entity: str
    file: str
    content: bytes | Path
    map: str = ""
    mode: Mode = "insert"
    key: str = ""

    @property
    def origin(self) -> Origin:
        """The file itself."""
        return Origin(self.file, self.content)

    def digest(self) -> str:
        """Return what two orders of the same file, read the same way, have in common."""
        found = hashlib.blake2b(digest_size=16)
        for part in (self.entity, self.file, self.map, self.mode, self.key):
            found.update(part.encode() + b"\0")
        with self.origin.open() as file:
            for piece in iter(lambda: file.read(PIECE), b""):
                found.update(piece)
        return found.hexdigest()


class Importer:
    """Takes files in through the one write path, under the rights of whoever asks."""

    def __init__(
        self, database: Database, writer: Records, access: Access, fresh: Fresh, audit: Auditing
    ) -> None:
        self._database = database
        self._audit = audit
        self._access = access
        self._writer = writer
        self._fresh = fresh

    def start(self, ctx: Context, order: Order, *, job: Payload | None) -> ImportState:
        """Check file and map, note the import, and with `job` defer it.

        Bytes are kept until the import is done. Where a file on disk was cut short before, its
        import is taken up again.
        Raises `SourceInvalid` or `MappingInvalid` before anything is noted.
        """
        entity = self.allowed(ctx, order.entity)
        source, columns = self.opened(ctx, order)
        total = sum(1 for _ in source.rows())
        digest = order.digest()

        def note(connection: Connection) -> ImportState:
            claim(ctx, connection)
            journal = Journal(ctx)
            lies_here = isinstance(order.content, Path)
            made = journal.unfinished(connection, ctx, digest) if lies_here else None
            made = made or journal.open(
                connection,
                ctx,
                entity=entity.name,
                file_name=order.file,
                mode=order.mode,
                key=order.key,
                total=total,
                options={
                    "map": order.map,
                    "header": list(source.header),
                    "format": source.format,
                    "passed_over": list(columns.passed_over),
                    "digest": digest,
                },
            )
            if not lies_here:
                with order.origin.open() as file:
                    journal.keep_file(connection, ctx, made, file)
            if job is not None:
                defer(connection, TASK, {**job, "import": str(made)}, queue="bulk")
            state = journal.read(connection, ctx, made)
            settle(ctx, connection, state)
            return state

        return self._database.unit(ctx, note)

    def state(self, ctx: Context, identity: UUID) -> ImportState:
        """Return how far an import is; raise `NotFound` for what is no import of the person's."""
        with self._database.reading(ctx) as connection:
            found = Journal(ctx).read(connection, ctx, identity)
        if found.mode == "change":
            raise NotFound(record=str(identity))
        return found

    def rejected(self, ctx: Context, identity: UUID) -> Iterator[Rejected]:
        """Yield all rejected rows of an import, in the order of the file."""
        with self._database.reading(ctx) as connection:
            journal = Journal(ctx)
            journal.read(connection, ctx, identity)
            yield from journal.rejected(connection, identity)

    def run(
        self,
        ctx: Context,
        identity: UUID,
        *,
        origin: Origin | None = None,
        progress: Progress | None = None,
    ) -> ImportState:
        """Take an import from where it stands to its end; safe to call again after a crash.

        `origin` is the file where it lies on this machine, else the one that was kept.
        """
        state = self.state(ctx, identity)
        if state.state not in ("waiting", "running"):
            return state
        try:
            with self.file(ctx, state, origin) as file, collecting_between():
                for done in self._steps(ctx, state, file):
                    state = done
                    collect()
                    if progress is not None:
                        progress(state)
        except EngineError as error:
            # What the file or the model makes impossible stays so; all else is tried again.
            if error.code in PASSING:
                raise
            why = sentence(error, ctx.language)
            self._database.unit(ctx, lambda it: Journal(ctx).fail(it, ctx, state, why))
            return self._ended(ctx, identity)
        self._database.unit(ctx, lambda it: Journal(ctx).finish(it, ctx, state))
        return self._ended(ctx, identity)

    def _ended(self, ctx: Context, identity: UUID) -> ImportState:
        """Return an import as it stands at its end, which the audit log is told of."""
        state = self.state(ctx, identity)
        told = {"file": state.file, "mode": state.mode, "state": state.state, **state.counts}
        entity = _entity(ctx, state.entity).key
        self._audit.note(ctx, Event("imported", entity, identity, detail=told))
        return state

    def rehearse(self, ctx: Context, order: Order) -> ImportState:
        """Return what an import would do: it is done whole in one unit, and taken back."""
        entity = self.allowed(ctx, order.entity)
        source, columns = self.opened(ctx, order)
        empty = ImportState(
            UUID(int=0), entity.name, order.file, "done", order.mode, order.key, order.map,
            header=source.header, format=source.format, passed_over=columns.passed_over,
        )  # fmt: skip

        def unit(connection: Connection) -> None:
            state = empty
            writer = self._writer.within(connection, rehearsed=True)
            for rows in _chunks(source, pace_of(ctx, entity, order.mode), 0):
                chunk = Chunk(columns, order.mode, order.key, source.typed, rows)
                counts, rejected = take_in(ctx, Held(connection), writer, self._access, chunk)
                room = LARGEST_REHEARSED - len(state.rejected)
                state = replace(
                    _after(state, len(rows), counts),
                    rejected=(*state.rejected, *rejected[:room]),
                    total=state.done + len(rows),
                )
            raise Rehearsed(replace(state, state="done"))

        try:
            self._database.unit(ctx, unit)
        except Rehearsed as rehearsed:
            return rehearsed.state
        return empty

    def _steps(self, ctx: Context, state: ImportState, file: Origin) -> Iterator[ImportState]:
        """Write chunk after chunk and yield how far it is after each."""
        rules = read_map(state.map)
        source = open_source(file, sheet=rules.sheet, decimal=rules.decimal)
        pace = pace_of(ctx, _entity(ctx, state.entity), state.mode)
        began = time.monotonic()
        for rows in _chunks(source, pace, state.done):
            if 0 < state.done <= FIRST_CHUNK:
                self._learn(ctx, state.entity)
            state = self._fresh.run(
                _later(ctx, time.monotonic() - began),
                lambda now, rows=rows, state=state: self._write(now, state, source, rows),  # type: ignore[misc]  # mypy loses the defaults
            )
            yield state

    def _learn(self, ctx: Context, name: str) -> None:
        """Let PostgreSQL look at the first rows of what may have been an empty table.

        Of a table without statistics it believes that all live rows are as few as one record's.
        """
        table = quoted(_entity(ctx, name).table)
        with self._database.owner(ctx.tenant) as connection:
            connection.execute(text(f"ANALYZE {quoted(ctx.tenant.schema)}.{table}"))

    def _write(
        self, ctx: Context, state: ImportState, source: Source, rows: tuple[SourceRow, ...]
    ) -> ImportState:
        entity = _entity(ctx, state.entity)
        columns = self._columns(ctx, entity, source, state.map, state.key)
        chunk = Chunk(columns, state.mode, state.key, source.typed, rows)

        def unit(connection: Connection) -> ImportState:
            writer = self._writer.within(connection)
            counts, rejected = take_in(ctx, Held(connection), writer, self._access, chunk)
            after = _after(state, len(rows), counts)
            Journal(ctx).advance(connection, ctx, after, rejected=rejected, before=state.done)
            return after

        return self._database.unit(ctx, unit)

    @contextmanager
    def file(
        self, ctx: Context, state: ImportState, origin: Origin | None = None
    ) -> Iterator[Origin]:
        """Yield the file of an import, on disk if it was kept in parts."""
        if origin is not None:
            yield origin
            return
        with tempfile.TemporaryDirectory(prefix="joinery-import-") as folder:
            path = Path(folder) / "file"
            with self._database.reading(ctx) as connection, path.open("wb") as file:
                Journal(ctx).copy_file(connection, ctx, state.id, file)
            yield Origin(state.file, path)

    def allowed(self, ctx: Context, name: str) -> Entity:
        """Return the entity of this name; raise `Forbidden` where the person may not import it."""
        entity = _entity(ctx, name)
        if not self._access.decide(ctx, "import", entity=entity.key, record=None).allowed:
            raise Forbidden(entity=name)
        return entity

    def opened(self, ctx: Context, order: Order) -> tuple[Source, ColumnMap]:
        """Return an order's file as rows, and where its columns go.

        Raises `SourceInvalid`, `MappingInvalid`, or `RecordRefused` for a key that names several.
        """
        entity, rules = _entity(ctx, order.entity), read_map(order.map)
        source = open_source(order.origin, sheet=rules.sheet, decimal=rules.decimal)
        columns = self._columns(ctx, entity, source, order.map, order.key)
        if order.mode != "insert":
            key_field(ctx, self._access, entity, order.key)
        return source, columns

    def _columns(
        self, ctx: Context, entity: Entity, source: Source, map_: str, key: str
    ) -> ColumnMap:
        rules: MapFile = replace(read_map(map_), zone=ctx.moment.zone)
        return match_columns(ctx.model, entity, source.header, rules, key=key)


def _later(ctx: Context, seconds: float) -> Context:
    """Return a context some time after: each chunk has its instant, and ids after the last one's.

    Ids in order go to the end of their index, which costs far less than going in between.
    """
    now = ctx.now + timedelta(seconds=seconds)
    today = now.astimezone(ZoneInfo(ctx.moment.zone)).date()
    return replace(ctx, moment=replace(ctx.moment, now=now, today=today))


def _entity(ctx: Context, name: str) -> Entity:
    entity = ctx.model.entity_named(name)
    if entity is None or entity.system:
        raise NotFound(entity=name)
    return entity


def _chunks(source: Source, pace: Pace, done: int) -> Iterator[tuple[SourceRow, ...]]:
    rows = islice(source.rows(), done, None)
    while chunk := tuple(islice(rows, pace.after(done))):
        done += len(chunk)
        yield chunk


def _after(state: ImportState, rows: int, counts: dict[str, int]) -> ImportState:
    names = ("created", "updated", "rejected", "skipped")
    added = {name: state.counts.get(name, 0) + counts.get(name, 0) for name in names}
    if not added["skipped"]:
        del added["skipped"]
    return replace(state, state="running", done=state.done + rows, counts=added)
