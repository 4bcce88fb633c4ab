"""Links starter records and scenarios: records written as data, and what people do with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from metamodel.flows import StarterRecord
from metamodel.label import Label
from metamodel.linking.draft import Draft, known_roles
from metamodel.linking.storysteps import Told, link_story_step, read_day
from metamodel.linking.written import written_values
from metamodel.nearest import nearest
from metamodel.reader import Node
from metamodel.stories import Person, Scenario, ScenarioStep

EPOCH = date(2000, 1, 1)
"""Stands for a day that could not be read, in a model that is refused."""


def link_starters(draft: Draft) -> Iterator[StarterRecord]:
    """Yield starter records, checked against the fields of their entity."""
    for group in draft.root.child("starter_records").live():
        entity = draft.entity(group, group.name)
        if entity is None:
            continue
        for node in group.live():
            values = written_values(draft, node.child("set"), entity, lines=False)
            yield StarterRecord(node.key, entity.key, values, node.flag("keep"))


def check_default_links(draft: Draft, starters: Sequence[StarterRecord]) -> None:
    """Report links whose default is no starter record of an entity that they point to."""
    known = {starter.key: starter.entity for starter in starters}
    for (entity, key), node in draft.fields.items():
        field = draft.entities[entity].fields.get(key)
        if field is None or field.link is None or not isinstance(field.default, str):
            continue
        if known.get(field.default) not in field.link.to:
            fitting = [name for name, of in known.items() if of in field.link.to]
            sentence = f"`{field.default}` is no starter record that `{field.name}` may point to."
            hint = nearest(field.default, fitting, "Write the key of one:")
            node.report("unknown_starter", sentence, hint, at="default")


def link_scenarios(draft: Draft) -> dict[str, Scenario]:
    """Return scenarios by name; records are known by the steps that made them."""
    starters = {
        node.key: entity.key
        for group in draft.root.child("starter_records").live()
        for node in group.live()
        if (entity := draft.model.entity_named(group.name)) is not None
    }
    return {
        node.name: draft.remembered(
            ("scenarios", node.name),
            (node.value, starters),
            lambda seen, node=node: _scenario(seen, node, starters),  # type: ignore[misc]
        )
        for node in draft.root.child("scenarios").live()
    }


def _scenario(draft: Draft, node: Node, starters: Mapping[str, str]) -> Scenario:
    people = {person.name: person for person in _people(draft, node)}
    told = Told(draft, {**starters, **dict.fromkeys(people, "user")}, people)
    person, roles = told.actor(node)
    given = tuple(_given(told, each) for each in node.child("given").live())
    return Scenario(
        name=node.name,
        label=node.label() or Label({"": node.name}),
        today=read_day(node) or EPOCH,
        roles=roles if roles or person else ("administrator",),
        steps=given + tuple(link_story_step(told, each) for each in node.child("steps").live()),
        person=person,
        people=people,
    )


def _given(told: Told, node: Node) -> ScenarioStep:
    if "create" not in node:
        node.report(
            "missing_key",
            f"`{node.name}` is given, but not as a new record.",
            "Write `create: entity` and `set: {…}`; what people do stands under `steps:`.",
        )
    return link_story_step(told, node, given=True)


def _people(draft: Draft, node: Node) -> Iterator[Person]:
    named = [each.name for each in node.child("people").live()]
    for each in node.child("people").live():
        manager = each.text("manager")
        if manager and manager not in named:
            sentence = f"There is no person `{manager}` in this scenario."
            each.report("unknown_person", sentence, nearest(manager, named), at="manager")
        yield Person(
            name=each.name,
            roles=known_roles(draft, each, "roles"),
            department=each.text("department"),
            manager=manager if manager in named else "",
            team=each.text("team"),
        )
