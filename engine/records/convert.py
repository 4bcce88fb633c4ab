"""Makes other records from one, once, in one unit: what a conversion's steps say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Select, any_, select

from engine.access.listed import may_use
from engine.changes import Change
from engine.errors import Forbidden, NotFound, RecordRefused
from engine.query.joins import RowSource, meant_by
from engine.records.draft import Draft
from engine.records.entering import enter_new, existing, put
from engine.records.formed import InputColumns, Stand, fill_in, new_drafts, run_at, values_here
from engine.records.rights import check_rights
from engine.records.work import IDS, Work
from engine.values.identity import new_id
from engine.values.payload import Loaded, Reference
from formula import compile_filter, compile_sql
from formula.backends.contract import Columns
from formula.scope import Root, Step
from formula.typed import Typed
from metamodel.fields import Link
from metamodel.flows import Convert, ConvertLines, ConvertStep
from metamodel.model import PLACE, Collection, Entity

Made = Mapping[str, UUID]
"""The ids of what earlier steps make, by step."""


@dataclass(slots=True)
class _Making:
    """One conversion under way."""

    work: Work
    entity: Entity
    source: Draft
    made: dict[str, UUID] = field(default_factory=dict)
    entities: dict[str, str] = field(default_factory=dict)

    @property
    def stand(self) -> Stand:
        """Where formulas stand: on the source, with what was made so far."""
        return Stand(self.entity.key, self.source.id, given=self.made)


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


def changed_by(entity: Entity, rule: Convert) -> frozenset[str]:
    """Return the fields, by key, that a conversion changes of the record it is made from."""
    moved = (each.field_key for each in entity.pipelines.values() if rule.move in each.stages)
    return frozenset((*rule.remember, *moved))


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
    key = ("convert", rule.key, step.name)
    drafts = new_drafts(making.work, making.stand, target, id_, step.set, key)
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
        fill_in(making.work, line, values, step.lines[collection.name].set)
        line.values[collection.via] = parent.id
        line.targets[collection.via] = parent.entity.key
        line.parent, line.position = parent, order
        drafts.append(line)
    return drafts


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
    return values_here(making.work, making.stand, [typed], ("convert", typed.text))[0]


def _members(
    making: _Making, step: ConvertStep, rule: Convert, name: str
) -> Sequence[Sequence[object]]:
    """Return the values of each line that a step makes from a collection of the source."""
    lines = step.lines[name]
    key = ("convert lines", making.entity.key, rule.key, step.name, name)
    ids = [making.source.id]
    return run_at(making.work, making.stand, key, lambda: _over_members(making, lines), ids=ids)


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


def made_by(rule: Convert, change: Change) -> Iterator[tuple[str, str, UUID]]:
    """Yield what a conversion made: the part of it, the entity by key, the record."""
    wanted = {part.create for part in rule.steps}
    created = [
        (record.entity, record.id)
        for record in change.records
        if record.operation == "create" and record.entity in wanted and not record.computed
    ]
    for part in rule.steps:
        found = next((made for made in created if made[0] == part.create), None)
        if found is not None:
            created.remove(found)
            yield part.name, *found
