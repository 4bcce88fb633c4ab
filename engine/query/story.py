"""What became of a record and its lines, from the change sets that every write leaves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection as Some
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, or_, select

from engine.access.fields import field_rights
from engine.context import Context
from engine.doors import Access
from engine.history.recall import recalled
from engine.query.get import get
from engine.query.joins import RowSource
from engine.query.legible import live_entity
from engine.query.masks import masked
from engine.query.spec import Entry, FieldChange, LinkValue
from engine.query.titles import titles_of
from metamodel.model import Collection, Entity

SETS = "sys_change_set"
CHANGES = "sys_change"


Kind = Literal["change", "move", "followed", "comment", "file"]
"""What a line of time tells: changes, moves to a stage, what followed by itself, words, files."""

KINDS: frozenset[Kind] = frozenset(get_args(Kind))


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a line of time: at most `limit` of some kinds, those before one."""

    limit: int
    before: UUID | None = None
    kinds: frozenset[Kind] = KINDS


def story(
    ctx: Context, access: Access, connection: Connection, at: tuple[str, UUID], wanted: Stretch
) -> tuple[Entry, ...]:
    """Return what was done to the record `at` (entity, id) and its lines, the latest first.

    The stretch counts change sets. Raises `NotFound` for a record that the person may not read.
    """
    entity = live_entity(ctx, at[0])
    get(ctx, access, connection, entity.key, [at[1]], trashed=True)
    rows = connection.execute(_statement(ctx, entity, at[1], wanted)).mappings().all()
    people = titles_of(ctx, access, connection, "user", _ids(row["actor"] for row in rows))
    entries = [_entry(ctx, row, people) for row in rows]
    named = _name_links(ctx, access, connection, entries)
    return tuple(entry for entry in named if entry.changes or entry.operation != "update")


def _statement(ctx: Context, entity: Entity, record: UUID, wanted: Stretch) -> Select[Any]:
    sets, changes = ctx.compiled.tables.of(SETS).alias(), ctx.compiled.tables.of(CHANGES).alias()
    of_set, of_change = _columns(ctx, SETS, sets), _columns(ctx, CHANGES, changes)
    about = or_(
        and_(of_change["entity"] == entity.key, of_change["record"] == record),
        *(
            and_(of_change["entity"] == each.entity, of_change["record"].in_(members))
            for each, members in _lines(ctx, entity, record)
        ),
    )
    about = and_(about, *_of_kinds(of_change, wanted.kinds))
    page = select(of_change["change_set"]).where(about).distinct()
    if wanted.before is not None:
        page = page.where(of_change["change_set"] < wanted.before)
    page = page.order_by(of_change["change_set"].desc()).limit(wanted.limit)
    return (
        select(
            *(of_change[key].label(key) for key in ("change_set", "entity", "record", "operation")),
            *(of_change[key].label(key) for key in ("computed", "before", "after")),
            *(of_set[key].label(key) for key in ("at", "actor", "door", "reference")),
        )
        .join_from(changes, sets, of_change["change_set"] == sets.c.id)
        .where(about, of_change["change_set"].in_(page))
        .order_by(of_change["change_set"].desc(), of_change["seq"])
    )


def _of_kinds(column: Mapping[str, Any], kinds: Some[Kind]) -> Iterator[ColumnElement[bool]]:
    """Yield what keeps other kinds of changes out. Any: columns of every type."""
    if "followed" not in kinds:
        yield column["computed"].is_not(True)
    if "move" not in kinds:
        yield column["operation"] != "move"
    if "change" not in kinds:
        yield or_(column["operation"] == "move", column["computed"])


def _columns(ctx: Context, entity: str, row: FromClause) -> dict[str, Any]:
    """Return the columns of a table of the engine's own, by field key."""
    fields = ctx.model.entities[entity].fields
    return {key: row.c[field.column] for key, field in fields.items() if field.column}


def _lines(
    ctx: Context, entity: Entity, record: UUID
) -> Iterable[tuple[Collection, Select[tuple[UUID]]]]:
    """Yield each collection of lines with the statement that selects the record's own."""
    for collection in entity.collections.values():
        if collection.children:
            row = ctx.compiled.tables.of(collection.entity).alias()
            via = RowSource.over(ctx.compiled, collection.entity, row).value(collection.via)
            yield collection, select(row.c.id).where(via == record)


def _entry(ctx: Context, row: Mapping[Any, Any], people: Mapping[UUID, LinkValue]) -> Entry:
    """Return one row of the history, with only what the person may read."""
    entity = ctx.model.entities[row["entity"]]
    rights = field_rights(ctx, entity)
    before, after = row["before"] or {}, row["after"] or {}
    changes = []
    for key in dict.fromkeys((*before, *after)):
        if key in rights.readable:
            pair = before.get(key), after.get(key)
            if key in rights.masked:
                pair = masked(pair[0]), masked(pair[1])
            elif entity.fields[key].link is None:
                field = entity.fields[key]
                pair = recalled(field, pair[0]), recalled(field, pair[1])
            changes.append(FieldChange(key, *pair))
    return Entry(
        row["change_set"],
        row["at"],
        people.get(row["actor"]),
        row["door"] or "",
        row["entity"],
        row["record"],
        row["operation"],
        row["computed"],
        tuple(changes),
        row["reference"] or "",
    )


def _name_links(
    ctx: Context, access: Access, connection: Connection, entries: Iterable[Entry]
) -> list[Entry]:
    """Put links with titles in place of ids; one statement for each entity pointed to."""
    entries = list(entries)
    wanted: defaultdict[str, set[UUID]] = defaultdict(set)
    for entry in entries:
        for change in entry.changes:
            for target in _targets(ctx, entry, change):
                wanted[target].update(_ids((*_each(change.before), *_each(change.after))))
    titles: dict[UUID, LinkValue] = {}
    for target, ids in wanted.items():
        titles.update(titles_of(ctx, access, connection, target, ids))
    return [_named(ctx, entry, titles) for entry in entries]


def _named(ctx: Context, entry: Entry, titles: Mapping[UUID, LinkValue]) -> Entry:
    changes = []
    for change in entry.changes:
        if _targets(ctx, entry, change):
            before, after = (_link(value, titles) for value in (change.before, change.after))
            change = FieldChange(change.field, before, after)
        changes.append(change)
    return replace(entry, changes=tuple(changes))


def _targets(ctx: Context, entry: Entry, change: FieldChange) -> tuple[str, ...]:
    link = ctx.model.entities[entry.entity].fields[change.field].link
    return link.to if link is not None else ()


def _each(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, list) else (value,)


def _link(value: object, titles: Mapping[UUID, LinkValue]) -> object:
    if isinstance(value, list):
        return tuple(_link(each, titles) for each in value)
    found = [titles.get(one) for one in _ids((value,))]
    return found[0] if found and found[0] is not None else value


def _ids(values: Iterable[object]) -> list[UUID]:
    """Return the ids among history's values, which keep an id as text, or as `{"id": …}`."""
    found: dict[UUID, None] = {}
    for value in values:
        text = value.get("id") if isinstance(value, Mapping) else value
        try:
            found[UUID(str(text))] = None
        except ValueError:
            continue
    return list(found)
