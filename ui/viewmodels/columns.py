"""Which columns of a list somebody sees: the view's, or their own choice of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.errors import QueryInvalid
from engine.query.parse import parse_path
from metamodel.model import Entity, Field
from metamodel.views import View, ViewColumn
from ui.screen import Screen
from ui.viewmodels.cells import path_label

COOKIE = "columns"
"""Where a browser keeps what somebody chose, for the pages of one list alone."""

MOST = 40
"""Columns that somebody can show at once."""


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """A column that can be shown, and whether it is."""

    name: str
    label: str
    shown: bool


def kept_choice(kept: str, view: str) -> tuple[str, ...]:
    """Return the columns that a browser keeps for a view; nothing for none.

    What is kept reads `open:name,amount|mine:name`.
    """
    for part in kept.split("|"):
        name, _, columns = part.partition(":")
        if name == view:
            return tuple(each for each in columns.split(",") if each)[:MOST]
    return ()


def arranged(screen: Screen, entity: Entity, view: View, chosen: Sequence[str]) -> View:
    """Return a view with the columns that somebody chose; those that are no longer there go."""
    if not chosen or view.type != "list":
        return view
    own = {column.path.text: column for column in view.columns}
    columns = [own.get(name) or _column(screen, entity, name) for name in chosen]
    found = tuple(column for column in columns if column is not None)
    return replace(view, columns=found) if found else view


def column_choices(
    screen: Screen, entity: Entity, view: View, shown: Sequence[ViewColumn]
) -> tuple[ColumnChoice, ...]:
    """Return what a list can show: its columns in order, then every other field in the form's."""
    names = {column.path.text for column in shown}
    own = [column for column in view.columns if column.path.text not in names]
    readable = screen.services.access.readable(screen.ctx, entity.key)
    known = names | {column.path.text for column in own}
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


def _column(screen: Screen, entity: Entity, name: str) -> ViewColumn | None:
    try:
        return ViewColumn(parse_path(screen.ctx, entity.key, name))
    except QueryInvalid:
        return None
