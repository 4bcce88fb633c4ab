"""A form: inputs generated from an entity's form, with the values and formulas they follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from engine.query.spec import LinkValue, Record
from metamodel.model import Entity, Field
from metamodel.views import Form, GridColumn, Item, Section, Tab
from ui.formulas import field_scale, followable, formula_id, live_fields
from ui.screen import Screen
from ui.viewmodels.cells import BLANK, Cell, cell
from ui.widgets import widget_of

NEVER_ENTERED = frozenset({"autonumber"})


@dataclass(frozen=True, slots=True)
class OptionView:
    """One choice of a closed set; `when` is the formula under which it is offered."""

    name: str
    label: str
    chosen: bool
    when: str = ""


@dataclass(frozen=True, slots=True)
class Copied:
    """What choosing a link fills: a field of this form, and the formula and path that read it."""

    field: str
    formula: str
    path: str
    ask: bool


@dataclass(frozen=True, slots=True)
class Input:
    """One field on a form. Conditions are ids of functions in the entity's formula script.

    `empty`: a new record's computed value, not shown before there is one.
    """

    name: str
    label: str
    template: str
    type: str
    help: str
    entered: str
    shown: Cell
    required: bool
    readonly: bool
    width: int
    live: bool
    empty: bool
    align: Literal["start", "end"]
    visible_when: str = ""
    required_when: str = ""
    readonly_when: str = ""
    default: str = ""
    options: tuple[OptionView, ...] = ()
    pick_url: str = ""
    copies: tuple[Copied, ...] = ()
    unit: str = ""
    minimum: str = ""
    maximum: str = ""
    step: str = ""


@dataclass(frozen=True, slots=True)
class GridRow:
    """One child line; a new one has no id."""

    id: str
    inputs: tuple[Input, ...]


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
    """Child lines edited in place; `blank` is what an added line starts from."""

    collection: str
    entity: str
    label: str
    heads: tuple[GridHead, ...]
    rows: tuple[GridRow, ...]
    blank: GridRow


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
    given: Mapping[str, LinkValue] | None = None,
) -> tuple[TabView, ...]:  # fmt: skip
    """Return the tabs of a form with something to enter; `given` are links already chosen."""
    maker = _maker(screen, entity, record, given or {})
    tabs = (maker.tab(tab) for tab in form.tabs)
    return tuple(tab for tab in tabs if tab.sections)


def _maker(
    screen: Screen, entity: Entity, record: Record | None, given: Mapping[str, LinkValue]
) -> _Maker:
    """Return a maker that knows once what every input asks for."""
    return _Maker(
        screen,
        entity,
        record,
        given,
        live=frozenset(live.name for live in live_fields(screen.ctx.model, entity)),
        writable=screen.services.access.writable(screen.ctx, entity.key),
    )


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the inputs of one record, or of one line of it."""

    screen: Screen
    entity: Entity
    record: Record | None
    given: Mapping[str, LinkValue]
    live: frozenset[str]
    writable: frozenset[str]

    def tab(self, tab: Tab) -> TabView:
        sections = (self.section(section) for section in tab.sections)
        return TabView(
            name=tab.name,
            label=self.screen.label(tab.label, tab.name),
            sections=tuple(s for s in sections if s.inputs or s.grid),
            visible_when=self.condition(tab.visible_when),
        )

    def section(self, section: Section) -> SectionView:
        readable = self.screen.services.access.readable(self.screen.ctx, self.entity.key)
        items = [self.item(item) for item in section.items if item.field in readable]
        return SectionView(
            name=section.name,
            label=self.screen.label(section.label),
            columns=section.columns,
            inputs=tuple(item for item in items if self._shows(item)),
            grid=self.grid(section) if section.grid else None,
            visible_when=self.condition(section.visible_when),
        )

    def _shows(self, made: Input) -> bool:
        """Return whether an input says something: a new record has no computed values yet."""
        return self.record is not None or made.live or not made.readonly

    def item(self, item: Item) -> Input:
        field = self.entity.fields[item.field]
        made = self.input(field, width=item.width)
        return _overridden(self, made, item)

    def grid(self, section: Section) -> Grid | None:
        collection = self.entity.collections[section.grid]
        child = self.screen.ctx.model.entities[collection.entity]
        readable = self.screen.services.access.readable(self.screen.ctx, child.key)
        columns = [column for column in section.grid_columns if column.field in readable]
        lines = self.record.lines.get(section.grid, ()) if self.record is not None else ()
        maker = _maker(self.screen, child, None, {})
        return Grid(
            collection=collection.name,
            entity=child.name,
            label=self.screen.label(section.label) or self.screen.label(collection.label),
            heads=tuple(_head(self.screen, child, column) for column in columns),
            rows=tuple(_row(replace(maker, record=line), columns) for line in lines),
            blank=_row(maker, columns),
        )

    def input(self, field: Field, *, width: int = 1) -> Input:
        """Return the input of a field with its present value, or its default."""
        screen, widget, value = self.screen, widget_of(field), self._value(field)
        readonly = not self._enterable(field)
        return Input(
            name=field.name,
            label=screen.field_label(field),
            template=widget.template,
            type=field.type,
            help=screen.label(field.help),
            entered=_entered(field, value),
            shown=cell(screen, field, value) if value is not None else BLANK,
            required=field.required and not readonly,
            readonly=readonly,
            width=2 if widget.wide else width,
            live=field.name in self.live,
            empty=readonly and self.record is None and value is None,
            align=widget.align,
            visible_when=self.condition(field.visible_when),
            required_when=self.condition(field.required_when),
            readonly_when=self.condition(field.readonly_when),
            default="" if self.record is not None else self.condition(field.default_formula),
            options=_options(screen, field, value),
            pick_url=_pick_url(screen, self.entity, field),
            copies=self._copies(field),
            unit=field.unit,
            minimum=_bound(field.min),
            maximum=_bound(field.max),
            step=_step(field),
        )

    def _enterable(self, field: Field) -> bool:
        """Return whether the person may enter this field at all."""
        computed = field.formula is not None or field.type in NEVER_ENTERED
        shown_only = field.readonly or widget_of(field).template == "readonly"
        return not computed and not shown_only and field.key in self.writable

    def _value(self, field: Field) -> Any:
        if self.record is not None:
            return self.record.values.get(field.key)
        if field.name in self.given:
            return self.given[field.name]
        if field.builtin and field.key == "owner":
            actor = self.screen.ctx.actor
            return LinkValue("user", actor.user, actor.name)
        if field.pipeline and field.default is None:
            return self.entity.pipelines[field.pipeline].first.name
        return field.default

    def condition(self, typed: Any) -> str:
        """Return the id of a condition that this form can follow, "" for none."""
        known = typed is not None and followable(self.screen.ctx.model, self.entity, typed)
        return formula_id(typed) if known else ""

    def _copies(self, field: Field) -> tuple[Copied, ...]:
        return tuple(
            Copied(
                self.entity.fields[copy.field].name,
                self.condition(copy.path),
                copy.path.text,
                copy.ask,
            )
            for copy in field.copy
        )


def _overridden(maker: _Maker, made: Input, item: Item) -> Input:
    """Return an input with what its place on the form says instead of the field."""
    return replace(
        made,
        label=maker.screen.label(item.label) or made.label,
        visible_when=maker.condition(item.visible_when) or made.visible_when,
        required_when=maker.condition(item.required_when) or made.required_when,
        readonly_when=maker.condition(item.readonly_when) or made.readonly_when,
    )


def inputs_of(
    screen: Screen, entity: Entity, fields: tuple[str, ...], record: Record | None
) -> tuple[Input, ...]:
    """Return inputs for some fields, by key, outside of any form."""
    maker = _maker(screen, entity, record, {})
    return tuple(maker.input(entity.fields[key]) for key in fields if key in entity.fields)


def _row(maker: _Maker, columns: list[GridColumn]) -> GridRow:
    return GridRow(
        id=str(maker.record.id) if maker.record is not None else "",
        inputs=tuple(maker.input(maker.entity.fields[column.field]) for column in columns),
    )


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


def _entered(field: Field, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return widget_of(field).entered(value, field)


def _options(screen: Screen, field: Field, value: Any) -> tuple[OptionView, ...]:
    chosen = value if isinstance(value, (tuple, list)) else (value,)
    return tuple(
        OptionView(
            name=option.name,
            label=screen.label(option.label, option.name),
            chosen=option.name in chosen or option.key in chosen,
            when=formula_id(field.options_when.get(option.key)),
        )
        for option in field.options.values()
        if option.active or option.name in chosen
    )


def _pick_url(screen: Screen, entity: Entity, field: Field) -> str:
    if field.link is None or field.link.many:
        return ""
    return screen.url("pick", entity.name, field.name)


def _bound(value: Any) -> str:
    return (
        format(value, "f") if isinstance(value, Decimal) else ("" if value is None else str(value))
    )


def _step(field: Field) -> str:
    scale = field_scale(field)
    return "" if scale is None else format(Decimal(1).scaleb(-scale), "f")
