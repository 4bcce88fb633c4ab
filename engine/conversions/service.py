"""What administrators do about values that did not convert: look, mend many at once, close."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from engine.access.grants import require_everything
from engine.audit.event import Auditing, Event
from engine.context import Context
from engine.database import Database
from engine.doors import Bulk, BulkResult, Edit, Writer
from engine.errors import FieldError, ModelChanged, NotFound, RecordRefused
from engine.query.kept import CONVERSION, KEPT, Kept, kept_beside, lacking, waiting
from engine.schema.apply import PATIENCE, patiently, run_statement
from engine.schema.ddl import qualified
from engine.schema.live import read_live
from engine.schema.names import quoted
from engine.schema.previews import drop_previews
from engine.schema.revisions import newest
from engine.schema.running import holding, require_settled
from metamodel.linking.pairs import PAIR
from metamodel.model import Field

PART = 500
"""Records that are mended in one unit."""

MOST_TOLD = 20
"""How many different refusals are told."""


@dataclass(frozen=True, slots=True)
class OpenConversion:
    """A change of a field's type that is not closed yet; `kept` values are not mended."""

    id: UUID
    entity: str
    field: str
    from_type: str
    to_type: str
    revision: int
    at: datetime
    kept: int


@dataclass(frozen=True, slots=True)
class Said:
    """One text that did not convert, and how many records had it."""

    text: str
    records: int


@dataclass(frozen=True, slots=True)
class Mended:
    """How many records took a value, and what those said that did not."""

    done: int
    refused: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversions:
    """The open conversions of a tenant, for those who administer it."""

    database: Database
    writer: Writer
    audit: Auditing

    def of(self, ctx: Context) -> tuple[OpenConversion, ...]:
        """Return all that are open, the latest first."""
        require_everything(ctx)
        opened = ctx.compiled.tables.of(CONVERSION)
        asked = select(opened).where(opened.c.closed_at.is_(None)).order_by(opened.c.at.desc())
        with self.database.reading(ctx) as connection:
            rows = connection.execute(asked).mappings().all()
            found = [_read(ctx, connection, row) for row in rows]
        return tuple(each for each in found if each is not None)

    def beside(self, ctx: Context, entity: str, record: UUID) -> tuple[Kept, ...]:
        """Return what did not convert of a record that the person may read."""
        with self.database.reading(ctx) as connection:
            found = kept_beside(ctx, connection, ctx.model.entities[entity], [record])
        return tuple(found.get(record, ()))

    def lacking(self, ctx: Context, entity: str) -> tuple[str, ...]:
        """Return the fields of an entity, by key, of which values that the person reads wait."""
        with self.database.reading(ctx) as connection:
            return lacking(ctx, connection, ctx.model.entities[entity])

    def texts(self, ctx: Context, conversion: UUID, *, most: int = 500) -> tuple[Said, ...]:
        """Return the texts that did not convert, the most frequent first."""
        require_everything(ctx)
        kept = ctx.compiled.tables.of(KEPT)
        with self.database.reading(ctx) as connection:
            field = _field(ctx, self._one(ctx, connection, conversion))
            asked = waiting(ctx, field).where(kept.c.conversion == conversion)
            counted = asked.with_only_columns(kept.c.text, func.count()).group_by(kept.c.text)
            ordered = counted.order_by(func.count().desc(), kept.c.text)
            rows = connection.execute(ordered.limit(most))
            return tuple(Said(str(text or ""), records) for text, records in rows)

    def rows(self, ctx: Context, conversion: UUID) -> Iterator[tuple[UUID, str]]:
        """Return every record that waits, and what it had, one by one: for a file."""
        require_everything(ctx)
        with self.database.reading(ctx) as connection:
            field = _field(ctx, self._one(ctx, connection, conversion))
        return self._rows(ctx, conversion, field)

    def _rows(self, ctx: Context, conversion: UUID, field: Field) -> Iterator[tuple[UUID, str]]:
        kept = ctx.compiled.tables.of(KEPT)
        asked = waiting(ctx, field).where(kept.c.conversion == conversion)
        chosen = asked.with_only_columns(kept.c.record, kept.c.text)
        with self.database.reading(ctx) as connection:
            for record, text in connection.execute(chosen.order_by(kept.c.text, kept.c.record)):
                yield record, str(text or "")

    def mend(self, ctx: Context, conversion: UUID, text: str, value: object) -> Mended:
        """Give one value, as the API takes it, to all records whose text was `text`.

        They are written as by the person, with history; what is refused stays as it is.
        """
        require_everything(ctx)
        kept = ctx.compiled.tables.of(KEPT)
        with self.database.reading(ctx) as connection:
            one = self._one(ctx, connection, conversion)
            field = _field(ctx, one)
            asked = waiting(ctx, field).where(kept.c.conversion == conversion, kept.c.text == text)
            ids = connection.scalars(asked.with_only_columns(kept.c.record)).all()
        done, refused = 0, dict[str, FieldError]()
        for start in range(0, len(ids), PART):
            edits = [Edit(each, {field.name: value}) for each in ids[start : start + PART]]
            forget = partial(_forget, ctx, conversion)
            result = self.writer.bulk(
                ctx, field.entity, Bulk(update=edits, atomic=False, alongside=forget)
            )
            done += result.counts.get("done", 0)
            errors = (error for item in result.items for error in item.errors)
            refused |= {f"{each.code} {each.params}": each for each in errors}
        return Mended(done, tuple(refused.values())[:MOST_TOLD])

    def close(self, ctx: Context, conversion: UUID, *, kept: int) -> None:
        """End a conversion: what is still kept, and the old column, go for good.

        `kept` is how many values were looked at; raises `RecordRefused` where there are others,
        `PublishRunning` and `ModelChanged` where somebody publishes or has published meanwhile.
        """
        require_everything(ctx)
        with self.database.reading(ctx) as connection:
            one = self._one(ctx, connection, conversion)
            place = _place(ctx, connection, conversion)
        if one.kept != kept:
            raise RecordRefused([FieldError("kept_otherwise", ("kept",), {"count": one.kept})])
        with holding(self.database, ctx.tenant):
            require_settled(self.database, ctx.tenant)
            patiently(partial(self._close, ctx, one, place))

    def _close(self, ctx: Context, one: OpenConversion, place: str) -> None:
        schema = ctx.tenant.schema
        table = ctx.model.entities[one.entity].table
        with self.database.owner(ctx.tenant) as connection:
            # The old place may serve again since, and would go with all that is in it.
            if newest(connection, ctx.tenant)[0] != ctx.revision:
                raise ModelChanged(tenant=ctx.tenant.name)
            run_statement(connection, PATIENCE)
            drop_previews(connection, ctx.tenant)
            live = read_live(connection, ctx.tenant)
            if place.startswith(PAIR) and place in live and place not in _tables(ctx):
                run_statement(connection, f"DROP TABLE {qualified(schema, place)}")
            elif place in live[table].columns and place not in _columns(ctx, one.entity):
                run_statement(
                    connection,
                    f"ALTER TABLE {qualified(schema, table)} DROP COLUMN {quoted(place)}",
                )
            opened, kept = ctx.compiled.tables.of(CONVERSION), ctx.compiled.tables.of(KEPT)
            connection.execute(kept.delete().where(kept.c.conversion == one.id))
            connection.execute(
                opened.update()
                .where(opened.c.id == one.id)
                .values(closed_at=func.clock_timestamp(), closed_by=ctx.actor.user)
            )
            told = {"field": one.field, "from": one.from_type, "kept": one.kept}
            self.audit.within(connection, ctx, [Event("purged", one.entity, detail=told)])

    def _one(self, ctx: Context, connection: Connection, conversion: UUID) -> OpenConversion:
        opened = ctx.compiled.tables.of(CONVERSION)
        asked = select(opened).where(opened.c.id == conversion, opened.c.closed_at.is_(None))
        row = connection.execute(asked).mappings().one_or_none()
        found = _read(ctx, connection, row) if row is not None else None
        if found is None:
            raise NotFound(conversion=str(conversion))
        return found


def _read(ctx: Context, connection: Connection, row: Any) -> OpenConversion | None:  # Any: a row
    """Return an open conversion, None where its field is out of sight, or computed for now."""
    entity = ctx.model.entities.get(row["entity"])
    field = entity.fields.get(row["field"]) if entity and not entity.retired else None
    if field is None or field.retired or field.formula is not None:
        return None
    kept = ctx.compiled.tables.of(KEPT)
    asked = waiting(ctx, field).where(kept.c.conversion == row["id"])
    count = connection.scalar(asked.with_only_columns(func.count()))
    return OpenConversion(
        row["id"], row["entity"], row["field"], row["from_type"], row["to_type"],
        int(row["revision"]), row["at"], int(count or 0),
    )  # fmt: skip


def _field(ctx: Context, one: OpenConversion) -> Field:
    return ctx.model.entities[one.entity].fields[one.field]


def _place(ctx: Context, connection: Connection, conversion: UUID) -> str:
    opened = ctx.compiled.tables.of(CONVERSION)
    asked = select(opened.c.from_place).where(opened.c.id == conversion)
    return str(connection.scalar(asked))


def _tables(ctx: Context) -> frozenset[str]:
    return frozenset(table.name for table in ctx.compiled.tables.by_entity.values())


def _columns(ctx: Context, entity: str) -> frozenset[str]:
    return frozenset(column.name for column in ctx.compiled.tables.of(entity).columns)


def _forget(ctx: Context, conversion: UUID, connection: Connection, result: BulkResult) -> None:
    """Take away what was kept of the records that were mended."""
    done: Sequence[UUID] = [each.id for each in result.items if each.status == "done" and each.id]
    kept = ctx.compiled.tables.of(KEPT)
    connection.execute(
        kept.delete().where(kept.c.conversion == conversion, kept.c.record.in_(done))
    )
