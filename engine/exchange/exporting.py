"""Exporting records: every row that the person may read and export, streamed in one format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from engine.access.policy import Policy
from engine.audit.event import Auditing, Event
from engine.context import Context
from engine.database import Database
from engine.errors import Forbidden
from engine.exchange.allowance import Allowance, ExportLimited, export_limit
from engine.exchange.mapping import natural_key
from engine.exchange.marks import mark_of
from engine.exchange.sinks import Format, Percent, write
from engine.query.find import require_askable, walk
from engine.query.get import get
from engine.query.parse import parse_filter
from engine.query.paths import plain_paths
from engine.query.reader import Seen, unwatched
from engine.query.spec import FileValue, LinkValue, ListQuery, Row
from engine.values.wire import field_at, record_to_wire
from engine.vault.unmasking import clear_fields
from formula.typed import Typed
from formula.types import PercentType
from metamodel.model import Entity, Field, Model
from metamodel.views import FieldPath, View

# Any: values of every type.
Said = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks to be exported; without paths every field that they may read.

    As JSON lines and without paths whole records are exported, their lines nested. Encrypted
    fields go out as masks but those named `clear`, which the audit log is told.
    """

    query: ListQuery
    format: Format = "csv"
    paths: tuple[FieldPath, ...] = field(default=())
    clear: tuple[str, ...] = ()


@dataclass(slots=True)
class Gone:
    """How many records of an export went out so far; more than `most` never do."""

    rows: int = 0
    most: int | None = None

    def counted(self, batches: Iterator[Sequence[Row]]) -> Iterator[Sequence[Row]]:
        """Yield batches of rows, counting them; raise `ExportLimited` before one too many."""
        for rows in batches:
            if self.most is not None and self.rows + len(rows) > self.most:
                raise ExportLimited(limit=self.most, left=0)
            self.rows += len(rows)
            yield rows


class Exporter:
    """Writes records out as a file, under the rights of whoever asks."""

    def __init__(
        self, database: Database, access: Policy, audit: Auditing, *, seen: Seen = unwatched
    ) -> None:
        self._database = database
        self._access = access
        self._audit = audit
        self._seen = seen
        self._allowance = Allowance(database)

    def export(self, ctx: Context, wanted: Wanted) -> Iterator[bytes]:
        """Return the bytes of a file, piece by piece; whoever stops early closes the iterator.

        Raises `Forbidden`, `ExportLimited` where it would be too many records for one day, or
        `QueryInvalid` for what the person may not ask, before any bytes.
        """
        entity = ctx.model.entities[wanted.query.entity]
        if not self._access.decide(ctx, "export", entity=entity.key, record=None).allowed:
            raise Forbidden(action="export", entity=entity.name)
        require_askable(ctx, self._access, wanted.query)
        clear_fields(ctx, entity, wanted.clear)
        return self._logged(ctx, entity, wanted, Gone(most=self._taken(ctx, entity, wanted)))

    def left(self, ctx: Context, entity: Entity) -> int | None:
        """Return how many records a person may still export today; None: any number."""
        limit = export_limit(ctx, entity)
        return None if limit is None else self._allowance.left(ctx, limit)

    def within(self, ctx: Context, query: ListQuery, view: View) -> ListQuery:
        """Return a question inside a view, whose order holds where none is asked for."""
        texts = [f"({each.text})" for each in (view.filter, query.filter) if each is not None]
        both = parse_filter(ctx, query.entity, " and ".join(texts)) if texts else None
        return replace(query, filter=both, sort=query.sort or view.sort)

    def _taken(self, ctx: Context, entity: Entity, wanted: Wanted) -> int | None:
        """Take an export off the person's day; return how many records it may have."""
        limit = export_limit(ctx, entity)
        if limit is None:
            return None
        title = tuple(plain_paths(ctx, self._access, entity).values())[:1]
        left, found = self._allowance.left(ctx, limit), 0
        with self._database.reading(ctx) as connection:
            for rows in self._rows(ctx, connection, replace(wanted, clear=()), title):
                found += len(rows)
                if found > left:
                    raise ExportLimited(entity=entity.name, limit=limit, left=left)
        self._allowance.take(ctx, limit, found)
        return found

    def _logged(self, ctx: Context, entity: Entity, wanted: Wanted, gone: Gone) -> Iterator[bytes]:
        """Yield the pieces, and tell the audit log how many records went out, and whether all."""
        whole = False
        try:
            yield from self._pieces(ctx, entity, wanted, gone)
            whole = True
        finally:
            told: dict[str, object] = {
                "format": wanted.format,
                "filter": _asked(ctx, wanted.query.filter),
                "fields": [path.text for path in wanted.paths],
                "clear": list(wanted.clear),
                **({} if wanted.query.among is None else {"chosen": len(wanted.query.among)}),
                "rows": gone.rows,
                "whole": whole,
            }
            self._audit.note(ctx, Event("exported", entity.key, detail=told))
            self._seen(ctx, entity.key, gone.rows)

    def _pieces(self, ctx: Context, entity: Entity, wanted: Wanted, gone: Gone) -> Iterator[bytes]:
        with self._database.reading(ctx) as connection:
            if wanted.format == "jsonl" and not wanted.paths and not wanted.clear:
                yield from self._whole(ctx, connection, wanted, gone)
                return
            paths = wanted.paths or tuple(plain_paths(ctx, self._access, entity).values())
            columns = [_said(ctx, entity, path, wanted.format) for path in paths]
            header = ["id", *(path.text for path in paths)]
            rows = (
                [str(row.id), *(say(row.values.get(path.text)) for path, say in
                                zip(paths, columns, strict=True))]
                for rows in gone.counted(self._rows(ctx, connection, wanted, paths))
                for row in rows
            )  # fmt: skip
            yield from write(wanted.format, header, rows, mark_of(ctx, entity.name))

    def _whole(
        self, ctx: Context, connection: Connection, wanted: Wanted, gone: Gone
    ) -> Iterator[bytes]:
        """Yield whole records as the API answers them, one to a line."""
        entity = ctx.model.entities[wanted.query.entity]
        title = tuple(plain_paths(ctx, self._access, entity).values())[:1]
        for rows in gone.counted(self._rows(ctx, connection, wanted, title)):
            found = get(ctx, self._access, connection, entity.key, [row.id for row in rows])
            said = [record_to_wire(ctx.model, record) for record in found]
            names = list(dict.fromkeys(chain.from_iterable(said)))
            yield from write("jsonl", names, ([each[name] for name in names] for each in said))

    def _rows(
        self, ctx: Context, connection: Connection, wanted: Wanted, paths: Sequence[FieldPath]
    ) -> Iterator[Sequence[Row]]:
        """Yield the rows that the person may read and export."""
        query = wanted.query
        asked = ListQuery(
            query.entity, query.filter, query.search, query.sort, tuple(paths), among=query.among
        )
        limited = self._access.row_filter(ctx, query.entity, "export") is not None
        for rows in walk(ctx, self._access, connection, asked, clear=wanted.clear):
            if not limited:
                yield rows
                continue
            ids = [row.id for row in rows]
            fine: frozenset[UUID] = self._access.permitted(
                ctx, connection, ids, entity=query.entity, action="export"
            )
            yield [row for row in rows if row.id in fine]


def _asked(ctx: Context, condition: Typed | None) -> str:
    """Return a filter as the audit log keeps it: without the values of encrypted fields."""
    if condition is None:
        return ""
    steps = {step for chain_ in condition.dependencies.reads for step in chain_}
    fields = (ctx.model.entities[each.entity].fields.get(each.field) for each in steps)
    return "***" if any(each is not None and each.encrypted for each in fields) else condition.text


def _said(ctx: Context, entity: Entity, path: FieldPath, format_: Format) -> Said:
    """Return how values at a path are written in a format."""
    model = ctx.model
    found = field_at(model, entity, path.text)
    if found is None:
        return _plain
    if found.options:
        names = {key: option.name for key, option in found.options.items()}
        return lambda value: (
            [names.get(each, each) for each in value]
            if isinstance(value, list | tuple)
            else names.get(value, value)
        )
    if isinstance(found.value_type, PercentType):
        return _percent_cell if format_ == "xlsx" else _percent_text
    if found.link is not None:
        return _link_writer(model, found)
    if found.type == "datetime" and format_ == "xlsx":
        # A cell knows no zone: it shows the clock that people of the tenant look at.
        zone = ZoneInfo(ctx.moment.zone)
        return lambda value: value.astimezone(zone) if isinstance(value, datetime) else value
    return _plain


def _plain(value: Any) -> Any:
    return value


def _percent_cell(value: Any) -> Any:
    return Percent(value) if isinstance(value, Decimal) else value


def _percent_text(value: Any) -> Any:
    if not isinstance(value, Decimal):
        return value
    points = format(value.scaleb(2), "f")
    return f"{points.rstrip('0').rstrip('.') if '.' in points else points}%"


def _link_writer(model: Model, found: Field) -> Said:
    """Return how a link is written: by its title where that names one record, else by its id."""
    titled = _names_by_title(model, found)
    several = found.link is not None and len(found.link.to) > 1

    def one(value: Any) -> Any:
        if isinstance(value, FileValue):
            return str(value.id)
        if not isinstance(value, LinkValue):
            return value
        if titled and value.title is not None:
            return value.title
        return f"{value.entity}:{value.id}" if several else str(value.id)

    return lambda value: (
        [one(each) for each in value] if isinstance(value, list | tuple) else one(value)
    )


def _names_by_title(model: Model, found: Field) -> bool:
    key = natural_key(model, found)
    if not key or found.link is None:
        return False
    target = model.entities[found.link.to[0]]
    title: Mapping[str, Field] = target.fields
    return target.title_field in title and title[target.title_field].name == key
