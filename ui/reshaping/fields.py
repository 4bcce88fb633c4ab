"""A field as an administrator fills in its form, as edits of the app."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from metamodel.editing import Add, Change, Edit, Path, Rename, name_for
from metamodel.fieldtypes import FIELD_TYPES
from metamodel.model import Entity, Field, Model
from ui.reshaping.layout import placed_after
from ui.reshaping.options import listed, new_options, option_edits
from ui.reshaping.sent import Sent, label_changes, label_of, leaf_changes, text_of, written_at

CHOICES = ("choice", "multi_choice")

LINKS = ("link", "links")

FLAGS = ("required", "unique", "search", "readonly")
"""What a field says or does not say."""


def field_path(entity: Entity, *names: str) -> Path:
    """Return the path of an entity's fields, or of one."""
    return ("entities", entity.name, "fields", *names)


def new_field(model: Model, entity: Entity, sent: Sent, language: str) -> Iterator[Edit]:
    """Yield what adds a field, in the form and behind the field that was chosen."""
    label = label_of(sent, model.app.languages)
    spoken = label.get("en") or next(iter(label.values()), "")
    name = text_of(sent, "name") or name_for(spoken, names_of(entity))
    after = text_of(sent, "after")
    value = {"type": text_of(sent, "type") or "text", "label": label}
    value |= {key: each for key, each in _wanted(sent).items() if each not in (None, "", False)}
    if value["type"] in CHOICES:
        value["options"] = new_options(listed(sent), language)
    behind = entity.field_named(after)
    yield Add(field_path(entity), name, value, after=after if behind else "")
    yield from placed_after(model, entity, name, after)


def field_changes(
    model: Model, entity: Entity, field: Field, sent: Sent, language: str
) -> Iterator[Edit]:
    """Yield what differs between a field and what was filled in."""
    path = field_path(entity, field.name)
    typed = label_of(sent, model.app.languages)
    yield from label_changes(path, "label", field.label, typed)
    yield from label_changes(path, "help", field.help, label_of(sent, model.app.languages, "help"))
    yield from leaf_changes(model.source, path, _wanted(sent) | _of_type(model, path, field, sent))
    if "options" in sent and field.options and not field.pipeline:
        yield from option_edits(options_path(entity, field), field.options, listed(sent), language)
    name = text_of(sent, "name")
    if name and name != field.name:
        yield Rename(path, name)


def own_options(model: Model, entity: Entity, field: Field) -> Iterator[Edit]:
    """Yield what gives a field the options of the set that it shares as its own, as they are."""
    shared = written_at(model.source, options_path(entity, field))
    own = {"choices": None, "options": shared}
    yield Change(field_path(entity, field.name), own)


def options_path(entity: Entity, field: Field) -> Path:
    """Return where a field's options are written: in the field, or in a set that fields share."""
    if field.choices:
        return ("choices", field.choices, "options")
    return field_path(entity, field.name, "options")


def names_of(entity: Entity) -> set[str]:
    """Return every name that a field of an entity answers to."""
    return {
        name for field in entity.fields.values() for name in (field.key, field.name, *field.former)
    } | set(entity.collections)


def _wanted(sent: Sent) -> dict[str, Any]:
    """Return what was filled in, by the keys of the language. Any: scalars of YAML."""
    found: dict[str, Any] = {name: bool(sent[name]) for name in FLAGS if name in sent}
    if "formula" in sent:
        found["formula"] = text_of(sent, "formula") or None
    if "default" in sent:
        found["default"] = _scalar(sent["default"], text_of(sent, "type"))
    if text_of(sent, "type") in LINKS and text_of(sent, "to"):
        found["to"] = text_of(sent, "to")
    return found


def _scalar(value: object, kind: str) -> object:
    """Return a default as the language writes it."""
    if not isinstance(value, str) or not value.strip():
        return value if isinstance(value, bool) and value else None
    text = value.strip()
    if kind == "boolean":
        return text == "true" or None
    return int(text) if kind in ("integer", "rating") and text.lstrip("-").isdigit() else text


def _of_type(model: Model, path: Path, field: Field, sent: Sent) -> dict[str, Any]:
    """Return what another type takes with it: what only the old one could say goes.

    Any: scalars of YAML.
    """
    wanted = text_of(sent, "type")
    if not wanted or wanted == field.type or wanted not in FIELD_TYPES:
        return {}
    here = written_at(model.source, path)
    said = set(here) if isinstance(here, Mapping) else set()
    gone = said & (FIELD_TYPES[field.type].keys - FIELD_TYPES[wanted].keys)
    return {"type": wanted, **dict.fromkeys(gone)}
