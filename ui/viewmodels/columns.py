"""Which columns a list can show: those of its view, and every other field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from metamodel.model import Entity, Field
from metamodel.views import View, ViewColumn
from ui.screen import Screen
from ui.viewmodels.cells import path_label


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """A column that can be shown, and whether it is."""

    name: str
    label: str
    shown: bool


def column_choices(
    screen: Screen, entity: Entity, views: Sequence[View], shown: Sequence[ViewColumn]
) -> tuple[ColumnChoice, ...]:
    """Return what a list can show: its columns in order, those that its view and those below have
    besides, then every other field in the form's order.
    """
    names = {column.path.text for column in shown}
    offered = {column.path.text: column for view in views for column in view.columns}
    own = [column for text, column in offered.items() if text not in names]
    readable = screen.services.access.readable(screen.ctx, entity.key)
    known = names | offered.keys()
    fields = [
        field
        for field in entity.fields.values()
        if field.key in readable
        and not (field.retired or field.hidden or field.key == "id" or _is_shown(field, known))
    ]
    return (
        *(_choice(screen, column, shown=True) for column in shown),
        *(_choice(screen, column, shown=False) for column in own),
        *(ColumnChoice(field.name, screen.field_label(field), shown=False) for field in fields),
    )


def _is_shown(field: Field, known: set[str]) -> bool:
    """Return whether a column shows a field, by itself or by the name of what it points to."""
    return field.name in known or (
        field.link is not None and any(name.startswith(f"{field.name}.") for name in known)
    )


def _choice(screen: Screen, column: ViewColumn, *, shown: bool) -> ColumnChoice:
    return ColumnChoice(column.path.text, path_label(screen, column.path, column.label), shown)
