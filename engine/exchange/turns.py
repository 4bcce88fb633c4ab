"""What becomes of imports beside their rows: prepared, begun, paused, ended, taken back, listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, delete, select, update

from engine.context import Context
from engine.exchange.journal import ENTITY, PARTS, Mode
from engine.exchange.mapping import MapFile, read_map

PREPARED = "prepared"
"""An import whose file is here and of which nothing is decided yet."""

PATIENCE = timedelta(days=2)
"""How long the file of such an import is kept."""

LOOKED_BACK = 200
"""Imports of one entity that are looked through for a map that fits."""

ENDED = frozenset({"done", "failed", "cancelled", "undone"})


@dataclass(frozen=True, slots=True)
class Listed:
    """One import as a list of them tells it: whose, when, how far, with what in the end."""

    id: UUID
    entity: str
    file: str
    state: str
    done: int
    total: int
    counts: Mapping[str, int]
    at: datetime
    by: UUID
    message: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """How a kept file is to be read: the text of a map file, and how known records are met."""

    map: str
    mode: Mode = "insert"
    key: str = ""


class Turns:
    """Changes the state of imports, as rows of the engine's own tables."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._table: Table = ctx.compiled.tables.of(ENTITY)
        self._parts: Table = ctx.compiled.tables.of(PARTS)
        fields = ctx.model.entities
        self._of = _columns(self._table, fields[ENTITY].fields)
        self._part = _columns(self._parts, fields[PARTS].fields)

    def turn(
        self, connection: Connection, identity: UUID, at: Sequence[str], **values: object
    ) -> bool:
        """Change an import that is in one of these states; tell whether it was."""
        named = {self._of[key].name: value for key, value in values.items()}
        statement = update(self._table).where(
            self._table.c.id == identity, self._of["state"].in_(at), *self._mine()
        )
        return connection.execute(statement.values(named)).rowcount == 1

    def forget_file(self, connection: Connection, identity: UUID) -> None:
        """Take the kept file of an import away."""
        of = self._part
        connection.execute(
            delete(self._parts).where(of["import"] == identity, of["kind"] == "file")
        )

    def sweep(self, connection: Connection) -> None:
        """Take away what anybody prepared days ago and never began."""
        of, part = self._of, self._part
        old = select(self._table.c.id).where(
            of["state"] == PREPARED, of["created_at"] < self._ctx.now - PATIENCE
        )
        ids = connection.execute(old).scalars().all()
        connection.execute(delete(self._parts).where(part["import"].in_(ids)))
        connection.execute(delete(self._table).where(self._table.c.id.in_(ids)))

    def options(self, connection: Connection, identity: UUID) -> dict[str, Any]:
        """Return what is noted of an import beside its columns. Any: JSON."""
        found = select(self._of["options"]).where(self._table.c.id == identity)
        return dict(connection.execute(found).scalar_one())

    def listed(self, connection: Connection, *, everybody: bool, limit: int) -> tuple[Listed, ...]:
        """Return imports that were begun, the latest first: one's own, or `everybody`'s."""
        of = self._of
        keys = ("entity", "file_name", "state", "done", "total", "counts", "created_at",
                "created_by", "message")  # fmt: skip
        statement = select(self._table.c.id, *(of[key].label(key) for key in keys))
        statement = statement.where(of["state"] != PREPARED, of["mode"] != "change")
        if not everybody:
            statement = statement.where(of["created_by"] == self._ctx.actor.user)
        rows = connection.execute(statement.order_by(self._table.c.id.desc()).limit(limit))
        return tuple(
            Listed(
                row.id, row.entity, row.file_name, row.state, int(row.done), int(row.total),
                row.counts, row.created_at, row.created_by, row.message or "",
            )
            for row in rows
        )  # fmt: skip

    def earlier(self, connection: Connection, entity: str, header: Sequence[str]) -> MapFile | None:
        """Return how the latest import of a file with this header was read, one's own first."""
        of = self._of
        rows = connection.execute(
            select(of["options"].label("options"), of["created_by"].label("by"))
            .where(of["entity"] == entity, of["state"] != PREPARED)
            .order_by(self._table.c.id.desc())
            .limit(LOOKED_BACK)
        ).all()
        fit = [row for row in rows if tuple(row.options.get("header", ())) == tuple(header)]
        fit.sort(key=lambda row: row.by != self._ctx.actor.user)
        return read_map(fit[0].options["map"]) if fit and fit[0].options.get("map") else None

    def _mine(self) -> tuple[Any, ...]:
        """Return the condition that an import is the person's own; the system's are all."""
        actor = self._ctx.actor
        return (self._of["created_by"] == actor.user,) if actor.kind == "person" else ()


def _columns(table: Table, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {key: table.c[each.column] for key, each in fields.items() if each.column}
