"""Checks computed fields in the order they depend on each other, and decides which are stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from formula.typed import Dependencies, Read, Typed
from metamodel.linking.draft import Draft
from metamodel.linking.formulas import Rules, formula
from metamodel.model import Field
from metamodel.reader import Node
from metamodel.scope import scope_of

Place = tuple[str, str]
"""A field by entity key and field key."""


def link_computed(draft: Draft) -> None:
    """Give every computed field its checked formula; cycles are problems that show their path."""
    nodes = {
        place: node
        for place, node in draft.fields.items()
        if "formula" in node and not node.retired and place[1] in draft.entities[place[0]].fields
    }
    for place, node in nodes.items():
        _set(draft, place, _known(draft, place, node))
    order = _Order(draft, nodes)
    for place in order.sorted():
        _settle(draft, place, nodes[place])
    _store_what_stored_ones_need(draft, order.done)


def reads(dependencies: Dependencies) -> Iterator[Place]:
    """Yield every field that a formula reads, links on the way included."""
    for chain in dependencies.reads:
        yield from ((step.entity, step.field) for step in chain)
    for collection in dependencies.collections:
        yield from ((step.entity, step.field) for step in collection.links)
        yield collection.via.entity, collection.via.field
        for chain in collection.reads:
            yield from ((step.entity, step.field) for step in chain)
    for chain in dependencies.outer:
        yield from ((step.entity, step.field) for step in chain)


def _known(draft: Draft, place: Place, node: Node) -> Typed | None:
    """Return a field's formula, checked as far as what it reads is not as it was."""
    found = _field(draft, place)
    unit = ("formula", *place, found.formula is None)
    given = (node.value, found.value_type, found.stored)
    return draft.remembered(unit, given, lambda seen: _checked(seen, place, node))


def _checked(draft: Draft, place: Place, node: Node) -> Typed | None:
    found = _field(draft, place)
    scope = scope_of(draft.model, place[0])
    return formula(node, "formula", scope, Rules(found.value_type, personal=not found.stored))


def _field(draft: Draft, place: Place) -> Field:
    return draft.entities[place[0]].fields[place[1]]


def _set(draft: Draft, place: Place, typed: Typed | None, *, stored: bool | None = None) -> None:
    fields: dict[str, Field] = draft.entities[place[0]].fields  # type: ignore[assignment]
    found = fields[place[1]]
    kept = found.stored if stored is None else stored
    (fields[place[1]],) = draft.made(
        ("computed", *place, found.formula is None, stored),
        (found, typed, kept),
        lambda: (replace(found, formula=typed, readonly=True, stored=kept),),
    )


@dataclass(slots=True)
class _Order:
    """Depth-first order of computed fields; a cycle is reported once, with its path."""

    draft: Draft
    nodes: Mapping[Place, Node]
    done: list[Place] = field(default_factory=list)
    state: dict[Place, int] = field(default_factory=dict)

    def sorted(self) -> list[Place]:
        """Return computed fields, each after those it reads."""
        for place in self.nodes:
            self._visit(place)
        return self.done

    def _visit(self, start: Place) -> None:
        trail: list[tuple[Place, Iterator[Place]]] = []
        self._enter(start, trail)
        while trail:
            place, waiting = trail[-1]
            following = next(waiting, None)
            if following is None:
                trail.pop()
                self.state[place] = 2
                self.done.append(place)
            elif self.state.get(following) == 1:
                self._report([entry[0] for entry in trail], following)
            else:
                self._enter(following, trail)

    def _enter(self, place: Place, trail: list[tuple[Place, Iterator[Place]]]) -> None:
        if place not in self.nodes or place in self.state:
            return
        self.state[place] = 1
        typed = _field(self.draft, place).formula
        reading = () if typed is None else dict.fromkeys(reads(typed.dependencies))
        trail.append((place, iter(reading)))

    def _report(self, trail: list[Place], back: Place) -> None:
        loop = [*trail[trail.index(back) :], back]
        names = " → ".join(
            f"{self.draft.entities[entity].name}.{_field(self.draft, (entity, key)).name}"
            for entity, key in loop
        )
        self.nodes[loop[-2]].report(
            "formula_cycle",
            f"Computed fields depend on each other in a circle: {names}.",
            "Change one of these formulas so that it does not read the next.",
            at="formula",
        )


def _settle(draft: Draft, place: Place, node: Node) -> None:
    """Check again what turned out to read dated or personal values; decide on storage."""
    found = _field(draft, place)
    typed = found.formula
    if typed is None:
        return
    if typed.stability == "stable" and any(
        _unsettled(draft, read) for read in reads(typed.dependencies)
    ):
        typed = _known(draft, place, node) or typed
    _set(draft, place, typed, stored=_stored(draft, place, node, typed))


def _unsettled(draft: Draft, place: Place) -> bool:
    found = _field(draft, place)
    return found.formula is not None and not found.stored and found.formula.stability != "stable"


def _stored(draft: Draft, place: Place, node: Node, typed: Typed) -> bool:
    wanted = node.get("stored")
    daily = node.text("refresh") == "daily"
    same = any(collection.entity == place[0] for collection in typed.dependencies.collections)
    if typed.stability != "stable" and not (typed.stability == "dated" and daily):
        if wanted is True:
            node.report(
                "stored_not_stable",
                f"`{node.name}` is {typed.stability}, so it cannot be stored.",
                "Leave `stored` out: it is computed when read.",
                at="stored",
            )
        return False
    if same and wanted is not False:
        node.report(
            "rollup_of_itself",
            f"`{node.name}` sums up records of its own entity.",
            "Say `stored: false`: it is computed when read.",
            at="formula",
        )
        return False
    if isinstance(wanted, bool):
        return wanted
    return not _looks_up(typed) or node.flag("unique") or node.flag("index")


def _looks_up(typed: Typed) -> bool:
    """Return whether a formula only shows a field of a linked record."""
    node = typed.node
    return isinstance(node, Read) and any(len(chain) > 1 for chain in typed.dependencies.reads)


def _store_what_stored_ones_need(draft: Draft, order: list[Place]) -> None:
    """Store look-ups that a stored formula reads; refuse where that was ruled out."""
    for place in reversed(order):
        found = _field(draft, place)
        if not found.stored or found.formula is None:
            continue
        for read in dict.fromkeys(reads(found.formula.dependencies)):
            other = _field(draft, read)
            if other.formula is None or other.stored:
                continue
            if draft.fields[read].get("stored") is False:
                draft.fields[place].report(
                    "stored_over_unstored",
                    f"`{found.name}` is stored, but reads `{other.name}`, which is not.",
                    f"Say `stored: false` here, too, or take it out of `{other.name}`.",
                    at="formula",
                )
            else:
                _set(draft, read, other.formula, stored=True)
    for entity in draft.entities.values():
        fields: dict[str, Field] = entity.fields  # type: ignore[assignment]
        for key, each in fields.items():
            if each.formula is not None and not each.stored:
                fields[key] = replace(each, column="", columns={})
