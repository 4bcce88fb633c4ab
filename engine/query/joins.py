"""Rows as formulas read them in SQL: own columns, links as joins, collections gathered.

A `RowSource` stands on one row of one table. Reading through a link adds a LEFT JOIN to the
`Joins` that all sources of one statement share, so the FROM clause is taken last:

    source = RowSource.over(compiled, "quote", table.alias())
    total = compile_sql(typed, source)
    statement = select(source.row.c.id, total).select_from(source.joins.clause())

Whoever acts, the day and the settings are bind parameters with fixed names; `binds(ctx)`
gives their values when the statement runs, so that statements are built once and cached.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Numeric,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.types import TypeEngine

from engine.compiled import CompiledModel
from engine.query.gathering import Joins, Members, gather, present
from engine.query.shared import shared_ids
from engine.values.parts import part_sql
from formula.backends.contract import CollectionRows, Columns
from formula.backends.sql import compile_filter, compile_sql, sql_type
from formula.functions.number_sql import sql_fit
from formula.scope import CollectionBinding, FieldBinding, Root, Step
from formula.typed import Typed
from formula.types import (
    BooleanType,
    DateTimeType,
    DateType,
    NumberType,
    PercentType,
    TextType,
    ValueType,
)
from metamodel.model import HOLDER, MEMBER, PLACE, Entity, Field, Link

Shows = Callable[[str], Typed | None]
"""Which rows of an entity, by key, a person may see; None: all of them."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What all rows of one statement share: the model, and where other roots are read.

    `roots` answers for `this`, `previous` and `input`. With `shows`, values and members that
    lie behind a link are blank unless that condition holds for their record.
    """

    compiled: CompiledModel
    roots: Mapping[Root, Columns] = field(default_factory=dict)
    shows: Shows | None = None


@dataclass(frozen=True, slots=True)
class RowSource:
    """One row of a table as the SQL back end reads it; implements `Columns`.

    `given` overrides fields, by key: a value computed a moment ago instead of the stored one.
    """

    frame: Frame
    entity: Entity
    row: FromClause
    joins: Joins
    given: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    links: dict[tuple[str, str, bool], RowSource] = field(default_factory=dict)
    computed: dict[str, ColumnElement[Any]] = field(default_factory=dict)
    collections: dict[Hashable, MemberRows] = field(default_factory=dict)

    @classmethod
    def over(
        cls,
        compiled: CompiledModel,
        entity: str,
        row: FromClause,
        *,
        roots: Mapping[Root, Columns] | None = None,
        given: Mapping[str, ColumnElement[Any]] | None = None,
        joins: Joins | None = None,
    ) -> RowSource:
        """Stand on `row`, which has the columns of the entity's table.

        `joins` is the FROM clause to go on with, where that is more than `row` alone.
        """
        frame = Frame(compiled, roots or {})
        joins = Joins(row) if joins is None else joins
        return cls(
            frame, compiled.model.entities[entity], row, joins, {} if given is None else given
        )

    def showing(self, shows: Shows) -> RowSource:
        """Return this row as a person reads it: what hides behind links is blank."""
        return replace(self, frame=replace(self.frame, shows=shows))

    @property
    def plain(self) -> RowSource:
        """Return this row over all rows, as computed fields and permissions read it."""
        return replace(self, frame=replace(self.frame, shows=None)) if self.frame.shows else self

    def field(self, binding: FieldBinding) -> ColumnElement[Any]:
        """Return the value of a binding: a column, a joined column, a formula, or a bind."""
        if binding.root == "record":
            return self._reach(binding)
        if binding.path[:2] == ("user", "shared") and binding.root == "user":
            _, _, entity, right = binding.path
            grantees = bound("user__grantees", sql_type(binding.type))
            writes = right == "write"
            return shared_ids(self.frame.compiled, entity, grantees, moment("now"), writes=writes)
        if binding.root in ("user", "setting"):
            return outside(binding)
        return self.frame.roots[binding.root].field(replace(binding, root="record"))

    def entity_of(self, binding: FieldBinding) -> ColumnElement[Any]:
        """Return the name of the entity that a link to several entities points to."""
        if binding.root != "record":
            return self.frame.roots[binding.root].entity_of(replace(binding, root="record"))
        source = self.walk(binding.steps[:-1], binding.steps[-1].entity)
        link = source.entity.fields[binding.steps[-1].field]
        names = [
            (source.row.c[column].is_not(None), self.frame.compiled.model.entities[target].name)
            for target, column in link.columns.items()
        ]
        return case(*names, else_=null()) if names else null()

    def rows(self, collection: CollectionBinding) -> CollectionRows:
        """Return the live members of a collection, correlated to this row."""
        outer = self.frame.roots.get(collection.root)
        if outer is not None:
            return outer.rows(replace(collection, root="record"))
        anchor = self.walk(collection.links, self._owner_of(collection))
        key = (collection.via, self.row, self.frame.shows is None)
        if key not in anchor.collections:
            compiled = self.frame.compiled
            member = compiled.tables.of(collection.entity).alias()
            frame = replace(self.frame, roots={**self.frame.roots, "this": self})
            joins = Joins(member, self.joins.reach, names=self.joins.names)
            source = RowSource(frame, compiled.model.entities[collection.entity], member, joins)
            via = source.link_to(collection.via.field, anchor.entity.key)
            meant = meant_by(source, collection.via.field)
            anchor.collections[key] = MemberRows(source, via, anchor, meant)
        return anchor.collections[key]

    def bind(self, name: Literal["today", "now", "zone"]) -> ColumnElement[Any]:
        """Return the bind parameter that carries a part of the moment."""
        return moment(name)

    def walk(self, links: Sequence[Step], last: str) -> RowSource:
        """Return the source at the end of link steps; `last` is the entity reached."""
        source = self
        entities = [*(step.entity for step in links[1:]), last]
        for step, target in zip(links, entities, strict=bool(links)):
            source = source.follow(step.field, target)
        return source

    def follow(self, link: str, target: str, *, trashed: bool = False) -> RowSource:
        """Return the record that a link field points to, blank if it lies in the trash."""
        known = self.links.get((link, target, trashed))
        if known is None:
            compiled = self.frame.compiled
            row = compiled.tables.of(target).alias()
            known = RowSource(
                replace(self.frame, shows=None), compiled.model.entities[target], row, self.joins
            )
            alive = () if trashed else known.alive()
            self.joins.join(row, and_(row.c.id == self.link_to(link, target), *alive))
            self.links[link, target, trashed] = known
        return known if self.frame.shows is None else replace(known, frame=self.frame)

    def value(self, key: str) -> ColumnElement[Any]:
        """Return this record's own field, by key, as formulas read it."""
        if key in self.given:
            return self.given[key]
        chosen = self.entity.fields[key]
        if chosen.columns:
            return func.coalesce(*(self.row.c[column] for column in chosen.columns.values()))
        if chosen.column:
            return self.row.c[chosen.blind_column or chosen.plain_column or chosen.column]
        if chosen.link is not None and chosen.link.many:
            return self._members(chosen.link)
        if chosen.formula is None:
            return null()
        if key not in self.computed:
            self.computed[key] = fitted(chosen, compile_sql(chosen.formula, self.plain))
        return self.computed[key]

    def _members(self, link: Link) -> ColumnElement[Any]:
        """Return the ids of the live records that a link to many names, in order."""
        compiled = self.frame.compiled
        rows = compiled.tables.of(link.through).alias()
        pairs = RowSource.over(compiled, link.through, rows)
        there = pairs.follow(MEMBER, link.to[0])
        listed = func.array_agg(aggregate_order_by(there.row.c.id, rows.c[PLACE], rows.c.id))
        return (
            select(listed)
            .select_from(pairs.joins.clause())
            .where(rows.c[HOLDER] == self.row.c.id, there.row.c.id.is_not(None))
            .correlate(self.row)
            .scalar_subquery()
        )

    def link_to(self, key: str, target: str) -> ColumnElement[Any]:
        """Return the column of a link field that holds ids of one target entity."""
        link = self.entity.fields[key]
        if link.columns and key not in self.given:
            return self.row.c[link.columns[target]]
        return self.value(key)

    def alive(self) -> tuple[ColumnElement[bool], ...]:
        """Return the condition that this record is not in the trash, if its entity has one."""
        if "sys_trashed_at" not in self.row.c:
            return ()
        return (self.row.c.sys_trashed_at.is_(None),)

    def shown(self) -> ColumnElement[bool] | None:
        """Return the condition under which this record is shown; None: always.

        What the engine keeps for itself, a file, is shown with the record that it belongs to.
        """
        if self.entity.system:
            return None
        condition = self.frame.shows(self.entity.key) if self.frame.shows else None
        return None if condition is None else compile_filter(condition, self.plain)

    def veiled(
        self, steps: Sequence[Step], value: ColumnElement[Any], *, boolean: bool = False
    ) -> ColumnElement[Any]:
        """Return a value at the end of `steps`, blank where a record on the way is not shown."""
        conditions = []
        source = self
        for step, beyond in zip(steps, steps[1:], strict=False):
            source = source.follow(step.field, beyond.entity)
            shown = source.shown()
            if shown is not None:
                conditions.append(shown)
        if not conditions:
            return value
        return case((and_(*conditions), value), else_=false() if boolean else null())

    def _reach(self, binding: FieldBinding) -> ColumnElement[Any]:
        """Return a value of this record, or of one that links lead to."""
        holder = self.walk(binding.steps[:-1], binding.steps[-1].entity)
        value = holder.value(binding.steps[-1].field)
        if binding.part == "html":
            value = holder.row.c[holder.entity.fields[binding.steps[-1].field].column]
        elif binding.part:
            value = part_sql(holder.entity.fields[binding.steps[-1].field], value, binding.part)
        boolean = isinstance(binding.type, BooleanType)
        if boolean and len(binding.steps) > 1:
            value = func.coalesce(value, false())
        return self.veiled(binding.steps, value, boolean=boolean)

    def _owner_of(self, collection: CollectionBinding) -> str:
        """Return the entity whose records hold the collection."""
        if not collection.links:
            return self.entity.key
        via = self.frame.compiled.model.entities[collection.entity].fields[collection.via.field]
        targets = via.link.to if via.link else ()
        last = collection.links[-1]
        link = self.frame.compiled.model.entities[last.entity].fields[last.field].link
        return next(target for target in (link.to if link else ()) if target in targets)


@dataclass(frozen=True, slots=True)
class MemberRows:
    """The live members of a collection: `via` is what they point to the `anchor` with.

    `meant` is what a row stands for: itself, or the record beyond a link table.
    """

    source: RowSource
    via: ColumnElement[Any]
    anchor: RowSource
    meant: RowSource

    @property
    def columns(self) -> Columns:
        return self.source

    def aggregate(
        self, value: ColumnElement[Any], where: Sequence[ColumnElement[bool]]
    ) -> ColumnElement[Any]:
        """Return an aggregate over the members, gathered beside the row that holds them."""
        return gather(self.anchor.joins, self._members(), (value, tuple(where)))

    def exists(self, where: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
        """Return whether any of the members meets all conditions."""
        return present(self._members(), where)

    def _members(self) -> Members:
        shown = self.meant.shown()
        guards = () if shown is None else (shown,)
        alive = (*self.source.alive(), *guards)
        if self.meant is not self.source:
            # The join leaves out what lies in the trash.
            alive = (self.meant.row.c.id.is_not(None), *alive)
        return Members(self.source.joins, self.via, self.anchor.row.c.id, alive)


def meant_by(source: RowSource, via: str) -> RowSource:
    """Return the record that a member stands for: beyond a link table, the one on its far side."""
    pair = source.entity.pair
    if pair is None:
        return source
    if via == HOLDER:
        return source.follow(MEMBER, pair.target)
    return source.follow(HOLDER, pair.entity)


def fitted(field: Field, value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a formula's value as its field holds it: rounded to the scale, blank beyond bounds."""
    wanted = field.value_type
    made = field.formula.type if field.formula else None
    if not isinstance(wanted, NumberType | PercentType):
        return value
    if not isinstance(made, NumberType | PercentType):
        return value
    if made.scale > wanted.scale or made.digits > wanted.digits:
        return sql_fit(value, wanted.digits, wanted.scale)
    return value


def outside(binding: FieldBinding) -> ColumnElement[Any]:
    """Return the bind of a value that comes with the person or the tenant's settings."""
    return bound("__".join(binding.path), sql_type(binding.type))


def bound(name: str, type_: TypeEngine[Any]) -> ColumnElement[Any]:
    """Return a bind whose type PostgreSQL knows wherever it stands."""
    parameter = bindparam(name, type_=type_)
    # SQLAlchemy writes the type of every other kind of bind beside it; a list may be empty.
    return cast(parameter, type_) if isinstance(type_, Numeric | ARRAY) else parameter


def moment(name: Literal["today", "now", "zone"]) -> ColumnElement[Any]:
    """Return the bind of a part of the moment."""
    return bindparam(name, type_=sql_type(_MOMENT[name]))


_MOMENT: Mapping[str, ValueType] = {"today": DateType(), "now": DateTimeType(), "zone": TextType()}
