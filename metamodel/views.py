"""Forms and views of an entity, linked: items refer to fields and paths that exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from formula.scope import FieldBinding, TableBinding
from formula.typed import Typed
from metamodel.label import Label


@dataclass(frozen=True, slots=True)
class FieldPath:
    """A dotted path to a value shown or sorted by, such as `customer.name`."""

    text: str
    binding: FieldBinding | TableBinding


@dataclass(frozen=True, slots=True)
class Item:
    """One field on a form; `field` is its key. None of the conditions: the field's own hold."""

    field: str
    width: int = 1
    label: Label = Label()
    visible_when: Typed | None = None
    required_when: Typed | None = None
    readonly_when: Typed | None = None


@dataclass(frozen=True, slots=True)
class GridColumn:
    """One column of child lines, with the total shown under it."""

    field: str
    width: int = 1
    total: Literal["", "sum", "avg", "min", "max", "count"] = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A titled group of items, or the grid of one child collection."""

    name: str
    label: Label
    columns: int = 2
    items: tuple[Item, ...] = ()
    grid: str = ""
    grid_columns: tuple[GridColumn, ...] = ()
    visible_when: Typed | None = None


@dataclass(frozen=True, slots=True)
class RelatedList:
    """A list of related records below a form: a collection, and the view that lists it."""

    collection: str
    view: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """One page of a form: sections, or related lists, or both."""

    name: str
    label: Label
    sections: tuple[Section, ...] = ()
    lists: tuple[RelatedList, ...] = ()
    visible_when: Typed | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """How a record is entered and shown; `generated` when nobody wrote one."""

    name: str
    label: Label
    tabs: tuple[Tab, ...]
    figures: tuple[str, ...] = ()
    when: Typed | None = None
    roles: tuple[str, ...] = ()
    generated: bool = False


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """One column of a list."""

    path: FieldPath
    label: Label = Label()
    width: int = 0
    total: Literal["", "sum", "avg", "min", "max", "count"] = ""


@dataclass(frozen=True, slots=True)
class Sort:
    """One key of an order."""

    path: FieldPath
    descending: bool = False


@dataclass(frozen=True, slots=True)
class ColorRule:
    """A colour for the rows for which a condition holds."""

    name: str
    when: Typed
    color: str


@dataclass(frozen=True, slots=True)
class Layout:
    """What a view other than a list is drawn by; what a type of view has no use for is empty.

    A record stands from `start` to `end` on a calendar or timeline, all day where the field
    `all_day` says so, again by the rule under `repeat`, in the colour of the option under
    `color`. `mine` holds for the records of the person who looks, and where it was written the
    view is `usual` on people's calendars; `busy` holds for those that others learn of as time
    that is taken; `remind` is how many minutes before a time whose it is are reminded of it,
    blank where nobody is.
    A gallery shows a `picture`, a map a `place`; a pivot has groups in `rows` and `across`,
    and `measures` where they meet. `limits` is how many records a board wants in a stage at
    most, by the stage's key.
    """

    start: FieldPath | None = None
    end: FieldPath | None = None
    all_day: FieldPath | None = None
    repeat: FieldPath | None = None
    color: FieldPath | None = None
    picture: FieldPath | None = None
    place: FieldPath | None = None
    usual: bool = False
    mine: Typed | None = None
    busy: Typed | None = None
    remind: Typed | None = None
    rows: Mapping[str, Typed] = field(default_factory=dict)
    across: Mapping[str, Typed] = field(default_factory=dict)
    measures: Mapping[str, Typed] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class View:
    """A way to look at an entity's records."""

    key: str
    name: str
    type: str
    label: Label
    filter: Typed | None = None
    columns: tuple[ViewColumn, ...] = ()
    sort: tuple[Sort, ...] = ()
    group: tuple[FieldPath, ...] = ()
    colors: tuple[ColorRule, ...] = ()
    pipeline: str = ""
    card: tuple[FieldPath, ...] = ()
    sums: tuple[FieldPath, ...] = ()
    roles: tuple[str, ...] = ()
    generated: bool = False
    options: Mapping[str, object] = field(default_factory=dict)
    note: Label = Label()
    layout: Layout = field(default_factory=Layout)
