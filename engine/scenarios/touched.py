"""Which scenarios a change of the model can make come out otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields as attributes
from dataclasses import is_dataclass

from metamodel.diff import Difference, diff, said
from metamodel.impact import where_used
from metamodel.model import Model
from metamodel.naming import FieldPlace
from metamodel.stories import Scenario

WORDS = frozenset({"label", "plural", "help", "note", "icon", "color", "version"})
"""Attributes that only people read: nothing comes out otherwise for them."""

LOOKS = frozenset({"forms", "views"})
"""Parts of an entity that only show what is there."""

SHOWN = frozenset({"menu", "dashboards", "reports", "documents", "messages", "segments"})
"""Parts of an app that scenarios do not act on."""

BASES = frozenset({"extends", "kind"})
"""Attributes of an app that say what it lies over: what comes of that is told beside them."""

BY_THEMSELVES = ("automations", "approvals", "pools", "service_levels")
"""Parts of an app that act on records of an entity by themselves, or lock them."""

STAFF = frozenset({"user", "department", "team"})
"""Entities of which every scenario makes records, before it begins: the people who act in it."""

COMMON = frozenset({"app", "settings", "choices", "modules", "starter_records"})
"""Parts of an app that any scenario may stand on."""


def touched_by(old: Model, new: Model) -> Callable[[Scenario], bool]:
    """Return whether a scenario of `new` can come out otherwise than it did on `old`.

    It is taken where a record that it acts on, a role that it acts with, or the scenario itself
    is changed, or what is computed from something changed; what only looks otherwise is not.
    """
    found = [each for each in diff(old, new).differences if _counts(old, new, each)]
    if any(each.path[0] in COMMON for each in found):
        return lambda _: True
    entities = {each.path[1] for each in found if each.path[0] == "entities"}
    named = {each.path[:2] for each in found}
    entities |= {each[0] for each in _computed_from(new, found)}
    entities |= {key for path in named for key in _acted_on(new, path)}
    roles = {path[1] for path in named if path[0] == "roles"}

    def touches(scenario: Scenario) -> bool:
        acting = {role for step in scenario.steps for role in step.roles} | set(scenario.roles)
        acting |= {role for person in scenario.people.values() for role in person.roles}
        made = {step.entity for step in scenario.steps if step.entity}
        reached = _reached(new, made | STAFF)
        return bool(("scenarios", scenario.name) in named or acting & roles or reached & entities)

    return touches


def tests_of(old: Model, new: Model) -> tuple[str, ...]:
    """Return the names of the scenarios that are played before `new` takes the place of `old`."""
    touches = touched_by(old, new)
    return tuple(each.name for each in new.scenarios.values() if touches(each))


def _counts(old: Model, model: Model, difference: Difference) -> bool:
    """Return whether a difference can change what comes of an act."""
    path = difference.path
    if path[0] == "roles" and difference.attributes.keys() == {"grants"}:
        before, after = difference.attributes["grants"]
        return _on(old, before) != _on(old, after)
    if path[0] in SHOWN or (path[0] == "entities" and len(path) > 2 and path[2] in LOOKS):
        return False
    if difference.kind == "added":
        return path[0] not in COMMON and _binds(model, path)
    idle = WORDS | BASES if path == ("app",) else WORDS
    return not (difference.attributes and idle.issuperset(difference.attributes))


def _acted_on(model: Model, path: tuple[str, ...]) -> Iterator[str]:
    """Yield the entity whose records something acts on; what has none may act on any."""
    if path[0] not in BY_THEMSELVES:
        return
    each = getattr(model, path[0]).get(path[1])
    entity = getattr(getattr(each, "trigger", each), "entity", "")
    yield from (entity,) if entity else model.entities


def _on(model: Model, grants: object) -> list[object]:
    """Return what grants say of entities that a model has: no scenario acts on others yet."""
    each = grants if isinstance(grants, tuple) else ()
    return [said(grant) for grant in each if grant.entity in model.entities]


def _binds(model: Model, path: tuple[str, ...]) -> bool:
    """Return whether something new asks anything of records; a new entity or plain field does not.

    What reads a new field is changed itself.
    """
    if path[0] != "entities" or len(path) == 2:
        return path[0] != "entities"
    if path[2] != "fields":
        return True
    field = model.entities[path[1]].fields[path[3]]
    return field.required or field.required_when is not None


def _computed_from(model: Model, found: list[Difference]) -> Iterator[FieldPlace]:
    """Yield every field that is computed from a changed one, directly or not."""
    used: Mapping[FieldPlace, tuple[tuple[str, ...], ...]] = where_used(model)
    waiting = [
        (each.path[1], each.path[3])
        for each in found
        if len(each.path) == 4 and each.path[0] == "entities" and each.path[2] == "fields"
    ]
    seen = set(waiting)
    while waiting:
        place = waiting.pop()
        yield place
        for path in used.get(place, ()):
            if len(path) == 4 and path[2] == "fields" and (path[1], path[3]) not in seen:
                seen.add((path[1], path[3]))
                waiting.append((path[1], path[3]))


def _reached(model: Model, entities: set[str]) -> set[str]:
    """Return entities with their children, and with what their conversions make."""
    reached = set(entities)
    for key in entities & model.entities.keys():
        entity = model.entities[key]
        reached |= {each.entity for each in entity.collections.values() if each.children}
        reached |= {name for convert in entity.converts.values() for name in _made(convert.steps)}
    return reached


def _made(value: object) -> Iterator[str]:
    """Yield what the steps of a conversion create."""
    if isinstance(value, tuple):
        for item in value:
            yield from _made(item)
    elif is_dataclass(value):
        for attribute in attributes(value):
            if attribute.name == "create":
                yield str(getattr(value, attribute.name))
