"""Makes other records from one, once, in one unit: what a conversion's steps say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, any_, bindparam, select
from sqlalchemy.types import Uuid

from engine.access.listed import may_use
from engine.errors import Forbidden, NotFound, RecordRefused
from engine.query.joins import RowSource, meant_by, moment, outside
from engine.records.draft import Chosen, Draft
from engine.records.entering import enter_new, existing, put
from engine.records.rights import check_rights
from engine.records.work import IDS, Work
from engine.values.identity import new_id
from engine.values.local import taken
from engine.values.payload import Loaded, Reference
from formula import compile_filter, compile_sql
from formula.backends.contract import CollectionRows, Columns
from formula.scope import CollectionBinding, FieldBinding, Root, Step
from formula.typed import Typed
from formula.types import RecordType
from metamodel.fields import Link
from metamodel.flows import Convert, ConvertLines, ConvertStep
from metamodel.model import PLACE, Collection, Entity

Made = Mapping[str, UUID]
"""The ids of what earlier steps make, by step."""


@dataclass(frozen=True, slots=True)
class InputColumns:
    """What earlier steps make, as later ones read it: `input.order` is an id that is bound."""

    def field(self, binding: FieldBinding) -> ColumnElement[Any]:
        """Return the bind of a step's record."""
        if binding.root in ("user", "setting"):
            return outside(binding)
        return bindparam(f"input__{binding.path[-1]}", type_=Uuid())

    def entity_of(self, binding: FieldBinding) -> ColumnElement[Any]:
        """Raise: a step makes records of one entity."""
        raise TypeError("a step makes records of one entity")

    def rows(self, collection: CollectionBinding) -> CollectionRows:
        """Raise: what a step makes has no lines before it is written."""
        raise TypeError("records that are being made have no collections to read")

    def bind(self, name: Literal["today", "now", "zone"]) -> ColumnElement[Any]:
        """Return the bind parameter that carries a part of the moment."""
        return moment(name)


@dataclass(slots=True)
class _Making:
    """One conversion under way."""

    work: Work
    entity: Entity
    source: Draft
    made: dict[str, UUID] = field(default_factory=dict)
    entities: dict[str, str] = field(default_factory=dict)

    def run(self, key: tuple[str, ...], make: Callable[[], Select[Any]]) -> Sequence[Any]:
        """Run a statement over the source with what was made so far. Any: rows of any shape."""
        given = {f"input__{step}": id_ for step, id_ in self.made.items()}
        return self.work.run(key, make, ids=[self.source.id], **given)


def convert_drafts(work: Work, entity: Entity, record: UUID, name: str) -> list[Draft]:
    """Return drafts of everything that a conversion makes, and of the record it is made from."""
    rule = next((each for each in entity.converts.values() if each.name == name), None)
    if rule is None:
        raise NotFound(entity=entity.name, convert=name)
    if not may_use(work.ctx, entity, "buttons", rule.key):
        raise Forbidden(action="convert", entity=entity.name, convert=name)
    work.read(entity.key, [record])
    source = existing(work, entity, record)
    check_rights(work, [source])
    making = _Making(work, entity, source)
    _refuse_twice(making, rule)
    drafts: list[Draft] = []
    for step in rule.steps:
        if step.when is None or _value(making, step.when):
            drafts += _make(making, step, rule)
    _remember(making, rule)
    return [*drafts, source]


def _refuse_twice(making: _Making, rule: Convert) -> None:
    """Refuse a record that was converted before, or whose time has not come."""
    for key in rule.remember:
        if making.source.before.get(key) is not None:
            making.source.refuse("converted_already", key, convert=rule.name, label=rule.label)
    if rule.when is not None and not making.source.errors and not _value(making, rule.when):
        making.source.refuse("convert_when", convert=rule.name, label=rule.label)
    if making.source.errors:
        raise RecordRefused(making.source.errors)


def _make(making: _Making, step: ConvertStep, rule: Convert) -> list[Draft]:
    target = making.work.entity(step.create)
    id_ = new_id(making.work.ctx.now)
    values = _one(making, step, rule)
    drafts = enter_new(making.work, target, Loaded({}, {}, ()), (), id_=id_)
    _fill(making, drafts[0], values, step.set)
    making.made[step.name] = id_
    making.entities[step.name] = target.key
    for name in step.lines:
        drafts += _make_lines(making, step, rule, drafts[0], target.collections[name])
    return drafts


def _make_lines(
    making: _Making, step: ConvertStep, rule: Convert, parent: Draft, collection: Collection
) -> list[Draft]:
    drafts: list[Draft] = []
    child = making.work.entity(collection.entity)
    for order, values in enumerate(_members(making, step, rule, collection.name), start=1):
        line = enter_new(making.work, child, Loaded({}, {}, ()), (collection.name, order - 1))[0]
        _fill(making, line, values, step.lines[collection.name].set)
        line.values[collection.via] = parent.id
        line.targets[collection.via] = parent.entity.key
        line.parent, line.position = parent, order
        drafts.append(line)
    return drafts


def _fill(
    making: _Making,
    draft: Draft,
    values: Mapping[str, object],
    formulas: Mapping[str, Typed],
) -> None:
    """Enter computed values; a link is looked up like one that somebody entered."""
    for key, value in values.items():
        each = draft.entity.fields[key]
        if each.link is not None and each.link.many:
            ids = tuple(value) if isinstance(value, list) else ()
            draft.chosen[key] = Chosen(ids, frozenset(), whole=True)
        elif each.link is not None and isinstance(value, UUID):
            put(draft, key, Reference(_linked(making, each.link, formulas[key], value), value))
        else:
            value = tuple(value) if isinstance(value, list) and each.value_type else value
            put(draft, key, taken(each, formulas[key], value))


def _linked(making: _Making, link: Link, typed: Typed, id_: UUID) -> str:
    """Return the entity that a link is filled from: of several, the one that holds the record."""
    given = typed.type.entities if isinstance(typed.type, RecordType) else link.to
    known = [key for key in link.to if key in given] or list(link.to)
    if len(known) > 1:
        known = [key for key in known if making.work.read(key, [id_])] or known
    return known[0]


def _remember(making: _Making, rule: Convert) -> None:
    """Keep what was made in the source, and move it on."""
    for key, step in rule.remember.items():
        if step in making.made:
            put(making.source, key, Reference(making.entities[step], making.made[step]))
    if rule.move:
        for pipeline in making.entity.pipelines.values():
            if rule.move in pipeline.stages:
                put(making.source, pipeline.field_key, rule.move)
                making.source.operation = "move"


def _value(making: _Making, typed: Typed) -> object:
    """Return the value of a formula over the source."""
    key = ("convert value", making.entity.key, typed.text)
    return making.run(key, lambda: _over(making, {"value": typed}))[0][0]


def _one(making: _Making, step: ConvertStep, rule: Convert) -> dict[str, object]:
    """Return the values of a step's record, by field key."""
    if not step.set:
        return {}
    key = ("convert", making.entity.key, rule.key, step.name)
    row = making.run(key, lambda: _over(making, step.set))[0]
    return dict(zip(step.set, row, strict=True))


def _over(making: _Making, formulas: Mapping[str, Typed]) -> Select[Any]:
    compiled = making.work.ctx.compiled
    row = compiled.tables.of(making.entity.key).alias()
    source = RowSource.over(compiled, making.entity.key, row, roots={"input": InputColumns()})
    columns = [compile_sql(typed, source).label(f"v{at}") for at, typed in
               enumerate(formulas.values())]  # fmt: skip
    clause = source.joins.clause()
    return select(*columns).select_from(clause).where(row.c.id == any_(IDS))


def _members(
    making: _Making, step: ConvertStep, rule: Convert, name: str
) -> Sequence[Mapping[str, object]]:
    """Return the values of each line that a step makes from a collection of the source."""
    lines = step.lines[name]
    key = ("convert lines", making.entity.key, rule.key, step.name, name)
    rows = making.run(key, lambda: _over_members(making, lines))
    return [dict(zip(lines.set, row, strict=True)) for row in rows]


def _over_members(making: _Making, lines: ConvertLines) -> Select[Any]:
    """Return the values of what a step's lines are made from, also beyond links."""
    compiled = making.work.ctx.compiled
    roots: dict[Root, Columns] = {"input": InputColumns()}
    source = compiled.tables.of(making.entity.key).alias()
    outer = RowSource.over(compiled, making.entity.key, source, roots=roots)
    row = compiled.tables.of(lines.via.entity).alias()
    member = RowSource.over(compiled, lines.via.entity, row, roots={**roots, "this": outer})
    columns = [compile_sql(typed, member).label(f"v{at}") for at, typed in
               enumerate(lines.set.values())]  # fmt: skip
    chosen = [] if lines.when is None else [compile_filter(lines.when, member)]
    meant = meant_by(member, lines.via.field)
    # Beyond a link table only what is not in the trash is joined.
    chosen += [] if meant is member else [meant.row.c.id.is_not(None)]
    holder = outer.walk(lines.links, _holder(making, lines))
    held = member.link_to(lines.via.field, holder.entity.key) == holder.row.c.id
    ordered = PLACE if meant is not member else "sys_position"
    order = [row.c[ordered], row.c.id] if ordered in row.c else [row.c.id]
    statement = select(*columns).select_from(outer.joins.clause(), member.joins.clause())
    alive = (source.c.id == any_(IDS), held, *member.alive())
    return statement.where(*alive, *chosen).order_by(*order)


def _holder(making: _Making, lines: ConvertLines) -> str:
    """Return the entity that holds the members: the source's, or one that its links lead to."""
    if not lines.links:
        return making.entity.key
    last, via = (_link(making, step) for step in (lines.links[-1], lines.via))
    return next(each for each in last.to if each in via.to)


def _link(making: _Making, step: Step) -> Link:
    link = making.work.model.entities[step.entity].fields[step.field].link
    if link is None:
        raise TypeError(f"{step.entity}.{step.field} is no link")
    return link
