"""What a role may do with each field of one entity."""

from __future__ import annotations

from dataclasses import dataclass

from metamodel.access import Role
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.admin.gains import right_words


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field: "" where it follows the entity, else the most that the role may do with it."""

    path: str
    label: str
    right: str
    made_of: str


@dataclass(frozen=True, slots=True)
class FieldsView:
    """The fields of one entity, and the rights that each can have: code and word."""

    entity: str
    lines: tuple[FieldLine, ...]
    rights: tuple[tuple[str, str], ...]


def fields_view(screen: Screen, role: Role, entity: Entity) -> FieldsView:
    """Return what a role says of the fields of an entity."""
    say = screen.words.say
    return FieldsView(
        entity=entity.name,
        lines=tuple(
            FieldLine(
                path=f"fields/{entity.name}/{field.name}",
                label=screen.field_label(field),
                right=role.fields.get((entity.key, field.key), ""),
                made_of=say("worked out") if field.formula is not None else "",
            )
            for field in entity.fields.values()
            if not field.retired and not field.hidden and field.key != "id"
        ),
        rights=(("", say("As the record")), *right_words(screen).items()),
    )
