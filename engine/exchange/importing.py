"""Importing a file: chunk by chunk, each committed together with how far the import is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Connection

from engine.context import Context
from engine.database import Database
from engine.doors import Access, Bulk, BulkResult, Edit, Payload, Reader, Writer
from engine.errors import EngineError, FieldError, Forbidden, NotFound
from engine.exchange.cells import payload_of
from engine.exchange.journal import ImportState, Journal, Mode, Rejected
from engine.exchange.mapping import ColumnMap, match_columns, read_map
from engine.exchange.matching import check_key, existing_by_key
from engine.exchange.sources import Source, SourceRow, read_csv
from engine.jobs import defer
from engine.messages import sentence
from engine.requests import claim, settle
from metamodel.model import Entity

CHUNK = 500
"""Rows in one transaction: few enough to wait for, many enough to be set-wise."""

TASK = "import"

PASSING = frozenset({"unavailable", "busy", "import_overtaken"})
"""Refusals that another try, or another worker, may not meet."""

Result = TypeVar("Result")

Progress = Callable[[ImportState], None]


class Fresh(Protocol):
    """Runs work on a context that is made anew where the tenant was reshaped meanwhile."""

    def run(self, ctx: Context, work: Callable[[Context], Result]) -> Result: ...


class Rehearsed(Exception):  # noqa: N818 - not an error: it takes a rehearsal's writes back
    """Ends the unit of a rehearsal with what would have happened."""

    def __init__(self, result: BulkResult) -> None:
        super().__init__()
        self.result = result


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody asks to be imported. `map` is the text of a map file, "" for none."""

    entity: str
    file: str
    content: bytes
    map: str = ""
    mode: Mode = "insert"
    key: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """The rows of one chunk, ready to be written: which source row each item came from."""

    bulk: Bulk
    sources: Mapping[tuple[str, int], SourceRow]
    rejected: tuple[Rejected, ...]


class Importer:
    """Takes files in through the one write path, under the rights of whoever asks."""

    def __init__(
        self, database: Database, reader: Reader, writer: Writer, access: Access, fresh: Fresh
    ) -> None:
        self._database = database
        self._access = access
        self._reader = reader
        self._writer = writer
        self._fresh = fresh

    def start(self, ctx: Context, order: Order, *, job: Payload | None) -> ImportState:
        """Check file and map, note the import, and with `job` defer it.

        Raises `SourceInvalid` or `MappingInvalid` before anything is noted.
        """
        entity = self._allowed(ctx, order.entity)
        source = read_csv(order.file, order.content)
        match_columns(ctx.model, entity, source.header, read_map(order.map))
        if order.mode != "insert":
            check_key(entity, order.key)
        total = sum(1 for _ in source.rows())

        def note(connection: Connection) -> ImportState:
            claim(ctx, connection)
            journal = Journal(ctx)
            made = journal.open(
                connection,
                ctx,
                entity=entity.name,
                file_name=order.file,
                mode=order.mode,
                key=order.key,
                total=total,
                options={"map": order.map, "header": list(source.header)},
                content=source.text,
            )
            if job is not None:
                defer(connection, TASK, {**job, "import": str(made)})
            state = journal.read(connection, ctx, made)
            settle(ctx, connection, state)
            return state

        return self._database.unit(ctx, note)

    def state(self, ctx: Context, identity: UUID) -> ImportState:
        """Return how far an import is."""
        with self._database.reading(ctx) as connection:
            return Journal(ctx).read(connection, ctx, identity)

    def run(self, ctx: Context, identity: UUID, *, progress: Progress | None = None) -> ImportState:
        """Take an import from where it stands to its end; safe to call again after a crash."""
        state = self.state(ctx, identity)
        if state.state in ("done", "failed"):
            return state
        try:
            source = self._source(ctx, state)
            for chunk in _chunks(islice(source.rows(), state.done, None)):
                state = self._step(ctx, state, source, chunk)
                if progress is not None:
                    progress(state)
        except EngineError as error:
            # What the file or the model makes impossible stays so; all else is tried again.
            if error.code in PASSING:
                raise
            return self._failed(ctx, state, sentence(error, ctx.language))
        self._database.unit(ctx, lambda it: Journal(ctx).finish(it, ctx, state))
        return self.state(ctx, identity)

    def _step(
        self, ctx: Context, state: ImportState, source: Source, rows: Sequence[SourceRow]
    ) -> ImportState:
        self._fresh.run(ctx, lambda now: self._write(now, state, source, rows))
        return self.state(ctx, state.id)

    def _failed(self, ctx: Context, state: ImportState, why: str) -> ImportState:
        self._database.unit(ctx, lambda it: Journal(ctx).fail(it, ctx, state, why))
        return self.state(ctx, state.id)

    def rehearse(self, ctx: Context, order: Order) -> ImportState:
        """Return what an import would do; every chunk is written and taken back.

        Chunks do not see each other's rows.
        """
        entity = self._allowed(ctx, order.entity)
        source = read_csv(order.file, order.content)
        if order.mode != "insert":
            check_key(entity, order.key)
        state = ImportState(
            UUID(int=0), entity.name, order.file, "done", order.mode, order.key, order.map,
            header=source.header,
        )  # fmt: skip
        columns = match_columns(ctx.model, entity, source.header, read_map(order.map))
        for chunk in _chunks(source.rows()):
            work = self._prepare(ctx, entity, columns, state, chunk)
            result = self._rehearse(ctx, entity, work)
            counts, rejected = _outcome(state, work, result)
            state = replace(
                state,
                done=state.done + len(chunk),
                total=state.done + len(chunk),
                counts=counts,
                rejected=(*state.rejected, *rejected),
            )
        return state

    def _allowed(self, ctx: Context, name: str) -> Entity:
        entity = _entity(ctx, name)
        if not self._access.decide(ctx, "import", entity=entity.key, record=None).allowed:
            raise Forbidden(entity=name)
        return entity

    def _source(self, ctx: Context, state: ImportState) -> Source:
        with self._database.reading(ctx) as connection:
            text = Journal(ctx).content(connection, state.id)
        return read_csv(state.file, text.encode())

    def _write(
        self, ctx: Context, state: ImportState, source: Source, rows: Sequence[SourceRow]
    ) -> None:
        entity = _entity(ctx, state.entity)
        columns = match_columns(ctx.model, entity, source.header, read_map(state.map))
        work = self._prepare(ctx, entity, columns, state, rows)
        journal = Journal(ctx)

        def note(connection: Connection, result: BulkResult) -> None:
            counts, rejected = _outcome(state, work, result)
            journal.advance(connection, state, rows=len(rows), counts=counts, rejected=rejected)

        if work.sources:
            self._writer.bulk(ctx, entity.key, replace(work.bulk, alongside=note))
        else:
            self._database.unit(ctx, lambda it: note(it, BulkResult((), None)))

    def _rehearse(self, ctx: Context, entity: Entity, work: Work) -> BulkResult:
        def stop(connection: Connection, result: BulkResult) -> None:
            raise Rehearsed(result)

        if not work.sources:
            return BulkResult((), None)
        try:
            return self._writer.bulk(ctx, entity.key, replace(work.bulk, alongside=stop))
        except Rehearsed as rehearsed:
            return rehearsed.result

    def _prepare(
        self,
        ctx: Context,
        entity: Entity,
        columns: ColumnMap,
        state: ImportState,
        rows: Sequence[SourceRow],
    ) -> Work:
        read = [(row, *payload_of(row, columns)) for row in rows]
        rejected = [Rejected(row.line, row.cells, tuple(bad)) for row, _, bad in read if bad]
        good = [(row, payload) for row, payload, bad in read if not bad]
        known: Mapping[str, UUID] = {}
        if state.mode != "insert":
            keys = [payload.get(state.key) for _, payload in good]
            known = existing_by_key(ctx, self._reader, entity, state.key, keys)
        create: list[Payload] = []
        edits: list[Edit] = []
        sources: dict[tuple[str, int], SourceRow] = {}
        for row, payload in good:
            match = known.get(str(payload.get(state.key)))
            if match is not None:
                sources["update", len(edits)] = row
                edits.append(Edit(match, payload))
            elif state.mode == "update":
                error = FieldError("no_match", (state.key,), {"value": payload.get(state.key)})
                rejected.append(Rejected(row.line, row.cells, (error,)))
            else:
                sources["create", len(create)] = row
                create.append(payload)
        return Work(Bulk(create, edits, atomic=False), sources, tuple(rejected))


def _entity(ctx: Context, name: str) -> Entity:
    entity = ctx.model.entity_named(name)
    if entity is None or entity.system:
        raise NotFound(entity=name)
    return entity


def _chunks(rows: Iterator[SourceRow]) -> Iterator[tuple[SourceRow, ...]]:
    while chunk := tuple(islice(rows, CHUNK)):
        yield chunk


def _outcome(
    state: ImportState, work: Work, result: BulkResult
) -> tuple[dict[str, int], tuple[Rejected, ...]]:
    """Return the counts so far with this chunk's, and this chunk's rejected rows by line."""
    counts = {name: state.counts.get(name, 0) for name in ("created", "updated", "rejected")}
    rejected = list(work.rejected)
    for item in result.items:
        if item.status == "done":
            counts["created" if item.op == "create" else "updated"] += 1
        else:
            row = work.sources[item.op, item.index]
            rejected.append(Rejected(row.line, row.cells, item.errors))
    counts["rejected"] += len(rejected)
    return counts, tuple(sorted(rejected, key=lambda each: each.line))
