"""Steps that work out again what follows from other values: stored formulas and sort keys."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, is_dataclass, replace
from dataclasses import fields as attributes

from engine.compiled import CompiledModel
from engine.context import Tenant
from engine.schema.ddl import qualified
from engine.schema.live import Live
from engine.schema.steps import Fill, Phase, Shadow, Step
from engine.schema.structure import is_small
from engine.values.graph import ComputedGraph, is_computed
from formula.scope import TableBinding
from formula.typed import Call, Node, Read
from metamodel.model import Entity, Field

SEARCH = "sys_search"
"""The column of what a record is found by."""

Place = tuple[str, str]
"""A field by entity key and field key."""


@dataclass(frozen=True, slots=True)
class Derived:
    """What fills derived values: in which order, and which columns take others' places then."""

    steps: tuple[Step, ...] = ()
    shadows: tuple[Shadow, ...] = ()


def derived(
    tenant: Tenant,
    old: CompiledModel,
    new: CompiledModel,
    live: Live,
    fills: Sequence[Step],
    kept: Collection[tuple[str, str, str]] = (),
) -> Derived:
    """Return what to compute again, in the order of the graph, then sort and search keys.

    `fills` are the steps that write values of fields. Where all tables are small, what serves
    now is filled in the switch; else beside it, and only what was saved meanwhile in the switch.
    Places in which values are `kept` that an earlier type had (entity, field, column) count as if
    they served.
    """
    written = frozenset((step.touches, key) for step in fills for key in step.fields)
    early = {(s.touches, key) for s in fills if s.phase == "expand" for key in s.fields}
    changed = restated(old, new)
    stale = followers(new.graph, changed | written) - written
    wanted = _Wanted(tenant, old, new, live, kept)
    anew = stale | written
    searched = tuple(_searched_anew(old, new, live, anew))
    touched = {*(entity for entity, _ in stale), *searched, *(entity for entity, _ in early)}
    if all(is_small(live[table].rows) for table in wanted.tables(touched)):
        return Derived((*wanted.at_once(stale), *wanted.keys_at_once(searched)))
    ahead = followers(new.graph, changed | early) - written
    steps = (*wanted.ahead(ahead, stale - ahead), *wanted.keys_ahead(searched, anew))
    beside = wanted.written_beside(fills)
    return Derived(steps, (*beside, *wanted.shadows(ahead), *wanted.key_shadows(searched, anew)))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Makes the steps; `stale` and `ahead` are places of fields."""

    tenant: Tenant
    old: CompiledModel
    new: CompiledModel
    live: Live
    kept: Collection[tuple[str, str, str]]

    def tables(self, entities: Iterable[str]) -> Iterator[str]:
        """Yield the tables of entities that are there."""
        for key in entities:
            table = self.new.model.entities[key].table
            if table in self.live:
                yield table

    def at_once(self, stale: frozenset[Place]) -> Iterator[Step]:
        for entity, fields in self._stages(stale):
            seen = any(self._serves(entity, key) for key in fields)
            yield self._fill(entity, fields, phase="switch" if seen else "expand")

    def ahead(self, ahead: frozenset[Place], late: frozenset[Place]) -> Iterator[Step]:
        for entity, fields in self._stages(ahead | late):
            early = tuple(key for key in fields if (entity.key, key) in ahead)
            if early:
                yield self._fill(entity, early)
            after = tuple(key for key in fields if (entity.key, key) in late)
            if after:
                yield replace(self._fill(entity, after), late=True, cost="instant", rows=0)

    def written_beside(self, fills: Sequence[Step]) -> tuple[Shadow, ...]:
        """Return the columns that are written anew although what they hold is entered."""
        entities = self.new.model.entities
        found = (
            Shadow(step.touches, entities[step.touches].table, step.beside)
            for step in fills
            if step.beside
        )
        return tuple(dict.fromkeys(found))

    def shadows(self, ahead: frozenset[Place]) -> Iterator[Shadow]:
        for entity, fields in self._stages(ahead):
            for key in fields:
                if self._serves(entity, key):
                    yield Shadow(entity.key, entity.table, entity.fields[key].column)

    def keys_at_once(self, searched: Sequence[str]) -> Iterator[Step]:
        for key in searched:
            yield self._keys(key, phase="switch")

    def keys_ahead(self, searched: Sequence[str], stale: frozenset[Place]) -> Iterator[Step]:
        """Sort columns that serve hold what they would be filled with, and are left alone.

        Unless what they sort is computed anew: then they have columns beside them, too.
        """
        for key in searched:
            entity = self.new.model.entities[key]
            before = {each.sort_column for each in self.old.model.entities[key].fields.values()}
            fresh = tuple(
                each.key
                for each in entity.fields.values()
                if each.sort_column and (each.sort_column not in before or (key, each.key) in stale)
            )
            params = {"search": Shadow(key, entity.table, SEARCH).name}
            yield replace(self._keys(key, phase="expand"), fields=fresh, params=params)

    def key_shadows(self, searched: Sequence[str], stale: frozenset[Place]) -> Iterator[Shadow]:
        for key in searched:
            entity = self.new.model.entities[key]
            yield Shadow(key, entity.table, SEARCH)
            before = {each.sort_column for each in self.old.model.entities[key].fields.values()}
            for each in entity.fields.values():
                if each.sort_column and each.sort_column in before and (key, each.key) in stale:
                    yield Shadow(key, entity.table, each.sort_column)

    def _stages(self, places: frozenset[Place]) -> Iterator[tuple[Entity, tuple[str, ...]]]:
        for stage in self.new.graph.stages:
            entity = self.new.model.entities[stage.entity]
            wanted = (key for key in stage.fields if (stage.entity, key) in places)
            kept = tuple(key for key in wanted if not _frozen(self.old, entity.fields[key]))
            if kept and entity.table in self.live:
                yield entity, kept

    def _serves(self, entity: Entity, key: str) -> bool:
        """Tell whether somebody reads the column that a field has in the new model, or will."""
        before = self.old.model.entities.get(entity.key)
        former = before.fields.get(key) if before and not before.retired else None
        column = entity.fields[key].column
        if (entity.key, key, column) in self.kept:
            return True
        return former is not None and not former.retired and former.column == column

    def _fill(self, entity: Entity, fields: tuple[str, ...], *, phase: Phase = "expand") -> Step:
        return self._filling("fill_computed", entity, phase, "computed", fields)

    def _keys(self, key: str, *, phase: Phase) -> Step:
        return self._filling("fill_sort_keys", self.new.model.entities[key], phase, "sort_keys")

    def _filling(
        self, code: str, entity: Entity, phase: Phase, fill: Fill, fields: tuple[str, ...] = ()
    ) -> Step:
        rows = self.live[entity.table].rows
        return Step(
            code,
            entity.key,
            phase=phase,
            cost="rewrites" if rows else "instant",
            rows=rows,
            fill=fill,
            fields=fields,
            table=qualified(self.tenant.schema, entity.table),
        )


def _searched_anew(
    old: CompiledModel, new: CompiledModel, live: Live, anew: frozenset[Place]
) -> Iterator[str]:
    """Yield the entities of which other fields, or other values, are sorted or searched."""
    for key, entity in new.model.entities.items():
        before = old.model.entities.get(key)
        if before is None or entity.table not in live:
            continue
        columns = {column for column, _ in _searched(entity)}
        written = {e.column for e in entity.fields.values() if (key, e.key) in anew}
        if columns & written or _searched(entity) != _searched(before):
            yield key


def restated(old: CompiledModel, new: CompiledModel) -> frozenset[Place]:
    """Return the stored computed fields that are new or say something else than before."""
    found = set()
    for key, entity in new.model.entities.items():
        before = old.model.entities.get(key)
        for each in entity.fields.values():
            former = before.fields.get(each.key) if before else None
            if is_computed(each) and _meaning(each) != _meaning(former):
                found.add((key, each.key))
    return frozenset(found)


def followers(graph: ComputedGraph, changed: frozenset[Place]) -> frozenset[Place]:
    """Return the fields and everything computed that follows from them, over all entities."""
    found: set[Place] = set()
    waiting = list(changed)
    while waiting:
        entity, key = waiting.pop()
        if (entity, key) in found:
            continue
        found.add((entity, key))
        waiting.extend((entity, each) for each in graph.own.get((entity, key), ()))
        waiting.extend(
            (edge.entity, edge.field)
            for edge in graph.edges.get(entity, ())
            if edge.source_field == key
        )
    return frozenset(found)


def _frozen(old: CompiledModel, each: Field) -> bool:
    """Tell whether a field keeps what it was when its record was made, which was before."""
    if not each.freeze_on:
        return False
    before = old.model.entities.get(each.entity)
    return before is not None and each.key in before.fields


def _meaning(each: Field | None) -> tuple[object, ...] | None:
    if each is None or each.formula is None:
        return None
    return each.formula.text, each.column, each.value_type, tuple(_fixed(each.formula.node))


def _fixed(node: Node) -> Iterator[object]:
    """Yield what a formula reads from fixed tables: chances of stages, days of calendars."""
    if isinstance(node, Read) and isinstance(node.binding, TableBinding):
        yield tuple(node.binding.table.items())
    if isinstance(node, Call) and node.calendar is not None:
        yield node.calendar
    for each in attributes(node):
        value = getattr(node, each.name)
        for part in value if isinstance(value, tuple) else (value,):
            if is_dataclass(part) and isinstance(part, Node):
                yield from _fixed(part)


def _searched(entity: Entity) -> frozenset[tuple[str, str]]:
    """Return the columns that sort keys and search tokens are made from."""
    if entity.system or entity.retired:
        return frozenset()
    return frozenset(
        (each.column, each.sort_column)
        for each in entity.fields.values()
        if not each.retired and (each.sort_column or each.search or each.key == entity.title_field)
    )
