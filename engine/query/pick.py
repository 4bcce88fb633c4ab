"""What may be chosen for a link: the field's filter applied to what the form holds so far."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, Uuid, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from engine.access.grants import FILE, rights_key
from engine.access.policy import allows
from engine.context import Context
from engine.doors import Access, Payload
from engine.errors import NotFound
from engine.query.binds import binds
from engine.query.joins import RowSource, bound, moment, outside
from engine.query.legible import live_entity
from engine.query.paging import Cut, cut
from engine.query.search import found, hits, together
from engine.query.spec import Hit, ListQuery
from engine.tenants.people import SYSTEM_USER
from engine.values.readers import Refused, read_id, read_value
from formula.backends.contract import CollectionRows
from formula.backends.sql import compile_filter, sql_type
from formula.dependencies import inside
from formula.scope import CollectionBinding, FieldBinding
from formula.typed import Aggregate, Conditional, Constant, Node, Operation, Read
from formula.types import BooleanType
from metamodel.model import Entity, Field

USER = "user"

COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in"})


@dataclass(frozen=True, slots=True)
class FormColumns:
    """The record being entered, as a filter reads it through `this`: its values are binds.

    `given` are dotted names beyond its links that come with it, as of a parent not written yet.
    With `access` nothing is read of a linked record that the person does not see: a picker would
    tell of it. What is saved is judged by what is there.
    """

    ctx: Context
    given: frozenset[str] = frozenset()
    access: Access | None = None

    def field(self, binding: FieldBinding) -> ColumnElement[Any]:
        """Return the bind of a form's value, or what is read through one of its links."""
        if binding.root in ("user", "setting"):
            return outside(binding)
        first, *rest = binding.steps
        name = first.field
        while rest and f"{name}.{rest[0].field}" in self.given:
            name = f"{name}.{rest.pop(0).field}"
        if not rest:
            return bound(_bind_name(name), sql_type(binding.type))
        row = self.ctx.compiled.tables.of(rest[0].entity).alias()
        source = RowSource.over(self.ctx.compiled, rest[0].entity, row)
        value = source.field(replace(binding, steps=tuple(rest), root="record"))
        here = row.c.id == bindparam(_bind_name(name), type_=Uuid())
        shown = [] if self.access is None else [self._shown(self.access, source)]
        statement = select(value).select_from(source.joins.clause())
        return statement.where(here, *source.alive(), *shown).correlate(None).scalar_subquery()

    def _shown(self, access: Access, source: RowSource) -> ColumnElement[bool]:
        return allows(access.row_filter(self.ctx, source.entity.key, "read"), source)

    def entity_of(self, binding: FieldBinding) -> ColumnElement[Any]:
        """Return the entity name that a link to several entities points to in the form."""
        return bindparam(f"this__{binding.steps[0].field}__entity", type_=sql_type(binding.type))

    def rows(self, collection: CollectionBinding) -> CollectionRows:
        """Raise: a form's lines are not saved yet, and filters over them are refused."""
        raise TypeError("a picker's filter reads no collection of the form")

    def bind(self, name: Literal["today", "now", "zone"]) -> ColumnElement[Any]:
        """Return the bind parameter that carries a part of the moment."""
        return moment(name)


def pick(
    ctx: Context,
    access: Access,
    connection: Connection,
    at: tuple[str, str],
    *,
    text: str,
    this: Payload,
    limit: int,
) -> tuple[Hit, ...]:
    """Return what may be chosen for the field `at` (entity, field), the closest first.

    `this` holds a form's values by name, and under a dotted name (`quote.customer`) what a
    record that is being edited around it holds.
    """
    entity = live_entity(ctx, at[0])
    field = link_field(entity, at[1])
    values = form_values(entity, this) | _beyond(ctx, entity, this)
    blanks = _blanks(field, values)
    given = frozenset(name for name in values if "." in name)
    ranked = bool(text.strip())
    key = ("pick", entity.key, field.key, blanks, given, ranked, *rights_key(ctx))

    def make() -> Select[Any]:
        targets = field.link.to if field.link else ()
        search = "?" if ranked else ""
        form = FormColumns(ctx, given, access)
        bodies = [_choices(form, access, field, target, blanks, search) for target in targets]
        return together([hits(_offered(body), ranked=ranked) for body in bodies])

    statement = ctx.compiled.keep(key, make)
    extra = {_bind_name(name): value for name, value in values.items()}
    return found(ctx, connection, statement, text=text, limit=limit, extra=extra)


def choosable(
    ctx: Context,
    access: Access,
    connection: Connection,
    field: Field,
    ids: Collection[UUID],
    *,
    this: Mapping[str, object],
) -> frozenset[UUID]:
    """Return which ids may be chosen for a link, `this` being the record's values by field key.

    A dotted name (`quote.customer`) gives what a link of the record leads to.
    """
    blanks = _blanks(field, this)
    given = frozenset(name for name in this if "." in name)
    chosen: set[UUID] = set()
    for target in field.link.to if field.link else ():
        key = ("choosable", field.entity, field.key, target, blanks, given, *rights_key(ctx))

        def make(target: str = target) -> Select[Any]:
            body = _choices(FormColumns(ctx, given), access, field, target, blanks)
            row = body.reading.source.row
            wanted = bindparam("ids", type_=ARRAY(Uuid())).any_()
            return body.rows([row.c.id]).where(row.c.id == wanted)

        extra = {_bind_name(name): value for name, value in this.items()}
        values = {**binds(ctx), **extra, "ids": list(ids)}
        chosen.update(connection.execute(ctx.compiled.keep(key, make), values).scalars())
    return frozenset(chosen)


def link_field(entity: Entity, name: str) -> Field:
    """Return a link field by key or name; raise `NotFound` for any other."""
    field = entity.fields.get(name) or entity.field_named(name)
    # Files are uploaded, not picked.
    if field is None or field.link is None or field.retired or field.link.to == (FILE,):
        raise NotFound(entity=entity.name, field=name)
    return field


def form_values(entity: Entity, this: Payload) -> dict[str, object]:
    """Return a form's values by field key; what does not read as its type counts as blank."""
    found: dict[str, object] = {}
    for name, value in this.items():
        field = entity.field_named(name)
        if field is not None and field.value_type is not None:
            found[field.key] = _read(field, value)
    return found


def _beyond(ctx: Context, entity: Entity, this: Payload) -> dict[str, object]:
    """Return what a form says of records that it links to, by the keys on the way."""
    found: dict[str, object] = {}
    for name, value in this.items():
        first, dot, second = name.partition(".")
        link = entity.field_named(first) if dot else None
        if link is None or link.link is None or len(link.link.to) != 1:
            continue
        field = ctx.model.entities[link.link.to[0]].field_named(second)
        if field is not None and field.value_type is not None:
            found[f"{link.key}.{field.key}"] = _read(field, value)
    return found


def _read(field: Field, value: object) -> object:
    try:
        if field.link is not None:
            chosen = value.get("id") if isinstance(value, Mapping) else value
            return read_id(chosen) if chosen else None
        return read_value(field, value)
    except Refused:
        return None


def relaxed(node: Node, blanks: frozenset[str], *, positive: bool = True) -> Node:
    """Return a filter in which no comparison with a blank field of the form restricts anything.

    Under a `not` a comparison that restricts nothing is false.
    """
    if isinstance(node, Operation) and node.operator in COMPARISONS:
        if any(key in blanks for key in _form_keys(node)):
            return Constant(positive, BooleanType(), node.span)
        return replace(node, operands=tuple(_filled(each) for each in node.operands))
    if isinstance(node, Operation) and node.operator in ("and", "or", "not"):
        side = positive if node.operator != "not" else not positive
        operands = tuple(relaxed(each, blanks, positive=side) for each in node.operands)
        return replace(node, operands=operands)
    if isinstance(node, Conditional) and isinstance(node.type, BooleanType):
        then = relaxed(node.then, blanks, positive=positive)
        otherwise = relaxed(node.otherwise, blanks, positive=positive)
        return replace(node, then=then, otherwise=otherwise)
    return node


def _bind_name(name: str) -> str:
    return f"this__{name.replace('.', '__')}"


def _choices(
    form: FormColumns,
    access: Access,
    field: Field,
    target: str,
    blanks: frozenset[str],
    search: str = "",
) -> Cut:
    """Return the records of one target that may be chosen."""
    body = cut(form.ctx, access, ListQuery(target, search=search), roots={"this": form})
    if field.filter is None:
        return body
    loose = replace(field.filter, node=relaxed(field.filter.node, blanks))
    return replace(body, where=(*body.where, compile_filter(loose, body.reading.source.plain)))


def _offered(body: Cut) -> Cut:
    """Leave the system out of the people that are offered: nothing is anybody's to do for it."""
    source = body.reading.source
    if source.entity.key != USER:
        return body
    return replace(body, where=(*body.where, source.row.c.id != SYSTEM_USER))


def _blanks(field: Field, values: Mapping[str, object]) -> frozenset[str]:
    """Return the fields of the form that a filter reads and that are blank."""
    if field.filter is None:
        return frozenset()
    blanks = {key for key in _form_keys(field.filter.node) if values.get(key) is None}
    for name, value in values.items():
        first, dot, _ = name.partition(".")
        if dot:
            (blanks.add if value is None else blanks.discard)(first)
    return frozenset(blanks)


def _filled(node: Node) -> Node:
    """Return the read of a form's field that has a value as never blank, for indexes' sake."""
    if isinstance(node, Read) and isinstance(node.binding, FieldBinding):
        binding = node.binding
        if binding.root == "this" and len(binding.steps) == 1:
            return replace(node, binding=replace(binding, never_blank=True))
    return node


def _form_keys(node: Node) -> Iterator[str]:
    """Yield the fields of the form that a node reads, outside of aggregates' own `this`."""
    if isinstance(node, Aggregate):
        return
    if isinstance(node, Read):
        binding = node.binding
        base = binding if isinstance(binding, FieldBinding) else getattr(binding, "base", None)
        if base is not None and base.root == "this":
            yield base.steps[0].field
    for child in inside(node):
        yield from _form_keys(child)
