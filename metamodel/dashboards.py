"""Menu and dashboards, linked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from formula.typed import Typed
from metamodel.label import Label


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One line of the menu: an entity's view, a dashboard, a public pool, or a group of entries."""

    key: str
    label: Label
    icon: str = ""
    entity: str = ""
    view: str = ""
    dashboard: str = ""
    pool: str = ""
    entries: tuple[MenuEntry, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Menu:
    """The app's menu, in order."""

    entries: tuple[MenuEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Widget:
    """One figure or chart: a grouped, measured query over an entity's rows.

    `at` is column, row, width, height on a grid of twelve columns.
    """

    key: str
    type: str
    entity: str
    label: Label
    filter: Typed | None = None
    group_by: Mapping[str, Typed] = field(default_factory=dict)
    measures: Mapping[str, Typed] = field(default_factory=dict)
    pipeline: str = ""
    at: tuple[int, int, int, int] = (0, 0, 4, 3)
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DashboardFilter:
    """A filter that a person sets above a dashboard; it applies where the entity has the field."""

    name: str
    label: Label
    field: str
    default: object = None


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A page of widgets."""

    key: str
    name: str
    label: Label
    widgets: Mapping[str, Widget]
    filters: Mapping[str, DashboardFilter] = field(default_factory=dict)
    roles: tuple[str, ...] = ()
    icon: str = ""
    module: str = ""
