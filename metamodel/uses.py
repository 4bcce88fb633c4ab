"""Tells where any element of a model is used: what a change of it touches.

Every use is a pair of paths of keys: the element that uses, and the one that is used. Formulas
use fields, settings, calendars, and the options and stages that they compare with; screens,
roles and whatever acts use what they name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import is_dataclass, replace
from functools import lru_cache
from types import MappingProxyType

from formula.scope import CollectionBinding, FieldBinding
from formula.typed import Constant, Items, Node, Operation, Read, Typed
from metamodel.access import Role
from metamodel.actions import CallAutomation, ConvertRecord, MakeDocument, StartApproval
from metamodel.approvals import Approval
from metamodel.automation import Trigger
from metamodel.dashboards import MenuEntry, Widget
from metamodel.fields import Link, Option
from metamodel.flows import Stage, StarterRecord
from metamodel.label import Label
from metamodel.linking.computed import reads
from metamodel.model import Entity, Model
from metamodel.naming import fields_named
from metamodel.outward import PortalAccess
from metamodel.parts import ACTING
from metamodel.same import Same
from metamodel.views import FieldPath, Form

Path = tuple[str, ...]

Use = tuple[Path, Path]
"""Who uses, and what is used."""

KEPT = 16
"""Models whose uses are remembered: those that somebody is changing now."""

ENTITY_PARTS = (
    "fields",
    "rules",
    "unique",
    "indexes",
    "duplicates",
    "converts",
    "buttons",
    "forms",
    "views",
)
"""Parts of an entity whose elements use others; pipelines are looked into stage by stage."""

NAMED_BY: Mapping[str, str] = MappingProxyType(
    {
        "entity": "entities",
        "create": "entities",
        "people": "entities",
        "against": "entities",
        "role": "roles",
        "roles": "roles",
        "gives": "roles",
        "module": "modules",
        "message": "messages",
        "attach": "documents",
        "calendar": "calendars",
        "dashboard": "dashboards",
        "dashboards": "dashboards",
        "choices": "choices",
        "form": "public_forms",
    }
)
"""Attributes that name elements of a part of the model, whatever they stand in."""


def uses(model: Model) -> Mapping[Path, tuple[Path, ...]]:
    """Return for every element that is used the paths of those that use it, each once."""
    return _index(Same(model))


@lru_cache(maxsize=KEPT)
def _index(same: Same[Model]) -> Mapping[Path, tuple[Path, ...]]:
    model = same.thing
    found: dict[Path, dict[Path, None]] = {}
    for user, used in _all(model):
        if user[: len(used)] != used:
            found.setdefault(used, {})[user] = None
    return {used: tuple(users) for used, users in found.items()}


def uses_of(model: Model, path: Path) -> tuple[Path, ...]:
    """Return what uses an element, or anything that stands in it; not what stands in it itself."""
    return used_by(uses(model), path)


def used_by(known: Mapping[Path, tuple[Path, ...]], path: Path) -> tuple[Path, ...]:
    """Return the same from an index of all uses."""
    users = (
        user
        for used, users in known.items()
        if used[: len(path)] == path
        for user in users
        if user[: len(path)] != path
    )
    return tuple(dict.fromkeys(users))


def _all(model: Model) -> Iterator[Use]:
    for user, element in _elements(model):
        for used in _used(model, element):
            yield user, used
    for entity in model.entities.values():
        if entity.pair is None:
            yield from _named(entity)
            yield from _flows(model, entity)
    for path, module, roles in _placed(model):
        yield from ((path, ("modules", each)) for each in (module,) if each)
        yield from ((path, ("roles", each)) for each in roles)


def _elements(model: Model) -> Iterator[tuple[Path, object]]:
    """Yield everything that uses other elements, with its path."""
    for entity in model.entities.values():
        if entity.pair is None:
            yield from _of_entity(entity)
    for name, role in model.roles.items():
        yield ("roles", name), role
    for key, board in model.dashboards.items():
        for name, widget in board.widgets.items():
            yield ("dashboards", key, "widgets", name), widget
    for part in (*ACTING, "scenarios"):
        for key, element in getattr(model, part).items():
            yield (part, key), element
    for record in model.starter_records:
        yield ("starter_records", record.key), record
    for entry in _entries(model.menu.entries):
        yield ("menu", entry.key), replace(entry, entries=())


def _of_entity(entity: Entity) -> Iterator[tuple[Path, object]]:
    base = ("entities", entity.key)
    for part in ENTITY_PARTS:
        for key, element in getattr(entity, part).items():
            if not getattr(element, "generated", False):
                yield (*base, part, key), element
    for name in ("title", "members", "child_of"):
        yield (*base, name), getattr(entity, name)


def _placed(model: Model) -> Iterator[tuple[Path, str, tuple[str, ...]]]:
    """Yield what belongs to a module and to some roles, and is looked into part by part."""
    for key, entity in model.entities.items():
        yield ("entities", key), entity.module, ()
    for key, board in model.dashboards.items():
        yield ("dashboards", key), board.module, board.roles


def _entries(entries: tuple[MenuEntry, ...]) -> Iterator[MenuEntry]:
    for each in entries:
        yield each
        yield from _entries(each.entries)


def _used(model: Model, value: object) -> Iterator[Path]:
    """Yield every element that formulas, paths and names inside a value use."""
    if isinstance(value, Typed):
        yield from _read(model, value)
    elif isinstance(value, FieldPath):
        base = value.binding if isinstance(value.binding, FieldBinding) else value.binding.base
        yield from (field_path(model, step.entity, step.field) for step in base.steps)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _used(model, item)
    elif isinstance(value, tuple):
        for item in value:
            yield from _used(model, item)
    elif is_dataclass(value) and not isinstance(value, Label):
        yield from _called(model, value)
        for name in _names(value):
            if name not in _ASIDE:
                yield from _used(model, getattr(value, name))


def _names(element: object) -> Iterable[str]:
    """Return the names of an element's attributes."""
    return getattr(element, "__dataclass_fields__", ())


_ASIDE = frozenset({"options", "source", "origins"})
"""Attributes that name nothing of the model: an option's own words, a widget's looks."""


def field_path(model: Model, entity: str, field: str) -> Path:
    """Return a field's path; what reads a link table reads the field that it belongs to."""
    pair = model.entities[entity].pair if entity in model.entities else None
    holder, key = (pair.entity, pair.field) if pair else (entity, field)
    return "entities", holder, "fields", key


def _read(model: Model, formula: Typed) -> Iterator[Path]:
    needs = formula.dependencies
    yield from (field_path(model, *place) for place in reads(needs))
    for chain in needs.previous:
        yield from (field_path(model, step.entity, step.field) for step in chain)
    for read in needs.collections:
        yield from (("entities", read.entity),) if read.entity in model.entities else ()
    yield from (("settings", name) for name in needs.settings)
    yield from (("calendars", name) for name in needs.calendars if name)
    yield from _compared(model, formula.node)


def _compared(model: Model, node: Node) -> Iterator[Path]:
    """Yield the options and stages that a formula compares fields with."""
    if isinstance(node, Operation):
        codes = [code for each in node.operands for code in _codes(each)]
        for each in node.operands if codes else ():
            yield from _options(model, each, codes)
    for name in _names(node):
        value = getattr(node, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Node):
                yield from _compared(model, part)


def _codes(node: Node) -> Iterator[str]:
    if isinstance(node, Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, Items):
        for item in node.items:
            yield from _codes(item)


def _options(model: Model, node: Node, codes: Iterable[str]) -> Iterator[Path]:
    binding = node.binding if isinstance(node, Read) else None
    if isinstance(binding, CollectionBinding):
        binding = binding.member
    if not isinstance(binding, FieldBinding) or not binding.steps:
        return
    step = binding.steps[-1]
    for code in codes:
        yield from _option(model, step.entity, step.field, code)


def _option(model: Model, entity: str, field: str, code: str) -> Iterator[Path]:
    """Yield the path of an option or stage by its key or name, if the field has one."""
    found = model.entities[entity].fields.get(field)
    for option in found.options.values() if found is not None else ():
        if code in (option.key, option.name):
            yield (
                ("entities", entity, "pipelines", found.pipeline, "stages", option.key)
                if found is not None and found.pipeline
                else ("entities", entity, "fields", field, "options", option.key)
            )


def _called(model: Model, element: object) -> Iterator[Path]:
    """Yield what one element names itself, not what its parts name."""
    yield from (field_path(model, *place) for place in fields_named(element) if place[1])
    for attribute in _names(element):
        part = NAMED_BY.get(attribute)
        if part is not None:
            value = getattr(element, attribute)
            named = (value,) if isinstance(value, str) else value
            for name in named if isinstance(named, tuple) else ():
                yield from _element(model, part, name)
    yield from _stepped(model, element)
    match element:
        case Link():
            yield from (("entities", target) for target in element.to)
        case MenuEntry() | PortalAccess() if element.view:
            yield "entities", element.entity, "views", element.view
        case Role():
            yield from _ruled(element)
        case Trigger():
            yield from _set_off(model, element)
        case Widget() if element.pipeline:
            yield "entities", element.entity, "pipelines", element.pipeline
        case StarterRecord():
            fields = model.entities[element.entity].fields
            yield from (field_path(model, element.entity, k) for k in element.values if k in fields)


def _stepped(model: Model, element: object) -> Iterator[Path]:
    """Yield what a step of something that acts makes, starts or runs."""
    match element:
        case MakeDocument() | Approval():
            yield from _element(model, "documents", element.document)
        case StartApproval():
            yield from _element(model, "approvals", element.approval)
        case CallAutomation():
            yield from _element(model, "automations", element.automation)
        case ConvertRecord():
            yield "entities", element.entity, "converts", element.convert


def _element(model: Model, part: str, name: str) -> Iterator[Path]:
    """Yield the path of an element of a part, by its key or name, if there is one."""
    known = getattr(model, part)
    if name in known:
        yield part, name
    elif name:
        found = (key for key, each in known.items() if getattr(each, "name", "") == name)
        yield from ((part, key) for key in found)


def _ruled(role: Role) -> Iterator[Path]:
    """Yield what a role names by lists: fields, buttons, views, stages, menu entries."""
    for entity, field in (*role.fields, *role.ceilings):
        yield "entities", entity, "fields", field
    for part, lists in (("buttons", role.buttons), ("views", role.views)):
        for entity, names in lists.items():
            yield from (("entities", entity, part, name) for name in names)
    yield from (("menu", entry) for entry in role.menu or ())


def _set_off(model: Model, trigger: Trigger) -> Iterator[Path]:
    entity = model.entities.get(trigger.entity)
    if entity is None:
        return
    base = ("entities", entity.key)
    if trigger.pipeline:
        yield *base, "pipelines", trigger.pipeline
        for stage in (*trigger.left, *trigger.entered):
            yield *base, "pipelines", trigger.pipeline, "stages", stage
    for button in entity.buttons.values():
        if trigger.button and button.name == trigger.button:
            yield *base, "buttons", button.key


def _named(entity: Entity) -> Iterator[Use]:
    """Yield what the screens and rules of an entity name by key."""
    base = ("entities", entity.key)
    named = (
        *((("unique", key), each.fields) for key, each in entity.unique.items()),
        *((("indexes", key), each.fields) for key, each in entity.indexes.items()),
        *((("duplicates", key), tuple(each.match)) for key, each in entity.duplicates.items()),
        *((("rules", key), (each.at,)) for key, each in entity.rules.items()),
    )
    for (part, key), names in named:
        yield from (((*base, part, key), (*base, "fields", name)) for name in names if name)
    for key, view in entity.views.items():
        if view.pipeline and not view.generated:
            yield (*base, "views", key), (*base, "pipelines", view.pipeline)
    for key, form in entity.forms.items():
        if not form.generated:
            yield from (((*base, "forms", key), used) for used in _shown(entity, form))


def _shown(entity: Entity, form: Form) -> Iterator[Path]:
    """Yield the fields, collections and views that a form shows."""
    base = ("entities", entity.key)
    yield from ((*base, "fields", name) for name in form.figures)
    for tab in form.tabs:
        for listed in tab.lists:
            found = entity.collections.get(listed.collection)
            if found is not None:
                yield "entities", found.entity, "fields", found.via
                if listed.view:
                    yield "entities", found.entity, "views", listed.view
        for section in tab.sections:
            yield from ((*base, "fields", item.field) for item in section.items)
            lines = entity.collections.get(section.grid)
            for column in section.grid_columns if lines is not None else ():
                yield "entities", lines.entity if lines else "", "fields", column.field


def _flows(model: Model, entity: Entity) -> Iterator[Use]:
    """Yield what pipelines use, stage by stage, and who may move records into them."""
    base = ("entities", entity.key)
    for field in entity.fields.values():
        if not field.pipeline:
            yield from _split(model, (*base, "fields", field.key, "options"), field.options)
    for key, pipeline in entity.pipelines.items():
        path = (*base, "pipelines", key)
        yield from _split(model, (*path, "stages"), pipeline.stages)
        for used in _used(model, pipeline.when):
            yield path, used
        for stage in pipeline.stages.values():
            here = (*path, "stages", stage.key)
            yield from ((here, (*base, "fields", name)) for name in stage.must_fill)
            yield from ((here, used) for used in _used(model, stage))
    for convert in entity.converts.values():
        for key, pipeline in entity.pipelines.items():
            if convert.move in pipeline.stages:
                yield (
                    (*base, "converts", convert.key),
                    (*base, "pipelines", key, "stages", convert.move),
                )


def _split(
    model: Model, path: Path, parts: Mapping[str, Option] | Mapping[str, Stage]
) -> Iterator[Use]:
    """Yield what options or stages take records from, and what they ask of these."""
    for key, part in parts.items():
        for giver, when in part.takes.items():
            yield (*path, key), (*path, giver)
            yield from (((*path, key), used) for used in _used(model, when))
