"""Files in and out, under rights: uploaded for a field, attached to a record, read with it.

A file is read by whoever may read a record, and the field in it, that names the file; until a
record does, by whoever uploaded it. What no record names for a day is taken away.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, Any, Protocol
from uuid import UUID

from sqlalchemy import Connection, Row, insert, literal, select, union_all, update

from engine.access.grants import FILE
from engine.access.policy import Policy, Readings
from engine.access.tracked import require_live, tracked
from engine.context import Context
from engine.errors import NotFound
from engine.files.judging import file_name, media_type
from engine.files.pictures import FORMATS, redrawn
from engine.files.refusals import FileRefused
from engine.files.storage import Storage
from engine.jobs import defer
from engine.query.spec import FileValue
from engine.records.held import Units
from engine.requests import claim, settle
from engine.values.identity import new_id
from metamodel.model import HOLDER, MEMBER, Entity

FATE = "file_fate"
"""The job that takes a file away if no record names it."""

PATIENCE = timedelta(days=1)
"""How long a file waits for a record to name it."""

CHUNK = 1 << 20

IN_MEMORY = 1 << 20
"""Bytes of an upload that are held in memory before it goes to a temporary file."""

MOST_HOLDERS = 200
"""Records that name one file and are asked whether the person may read them."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file to be read: what it is, its digest, and its bytes, which the reader closes."""

    file: FileValue
    digest: str
    content: IO[bytes]


class Doors(Units, Readings, Protocol):
    """What files are kept through: a database, or a unit of work that is open already."""


class Files:
    """Takes files in and gives them out; none is larger than `most` bytes."""

    def __init__(self, database: Doors, policy: Policy, storage: Storage, most: int) -> None:
        self._database = database
        self._policy = policy
        self._storage = storage
        self._most = most

    def upload(
        self, ctx: Context, name: str | None, content: IO[bytes],
        *, to: tuple[str, UUID] | None = None,
    ) -> FileValue:  # fmt: skip
        """Keep a file for a field that will name it, or attached `to` a record (entity, id).

        Raises `FileRefused`; `NotFound` or `Forbidden` where the record may not be changed.
        """
        if to is not None:
            self._require(ctx, to, "update")
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as held:
            self._take_in(content, held)
            return self._keep(ctx, file_name(name), held, to)

    def attached(self, ctx: Context, entity: str, record: UUID) -> tuple[FileValue, ...]:
        """Return the files attached to a record, the latest first."""
        self._require(ctx, (entity, record), "read")
        table = ctx.compiled.tables.of(FILE)
        found = select(table).where(table.c.entity == entity, table.c.record == record)
        with self._database.reading(ctx) as connection:
            rows = connection.execute(found.order_by(table.c.at.desc(), table.c.id.desc())).all()
        return tuple(file_value(row) for row in rows)

    def detach(self, ctx: Context, entity: str, record: UUID, file: UUID) -> None:
        """Take a file off a record; it goes away a day later, unless something else names it."""
        self._require(ctx, (entity, record), "update")
        table = ctx.compiled.tables.of(FILE)
        there = (table.c.id == file, table.c.entity == entity, table.c.record == record)

        def unit(connection: Connection) -> int:
            done = connection.execute(update(table).where(*there).values(entity=None, record=None))
            defer_fate(connection, ctx, file)
            return done.rowcount

        if not self._database.unit(ctx, unit):
            raise NotFound(id=str(file))

    def open(self, ctx: Context, file: UUID, *, small: bool = False) -> Opened:
        """Return a file that the person may read, or the small one of a picture.

        Raises `NotFound` where there is none, or none for them.
        """
        table = ctx.compiled.tables.of(FILE)
        with self._database.reading(ctx) as connection:
            row = connection.execute(select(table).where(table.c.id == file)).one_or_none()
            if row is None or not self._may_read(ctx, connection, row):
                raise NotFound(id=str(file))
        if small and not row.picture:
            raise NotFound(id=str(file))
        try:
            content = self._storage.open(ctx.tenant, file, small=small)
        except FileNotFoundError:
            raise NotFound(id=str(file)) from None
        return Opened(file_value(row), row.sha256, content)

    def _take_in(self, content: IO[bytes], held: IO[bytes]) -> None:
        size = 0
        while chunk := content.read(CHUNK):
            size += len(chunk)
            if size > self._most:
                raise FileRefused("file_too_large", max=self._most // 1_000_000)
            held.write(chunk)
        if not size:
            raise FileRefused("upload_empty")

    def _keep(
        self, ctx: Context, name: str, held: IO[bytes], to: tuple[str, UUID] | None
    ) -> FileValue:
        media = media_type(held, name)
        picture = redrawn(held, media) if media in FORMATS else None
        content = picture.content if picture else held
        digest, size = _measured(content)
        id_ = new_id(ctx.now)
        entity, record = to or (None, None)
        values = {
            "id": id_, "name": name, "type": media, "size": size, "sha256": digest,
            "picture": picture is not None, "uploader": ctx.actor.user, "at": ctx.now,
            "entity": entity, "record": record,
        }  # fmt: skip
        # Deferred before there are bytes: whatever breaks off leaves nothing behind for ever.
        self._database.unit(ctx, lambda connection: defer_fate(connection, ctx, id_))
        self._storage.put(ctx.tenant, id_, content)
        if picture is not None:
            self._storage.put(ctx.tenant, id_, picture.small, small=True)
        kept = FileValue(id_, name, media, size, picture is not None)

        def unit(connection: Connection) -> None:
            claim(ctx, connection)
            connection.execute(insert(ctx.compiled.tables.of(FILE)).values(**values))
            settle(ctx, connection, kept)

        self._database.unit(ctx, unit)
        return kept

    def _require(self, ctx: Context, at: tuple[str, UUID], action: str) -> None:
        entity, record = at
        kind = tracked(ctx, entity)
        with self._database.reading(ctx) as connection:
            require_live(ctx, self._policy, connection, (kind, record), action)

    def _may_read(self, ctx: Context, connection: Connection, row: Row[Any]) -> bool:
        if row.uploader == ctx.actor.user:
            return True
        named: dict[str, set[UUID]] = {}
        if row.record is not None and row.entity in ctx.model.entities:
            named[row.entity] = {row.record}
        for entity, holder in _holders(ctx, self._policy, connection, row.id):
            named.setdefault(entity, set()).add(holder)
        return any(
            self._policy.permitted(ctx, connection, ids, entity=entity, action="read")
            for entity, ids in named.items()
        )


def defer_fate(connection: Connection, ctx: Context, file: UUID) -> None:
    """Have it looked at, a day from now, whether a record names a file."""
    defer(connection, FATE, {"file": str(file)}, queue="bulk", not_before=ctx.now + PATIENCE)


def file_tables(ctx: Context) -> Iterator[Entity]:
    """Yield the link tables that name files, retired ones too: their fields may come back."""
    return (
        each
        for each in ctx.model.entities.values()
        if each.pair is not None and each.pair.target == FILE
    )


def _holders(
    ctx: Context, policy: Policy, connection: Connection, file: UUID
) -> Iterator[tuple[str, UUID]]:
    """Yield the records that name a file in a field that the person may read."""
    found = []
    for each in file_tables(ctx):
        pair = each.pair
        if pair is None or each.retired:
            continue
        seen = policy.readable(ctx, pair.entity) - policy.masked(ctx, pair.entity)
        if pair.field in seen:
            rows = ctx.compiled.tables.of(each.key)
            named = select(literal(pair.entity).label("entity"), rows.c[HOLDER].label("holder"))
            found.append(named.where(rows.c[MEMBER] == file))
    if found:
        for row in connection.execute(union_all(*found).limit(MOST_HOLDERS)):
            yield row.entity, row.holder


def _measured(content: IO[bytes]) -> tuple[str, int]:
    """Return the SHA-256 of a file's bytes, and how many they are."""
    content.seek(0)
    digest, size = hashlib.sha256(), 0
    while chunk := content.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def file_value(row: Row[Any]) -> FileValue:
    """Return a row of the engine's table of files as a value."""
    return FileValue(row.id, row.name, row.type, int(row.size), row.picture)
