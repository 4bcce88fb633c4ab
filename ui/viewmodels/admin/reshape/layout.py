"""The default form and the lists of a kind of record, as an administrator arranges them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from metamodel.model import Entity
from metamodel.views import Section, Tab, View
from ui.reshaping.layout import section_at
from ui.screen import Screen
from ui.viewmodels.admin.reshape.field_dialog import Typed, typed
from ui.viewmodels.admin.reshape.kinds_of_field import type_icon
from ui.viewmodels.cells import field_of, path_label

WIDEST = 2
"""Columns of a section that an item can be as wide as."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A field on the form, or a column of a list: its name there, and how wide it is."""

    name: str
    label: str
    icon: str
    width: int = 1


@dataclass(frozen=True, slots=True)
class SectionView:
    """A titled part of the form; `place` is `tab/section`. One with lines has no items."""

    place: str
    label: str
    items: tuple[Placed, ...]
    lines: str


@dataclass(frozen=True, slots=True)
class TabView:
    """One page of the form."""

    name: str
    label: str
    sections: tuple[SectionView, ...]


@dataclass(frozen=True, slots=True)
class FormView:
    """The default form, and the fields that are not on it."""

    tabs: tuple[TabView, ...]
    spare: tuple[Placed, ...]
    url: str


@dataclass(frozen=True, slots=True)
class ListView:
    """One list: its columns in order, what could be added, and how it is sorted."""

    name: str
    label: str
    columns: tuple[Placed, ...]
    spare: tuple[Placed, ...]
    sort: str
    down: bool
    sortable: tuple[tuple[str, str], ...]
    url: str


@dataclass(frozen=True, slots=True)
class SectionDialog:
    """What a part of the form is called; a new one has no name yet."""

    heading: str
    labels: tuple[Typed, ...]
    url: str


def section_dialog(screen: Screen, entity: Entity, place: str) -> SectionDialog:
    """Return the dialog of a part of the form, or of a new one."""
    found = section_at(entity, place)
    texts = found.label.texts if found is not None else {}
    here = ("admin", "forms", entity.name, "form", *(place.split("/") if place else ("add",)))
    return SectionDialog(
        heading=screen.words.say("Section") if found else screen.words.say("New section"),
        labels=typed(screen, "label", texts),
        url=screen.url(*here),
    )


def form_view(screen: Screen, entity: Entity) -> FormView:
    """Return the default form of a kind of record."""
    tabs = tuple(_tab(screen, entity, tab) for tab in entity.forms["default"].tabs if tab.sections)
    placed = {item.name for tab in tabs for part in tab.sections for item in part.items}
    return FormView(
        tabs=tabs,
        spare=tuple(each for each in _every(screen, entity) if each.name not in placed),
        url=screen.url("admin", "forms", entity.name, "form"),
    )


def list_views(screen: Screen, entity: Entity) -> tuple[ListView, ...]:
    """Return the lists of a kind of record."""
    lists = [view for view in entity.views.values() if view.type == "list"]
    return tuple(_list(screen, entity, view) for view in lists)


def _tab(screen: Screen, entity: Entity, tab: Tab) -> TabView:
    return TabView(
        tab.name,
        screen.label(tab.label) or screen.words.say("Basics"),
        tuple(_section(screen, entity, tab, section) for section in tab.sections),
    )


def _section(screen: Screen, entity: Entity, tab: Tab, section: Section) -> SectionView:
    child = entity.collections.get(section.grid)
    return SectionView(
        place=f"{tab.name}/{section.name}",
        label=screen.label(section.label),
        items=tuple(
            Placed(field.name, screen.field_label(field), type_icon(field.type), item.width)
            for item in section.items
            if (field := entity.fields.get(item.field)) is not None and not field.retired
        ),
        lines=screen.label(child.label, child.name) if child else section.grid,
    )


def _every(screen: Screen, entity: Entity) -> Iterator[Placed]:
    for field in entity.fields.values():
        if not (field.retired or field.hidden or field.key == "id"):
            yield Placed(field.name, screen.field_label(field), type_icon(field.type))


def _list(screen: Screen, entity: Entity, view: View) -> ListView:
    shown = {column.path.text for column in view.columns}
    every = tuple(_every(screen, entity))
    first = view.sort[0] if view.sort else None
    return ListView(
        name=view.name,
        label=screen.label(view.label, view.name),
        columns=tuple(_column(screen, view, index) for index in range(len(view.columns))),
        spare=tuple(each for each in every if each.name not in shown),
        sort=first.path.text if first else "",
        down=first.descending if first else False,
        sortable=tuple((each.name, each.label) for each in every),
        url=screen.url("admin", "forms", entity.name, "lists", view.name),
    )


def _column(screen: Screen, view: View, index: int) -> Placed:
    column = view.columns[index]
    field = field_of(screen, column.path)
    icon = type_icon(field.type) if field is not None else "math-function"
    return Placed(column.path.text, path_label(screen, column.path, column.label), icon)
