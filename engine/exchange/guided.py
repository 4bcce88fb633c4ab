"""An import step by step: its file is kept first, then looked at, rehearsed, begun, stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from sqlalchemy import Connection

from engine.access.grants import administers
from engine.context import Context
from engine.database import Database
from engine.doors import Access, Payload
from engine.errors import EngineError
from engine.exchange.importing import TASK, Importer, Order
from engine.exchange.journal import ImportState, Journal
from engine.exchange.mapping import MapFile
from engine.exchange.sources import Origin, Source, open_source
from engine.exchange.sources.workbook import sheets_of
from engine.exchange.suggesting import Suggestion, suggestions
from engine.exchange.turns import ENDED, PREPARED, Chosen, Listed, Turns
from engine.jobs import defer
from metamodel.model import Entity, Field

SAMPLES = 50
"""Rows of a file that are looked at to tell what its columns hold."""

MOST_LISTED = 200


class ImportNotThere(EngineError):
    """Something that cannot be done to an import as it is now, or no longer."""

    code = "import_state"


@dataclass(frozen=True, slots=True)
class Look:
    """What a file seems to be: its columns with their first cells, and where each seems to go.

    `sheets` are those of a workbook, `sheet` the one that is read; `earlier` is how a file with
    this header was read before.
    """

    header: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    suggested: tuple[Suggestion, ...]
    sheets: tuple[str, ...]
    sheet: str
    earlier: MapFile | None


class GuidedImports:
    """Leads a person through an import, under their rights; nothing is written before `begin`."""

    def __init__(self, database: Database, importer: Importer, access: Access) -> None:
        self._database = database
        self._importer = importer
        self._access = access

    def keep(self, ctx: Context, entity: str, origin: Origin) -> UUID:
        """Keep a file to be imported, and return the import's id.

        Raises `SourceInvalid` for what is no table. One that is never begun goes after two days.
        """
        kind = self._importer.allowed(ctx, entity)
        source = open_source(origin)

        def unit(connection: Connection) -> UUID:
            Turns(ctx).sweep(connection)
            journal = Journal(ctx)
            options = {"map": "", "header": list(source.header), "format": source.format}
            made = journal.open(
                connection, ctx, entity=kind.name, file_name=origin.name, mode="insert", key="",
                total=0, options=options, state=PREPARED,
            )  # fmt: skip
            with origin.open() as file:
                journal.keep_file(connection, ctx, made, file)
            return made

        return self._database.unit(ctx, unit)

    def look(self, ctx: Context, identity: UUID, *, sheet: str = "") -> Look:
        """Return what a kept file holds; raise `SourceInvalid` for a sheet that is no table."""
        with self.opened(ctx, identity) as (state, origin):
            source = open_source(origin, sheet=sheet)
            entity = self._importer.allowed(ctx, state.entity)
            rows = [row.cells for row in islice(source.rows(), SAMPLES)]
            columns = tuple(
                tuple("" if each is None else str(each) for each in column)
                for column in (zip(*rows, strict=True) if rows else [()] * len(source.header))
            )
            with self._database.reading(ctx) as connection:
                earlier = Turns(ctx).earlier(connection, entity.name, source.header)
            return Look(
                source.header,
                columns,
                self._suggested(ctx, entity, source, columns, earlier),
                sheets_of(origin) if source.format == "xlsx" else (),
                getattr(source, "sheet", ""),
                earlier,
            )

    def _suggested(
        self, ctx: Context, entity: Entity, source: Source, columns: Sequence[Sequence[str]],
        earlier: MapFile | None,
    ) -> tuple[Suggestion, ...]:  # fmt: skip
        before = None
        if earlier is not None:
            before = {column: names[0] for column, names in earlier.columns.items()}
        fields = self.fields(ctx, entity)
        return suggestions(entity, source.header, fields, lambda at: columns[at], before)

    def fields(self, ctx: Context, entity: Entity) -> tuple[Field, ...]:
        """Return the fields of an entity that the person may fill from a file."""
        writable = self._access.writable(ctx, entity.key)
        return tuple(
            each
            for each in entity.fields.values()
            if each.key in writable and not each.retired and each.formula is None
        )

    @contextmanager
    def opened(self, ctx: Context, identity: UUID) -> Iterator[tuple[ImportState, Origin]]:
        """Open the kept file of an import that is not begun; raise `ImportNotThere` for others."""
        state = self._importer.state(ctx, identity)
        if state.state != PREPARED:
            raise ImportNotThere(state=state.state)
        with self._importer.file(ctx, state) as origin:
            yield state, origin

    def rehearse(self, ctx: Context, identity: UUID, chosen: Chosen) -> ImportState:
        """Return what the import would do, which is taken back."""
        with self.opened(ctx, identity) as (state, origin):
            return self._importer.rehearse(ctx, order_of(state, origin, chosen))

    def begin(self, ctx: Context, identity: UUID, chosen: Chosen, *, job: Payload) -> ImportState:
        """Begin an import as a job; one that was begun already is only told of."""
        if self._importer.state(ctx, identity).state != PREPARED:
            return self._importer.state(ctx, identity)
        with self.opened(ctx, identity) as (state, origin):
            source, columns = self._importer.opened(ctx, order_of(state, origin, chosen))
            total = sum(1 for _ in source.rows())
        noted = {
            "map": chosen.map, "header": list(source.header), "format": source.format,
            "passed_over": list(columns.passed_over),
        }  # fmt: skip

        def unit(connection: Connection) -> None:
            turns = Turns(ctx)
            options = turns.options(connection, identity) | noted
            begun = turns.turn(
                connection, identity, [PREPARED], state="waiting", mode=chosen.mode,
                key=chosen.key, total=total, options=options, created_at=ctx.now,
            )  # fmt: skip
            if begun:
                defer(connection, TASK, {**job, "import": str(identity)}, queue="bulk")

        self._database.unit(ctx, unit)
        return self._importer.state(ctx, identity)

    def pause(self, ctx: Context, identity: UUID) -> ImportState:
        """Let an import stand where it is; the rows of the chunk at hand are not written."""
        return self._turned(ctx, identity, ("waiting", "running"), state="paused")

    def resume(self, ctx: Context, identity: UUID, *, job: Payload) -> ImportState:
        """Go on with an import that was paused."""
        self._importer.state(ctx, identity)

        def unit(connection: Connection) -> None:
            if Turns(ctx).turn(connection, identity, ["paused"], state="running"):
                defer(connection, TASK, {**job, "import": str(identity)}, queue="bulk")

        self._database.unit(ctx, unit)
        return self._importer.state(ctx, identity)

    def cancel(self, ctx: Context, identity: UUID) -> ImportState:
        """End an import where it is; what it wrote stays, and can be taken back."""
        at = (PREPARED, "waiting", "running", "paused")
        return self._turned(ctx, identity, at, state="cancelled", finished_at=ctx.now)

    def _turned(
        self, ctx: Context, identity: UUID, at: Sequence[str], **values: object
    ) -> ImportState:
        # What is no import of the person's is not there, and stays as it is.
        self._importer.state(ctx, identity)

        def unit(connection: Connection) -> None:
            turns = Turns(ctx)
            if turns.turn(connection, identity, at, **values) and values["state"] in ENDED:
                turns.forget_file(connection, identity)

        self._database.unit(ctx, unit)
        return self._importer.state(ctx, identity)

    def listed(self, ctx: Context) -> tuple[Listed, ...]:
        """Return the latest imports: one's own, and everybody's for whoever administers."""
        with self._database.reading(ctx) as connection:
            everybody = administers(ctx)
            return Turns(ctx).listed(connection, everybody=everybody, limit=MOST_LISTED)


def order_of(state: ImportState, origin: Origin, chosen: Chosen) -> Order:
    """Return the order of a kept file, as somebody chose to have it read."""
    return Order(state.entity, state.file, origin.content, chosen.map, chosen.mode, chosen.key)
