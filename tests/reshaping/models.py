"""Random applications, random changes of them, and random values: for tests of reshaping.

A state is the tenant's own layer over a small base. Everything is drawn from dice that are
given (`random.Random`, also hypothesis' own), so that a run can be repeated and shrunk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from random import Random
from typing import Any

from metamodel.dump import dump

BASE = """
format: 1
app: {name: shop, label: Shop, version: "1.0", languages: [en, zh]}
entities:
  city:
    label: City
    title: name
    fields: {name: {type: text}, code: {type: text, unique: true}}
  customer:
    label: Customer
    title: name
    fields:
      name: {type: text, required: true}
      level: {type: choice, options: {a: {label: Key}, b: {label: Other}, c: {label: Third}}}
    pipelines:
      life:
        label: Life
        field: phase
        stages: {lead: {label: Lead}, talks: {label: Talks}, client: {label: Client}}
"""

Document = dict[str, Any]
"""The tenant's own layer. Any: what maps of maps end in."""

TYPES = (
    "text", "long_text", "integer", "decimal", "percent", "date", "datetime", "time", "boolean",
    "choice", "multi_choice", "tags", "duration", "link", "links", "json", "email",
)  # fmt: skip

WORDS = (
    "12", "1,200.5", "13%", "2026-03-01", "2026-03-01 09:30", "9:30", "yes", "no", "Key", "x",
    "Jena", "Gera, Jena", "Nowhere", "a@b.org", "plain words", "2:30", "0",
)  # fmt: skip
"""Texts of which each reads as some type, and none as all."""

WIRE: Mapping[str, Callable[[Random], object]] = {
    "integer": lambda dice: dice.choice((0, 1, 7, -3, 20260301)),
    "decimal": lambda dice: dice.choice(("0.5", "12.25", "-1", "99999")),
    "percent": lambda dice: dice.choice(("0.13", "1", "-0.5")),
    "date": lambda dice: dice.choice(("2026-03-01", "1999-12-31")),
    "datetime": lambda dice: dice.choice(("2026-03-01T09:30:00Z", "2001-01-01T00:00:00Z")),
    "time": lambda dice: dice.choice(("09:30:00", "23:59:59")),
    "boolean": lambda dice: dice.choice((True, False)),
    "choice": lambda dice: dice.choice("xyz"),
    "multi_choice": lambda dice: dice.sample("xyz", dice.randint(1, 3)),
    "tags": lambda dice: dice.sample(("Key", "x", "Jena"), dice.randint(1, 2)),
    "duration": lambda dice: dice.choice((60, 5400)),
    "json": lambda dice: dice.choice(("x", 3, ["x", "y"], {"city": "Jena"})),
    "email": lambda dice: "a@b.org",
}
"""A value of a type as the API takes it; of links, see `value`."""


def layer(state: Document) -> str:
    """Return a state as the text of the tenant's layer."""
    return dump(state) if state else ""


def value(kind: str, dice: Random, cities: tuple[str, ...]) -> object:
    """Return a value for a field of a type; now and then a blank one."""
    if dice.random() < 0.2:
        return None
    if kind == "link":
        return dice.choice(cities)
    if kind == "links":
        return dice.sample(cities, dice.randint(1, len(cities)))
    return WIRE[kind](dice) if kind in WIRE else dice.choice(WORDS)


def changed(state: Document, dice: Random, number: int) -> Document:
    """Return a state after one random change; `number` makes new names."""
    after = deepcopy(state)
    dice.choice(CHANGES)(after, dice, number)
    return after


def own_fields(state: Document) -> dict[str, Any]:
    """Return the fields that the layer adds to customers."""
    entity = state.setdefault("entities", {}).setdefault("customer", {})
    found: dict[str, Any] = entity.setdefault("fields", {})
    return found


def _stages(state: Document) -> dict[str, Any]:
    entity = state.setdefault("entities", {}).setdefault("customer", {})
    life = entity.setdefault("pipelines", {}).setdefault("life", {})
    found: dict[str, Any] = life.setdefault("stages", {})
    return found


def _spec(kind: str) -> Document:
    made: Document = {"type": kind}
    if kind in ("link", "links"):
        made["to"] = "city"
    if kind in ("choice", "multi_choice"):
        made["options"] = {each: {"label": each.upper()} for each in "xyz"}
    return made


def _add(state: Document, dice: Random, number: int) -> None:
    own_fields(state)[f"f{number}"] = _spec(dice.choice(TYPES))


def _retype(state: Document, dice: Random, number: int) -> None:
    name, spec = _one(state, dice)
    if name:
        kept = {key: spec[key] for key in ("key", "renamed_from") if key in spec}
        own_fields(state)[name] = {**_spec(dice.choice(TYPES)), **kept}


def _rename(state: Document, dice: Random, number: int) -> None:
    name, spec = _one(state, dice)
    if name:
        fields = own_fields(state)
        del fields[name]
        former = [*spec.get("renamed_from", []), name]
        fields[f"g{number}"] = {**spec, "key": spec.get("key", name), "renamed_from": former}


def _retire(state: Document, dice: Random, number: int) -> None:
    name, spec = _one(state, dice)
    if name:
        spec["$retire"] = True


def _restore(state: Document, dice: Random, number: int) -> None:
    gone = [each for each in own_fields(state).values() if each.get("$retire")]
    if gone:
        del dice.choice(gone)["$retire"]


def _compute(state: Document, dice: Random, number: int) -> None:
    """Make a number, or yes and no, computed, or one that is computed entered again."""
    fields = [each for each in own_fields(state).values() if each.get("type") in FORMULAS]
    if fields:
        spec = dice.choice(fields)
        if spec.pop("formula", None) is None:
            spec["formula"] = FORMULAS[spec["type"]]


def _options(state: Document, dice: Random, number: int) -> None:
    """Merge an option into another, or bring one back."""
    choices = [each["options"] for each in own_fields(state).values() if "options" in each]
    options = dice.choice([*choices, _level(state)])
    _merge(options, dice, ("x", "y", "z") if "x" in options else ("a", "b", "c"))


def _level(state: Document) -> dict[str, Any]:
    found: dict[str, Any] = (
        own_fields(state).setdefault("level", {"options": {}}).setdefault("options", {})
    )
    return found


def _merge(elements: dict[str, Any], dice: Random, names: tuple[str, ...]) -> None:
    gone = [name for name in names if elements.get(name, {}).get("$retire")]
    live = [name for name in names if name not in gone]
    if gone and dice.random() < 0.4:
        name = dice.choice(gone)
        elements[name] = {k: v for k, v in elements[name].items() if k not in ("$retire", "into")}
        if not elements[name]:
            del elements[name]
    elif len(live) > 1:
        name, into = dice.sample(live, 2)
        elements[name] = {**elements.get(name, {}), "$retire": True, "into": into}


def _pipeline(state: Document, dice: Random, number: int) -> None:
    """Merge a stage into another, or bring one back."""
    stages = _stages(state)
    made = (name for name in stages if name.startswith("t"))
    _merge(stages, dice, tuple(dict.fromkeys(("lead", "talks", "client", *made))))


def _split(state: Document, dice: Random, number: int) -> None:
    """Split a stage or an option by a condition, say another one, or take what was split back."""
    parts, label, givers = dice.choice(
        (
            (_stages(state), f"T{number}", ("lead", "talks", "client")),
            (_level(state), f"U{number}", ("a", "b", "c")),
        )
    )
    split = [name for name, each in parts.items() if "takes" in each]
    condition = dice.choice(CONDITIONS)
    if split and dice.random() < 0.4:
        name = dice.choice(split)
        if dice.random() < 0.5:
            del parts[name]
        else:
            parts[name] = {**parts[name], "takes": {next(iter(parts[name]["takes"])): condition}}
        return
    giver = dice.choice([*givers, *split])
    parts[label.lower()] = {"label": label, "takes": {giver: condition}}


CONDITIONS = ("LEN(name) > 2", 'name in ["c0", "c2", "c5"]', 'name < "c2"', "true")
"""By what options and stages are split."""


def _stage(state: Document, dice: Random, number: int) -> None:
    anchor = dice.choice(("lead", "talks", "client"))
    _stages(state)[f"s{number}"] = {"label": f"S{number}", "$after": anchor}


FORMULAS = {"integer": "LEN(name)", "decimal": "LEN(name) + 1", "boolean": "LEN(name) > 2"}
"""What a field of each type is computed by."""

CHANGES = (
    _add, _add, _retype, _retype, _retype, _rename, _retire, _restore, _compute, _options,
    _pipeline, _stage, _split, _split,
)  # fmt: skip
"""What can be done to a state; some more often."""


def _one(state: Document, dice: Random) -> tuple[str, Document]:
    """Return a field of the layer's own that is in use, or nothing."""
    live = {
        name: spec
        for name, spec in own_fields(state).items()
        if "type" in spec and not spec.get("$retire")
    }
    name = dice.choice(sorted(live)) if live else ""
    return name, live.get(name, {})
