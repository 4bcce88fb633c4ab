"""A form: inputs generated from an entity's form, with the values and formulas they follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from engine.query.spec import Record
from metamodel.model import Entity, Field
from metamodel.views import Form, GridColumn, Section, Tab
from ui.screen import Screen
from ui.viewmodels.cells import BLANK, Cell, cell
from ui.viewmodels.inputs import Given, Input, InputMaker, enterable, entered, input_maker
from ui.viewmodels.locking import Locked
from ui.widgets import widget_of

DRAWN_LINES = 30
"""Lines that come as inputs; of those behind them only what they hold is sent."""


@dataclass(frozen=True, slots=True)
class GridRow:
    """One child line; a new one has no id."""

    id: str
    inputs: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class HeldCell:
    """What a cell holds, for the browser to put into the input of its column."""

    type: str
    entered: str
    shown: Cell
    readonly: bool


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One child line without its inputs: the browser makes them from the line that is added."""

    id: str
    cells: tuple[HeldCell, ...]


@dataclass(frozen=True, slots=True)
class GridHead:
    """A grid column's heading, and the total under it."""

    name: str
    label: str
    align: Literal["start", "end"]
    width: int
    total: str
    required: bool


@dataclass(frozen=True, slots=True)
class Grid:
    """Child lines edited in place; `blank` is what an added line starts from.

    `held` are those behind the first `DRAWN_LINES`; `locked` ones are only read.
    """

    collection: str
    entity: str
    label: str
    heads: tuple[GridHead, ...]
    rows: tuple[GridRow, ...]
    held: tuple[HeldRow, ...]
    blank: GridRow
    locked: bool = False


@dataclass(frozen=True, slots=True)
class SectionView:
    """A titled group of inputs, or a grid."""

    name: str
    label: str
    columns: int
    inputs: tuple[Input, ...]
    grid: Grid | None
    visible_when: str


@dataclass(frozen=True, slots=True)
class TabView:
    """One page of a form."""

    name: str
    label: str
    sections: tuple[SectionView, ...]
    visible_when: str


def form_of(screen: Screen, entity: Entity, name: str = "default") -> Form:
    """Return the form of this name that suits the person's roles, else the default."""
    form = entity.forms.get(name)
    roles = set(screen.ctx.actor.roles)
    if form is not None and (not form.roles or roles.intersection(form.roles)):
        return form
    return entity.forms["default"]


def form_tabs(
    screen: Screen, entity: Entity, form: Form, record: Record | None,
    given: Mapping[str, Given] | None = None, locked: Locked | None = None,
) -> tuple[TabView, ...]:  # fmt: skip
    """Return the tabs of a form with something to enter; `given` are links already chosen.

    What is `locked` is only read, and what an approval changes says so.
    """
    inputs, kept = input_maker(screen, entity, record, given or {}), locked or Locked()
    inputs = replace(inputs, writable=inputs.writable - kept.closed, guards=kept.guards)
    maker = _Maker(inputs, kept.names)
    tabs = (maker.tab(tab) for tab in form.tabs)
    return tuple(tab for tab in tabs if tab.sections)


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the parts of a form from the inputs of its record."""

    inputs: InputMaker
    locked: frozenset[str]

    @property
    def screen(self) -> Screen:
        return self.inputs.screen

    def tab(self, tab: Tab) -> TabView:
        sections = (self.section(section) for section in tab.sections)
        return TabView(
            name=tab.name,
            label=self.screen.label(tab.label, tab.name),
            sections=tuple(s for s in sections if s.inputs or s.grid),
            visible_when=self.inputs.condition(tab.visible_when),
        )

    def section(self, section: Section) -> SectionView:
        entity = self.inputs.entity
        readable = self.screen.services.access.readable(self.screen.ctx, entity.key)
        items = [self.inputs.item(item) for item in section.items if item.field in readable]
        return SectionView(
            name=section.name,
            label=self.screen.label(section.label),
            columns=section.columns,
            inputs=tuple(item for item in items if self._shows(item)),
            grid=self.grid(section) if section.grid else None,
            visible_when=self.inputs.condition(section.visible_when),
        )

    def _shows(self, made: Input) -> bool:
        """Return whether an input says something: a new record has no computed values yet."""
        return self.inputs.record is not None or made.live or not made.readonly

    def grid(self, section: Section) -> Grid | None:
        entity, record = self.inputs.entity, self.inputs.record
        collection = entity.collections[section.grid]
        child = self.screen.ctx.model.entities[collection.entity]
        readable = self.screen.services.access.readable(self.screen.ctx, child.key)
        columns = [column for column in section.grid_columns if column.field in readable]
        lines = record.lines.get(section.grid, ()) if record is not None else ()
        maker, locked = input_maker(self.screen, child, None, {}), section.grid in self.locked
        if locked:
            maker = replace(maker, writable=frozenset())
        return Grid(
            collection=collection.name,
            entity=child.name,
            label=self.screen.label(section.label) or self.screen.label(collection.label),
            heads=tuple(_head(self.screen, child, column) for column in columns),
            rows=tuple(_row(replace(maker, record=each), columns) for each in lines[:DRAWN_LINES]),
            held=tuple(_held(maker, columns, each) for each in lines[DRAWN_LINES:]),
            blank=_row(maker, columns),
            locked=locked,
        )


def _row(maker: InputMaker, columns: list[GridColumn]) -> GridRow:
    return GridRow(
        id=str(maker.record.id) if maker.record is not None else "",
        inputs=tuple(maker.input(maker.entity.fields[column.field]) for column in columns),
    )


def _held(maker: InputMaker, columns: list[GridColumn], line: Record) -> HeldRow:
    fields = [maker.entity.fields[column.field] for column in columns]
    return HeldRow(str(line.id), tuple(_held_cell(maker, each, line) for each in fields))


def _held_cell(maker: InputMaker, field: Field, line: Record) -> HeldCell:
    value, readonly = line.values.get(field.key), not enterable(field, maker.writable)
    # An input says what it holds but where that is a record, or a choice nobody has any more.
    said = value is not None and (readonly or field.link is not None or bool(field.options))
    shown = cell(maker.screen, field, value) if said else BLANK
    return HeldCell(field.type, entered(field, value), shown, readonly)


def _head(screen: Screen, child: Entity, column: GridColumn) -> GridHead:
    field = child.fields[column.field]
    return GridHead(
        name=field.name,
        label=screen.field_label(field),
        align=widget_of(field).align,
        width=column.width,
        total=column.total,
        required=field.required,
    )
