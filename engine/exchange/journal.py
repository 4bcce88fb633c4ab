"""What is known of each import: its file, how far it is, what was rejected and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, Table, insert, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB

from engine.context import Context
from engine.errors import EngineError, FieldError, NotFound
from engine.values.identity import new_id

Mode = Literal["insert", "update", "upsert"]

ENTITY = "sys_import"


class Overtaken(EngineError):
    """Another worker has taken this import further: there is nothing left to do here."""

    code = "import_overtaken"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken: its line, its cells, and everything wrong with it."""

    line: int
    cells: tuple[str, ...]
    errors: tuple[FieldError, ...]


@dataclass(frozen=True, slots=True)
class ImportState:
    """An import: `state` is waiting, running, done or failed; `done` counts rows of the file."""

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


class Journal:
    """The imports of one tenant's model, as rows of the engine's own table."""

    def __init__(self, ctx: Context) -> None:
        self._table: Table = ctx.compiled.tables.of(ENTITY)
        self._columns = {
            key: item.column for key, item in ctx.model.entities[ENTITY].fields.items()
        }

    def open(self, connection: Connection, ctx: Context, **values: object) -> UUID:
        """Note a new import and return its id."""
        made = new_id(ctx.now)
        given = {
            "state": "waiting",
            "done": 0,
            "counts": {},
            "rejected": [],
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
            rejected=tuple(_rejected(item) for item in row.rejected),
            message=row.message or "",
            header=tuple(row.options.get("header", ())),
        )

    def content(self, connection: Connection, identity: UUID) -> str:
        """Return the text of the file."""
        found: str = connection.execute(
            select(*self._labelled(("content",))).where(self._table.c.id == identity)
        ).scalar_one()
        return found

    def advance(
        self,
        connection: Connection,
        state: ImportState,
        *,
        rows: int,
        counts: Mapping[str, int],
        rejected: Sequence[Rejected],
    ) -> None:
        """Note that a chunk is done, in the chunk's own transaction; raise `Overtaken`."""
        new = self._named({"state": "running", "done": state.done + rows, "counts": dict(counts)})
        kept = self._columns["rejected"]
        if rejected:
            added = literal([_kept(item) for item in rejected], JSONB)
            new[kept] = self._table.c[kept].op("||")(added)
        self._change(connection, state, new)

    def finish(self, connection: Connection, ctx: Context, state: ImportState) -> None:
        """Note that the whole file is done; its text is no longer needed."""
        self._change(
            connection,
            state,
            self._named({"state": "done", "finished_at": ctx.now, "content": None}),
        )

    def fail(self, connection: Connection, ctx: Context, state: ImportState, why: str) -> None:
        """Note that the import cannot go on."""
        values = {"state": "failed", "finished_at": ctx.now, "message": why}
        self._change(connection, state, self._named(values))

    def _change(self, connection: Connection, state: ImportState, values: dict[str, Any]) -> None:
        statement = (
            update(self._table)
            .where(
                self._table.c.id == state.id,
                self._table.c[self._columns["done"]] == state.done,
                self._table.c[self._columns["state"]].in_(("waiting", "running")),
            )
            .values(values)
        )
        if connection.execute(statement).rowcount != 1:
            raise Overtaken(record=str(state.id))

    def _named(self, values: Mapping[str, object]) -> dict[str, Any]:
        return {self._columns[key]: value for key, value in values.items()}

    def _labelled(self, keys: Sequence[str]) -> list[Any]:
        return [self._table.c[self._columns[key]].label(key) for key in keys]


_SHOWN = (
    "entity", "file_name", "state", "mode", "key", "options", "done", "total", "counts",
    "rejected", "message", "created_by",
)  # fmt: skip


def _kept(item: Rejected) -> dict[str, Any]:
    return {
        "line": item.line,
        "cells": list(item.cells),
        "errors": [
            {"code": error.code, "path": list(error.path), "params": _plain(error.params)}
            for error in item.errors
        ],
    }


def _plain(params: Mapping[str, object]) -> dict[str, object]:
    return {name: _simple(value) for name, value in params.items()}


def _simple(value: object) -> object:
    if isinstance(value, str | int | None):
        return value
    if isinstance(value, list | tuple):
        return [str(each) for each in value]
    return str(value)


def _rejected(item: Mapping[str, Any]) -> Rejected:
    errors = tuple(
        FieldError(each["code"], tuple(each["path"]), each["params"]) for each in item["errors"]
    )
    return Rejected(item["line"], tuple(item["cells"]), errors)
