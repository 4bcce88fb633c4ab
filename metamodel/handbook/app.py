"""The whole dictionary: contents, a chapter for each entity by module, roles, and the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import get_args

from metamodel.access import Action, Grant, Role
from metamodel.handbook.entities import chapter
from metamodel.handbook.markdown import bullets, code, heading, paragraph, table
from metamodel.handbook.words import word
from metamodel.label import Label
from metamodel.model import Entity, Model
from metamodel.parts import ACTING

LISTED = ("dashboards", *ACTING, "scenarios")
"""Parts of a model that are listed by label."""


def handbook(model: Model, language: str) -> str:
    """Return the dictionary of an app in Markdown; the same model always gives the same text."""
    return "\n".join(_lines(model, language)).rstrip() + "\n"


def _lines(model: Model, language: str) -> Iterator[str]:
    title = f"{model.app.label.text(language)} {model.app.version}".strip()
    yield from heading(1, title)
    modules = list(_modules(model))
    yield from heading(2, word("contents", language))
    for name, entities in modules:
        shown = (f"{each.label.text(language)} {code(each.name)}" for each in entities)
        yield from paragraph(f"**{_module(model, name, language)}**: {', '.join(shown)}")
    for name, entities in modules:
        yield from heading(2, _module(model, name, language))
        for entity in entities:
            yield from chapter(model, entity, language)
    yield from _settings(model, language)
    yield from _choices(model, language)
    yield from _roles(model, language)
    for part in LISTED:
        yield from _listed(part, getattr(model, part), language)


def _modules(model: Model) -> Iterator[tuple[str, list[Entity]]]:
    """Yield the entities that people work with, by module, in the app's order."""
    shown = [e for e in model.entities.values() if not (e.system or e.retired)]
    for name in (*model.modules, ""):
        entities = [entity for entity in shown if entity.module == name]
        if entities:
            yield name, entities


def _module(model: Model, name: str, language: str) -> str:
    return model.modules[name].label.text(language) if name else word("other", language)


def _settings(model: Model, language: str) -> Iterator[str]:
    if model.settings:
        yield from heading(2, word("settings", language))
    rows = (
        (
            each.label.text(language),
            code(each.name),
            "" if each.default is None else f"{each.default}",
        )
        for each in model.settings.values()
    )
    yield from table([word(key, language) for key in ("meaning", "name", "default")], rows)


def _choices(model: Model, language: str) -> Iterator[str]:
    if model.choices:
        yield from heading(2, word("choices", language))
    rows = (
        (
            code(each.name),
            ", ".join(
                f"{option.label.text(language)} {code(option.name)}"
                for option in each.options.values()
                if not option.retired
            ),
        )
        for each in model.choices.values()
    )
    yield from table([word(key, language) for key in ("name", "options")], rows)


def _roles(model: Model, language: str) -> Iterator[str]:
    yield from heading(2, word("roles", language))
    for role in model.roles.values():
        yield from heading(3, f"{role.label.text(language)} ({code(role.name)})")
        if role.all_rights:
            yield from paragraph(word("everything", language))
            continue
        actions = get_args(Action)
        headers = [word(key, language) for key in ("entity", *actions)]
        yield from table(headers, _rights(model, role, language))


def _rights(model: Model, role: Role, language: str) -> Iterator[tuple[str, ...]]:
    """Yield a row for each entity that a role may do something with."""
    granted: dict[str, dict[str, list[Grant]]] = {}
    for grant in role.grants:
        granted.setdefault(grant.entity, {}).setdefault(grant.action, []).append(grant)
    denied = {(deny.entity, deny.action) for deny in role.denies if deny.scope == "all"}
    for key, entity in model.entities.items():
        if key in granted:
            cells = (
                "" if (key, action) in denied else _scopes(granted[key].get(action, []), language)
                for action in get_args(Action)
            )
            yield (entity.label.text(language), *cells)


def _scopes(grants: list[Grant], language: str) -> str:
    said = (
        word(grant.scope, language)
        if grant.scope is not None
        else code(grant.where.text if grant.where is not None else "")
        for grant in grants
    )
    return ", ".join(said)


def _listed(part: str, elements: Mapping[str, object], language: str) -> Iterator[str]:
    if elements:
        yield from heading(2, word(part, language))
    yield from bullets(_line(name, each, language) for name, each in elements.items())


def _line(name: str, element: object, language: str) -> str:
    said = [f"{_text(element, 'label', language) or name} {code(name)}"]
    said += [text for key in ("help", "note") if (text := _text(element, key, language))]
    return ": ".join(said)


def _text(element: object, name: str, language: str) -> str:
    label = getattr(element, name, None)
    return label.text(language) if isinstance(label, Label) else ""
