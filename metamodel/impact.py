"""Tells where a field is used: what a change of it touches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields as attributes
from dataclasses import is_dataclass

from formula.scope import EntityBinding, FieldBinding, TableBinding
from formula.typed import Typed
from metamodel.diff import ModelDiff
from metamodel.linking.computed import reads
from metamodel.model import Entity, Model
from metamodel.naming import FieldPlace, fields_named
from metamodel.parts import ACTING
from metamodel.views import FieldPath, Form

Path = tuple[str, ...]

ENTITY_PARTS = ("fields", "pipelines", "rules", "converts", "buttons", "forms", "views")


def where_used(model: Model) -> Mapping[FieldPlace, tuple[Path, ...]]:
    """Return for every field the paths of the elements that read it, show it or limit it."""
    found: dict[FieldPlace, dict[Path, None]] = {}
    for path, place in _uses(model):
        pair = model.entities[place[0]].pair if place[0] in model.entities else None
        # What reads a link table reads the field that it belongs to.
        found.setdefault((pair.entity, pair.field) if pair else place, {})[path] = None
    return {place: tuple(paths) for place, paths in found.items()}


def impact(diff: ModelDiff, model: Model) -> tuple[Path, ...]:
    """Return the elements of `model` that use a field which the diff touches, each once."""
    used = where_used(model)
    touched: dict[Path, None] = {}
    for difference in diff.differences:
        path = difference.path
        if len(path) == 4 and path[0] == "entities" and path[2] == "fields":
            touched.update(dict.fromkeys(used.get((path[1], path[3]), ())))
    return tuple(touched)


def _uses(model: Model) -> Iterator[tuple[Path, FieldPlace]]:
    for entity in model.entities.values():
        if entity.pair is not None:
            continue
        base = ("entities", entity.key)
        yield from _named(entity, base)
        for part in ENTITY_PARTS:
            for key, element in getattr(entity, part).items():
                path = (*base, part, key)
                yield from ((path, place) for place in _read(element) if place != (entity.key, key))
        yield from (((*base, "title"), place) for place in _read(entity.title))
    for name, role in model.roles.items():
        yield from ((("roles", name), place) for place in (*role.fields, *_read(role.grants)))
    for key, board in model.dashboards.items():
        for name, widget in board.widgets.items():
            path = ("dashboards", key, "widgets", name)
            yield from ((path, place) for place in _read(widget))
    for part in ACTING:
        for key, element in getattr(model, part).items():
            yield from (((part, key), place) for place in _read(element))


def _named(entity: Entity, base: Path) -> Iterator[tuple[Path, FieldPlace]]:
    """Yield fields that are named by key: in forms, uniqueness, stages, rules."""
    for part in ("unique", "indexes"):
        for key, element in getattr(entity, part).items():
            yield from (((*base, part, key), (entity.key, name)) for name in element.fields)
    for key, rule in entity.rules.items():
        if rule.at:
            yield (*base, "rules", key), (entity.key, rule.at)
    for key, pipeline in entity.pipelines.items():
        for stage in pipeline.stages.values():
            path = (*base, "pipelines", key, "stages", stage.key)
            yield from ((path, (entity.key, name)) for name in stage.must_fill)
    for key, form in entity.forms.items():
        if not form.generated:
            yield from (((*base, "forms", key), (entity.key, name)) for name in _items(form))


def _items(form: Form) -> Iterator[str]:
    yield from form.figures
    for tab in form.tabs:
        for section in tab.sections:
            yield from (item.field for item in section.items)


def _read(value: object) -> Iterator[FieldPlace]:
    """Yield every field that formulas and paths inside a value read."""
    if isinstance(value, Typed):
        yield from reads(value.dependencies)
    elif isinstance(value, FieldPath):
        yield from _bound(value.binding)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _read(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from _read(item)
    elif is_dataclass(value):
        yield from (place for place in fields_named(value) if place[1])
        for attribute in attributes(value):
            yield from _read(getattr(value, attribute.name))


def _bound(binding: FieldBinding | TableBinding | EntityBinding) -> Iterator[FieldPlace]:
    steps = binding.steps if isinstance(binding, FieldBinding) else binding.base.steps
    yield from ((step.entity, step.field) for step in steps)
