"""Which rows' stored values may change with a write: found before it, through the whole graph."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Select, any_, select

from engine.records.draft import Draft
from engine.records.work import IDS, Place, Work
from engine.values.graph import EXISTS, Edge, Hop, is_computed
from metamodel.model import Field


@dataclass(slots=True)
class Affected:
    """What may follow from a write.

    `reached` tells for an edge which rows follow from each source row, `fields` which fields of
    which record may change, those that start it included. `rows` are those rows
    and all on the way, to be locked; `sources` are rows that values are read from through
    links, to be locked against change. `open_ended` where rows were found by what they point
    to: more of them may appear until all is locked.
    """

    reached: dict[Edge, dict[UUID, set[UUID]]] = field(default_factory=dict)
    fields: dict[Place, set[str]] = field(default_factory=dict)
    rows: set[Place] = field(default_factory=set)
    sources: set[Place] = field(default_factory=set)
    open_ended: bool = False


def discover(work: Work, drafts: Sequence[Draft]) -> Affected:
    """Follow the graph from what the drafts change to everything that may change with it."""
    search = _Search(work, {(draft.entity.key, draft.id): draft for draft in drafts})
    for draft in drafts:
        search.add(draft.entity.key, {draft.id: _seed(draft)})
    search.run()
    for draft in drafts:
        search.sources_of(draft)
    search.found.rows -= {place for place, draft in search.drafts.items() if draft.is_new}
    search.found.sources -= set(search.drafts)
    return search.found


Links = Mapping[tuple[str, str], Collection[UUID]]
"""What links hold, by the key of the field and of the entity that it leads to."""


def discover_new(work: Work, entity: str, links: Links) -> NewRows:
    """Follow the graph from new records of an entity, nothing pointing to them yet.

    `links` are the ids that their links hold, by field key and entity.
    """
    search = _Search(work, {})
    graph = work.ctx.compiled.graph
    seed = graph.following(entity, {EXISTS})
    follows: dict[tuple[str, str], set[UUID]] = {}
    for edge in graph.edges.get(entity, ()):
        last = edge.path[-1]
        if edge.source_field not in seed or not last.back:
            continue
        above = set(links.get((last.link, last.target), ()))
        search.found.rows.update((last.target, id_) for id_ in above)
        reached = search.walk(edge.path[:-1], above)
        targets = {target for each in reached.values() for target in each}
        follows.setdefault((edge.entity, edge.field), set()).update(targets)
        search.add(edge.entity, {target: (edge.field,) for target in targets})
    search.run()
    for chain in graph.sources.get(entity, ()):
        first = chain[0]
        search.read_through(chain[1:], first.target, set(links.get((first.link, first.target), ())))
    return NewRows(search.found, follows)


def discover_changed(
    work: Work, entity: str, ids: Collection[UUID], fields: Iterable[str]
) -> Affected:
    """Follow the graph from fields that change in records of an entity, none of them a link."""
    search, changed = _Search(work, {}), tuple(fields)
    search.add(entity, dict.fromkeys(ids, changed))
    search.run()
    return search.found


@dataclass(frozen=True, slots=True)
class NewRows:
    """What may follow from new records; `follows` are the fields that do so at once, and whose."""

    affected: Affected
    follows: Mapping[tuple[str, str], set[UUID]]


def _seed(draft: Draft) -> set[str]:
    """Return what changes of a record: fields by key, or its being there at all."""
    if draft.operation in ("create", "delete", "restore"):
        return {EXISTS}
    thawed = (each.key for each in frozen_on_stage(draft)) if draft.moves else ()
    return {*draft.changed(), *draft.due, *thawed}


def frozen_on_stage(draft: Draft) -> list[Field]:
    """Return the stored computed fields of a record that follow their inputs when it moves."""
    fields = draft.entity.fields.values()
    return [each for each in fields if each.freeze_on == "stage" and is_computed(each)]


@dataclass(slots=True)
class _Search:
    """The frontier: rows and fields that may change and whose followers were not looked up yet."""

    work: Work
    drafts: Mapping[Place, Draft]
    found: Affected = field(default_factory=Affected)
    waiting: dict[str, dict[UUID, set[str]]] = field(default_factory=dict)

    def add(self, entity: str, rows: Mapping[UUID, Iterable[str]]) -> None:
        """Note fields that may change, with those of the same row that follow from them."""
        graph, waiting = self.work.ctx.compiled.graph, self.waiting.setdefault(entity, {})
        follows: dict[tuple[str, ...], frozenset[str]] = {}
        for id_, fields in rows.items():
            named = tuple(fields)
            if named not in follows:
                follows[named] = graph.following(entity, named)
            known = self.found.fields.setdefault((entity, id_), set())
            fresh = follows[named] - known
            if fresh:
                known |= fresh
                waiting.setdefault(id_, set()).update(fresh)

    def run(self) -> None:
        """Follow edges until nothing new is found."""
        graph = self.work.ctx.compiled.graph
        while self.waiting:
            entity = next(iter(self.waiting))
            rows = self.waiting.pop(entity)
            walked: dict[tuple[Hop, ...], dict[UUID, set[UUID]]] = {}
            for edge in graph.edges.get(entity, ()):
                ids = {id_ for id_, fields in rows.items() if edge.source_field in fields}
                if not ids:
                    continue
                known = walked.setdefault(edge.path, {})
                if not ids <= known.keys():
                    known.update(self.walk(edge.path, ids - known.keys()))
                reached = self.found.reached.setdefault(edge, {})
                reached.update({id_: known[id_] for id_ in ids})
                targets = {target for id_ in ids for target in known[id_]}
                self.add(edge.entity, {target: (edge.field,) for target in targets})

    def walk(self, path: Sequence[Hop], ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
        """Return for each source row the rows at the start of the path; lock all on the way."""
        reached: dict[UUID, set[UUID]] | None = None
        rows = ids
        for hop in reversed(path):
            step = self._up(hop, rows) if hop.back else self._down(hop, rows)
            entity = hop.target if hop.back else hop.owner
            if reached is None:
                reached = {id_: step.get(id_, set()) for id_ in ids}
            else:
                reached = {
                    source: {after for row in each for after in step.get(row, ())}
                    for source, each in reached.items()
                }
            rows = {id_ for each in reached.values() for id_ in each}
            self.found.rows.update((entity, id_) for id_ in rows)
        return {id_: {id_} for id_ in ids} if reached is None else reached

    def _up(self, hop: Hop, rows: Collection[UUID]) -> dict[UUID, set[UUID]]:
        """Return what each row's link points to, and pointed to before."""
        owned = ((id_, self.drafts.get((hop.owner, id_))) for id_ in rows if self.drafts)
        drafts = {id_: draft for id_, draft in owned if draft is not None}
        apart = [id_ for id_ in rows if id_ not in drafts] if drafts else rows
        column = _column(self.work, hop)
        found = {
            id_: {target} if isinstance(target := row[column], UUID) else set()
            for id_, row in self.work.read(hop.owner, apart).items()
        }
        for id_, draft in drafts.items():
            found[id_] = _links_of(self.work, draft, hop)
        return found

    def _down(self, hop: Hop, rows: Collection[UUID]) -> dict[UUID, set[UUID]]:
        """Return the rows whose link points to each of these."""
        found: dict[UUID, set[UUID]] = {}
        self.found.open_ended = True
        for row in self.work.run(
            ("pointing", hop), lambda: _pointing(self.work, hop), ids=list(rows)
        ):
            found.setdefault(row[1], set()).add(row[0])
        for (entity, id_), draft in self.drafts.items():
            if entity == hop.owner:
                for target in _links_of(self.work, draft, hop) & set(rows):
                    found.setdefault(target, set()).add(id_)
        return found

    def sources_of(self, draft: Draft) -> None:
        """Note the records that stored values of this row, or through it, are read from."""
        for chain in self.work.ctx.compiled.graph.sources.get(draft.entity.key, ()):
            if not draft.is_new and chain[0].link not in draft.changed():
                continue
            rows = _links_of(self.work, draft, chain[0])
            self.read_through(chain[1:], chain[0].target, rows)

    def read_through(self, chain: Sequence[Hop], entity: str, rows: set[UUID]) -> None:
        """Note records of an entity that values are read from, and those that links lead on to."""
        self.found.sources.update((entity, id_) for id_ in rows)
        for hop in chain:
            rows = {id_ for each in self._up(hop, rows).values() for id_ in each}
            self.found.sources.update((hop.target, id_) for id_ in rows)


def _links_of(work: Work, draft: Draft, hop: Hop) -> set[UUID]:
    """Return what a draft's link points to, before and after."""
    found = set()
    if not draft.is_new:
        row = work.rows.get((draft.entity.key, draft.id))
        if row is not None:
            found.add(_link(work, hop, row))
    if draft.targets.get(hop.link, hop.target) == hop.target:
        value = draft.values.get(hop.link)
        found.add(value if isinstance(value, UUID) else None)
    return {each for each in found if each is not None}


def _link(work: Work, hop: Hop, row: Mapping[str, Any]) -> UUID | None:
    value = row[_column(work, hop)]
    return value if isinstance(value, UUID) else None


def _column(work: Work, hop: Hop) -> str:
    """Return the column in which the link of a hop points to its target."""
    link = work.entity(hop.owner).fields[hop.link]
    return link.columns.get(hop.target) or link.column


def _pointing(work: Work, hop: Hop) -> Select[Any]:
    """Return the statement that finds the rows whose link points to given ones."""
    table = work.ctx.compiled.tables.of(hop.owner)
    column = table.c[_column(work, hop)]
    return select(table.c.id, column).where(column == any_(IDS))
