"""What is known of each import: its file, how far it is, what was rejected and why."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, Literal
from uuid import UUID

from sqlalchemy import Connection, Table, delete, insert, select, update

from engine.context import Context
from engine.errors import EngineError, FieldError, NotFound
from engine.exchange.sources.rows import Format
from engine.values.identity import new_id
from engine.values.sealed import Spot
from engine.values.sheet import ABSENT
from metamodel.label import Label

Mode = Literal["insert", "update", "upsert", "change"]
"""How known records are met; a `change` has no file of rows, but the records it is about."""

ENTITY = "sys_import"
PARTS = "sys_import_part"

PIECE = 3 << 18
"""Bytes of a file that are kept as one part."""

SHOWN = 1_000
"""Rejected rows that are told with an import; all of them are in the file of rejected rows."""

Kind = Literal["file", "rejected"]


class Overtaken(EngineError):
    """Another worker has taken this import further: there is nothing left to do here."""

    code = "import_overtaken"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken: its line, its cells, and everything wrong with it."""

    line: int
    cells: tuple[Any, ...]
    errors: tuple[FieldError, ...]


@dataclass(frozen=True, slots=True)
class ImportState:
    """An import: `state` is waiting, running, done or failed; `done` counts rows of the file.

    `rejected` are the first of the rejected rows; `counts` tells how many there are.
    `passed_over` are columns of the file that nobody enters, such as computed ones; `begun` is
    when it was asked for.
    """

    id: UUID
    entity: str
    file: str
    state: str
    mode: Mode
    key: str
    map: str
    done: int = 0
    total: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    rejected: tuple[Rejected, ...] = ()
    message: str = ""
    header: tuple[str, ...] = ()
    format: Format = "csv"
    passed_over: tuple[str, ...] = ()
    begun: datetime | None = None


SEALED = "sealed:"
"""Stands before a part of a file that is encrypted."""


class Journal:
    """The imports of one tenant's model, as rows of the engine's own tables."""

    def __init__(self, ctx: Context) -> None:
        self._table: Table = ctx.compiled.tables.of(ENTITY)
        self._parts: Table = ctx.compiled.tables.of(PARTS)
        fields = ctx.model.entities
        self._columns = {key: each.column for key, each in fields[ENTITY].fields.items()}
        self._of = {
            key: self._parts.c[each.column]
            for key, each in fields[PARTS].fields.items()
            if each.column
        }

    def open(self, connection: Connection, ctx: Context, **values: object) -> UUID:
        """Note a new import and return its id."""
        made = new_id(ctx.now)
        given = {
            "state": "waiting",
            "done": 0,
            "counts": {},
            "created_by": ctx.actor.user,
            "created_at": ctx.now,
            **values,
        }
        connection.execute(insert(self._table), {"id": made, **self._named(given)})
        return made

    def read(self, connection: Connection, ctx: Context, identity: UUID) -> ImportState:
        """Return an import of the person who started it; the system sees all."""
        row = connection.execute(
            select(*self._labelled(_SHOWN)).where(self._table.c.id == identity)
        ).one_or_none()
        if row is None or (ctx.actor.kind == "person" and row.created_by != ctx.actor.user):
            raise NotFound(record=str(identity))
        kept = self.rejected(connection, identity)
        return ImportState(
            id=identity,
            entity=row.entity,
            file=row.file_name,
            state=row.state,
            mode=row.mode,
            key=row.key or "",
            map=row.options["map"],
            done=int(row.done),
            total=int(row.total),
            counts=row.counts,
            rejected=tuple(each for _, each in zip(range(SHOWN), kept, strict=False)),
            message=row.message or "",
            header=tuple(row.options.get("header", ())),
            format=row.options.get("format", "csv"),
            passed_over=tuple(row.options.get("passed_over", ())),
            begun=row.created_at,
        )

    def unfinished(self, connection: Connection, ctx: Context, digest: str) -> UUID | None:
        """Return the import of the same file, read the same way, that was cut short, if any."""
        options = self._table.c[self._columns["options"]]
        state = self._table.c[self._columns["state"]]
        by = self._table.c[self._columns["created_by"]]
        found = select(self._table.c.id).where(
            options["digest"].astext == digest, state == "running", by == ctx.actor.user
        )
        made: UUID | None = connection.execute(
            found.order_by(self._table.c.id.desc()).limit(1)
        ).scalar()
        return made

    def keep_file(
        self, connection: Connection, ctx: Context, identity: UUID, file: BinaryIO
    ) -> None:
        """Keep the file in parts, for whoever runs the import."""
        ring = ctx.rings.ring(ctx.tenant, connection) if _hides(ctx) else None
        for place, piece in enumerate(iter(lambda: file.read(PIECE), b"")):
            kept = b64encode(piece if ring is None else ring.close(_spot(identity), piece))
            mark = "" if ring is None else SEALED
            self._add(connection, ctx, identity, "file", place, mark + kept.decode())

    def copy_file(self, connection: Connection, ctx: Context, identity: UUID, to: BinaryIO) -> None:
        """Write the kept file out again."""
        for body in self._bodies(connection, identity, "file"):
            piece = b64decode(body.removeprefix(SEALED))
            if body.startswith(SEALED):
                ring = ctx.rings.ring(ctx.tenant, connection)
                piece = ring.opened(_spot(identity), piece)
            to.write(piece)

    def rejected(self, connection: Connection, identity: UUID) -> Iterator[Rejected]:
        """Yield rejected rows in the order of the file."""
        for body in self._bodies(connection, identity, "rejected"):
            yield from (_rejected(item) for item in json.loads(body))

    def advance(
        self,
        connection: Connection,
        ctx: Context,
        state: ImportState,
        *,
        rejected: Sequence[Rejected],
        before: int,
    ) -> None:
        """Note how far an import is, in the chunk's own transaction, where it was `before`.

        Raises `Overtaken` where it was somewhere else.
        """
        new = {"state": "running", "done": state.done, "counts": dict(state.counts)}
        self._change(connection, state.id, before, self._named(new))
        if rejected:
            body = json.dumps([_kept(item) for item in rejected], ensure_ascii=False)
            self._add(connection, ctx, state.id, "rejected", before, body.replace("\\u0000", "�"))

    def finish(self, connection: Connection, ctx: Context, state: ImportState) -> None:
        """Note that the whole file is done; it is no longer needed."""
        self._change(
            connection,
            state.id,
            state.done,
            self._named({"state": "done", "total": state.done, "finished_at": ctx.now}),
        )
        of = self._of
        connection.execute(
            delete(self._parts).where(of["import"] == state.id, of["kind"] == "file")
        )

    def fail(self, connection: Connection, ctx: Context, state: ImportState, why: str) -> None:
        """Note that the import cannot go on."""
        values = {"state": "failed", "finished_at": ctx.now, "message": why}
        self._change(connection, state.id, state.done, self._named(values))

    def _change(
        self, connection: Connection, identity: UUID, done: int, values: dict[str, Any]
    ) -> None:
        statement = (
            update(self._table)
            .where(
                self._table.c.id == identity,
                self._table.c[self._columns["done"]] == done,
                self._table.c[self._columns["state"]].in_(("waiting", "running")),
            )
            .values(values)
        )
        if connection.execute(statement).rowcount != 1:
            raise Overtaken(record=str(identity))

    def _add(
        self, connection: Connection, ctx: Context, identity: UUID, kind: Kind, place: int,
        body: str,
    ) -> None:  # fmt: skip
        values = {"import": identity, "kind": kind, "place": place, "body": body}
        row = {self._of[key].name: value for key, value in values.items()}
        connection.execute(insert(self._parts), {"id": new_id(ctx.now), **row})

    def _bodies(self, connection: Connection, identity: UUID, kind: Kind) -> Iterator[str]:
        """Yield the parts of an import one by one: together they may be more than fits."""
        of = self._of
        places = select(of["place"]).where(of["import"] == identity, of["kind"] == kind)
        for place in connection.execute(places.order_by(of["place"])).scalars().all():
            one = select(of["body"]).where(
                of["import"] == identity, of["kind"] == kind, of["place"] == place
            )
            yield connection.execute(one).scalar_one()

    def _named(self, values: Mapping[str, object]) -> dict[str, Any]:
        return {self._columns[key]: value for key, value in values.items()}

    def _labelled(self, keys: Sequence[str]) -> list[Any]:
        return [self._table.c[self._columns[key]].label(key) for key in keys]


_SHOWN = (
    "entity", "file_name", "state", "mode", "key", "options", "done", "total", "counts",
    "message", "created_by", "created_at",
)  # fmt: skip


def _hides(ctx: Context) -> bool:
    """Return whether files of a tenant may hold what is to be encrypted: then they are, too."""
    return ctx.compiled.keep(
        ("encrypts",),
        lambda: any(
            each.encrypted
            for entity in ctx.model.entities.values()
            for each in entity.fields.values()
        ),
    )


def _spot(identity: UUID) -> Spot:
    return Spot(PARTS, "body", identity)


def _kept(item: Rejected) -> dict[str, Any]:
    return {
        "line": item.line,
        # What is absent from an object of JSON stays so.
        "absent": [at for at, cell in enumerate(item.cells) if cell is ABSENT],
        "cells": [None if cell is ABSENT else cell for cell in item.cells],
        "errors": [
            {"code": error.code, "path": list(error.path), "params": _plain(error.params)}
            for error in item.errors
        ],
    }


def _plain(params: Mapping[str, object]) -> dict[str, object]:
    return {name: _simple(value) for name, value in params.items()}


def _simple(value: object) -> object:
    if isinstance(value, Label):
        return {"texts": dict(value.texts)}
    if isinstance(value, str | int | None):
        return value
    if isinstance(value, list | tuple):
        return [str(each) for each in value]
    return str(value)


def _rejected(item: Mapping[str, Any]) -> Rejected:
    errors = tuple(
        FieldError(
            each["code"],
            tuple(each["path"]),
            {name: _told(value) for name, value in each["params"].items()},
        )
        for each in item["errors"]
    )
    absent = set(item["absent"])
    cells = (ABSENT if at in absent else cell for at, cell in enumerate(item["cells"]))
    return Rejected(item["line"], tuple(cells), errors)


def _told(value: Any) -> object:
    return Label(value["texts"]) if isinstance(value, dict) and "texts" in value else value


def first_lines(rejected: Iterable[Rejected]) -> tuple[Rejected, ...]:
    """Return rejected rows in the order of the file."""
    return tuple(sorted(rejected, key=lambda each: each.line))
