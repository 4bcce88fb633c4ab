"""The one dependency graph of computed fields, over all entities.

An `Edge` says that a computed field of one entity follows from a field of another (or of
another row of its own), and how to walk from the computing row to the row that is read. A
`Stage` is a run of computed fields of one entity that one statement can compute, in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from formula.scope import Step
from formula.typed import CollectionRead, Typed
from metamodel.model import HOLDER, MEMBER, Entity, Field, Model

EXISTS = ""
"""Stands for a record's being live at all, where an edge would name the field it reads."""


@dataclass(frozen=True, slots=True)
class Hop:
    """From a row to the next one on the way: along its own link, or back along another's.

    `owner` holds the link field `link`, `target` is what it points to; `back` walks from
    the target to the rows that point at it.
    """

    owner: str
    link: str
    target: str
    back: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """That `field` of `entity` follows from `source_field` of the row at the end of `path`."""

    source: str
    source_field: str
    path: tuple[Hop, ...]
    entity: str
    field: str


@dataclass(frozen=True, slots=True)
class Stage:
    """Computed fields of one entity, by key, in an order in which one statement computes them."""

    entity: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ComputedGraph:
    """Which computed fields follow from which fields, and in what order.

    `edges` leads from an entity to what other rows follow from it; `own` from a field to the
    computed fields of the same row. `links` are the link fields of an entity along which
    changes travel, `sources` the chains of links whose records a row's values are read from.
    `local` fields follow from fields of their own row alone.
    """

    stages: tuple[Stage, ...] = ()
    edges: Mapping[str, tuple[Edge, ...]] = field(default_factory=dict)
    own: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    links: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sources: Mapping[str, frozenset[tuple[Hop, ...]]] = field(default_factory=dict)
    local: frozenset[tuple[str, str]] = frozenset()

    def following(self, entity: str, fields: Iterable[str]) -> frozenset[str]:
        """Return the fields and all computed fields of the same row that follow from them."""
        found: set[str] = set()
        waiting = list(fields)
        while waiting:
            each = waiting.pop()
            if each not in found:
                found.add(each)
                waiting.extend(self.own.get((entity, each), ()))
        return frozenset(found)

    def local_of(self, entity: str) -> tuple[str, ...]:
        """Return the local computed fields of an entity, in the order to compute them in."""
        return tuple(
            key
            for stage in self.stages
            if stage.entity == entity
            for key in stage.fields
            if (entity, key) in self.local
        )


def build_graph(model: Model) -> ComputedGraph:
    """Return the graph of a model's stored computed fields."""
    edges = [
        Edge(source, source_field, path, entity.key, each.key)
        for entity in model.entities.values()
        for each in entity.fields.values()
        if is_computed(each) and each.formula is not None
        for path, source, source_field in sorted(
            inputs(model, entity.key, each.formula), key=lambda found: repr(found)
        )
    ]
    crossing = tuple(edge for edge in edges if edge.path)
    return ComputedGraph(
        stages=_stages(model, edges),
        edges=_by_source(crossing),
        own=_own(edges),
        links=_links(crossing),
        sources=_sources(crossing),
        local=_local(model, edges),
    )


def is_computed(each: Field) -> bool:
    """Return whether a field's value is computed and kept in a column."""
    return each.formula is not None and bool(each.column) and each.stored and not each.retired


Input = tuple[tuple[Hop, ...], str, str]
"""A way from the computing row, the entity it ends at, and the field read there."""


def inputs(
    model: Model, entity: str, formula: Typed, path: tuple[Hop, ...] = ()
) -> frozenset[Input]:
    """Return everything that a formula of `entity` reads, unstored formulas looked through."""
    needs = formula.dependencies
    found: set[Input] = set()
    for chain in (*needs.reads, *needs.outer):
        found.update(_chain(model, path, chain))
    for collection in needs.collections:
        found.update(_collection(model, entity, path, collection))
    return frozenset(found)


def _chain(model: Model, path: tuple[Hop, ...], chain: tuple[Step, ...]) -> Iterator[Input]:
    for position, step in enumerate(chain):
        read = model.entities[step.entity].fields[step.field]
        if position + 1 < len(chain):
            yield path, step.entity, step.field
            target = chain[position + 1].entity
            path = (*path, Hop(step.entity, step.field, target))
            yield path, target, EXISTS
        elif read.formula is not None and not is_computed(read):
            yield from inputs(model, step.entity, read.formula, path)
        else:
            yield path, step.entity, step.field


def _collection(
    model: Model, entity: str, path: tuple[Hop, ...], read: CollectionRead
) -> Iterator[Input]:
    anchor = entity
    for position, step in enumerate(read.links):
        yield path, step.entity, step.field
        anchor = (
            read.links[position + 1].entity
            if position + 1 < len(read.links)
            else _anchor(model, step, read)
        )
        path = (*path, Hop(step.entity, step.field, anchor))
        yield path, anchor, EXISTS
    path = (*path, Hop(read.via.entity, read.via.field, anchor, back=True))
    yield path, read.entity, EXISTS
    yield path, read.entity, read.via.field
    pair = model.entities[read.entity].pair
    if pair is not None:
        # A pair counts only while the record at its other side is not in the trash.
        link, target = (MEMBER, pair.target) if read.via.field == HOLDER else (HOLDER, pair.entity)
        yield path, read.entity, link
        yield (*path, Hop(read.entity, link, target)), target, EXISTS
    for chain in read.reads:
        yield from _chain(model, path, chain)


def _anchor(model: Model, last: Step, read: CollectionRead) -> str:
    """Return which target of the last link holds the collection."""
    link = model.entities[last.entity].fields[last.field].link
    via = model.entities[read.via.entity].fields[read.via.field].link
    holders = via.to if via else ()
    return next(target for target in (link.to if link else ()) if target in holders)


def _by_source(edges: Iterable[Edge]) -> Mapping[str, tuple[Edge, ...]]:
    found: dict[str, list[Edge]] = {}
    for edge in edges:
        found.setdefault(edge.source, []).append(edge)
    return {source: tuple(each) for source, each in found.items()}


def _own(edges: Iterable[Edge]) -> Mapping[tuple[str, str], frozenset[str]]:
    """Return what follows in the same row; a link's own value also stands for what it reaches."""
    found: dict[tuple[str, str], set[str]] = {}
    for edge in edges:
        if not edge.path:
            found.setdefault((edge.source, edge.source_field), set()).add(edge.field)
    return {source: frozenset(fields) for source, fields in found.items()}


def _links(edges: Iterable[Edge]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for edge in edges:
        for hop in edge.path:
            found.setdefault(hop.owner, set()).add(hop.link)
    return {owner: frozenset(links) for owner, links in found.items()}


def _sources(edges: Iterable[Edge]) -> Mapping[str, frozenset[tuple[Hop, ...]]]:
    """Return for each entity the chains of links that some path follows onward from its rows."""
    found: dict[str, set[tuple[Hop, ...]]] = {}
    for edge in edges:
        for start, hop in enumerate(edge.path):
            if hop.back or (start and not edge.path[start - 1].back):
                continue
            run = [hop]
            for following in edge.path[start + 1 :]:
                if following.back:
                    break
                run.append(following)
            found.setdefault(hop.owner, set()).add(tuple(run))
    return {owner: frozenset(chains) for owner, chains in found.items()}


def _local(model: Model, edges: Iterable[Edge]) -> frozenset[tuple[str, str]]:
    """Return the computed fields that follow from their own row, through local ones only."""
    needs: dict[tuple[str, str], set[tuple[str, str]]] = {
        (entity.key, each.key): set()
        for entity in model.entities.values()
        for each in entity.fields.values()
        if is_computed(each)
    }
    crossing = set()
    for edge in edges:
        if edge.path:
            crossing.add((edge.entity, edge.field))
        elif (edge.source, edge.source_field) in needs:
            needs[edge.entity, edge.field].add((edge.source, edge.source_field))
    local = set(needs) - crossing
    while True:
        kept = {node for node in local if needs[node] <= local}
        if kept == local:
            return frozenset(local)
        local = kept


def _stages(model: Model, edges: Iterable[Edge]) -> tuple[Stage, ...]:
    """Return runs of fields so that whatever a run reads of other rows is computed before it."""
    waiting: dict[tuple[str, str], None] = {
        (entity.key, each.key): None
        for entity in model.entities.values()
        for each in entity.fields.values()
        if is_computed(each)
    }
    within: dict[tuple[str, str], set[tuple[str, str]]] = {node: set() for node in waiting}
    across: dict[tuple[str, str], set[tuple[str, str]]] = {node: set() for node in waiting}
    for edge in edges:
        source = (edge.source, edge.source_field)
        if source in waiting:
            (across if edge.path else within)[edge.entity, edge.field].add(source)
    stages: list[Stage] = []
    while waiting:
        stage = max(
            (_run(entity, waiting, within, across) for entity in model.entities.values()),
            key=lambda run: len(run.fields),
        )
        if not stage.fields:
            raise ValueError(f"formulas depend on each other in a circle: {sorted(waiting)}")
        for key in stage.fields:
            del waiting[stage.entity, key]
        stages.append(stage)
    return tuple(stages)


def _run(
    entity: Entity,
    waiting: Mapping[tuple[str, str], None],
    within: Mapping[tuple[str, str], set[tuple[str, str]]],
    across: Mapping[tuple[str, str], set[tuple[str, str]]],
) -> Stage:
    """Return the longest run of an entity's waiting fields that can be computed now."""
    left = [node for node in waiting if node[0] == entity.key and not across[node] & waiting.keys()]
    taken: list[tuple[str, str]] = []
    while True:
        ready = [node for node in left if not (within[node] & waiting.keys()) - set(taken)]
        if not ready:
            return Stage(entity.key, tuple(key for _, key in taken))
        taken += ready
        left = [node for node in left if node not in ready]
