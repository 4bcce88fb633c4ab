"""Everything that is known of a person as one file to give to them: records, words, history, files.

A ZIP of JSON lines, each file under the name of what it holds. Encrypted values are in the
clear: they are the person's own. Whoever may ask for it is who may erase them.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import Connection, select

from engine.audit.event import Auditing, Event
from engine.context import Context
from engine.database import Database
from engine.doors import Access
from engine.files.storage import Storage
from engine.personal.about import about, texts_of, written_with
from engine.personal.deeds import APPROVALS
from engine.personal.subject import Subject, personal_fields, subject_of
from engine.personal.traces import MESSAGES
from engine.query.get import get
from engine.query.spec import Record
from engine.values.sealed import Spot
from engine.values.wire import record_to_wire
from metamodel.model import Entity

IN_MEMORY = 1 << 20

CHUNK = 1 << 16


class PersonFiles:
    """Makes the file of a person, for those who hold every right; each is logged."""

    def __init__(
        self, database: Database, access: Access, storage: Storage, audit: Auditing
    ) -> None:
        self._database = database
        self._access = access
        self._storage = storage
        self._audit = audit

    def export(self, ctx: Context, entity: str, record: UUID) -> Iterator[bytes]:
        """Return the bytes of the file, piece by piece; raise before any where it may not be."""
        with self._database.reading(ctx) as connection:
            subject = subject_of(ctx, connection, entity, record)
        detail = {"format": "zip", "person": True, "rows": sum(map(len, subject.about.values()))}
        self._audit.note(ctx, Event("exported", subject.entity, record, detail=detail))
        return self._pieces(ctx, subject)

    def _pieces(self, ctx: Context, subject: Subject) -> Iterator[bytes]:
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as held:
            with self._database.reading(ctx) as connection, ZipFile(held, "w", ZIP_DEFLATED) as out:
                _write(out, "records.jsonl", self._records(ctx, connection, subject))
                _write(out, "comments.jsonl", _rows(ctx, connection, subject, "sys_comment"))
                _write(out, "messages.jsonl", _rows(ctx, connection, subject, MESSAGES))
                _write(out, "approvals.jsonl", _rows(ctx, connection, subject, APPROVALS))
                _write(out, "history.jsonl", _rows(ctx, connection, subject, "sys_change"))
                for row in _rows(ctx, connection, subject, "sys_file"):
                    self._add_file(ctx, out, row)
            held.seek(0)
            while piece := held.read(CHUNK):
                yield piece

    def _records(
        self, ctx: Context, connection: Connection, subject: Subject
    ) -> Iterator[Mapping[str, Any]]:
        """Yield the person's own record whole, and of others what is personal in them."""
        for key, ids in subject.about.items():
            entity = ctx.model.entities[key]
            for found in get(ctx, self._access, connection, key, ids, trashed=True):
                said = record_to_wire(ctx.model, found)
                said |= _clear(ctx, connection, entity, found)
                if key != subject.entity:
                    names = {"id", *(each.name for each in personal_fields(entity))}
                    said = {name: value for name, value in said.items() if name in names}
                yield {"entity": entity.name, **said}

    def _add_file(self, ctx: Context, out: ZipFile, row: Mapping[str, Any]) -> None:
        """Add a file's bytes; one that its storage has lost is left out."""
        id_ = UUID(row["id"])
        try:
            content: IO[bytes] = self._storage.open(ctx.tenant, id_)
        except FileNotFoundError:
            return
        with content, out.open(f"files/{id_.hex[-8:]} {row['name']}", "w") as target:
            while piece := content.read(CHUNK):
                target.write(piece)


def _write(out: ZipFile, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
    with out.open(name, "w") as target:
        for row in rows:
            target.write(json.dumps(row, ensure_ascii=False, default=str).encode() + b"\n")


def _clear(
    ctx: Context, connection: Connection, entity: Entity, record: Record
) -> dict[str, object]:
    """Return the clear values of a record's encrypted personal fields, by name."""
    fields = [each for each in personal_fields(entity) if each.encrypted and not each.retired]
    if not fields:
        return {}
    table = ctx.compiled.tables.of(entity.key)
    columns = [table.c[each.column] for each in fields]
    row = connection.execute(select(*columns).where(table.c.id == record.id)).one()
    ring = ctx.rings.ring(ctx.tenant, connection)
    return {
        each.name: ring.open(Spot(entity.key, each.key, record.id), bytes(body))
        for each, body in zip(fields, row, strict=True)
        if body is not None
    }


def _rows(
    ctx: Context, connection: Connection, subject: Subject, kept: str
) -> list[dict[str, Any]]:
    """Return what the engine keeps about a person's records in one of its own tables."""
    table = ctx.compiled.tables.of(kept)
    said = about(table, subject)
    if kept == MESSAGES:
        said = written_with(table, subject, texts_of(ctx, subject, connection))
    found = connection.execute(select(table).where(said).order_by(table.c.id)).mappings()
    return [{name: _plain(value) for name, value in row.items()} for row in found]


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value
