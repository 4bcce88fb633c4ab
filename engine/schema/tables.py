"""SQLAlchemy tables of a model, without a schema of their own: the tenant's is put in when run.

Besides its fields' columns, every table of records has the engine's own: `sys_version`
(counts what people save), `sys_trashed_at` and `sys_trash_set` (when, and with which change
set, a record went to the trash), `sys_search` (tokens) and, for child lines, `sys_position`.
Sort indexes are over (column, id), both ascending, of live rows: they serve
`ORDER BY column, id` and its exact reverse.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from engine.schema.columns import column_type, text_type
from engine.schema.names import object_name
from formula.scope import FieldBinding
from formula.types import BooleanType
from metamodel.model import Entity, Field, Model, Unique
from metamodel.views import View

TENANT = "tenant"
"""The schema that tables are declared in; `schema_translate_map` puts the tenant's in its place."""

AUDIT = "sys_audit"
"""The tenant's audit log, an entity of the built-in layer."""

AUTHORS = ("created_by", "updated_by")
"""Links that only the engine fills: a foreign key would make every write lock its author's row."""


Source = tuple[object, ...]
"""All that a table is declared from."""

_OF_FIELD = attrgetter(
    "key", "type", "value_type", "column", "columns", "sort_column", "plain_column",
    "blind_column", "tail_column", "builtin", "encrypted", "unique", "index", "search",
    "retired", "link",
)  # fmt: skip
_OF_ENTITY = attrgetter(
    "table", "system", "retired", "owned", "pair", "child_of", "title_field", "unique", "indexes"
)


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of one model, by entity key.

    `unique` tells which rule of which entity (both by key) a unique index holds, by its name;
    a field's own `unique: true` is a rule under the field's key. `made_of` is what each table
    was declared from.
    """

    by_entity: Mapping[str, Table] = field(default_factory=dict)
    unique: Mapping[str, tuple[str, Unique]] = field(default_factory=dict)
    made_of: Mapping[str, Source] = field(default_factory=dict)

    def of(self, entity: str) -> Table:
        """Return the table of an entity, by its key."""
        return self.by_entity[entity]

    def column(self, entity: str, column: str) -> Column[Any]:
        """Return a column by its name in PostgreSQL."""
        return self.by_entity[entity].c[column]


def build_tables(model: Model, like: Tables | None = None) -> Tables:
    """Declare one table for each entity of the model, retired ones and columns included.

    A table of `like` that is declared from the same serves on: so do all statements made of it.
    """
    sources = {key: _source(model, entity) for key, entity in model.entities.items()}
    by_entity: dict[str, Table] = {}
    unique: dict[str, tuple[str, Unique]] = {}
    for key, entity in model.entities.items():
        if like is not None and like.made_of.get(key) == sources[key]:
            by_entity[key] = like.by_entity[key]
        else:
            by_entity[key] = _declared(entity, model)
        for rule in unique_rules(entity):
            unique[_unique_name(entity, rule)] = (key, rule)
    return Tables(by_entity, unique, sources)


def _source(model: Model, entity: Entity) -> Source:
    fields = entity.fields.values()
    targets = (model.entities.get(to) for each in fields if each.link for to in each.link.to)
    return (
        _OF_ENTITY(entity),
        tuple((_OF_FIELD(each), bool(each.options)) for each in fields),
        tuple((each.table, each.system) if each is not None else None for each in targets),
        tuple((each.type, each.pipeline, _first_sort(entity, each)) for each in _sorted(entity)),
        tuple((key, each.field_key) for key, each in entity.pipelines.items()),
    )


def _sorted(entity: Entity) -> Iterable[View]:
    """Return the views whose order says something of the table: none of the engine's own."""
    return () if entity.system else entity.views.values()


def _declared(entity: Entity, model: Model) -> Table:
    """Declare a table by itself: others are named in it, and need not be there."""
    metadata = MetaData(schema=TENANT)
    table = Table(entity.table, metadata, *_columns(entity), *_constraints(entity, model))
    for rule in unique_rules(entity):
        _add_unique(table, entity, rule)
    _add_indexes(table, entity)
    return table


def unique_rules(entity: Entity) -> Iterator[Unique]:
    """Yield what must be unique among an entity's live records: fields, then rules.

    A link table stays as it is while its field is retired: nobody writes to it.
    """
    if entity.retired and entity.pair is None:
        return
    for each in live_fields(entity):
        if each.unique and stored_columns(each):
            yield Unique(each.key, each.name, (each.key,))
    for rule in entity.unique.values():
        if all(stored_columns(entity.fields[key]) for key in rule.fields):
            yield rule


def live_fields(entity: Entity) -> Iterator[Field]:
    """Yield the fields that are not retired."""
    return (each for each in entity.fields.values() if not each.retired)


def stored_columns(each: Field) -> tuple[str, ...]:
    """Return the columns that hold a field's value: none, one, or one per target of a link."""
    return tuple(each.columns.values()) or ((each.column,) if each.column else ())


def compared_columns(each: Field) -> tuple[str, ...]:
    """Return the columns that a field's values are told apart by."""
    return (each.blind_column,) if each.encrypted else stored_columns(each)


def _columns(entity: Entity) -> Iterator[Column[Any]]:
    yield Column("id", Uuid(), nullable=False)
    for each in entity.fields.values():
        if each.column == "id":
            continue
        for name in stored_columns(each):
            yield _value_column(name, each)
        for name in (each.sort_column, each.plain_column, each.blind_column, each.tail_column):
            if name:
                yield Column(name, text_type())
    if entity.system:
        return
    yield Column("sys_version", Integer(), nullable=False, server_default=text("1"))
    yield Column("sys_trashed_at", DateTime(timezone=True))
    yield Column("sys_trash_set", Uuid())
    yield Column("sys_search", TSVECTOR())
    if entity.child_of is not None:
        yield Column("sys_position", Integer())


def _value_column(name: str, each: Field) -> Column[Any]:
    if isinstance(each.value_type, BooleanType):
        return Column(name, column_type(each), nullable=False, server_default=text("false"))
    return Column(name, column_type(each))


def _constraints(
    entity: Entity, model: Model
) -> Iterator[PrimaryKeyConstraint | ForeignKeyConstraint | CheckConstraint]:
    yield PrimaryKeyConstraint("id", name=object_name("pk", entity.table, "id", ()))
    for each in entity.fields.values():
        if each.link is None or (each.builtin and each.key in AUTHORS):
            continue
        targets = each.columns or {target: each.column for target in each.link.to}
        for target, column in targets.items():
            if column and target in model.entities:
                yield _foreign_key(entity, column, model.entities[target])
        if len(each.columns) > 1:
            yield _at_most_one(entity, each)


def _foreign_key(entity: Entity, column: str, target: Entity) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        [column],
        [f"{TENANT}.{target.table}.id"],
        name=object_name("fk", entity.table, column, (target.table,)),
        # A file that is named somewhere is never deleted.
        ondelete="CASCADE" if entity.pair is not None and not target.system else None,
    )


def _at_most_one(entity: Entity, each: Field) -> CheckConstraint:
    columns = tuple(each.columns.values())
    pairs = (f'("{one}" IS NULL OR "{other}" IS NULL)' for one, other in combinations(columns, 2))
    return CheckConstraint(
        " AND ".join(pairs), name=object_name("ck", entity.table, each.key, columns)
    )


def _add_unique(table: Table, entity: Entity, rule: Unique) -> None:
    columns = (table.c[each] for each in _told_apart(entity, rule))
    Index(_unique_name(entity, rule), *columns, unique=True, postgresql_where=_live(table))


def _unique_name(entity: Entity, rule: Unique) -> str:
    return object_name("uq", entity.table, rule.key, _told_apart(entity, rule))


def _told_apart(entity: Entity, rule: Unique) -> list[str]:
    """Return the columns by which the records of an entity differ, after a rule."""
    return [name for key in rule.fields for name in compared_columns(entity.fields[key])]


LANES = ("owner", "department")
"""Fields by which rights divide the records of an entity."""


def _add_indexes(table: Table, entity: Entity) -> None:
    """Add an index for each link, declared index, and order that lists are likely to ask for."""
    declared: dict[tuple[str, ...], None] = {}
    for each in entity.fields.values():
        if each.link is not None and not (each.builtin and each.key in AUTHORS):
            for name in stored_columns(each):
                declared[(name, *_beside(entity, each))] = None
    for columns in declared:
        _index(table, columns, live=False)
    for columns in dict.fromkeys(_sorted_by(entity)):
        if columns not in declared:
            _index(table, columns, live=not entity.system)
    if entity.retired or entity.system:
        return
    if entity.child_of is None or any(each.search for each in live_fields(entity)):
        name = object_name("ix", table.name, "search", ("gin",))
        Index(name, table.c.sys_search, postgresql_using="gin")


def _beside(entity: Entity, link: Field) -> tuple[str, ...]:
    """Return the columns that the records pointing to one are ordered by in the link's index."""
    if entity.system:
        return ()
    if entity.child_of is not None:
        return ("sys_position",) if entity.child_of.via == link.key else ()
    return (lane_column(entity), "id") if entity.owned and link.key in LANES else ()


def lane_column(entity: Entity) -> str:
    """Return the column that the records of one owner lie ordered by: that of the first list's
    order, or when they were made.
    """
    for view in entity.views.values():
        if view.type == "list":
            found = _first_sort(entity, view)
            # Options are ordered by their place, and links by titles: neither by its column.
            coded = any(
                each.column == found and (each.options or each.link is not None)
                for each in entity.fields.values()
            )
            return "created_at" if coded or found in ("", "id") else found
    return "created_at"


def _index(table: Table, columns: tuple[str, ...], *, live: bool) -> None:
    name = object_name("ix", table.name, "_".join(columns), (*columns, "live" if live else "all"))
    where = _live(table) if live else None
    Index(name, *(table.c[each] for each in columns), postgresql_where=where)


def _sorted_by(entity: Entity) -> Iterator[tuple[str, ...]]:
    """Yield the columns of declared indexes, indexed fields, first sorts of views, and stages."""
    for index in entity.indexes.values():
        columns = [order_column(entity.fields[key]) for key in index.fields]
        if all(columns):
            yield tuple(columns)
    if entity.system:
        return
    lines = entity.child_of is not None
    for each in live_fields(entity):
        yield from ((name,) for name in (each.blind_column, each.tail_column) if name)
        if each.index or (each.key == entity.title_field and not lines):
            yield from _with_id(order_column(each))
    for view in entity.views.values():
        yield from _with_id(_first_sort(entity, view))
    for pipeline in entity.pipelines.values():
        stage = entity.fields[pipeline.field_key].column
        boards = [each for each in entity.views.values() if each.pipeline == pipeline.key]
        order = next(filter(None, (_first_sort(entity, each) for each in boards)), "")
        # A column of a board is the first rows of one stage in the board's order.
        yield (stage, order, "id") if order and order != stage else (stage, "id")
    if "created_at" in entity.fields and not lines:
        yield from _with_id(entity.fields["created_at"].column)


def _first_sort(entity: Entity, view: View) -> str:
    """Return the column that a view is sorted by first, "" where it is none of its own."""
    for sort in view.sort[:1]:
        binding = sort.path.binding
        if isinstance(binding, FieldBinding) and len(binding.steps) == 1:
            return order_column(entity.fields[binding.steps[0].field])
    return ""


def order_column(each: Field) -> str:
    """Return the column that lists are sorted by for this field, "" where there is none."""
    return "" if each.encrypted else each.sort_column or each.column


def _with_id(column: str) -> Iterable[tuple[str, ...]]:
    return ((column, "id"),) if column not in ("", "id") else ()


def _live(table: Table) -> Any:  # Any: a clause element of whatever type SQLAlchemy makes it
    if "sys_trashed_at" not in table.c:
        return None
    return table.c.sys_trashed_at.is_(None)
