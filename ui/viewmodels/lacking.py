"""Fields that values of did not convert, as a list narrows itself to their records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import NotFound
from metamodel.model import Entity
from ui.screen import Screen


@dataclass(frozen=True, slots=True)
class Lacking:
    """A field that values of did not convert: `url` lists those records, or all again."""

    label: str
    url: str
    chosen: bool


def lacking_fields(
    screen: Screen, entity: Entity, chosen: str, asked: Mapping[str, str]
) -> tuple[Lacking, ...]:
    """Return the fields of which values wait that did not convert, and the one chosen by name.

    `asked` is what the address of the list asks for besides.
    """
    waiting = screen.services.conversions.lacking(screen.ctx, entity.key)
    return tuple(
        Lacking(
            label=screen.words.say("“{field}” did not convert", field=screen.field_label(field)),
            url=screen.url(
                "records",
                entity.name,
                **{**asked, "unconverted": "" if field.name == chosen else field.name},
            ),
            chosen=field.name == chosen,
        )
        for field in entity.fields.values()
        if field.key in waiting or field.name == chosen
    )


def unconverted_key(entity: Entity, name: str) -> str:
    """Return the key of the field that a list asks for, "" for none; raise `NotFound`."""
    if not name:
        return ""
    field = entity.field_named(name)
    if field is None:
        raise NotFound(entity=entity.name, field=name)
    return field.key
