"""What is sure to be locked by a write, known before anything is read: rows above those written.

A line's record, and the records whose totals follow from it, are found by links alone; so
they are locked in the one order by statements that walk those links themselves, in one trip.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from engine.records.pairs import pair_rows
from engine.records.work import Place, Way, Work
from engine.values.graph import EXISTS, Hop
from engine.values.payload import LinksEdit, Loaded, Reference
from metamodel.model import MEMBER, Entity, Field

MOST_IDS = 50
"""Beyond this a write is no single form any more, and finds out what to lock by reading."""


def start_changes(work: Work, entity: Entity, changes: Mapping[UUID, Loaded]) -> None:
    """Lock records that are to be changed, and those above whose values may follow."""
    fields = {key for loaded in changes.values() for key in loaded.values}
    lists = [entity.fields[key] for key in fields if _is_list(entity, key)]
    if lists and len(changes) <= MOST_IDS:
        _start_lists(work, entity, changes, lists)
        return
    moved = fields & work.ctx.compiled.graph.links.get(entity.key, frozenset())
    if moved or not changes or len(changes) > MOST_IDS:
        return
    collections = {name for loaded in changes.values() for name in loaded.lines}
    _lock(work, entity, [*fields, *_lines_feed(work, entity, collections)], changes)


def start_creation(work: Work, entity: Entity, payloads: Collection[Loaded]) -> None:
    """Lock the records that new ones point to, where values of those may follow."""
    if len(payloads) != 1:
        return
    loaded = next(iter(payloads))
    targets: dict[str, list[tuple[Hop, UUID]]] = {}
    for hop in _first_hops(work, entity, {EXISTS}):
        value = loaded.values.get(hop.link)
        if isinstance(value, Reference) and value.id and value.entity == hop.target:
            targets.setdefault(hop.target, []).append((hop, value.id))
    if len(targets) != 1:
        return
    ((target, links),) = targets.items()
    fed = {field for hop, _ in links for field in _fed(work, entity, hop, {EXISTS})}
    _lock(work, work.entity(target), fed, {id_ for _, id_ in links})


def start_setting(
    work: Work, entity: Entity, fields: Collection[str], ids: Collection[UUID]
) -> None:
    """Lock records in which fields are set, none of them a link, and those above that follow."""
    _lock(work, entity, fields, ids)


def _is_list(entity: Entity, key: str) -> bool:
    link = entity.fields[key].link if key in entity.fields else None
    return link is not None and link.many


def _start_lists(
    work: Work, entity: Entity, changes: Mapping[UUID, Loaded], lists: Iterable[Field]
) -> None:
    """Lock records whose lists change, and those named before or now whose values may follow.

    Both sides of a link table are locked in the one order, which is not the order of finding.
    """
    places: set[Place] = {(entity.key, id_) for id_ in changes}
    for each in lists:
        pair = work.entity(each.link.through if each.link else "")
        hops = {edge.path[-1] for edge in work.ctx.compiled.graph.edges.get(pair.key, ())}
        if pair.pair is None or Hop(pair.key, MEMBER, pair.pair.target, back=True) not in hops:
            continue
        named = {row.member for row in pair_rows(work, pair, changes)}
        for loaded in changes.values():
            edit = loaded.values.get(each.key)
            known = edit.references() if isinstance(edit, LinksEdit) else ()
            named |= {reference.id for reference in known if reference.id is not None}
        places |= {(pair.pair.target, id_) for id_ in named}
    work.lock(places)


def _lock(work: Work, entity: Entity, fields: Iterable[str], ids: Collection[UUID]) -> None:
    key = ("upwards", entity.key, frozenset(fields))
    ways = work.ctx.compiled.keep(key, lambda: _ways(work, entity, frozenset(fields)))
    work.lock_upwards(ways, list(ids))


def _lines_feed(work: Work, entity: Entity, collections: Iterable[str]) -> set[str]:
    """Return the computed fields of a record that follow from its lines."""
    fed: set[str] = set()
    for name in collections:
        line = work.entity(entity.collections[name].entity)
        for hop in _first_hops(work, line, {EXISTS}):
            if hop.target == entity.key:
                fed |= _fed(work, line, hop, {EXISTS})
    return fed


def _ways(work: Work, entity: Entity, fields: Collection[str]) -> tuple[Way, ...]:
    """Return every way upwards along which changed fields of an entity travel."""
    found: dict[Way, None] = {Way(entity.key): None}
    waiting: list[tuple[Way, str, frozenset[str]]] = [
        (Way(entity.key), entity.key, work.ctx.compiled.graph.following(entity.key, fields))
    ]
    while waiting:
        way, here, changed = waiting.pop()
        kind = work.entity(here)
        hops = set(_first_hops(work, kind, changed))
        if kind.child_of is not None and not way.hops:
            hops.add(Hop(here, kind.child_of.via, kind.child_of.entity, back=True))
        for hop in sorted(hops, key=lambda each: (each.link, each.target)):
            beyond = Way(entity.key, (*way.hops, hop))
            if beyond not in found and len(beyond.hops) <= len(work.model.entities):
                found[beyond] = None
                graph = work.ctx.compiled.graph
                fed = graph.following(hop.target, _fed(work, kind, hop, changed))
                waiting.append((beyond, hop.target, fed))
    return tuple(found)


def _first_hops(work: Work, entity: Entity, changed: Collection[str]) -> Iterable[Hop]:
    """Yield the links of an entity along which changed fields travel to the record above."""
    for edge in work.ctx.compiled.graph.edges.get(entity.key, ()):
        if edge.source_field in changed and edge.path[-1].back:
            yield edge.path[-1]


def _fed(work: Work, entity: Entity, hop: Hop, changed: Collection[str]) -> set[str]:
    """Return the fields of the record right above that follow from changed ones."""
    return {
        edge.field
        for edge in work.ctx.compiled.graph.edges.get(entity.key, ())
        if edge.source_field in changed and edge.path == (hop,)
    }
