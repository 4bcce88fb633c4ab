"""Whatever both sides add and rename: what ours wrote leads where it led (P-05, P-30)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formula.scope import Step
from metamodel import DefinitionInvalid, Layer, Model, load
from metamodel.editing import minimal_layer
from metamodel.rebase import Stack, rebased
from tests.budget import examples

Document = dict[str, Any]

NAMES = ("a", "b", "c", "d", "e")

LINKS = {"order": "customer", "customer": "city"}
"""Each entity's link: orders lead to customers, and these to cities."""


def _base(dice: Random) -> Document:
    """Return an app of three entities, linked in a row, with numbers and formulas."""
    entities: Document = {}
    for entity in ("city", "customer", "order"):
        fields: Document = {
            name: {"type": "integer", "help": f"{entity} {name}"}
            for name in dice.sample(NAMES, dice.randint(1, 3))
        }
        if entity in LINKS:
            fields["to"] = {"type": "link", "to": LINKS[entity], "inverse": f"{entity}s"}
        entities[entity] = {"label": entity.capitalize(), "fields": fields}
    document = {"format": 1, "app": {"name": "app", "label": "App"}, "entities": entities}
    _speak(document, dice, "base")
    return document


def _ways(document: Document, entity: str) -> list[str]:
    """Return what formulas of an entity may name: its numbers, and those along links."""
    here = document["entities"][entity]["fields"]
    found = [n for n, f in here.items() if f["type"] == "integer" and "formula" not in f]
    if entity in LINKS:
        link = next(name for name, each in here.items() if each["type"] == "link")
        found += [f"{link}.{way}" for way in _ways(document, LINKS[entity])]
    return found


def _speak(document: Document, dice: Random, who: str) -> None:
    """Let a side say something about fields: formulas, views, rules, as names are on its side."""
    for entity in document["entities"]:
        ways = _ways(document, entity)
        if not ways or dice.random() < 0.3:
            continue
        one, other = dice.choice(ways), dice.choice(ways)
        said = document["entities"][entity]
        name = f"{who}_sum"
        said["fields"][name] = {"type": "integer", "formula": f"{one}+ 2 * {other}"}
        said.setdefault("views", {})[f"{who}_list"] = {
            "type": "list", "filter": f"{one} > {other}",
            "columns": {one: {}}, "sort": [f"-{other}"],
        }  # fmt: skip
        said.setdefault("rules", {})[f"{who}_rule"] = {
            "refuse_when": f"{other} > 9", "message": "No.",
        }  # fmt: skip


def _side(base: Document, dice: Random, who: str) -> Document:
    """Return what a side makes of the base: fields renamed and added, and spoken of."""
    entities: Document = {}
    for entity, said in base["entities"].items():
        fields: Document = {}
        free = [each for each in dice.sample(NAMES, len(NAMES)) if each not in said["fields"]]
        for name, each in said["fields"].items():
            plain = each["type"] == "integer" and "formula" not in each
            if plain and free and dice.random() < 0.3:
                fields[free.pop()] = {**each, "key": name, "renamed_from": [name]}
            else:
                fields[name] = each
        for _ in range(dice.randint(0, 2)):
            name = dice.choice(NAMES)
            # A name that an element of the tenant answers to is refused to another one.
            given = name in fields or (who == "ours" and name in said["fields"])
            if not given:
                key = f"{who}_{entity}_{name}"
                fields[name] = {"type": "integer", "help": key, "key": key}
        entities[entity] = {**said, "fields": fields, "views": dict(said.get("views", {}))}
        entities[entity]["rules"] = dict(said.get("rules", {}))
    document = {**base, "entities": entities}
    _speak(document, dice, who)
    return document


def _led(model: Model, who: str) -> Iterator[tuple[str, Sequence[Sequence[Step]]]]:
    """Yield what a side wrote, with the fields by key that it leads to."""
    for key, entity in model.entities.items():
        for field in entity.fields.values():
            if field.name.startswith(who) and field.formula is not None:
                yield f"{key}.{field.name}", sorted(field.formula.dependencies.reads, key=str)
        for view in entity.views.values():
            if view.name.startswith(who) and view.filter is not None:
                paths = [column.path for column in view.columns] + [each.path for each in view.sort]
                steps: list[Sequence[Step]] = [each.binding.steps for each in paths]  # type: ignore[union-attr]
                yield f"{key}.{view.name}", steps + sorted(view.filter.dependencies.reads, key=str)
        for rule in entity.rules.values():
            if rule.name.startswith(who):
                reads = rule.refuse_when.dependencies.reads
                yield f"{key}.{rule.name}", sorted(reads, key=str)


def _own(base: Document, side: Document) -> Mapping[str, object]:
    return minimal_layer([Layer("app", base)], side)


def _kept(seed: int) -> bool:
    """Check one merge; return whether both sides hold together by themselves."""
    dice = Random(seed)
    base = _base(dice)
    theirs, ours = _side(base, dice, "theirs"), _side(base, dice, "ours")
    own = _own(base, ours)
    try:
        left, right = load([Layer("app", theirs)]), load([Layer("app", base), Layer("own", own)])
    except DefinitionInvalid:
        return False

    moved = rebased(Stack([Layer("app", base)], {}), Stack([Layer("app", theirs)], {}), own)

    model = load([Layer("app", theirs), Layer("own", moved.layer)])
    assert dict(_led(model, "ours")) == dict(_led(right, "ours")), f"seed {seed}"
    assert dict(_led(model, "theirs")) == dict(_led(left, "theirs")), f"seed {seed}"
    return True


@settings(max_examples=examples(60), deadline=None)
@given(st.integers(min_value=0, max_value=10**9))
def test_what_ours_wrote_leads_where_it_led_and_so_does_theirs(seed: int) -> None:
    _kept(seed)


def test_most_random_sides_hold_together_so_that_merging_them_says_something() -> None:
    assert sum(map(_kept, range(20))) >= 15


@pytest.mark.soak
def test_thousands_of_merges_keep_what_both_sides_mean() -> None:
    assert sum(map(_kept, range(10_000, 13_000))) > 2_000
