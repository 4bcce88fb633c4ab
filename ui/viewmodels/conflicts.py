"""A lost race: what somebody else saved, beside what this person typed, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.query.spec import Record
from metamodel.model import Collection, Entity, Field
from ui.screen import Screen
from ui.viewmodels.cells import cell
from ui.viewmodels.inputs import entered


def conflict(
    screen: Screen, entity: Entity, current: Record, sent: Mapping[str, Any]
) -> dict[str, object]:
    """Return the present version and, for each field and line that was sent, what it is now."""
    fields = (entity.field_named(name) for name in sent)
    held = [each for each in fields if each is not None and each.key in current.values]
    return {
        "version": current.version,
        "theirs": [
            {
                "name": field.name,
                "label": screen.field_label(field),
                **_now(screen, field, current.values[field.key]),
            }
            for field in held
        ],
        "lines": [
            _lines(screen, collection, current.lines.get(key, ()))
            for key, collection in entity.collections.items()
            if collection.children and collection.name in sent
        ],
        "message": screen.words.say(
            "Somebody saved this record while you were editing it. Nothing of yours is lost: "
            "choose what to keep, then save again."
        ),
    }


def _now(screen: Screen, field: Field, value: Any) -> dict[str, str]:
    shown = cell(screen, field, value).text or screen.words.say("(blank)")
    return {"shown": shown, "entered": entered(field, value)}


def _lines(screen: Screen, collection: Collection, lines: tuple[Record, ...]) -> dict[str, object]:
    """Return the lines of a collection as they are saved now, each with its cells by field."""
    child = screen.ctx.model.entities[collection.entity]
    label = screen.label(collection.label) or screen.entity_label(child, plural=True)
    rows = [{"id": str(line.id), "cells": dict(_cells(screen, child, line))} for line in lines]
    return {"name": collection.name, "label": label, "rows": rows}


def _cells(screen: Screen, child: Entity, line: Record) -> Iterator[tuple[str, dict[str, str]]]:
    for key, value in line.values.items():
        field = child.fields.get(key)
        if field is not None and field.formula is None:
            yield field.name, _now(screen, field, value)
