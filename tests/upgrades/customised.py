"""Tenants that were customised at random: what people really change in a CRM, by a seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

Document = dict[str, Any]

TYPES = ("text", "integer", "date", "money", "boolean", "long_text", "percent", "url")

WORDS = ("grade", "depot", "colour", "channel_no", "inspector", "batch", "season", "vessel")


def customised(app: Mapping[str, Any], seed: int, changes: int) -> tuple[Document, int]:
    """Return a layer over `app` with about so many changes, and how many there are."""
    random = Random(seed)
    layer: Document = {}
    made = 0
    for index in range(changes):
        act = random.choice(ACTS)
        made += act(random, app, layer, f"{random.choice(WORDS)}_{index}")
    return layer, made


def said(layer: Document, *path: str) -> Document:
    """Return the map at a path of a layer, made where it was missing."""
    for name in path:
        layer = layer.setdefault(name, {})
    return layer


def entities(app: Mapping[str, Any]) -> Sequence[str]:
    return [name for name, each in app["entities"].items() if each.get("module")]


def _relabel_entity(random: Random, app: Mapping[str, Any], layer: Document, word: str) -> int:
    entity = random.choice(entities(app))
    said(layer, "entities", entity, "label")["en"] = word.capitalize()
    return 1


def _relabel_field(random: Random, app: Mapping[str, Any], layer: Document, word: str) -> int:
    entity = random.choice(entities(app))
    field = random.choice(list(app["entities"][entity]["fields"]))
    said(layer, "entities", entity, "fields", field, "label")["zh"] = f"{word}名"
    return 1


def _help(random: Random, app: Mapping[str, Any], layer: Document, word: str) -> int:
    entity = random.choice(entities(app))
    field = random.choice(list(app["entities"][entity]["fields"]))
    said(layer, "entities", entity, "fields", field)["help"] = f"See {word}"
    return 1


def _add_field(random: Random, app: Mapping[str, Any], layer: Document, word: str) -> int:
    entity = random.choice(entities(app))
    after = random.choice(list(app["entities"][entity]["fields"]))
    said(layer, "entities", entity, "fields")[f"x_{word}"] = {
        "type": random.choice(TYPES), "label": {"en": word, "zh": word}, "$after": after,
    }  # fmt: skip
    return 1


def _compute(random: Random, app: Mapping[str, Any], layer: Document, word: str) -> int:
    """Add a field computed from an entered one, and a rule over it."""
    entity = random.choice(entities(app))
    numbers = [
        name
        for name, each in app["entities"][entity]["fields"].items()
        if each.get("type") in ("integer", "decimal") and "formula" not in each
    ]
    if not numbers:
        return 0
    source = random.choice(numbers)
    said(layer, "entities", entity, "fields")[f"y_{word}"] = {
        "type": "integer", "formula": f"ROUND({source} * 2, 0)", "label": {"en": word, "zh": word},
    }  # fmt: skip
    said(layer, "entities", entity, "rules")[f"r_{word}"] = {
        "refuse_when": f"{source} > 1000000", "message": {"en": "Too much.", "zh": "过大。"},
        "at": source,
    }  # fmt: skip
    return 2


def _add_entity(random: Random, app: Mapping[str, Any], layer: Document, word: str) -> int:
    target = random.choice(entities(app))
    said(layer, "entities")[f"z_{word}"] = {
        "label": {"en": word, "zh": word}, "title": "name",
        "fields": {
            "name": {"type": "text"},
            "about": {"type": "link", "to": target, "inverse": f"z_{word}s"},
        },
    }  # fmt: skip
    return 1


def _option(random: Random, app: Mapping[str, Any], layer: Document, word: str) -> int:
    name = random.choice(list(app["choices"]))
    options = app["choices"][name]["options"]
    placed = {"$after": random.choice(list(options))}
    said(layer, "choices", name, "options")[f"o_{word}"] = {
        "label": {"en": word, "zh": word},
        **placed,
    }
    return 1


def _stage(random: Random, app: Mapping[str, Any], layer: Document, word: str) -> int:
    entity, pipeline = random.choice(_pipelines(app))
    stages = app["entities"][entity]["pipelines"][pipeline]["stages"]
    after = random.choice([name for name, each in stages.items() if "ends" not in each])
    here = said(layer, "entities", entity, "pipelines", pipeline, "stages")
    here[f"s_{word}"] = {"label": {"en": word, "zh": word}, "$after": after}
    return 1


def _relabel_stage(random: Random, app: Mapping[str, Any], layer: Document, word: str) -> int:
    entity, pipeline = random.choice(_pipelines(app))
    stage = random.choice(list(app["entities"][entity]["pipelines"][pipeline]["stages"]))
    path = ("entities", entity, "pipelines", pipeline, "stages", stage, "label")
    said(layer, *path)["en"] = word
    return 1


def _view(random: Random, app: Mapping[str, Any], layer: Document, word: str) -> int:
    """Hide, rename or sort a view."""
    entity = random.choice([e for e in entities(app) if app["entities"][e].get("views")])
    view = random.choice(list(app["entities"][entity]["views"]))
    here = said(layer, "entities", entity, "views", view)
    here.update(random.choice(({"label": {"en": word}}, {"sort": ["-created_at"]})))
    return 1


def _column(random: Random, app: Mapping[str, Any], layer: Document, word: str) -> int:
    """Take a column out of a list, or bring it to the front."""
    lists = [
        (entity, name)
        for entity in entities(app)
        for name, view in app["entities"][entity].get("views", {}).items()
        if len(view.get("columns", ())) > 2
    ]
    entity, view = random.choice(lists)
    column = random.choice(list(app["entities"][entity]["views"][view]["columns"]))
    here = said(layer, "entities", entity, "views", view, "columns")
    here[column] = random.choice(({"$retire": True}, {"$first": True}))
    return 1


def _item(random: Random, app: Mapping[str, Any], layer: Document, word: str) -> int:
    """Widen an item of a form, or move it."""
    places = [
        (entity, tab, section)
        for entity in entities(app)
        for tab, each in _tabs(app["entities"][entity]).items()
        for section, inner in each.get("sections", {}).items()
        if len(inner.get("items", ())) > 2
    ]  # fmt: skip
    entity, tab, section = random.choice(places)
    items = app["entities"][entity]["forms"]["default"]["tabs"][tab]["sections"][section]["items"]
    path = ("entities", entity, "forms", "default", "tabs", tab, "sections", section, "items")
    said(layer, *path)[random.choice(list(items))] = random.choice(({"width": 2}, {"$first": True}))
    return 1


def _right(random: Random, app: Mapping[str, Any], layer: Document, word: str) -> int:
    role, entity = random.choice(list(app["roles"])), random.choice(entities(app))
    if app["entities"][entity].get("child_of"):
        return 0
    said(layer, "roles", role, "rights", entity)["export"] = random.choice(("all", "own"))
    said(layer, "roles", role, "rights", entity).setdefault("read", "all")
    return 1


def _role(random: Random, app: Mapping[str, Any], layer: Document, word: str) -> int:
    entity = random.choice([e for e in entities(app) if not app["entities"][e].get("child_of")])
    said(layer, "roles")[f"t_{word}"] = {
        "label": {"en": word, "zh": word}, "rights": {entity: {"read": "all"}},
    }  # fmt: skip
    return 1


def _setting(random: Random, app: Mapping[str, Any], layer: Document, word: str) -> int:
    said(layer, "settings", "frequent_orders")["default"] = random.randint(2, 12)
    return 1


def _widget(random: Random, app: Mapping[str, Any], layer: Document, word: str) -> int:
    board = random.choice(list(app["dashboards"]))
    widget = random.choice(list(app["dashboards"][board]["widgets"]))
    said(layer, "dashboards", board, "widgets", widget, "label")["en"] = word
    return 1


def _required(random: Random, app: Mapping[str, Any], layer: Document, word: str) -> int:
    entity = random.choice(entities(app))
    fields = app["entities"][entity]["fields"]
    plain = [
        n
        for n, f in fields.items()
        if f.get("type") in ("text", "date", "money") and "formula" not in f
    ]
    if not plain:
        return 0
    said(layer, "entities", entity, "fields", random.choice(plain))["required"] = True
    return 1


def _where_both_change(random: Random, app: Mapping[str, Any], layer: Document, word: str) -> int:
    """Change something that the second version changes, too."""
    name, value = random.choice(MEETING)
    here = said(layer, *name[:-1])
    here[name[-1]] = value
    return 1


MEETING: tuple[tuple[tuple[str, ...], object], ...] = (
    (("entities", "opportunity", "fields", "purchase_criteria", "label", "en"), "How they choose"),
    (("entities", "opportunity", "fields", "purchase_criteria", "max_length"), 4000),
    (("entities", "opportunity", "fields", "loss_reason", "options", "contact", "color"), "red"),
    (("entities", "customer", "fields", "legal_person", "max_length"), 80),
    (("entities", "customer", "fields", "next_review"), {"type": "date", "label": {"en": "Meet"}}),
    (("entities", "asset", "fields", "warranty_days", "formula"),
     'DATEDIFF(TODAY(), warranty_end, "day") + 1'),
    (("entities", "asset", "rules", "installed_after_sale", "message", "en"), "Bought first."),
    (("entities", "asset", "views", "much_repaired", "filter"), "repair_count >= 5"),
    (("entities", "opportunity", "fields", "budget_approved", "label", "en"), "Budget is there"),
    (("entities", "bid", "pipelines", "process", "stages", "submitted", "normal_days"), 60),
    (("roles", "service", "rights", "contact", "export"), "own"),
)  # fmt: skip
"""Where both versions and the tenant meet: on the same leaf, beside it, or under another name."""


def _tabs(entity: Mapping[str, Any]) -> Mapping[str, Any]:
    tabs: Mapping[str, Any] = entity.get("forms", {}).get("default", {}).get("tabs", {})
    return tabs


def _pipelines(app: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    return [(e, name) for e in entities(app) for name in app["entities"][e].get("pipelines", {})]


Act = Callable[[Random, Mapping[str, Any], Document, str], int]

ACTS: tuple[Act, ...] = (
    _relabel_entity, _relabel_field, _help, _add_field, _compute, _add_entity, _option, _stage,
    _relabel_stage, _view, _column, _item, _right, _role, _setting, _widget, _required,
    _where_both_change,
)  # fmt: skip
