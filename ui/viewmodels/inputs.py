"""Inputs: one field as it is entered, with what it follows and what it is chosen from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from engine.query.spec import LinkValue, Record
from metamodel.model import Entity, Field
from metamodel.views import Item
from ui.formulas import field_scale, followable, formula_id, live_fields
from ui.screen import Screen
from ui.viewmodels.cells import BLANK, Cell, cell, files_url, map_of
from ui.widgets import widget_of

Given = LinkValue | str
"""What a new form begins with: a link already chosen, or a value as its input holds it."""

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
class Guarding:
    """An approval that a field is changed through, in words; its dialog is at `url`.

    `closed` where nobody changes the field in any other way; without `url` it is not to be had now.
    """

    why: str
    url: str
    closed: bool


@dataclass(frozen=True, slots=True)
class Input:
    """One field on a form. Conditions are ids of functions in the entity's formula script.

    `many`: it holds several files; `several`: its link leads to one of several entities.
    `empty`: a new record's computed value, not shown before there is one. `unmask_url`: where
    the clear value of an encrypted one is asked for, by those who may.
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
    many: bool = False
    several: bool = False
    people: bool = False
    upload_url: str = ""
    map_url: str = ""
    unmask_url: str = ""
    figure_url: str = ""
    guard: Guarding | None = None


@dataclass(frozen=True, slots=True)
class InputMaker:
    """Makes the inputs of one record, or of one line of it."""

    screen: Screen
    entity: Entity
    record: Record | None
    given: Mapping[str, Given]
    live: frozenset[str]
    writable: frozenset[str]
    guards: Mapping[str, Guarding] = field(default_factory=dict)

    def item(self, item: Item) -> Input:
        """Return the input at a place of a form, with what its place says instead of the field."""
        made = self.input(self.entity.fields[item.field], width=item.width)
        return replace(
            made,
            label=self.screen.label(item.label) or made.label,
            visible_when=self.condition(item.visible_when) or made.visible_when,
            required_when=self.condition(item.required_when) or made.required_when,
            readonly_when=self.condition(item.readonly_when) or made.readonly_when,
        )

    def input(self, field: Field, *, width: int = 1) -> Input:
        """Return the input of a field with its present value, or its default."""
        screen, widget, value = self.screen, widget_of(field), self._value(field)
        readonly = not enterable(field, self.writable)
        return Input(
            name=field.name,
            label=screen.field_label(field),
            template=widget.template,
            type=field.type,
            help=screen.label(field.help),
            entered=entered(field, value),
            shown=BLANK if value is None or self._typed(field) else cell(screen, field, value),
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
            many=field.type != "image",
            several=field.link is not None and len(field.link.to) > 1,
            people=field.link is not None and field.link.to == ("user",),
            upload_url=files_url(screen),
            map_url=map_of(screen.language),
            unmask_url=self._unmask_url(field, value),
            figure_url=self._figure_url(field, value),
            guard=self.guards.get(field.key),
        )

    def _typed(self, field: Field) -> bool:
        """Return whether a value is text that an address brought, as an input would hold it."""
        return self.record is None and isinstance(self.given.get(field.name), str)

    def _unmask_url(self, field: Field, value: Any) -> str:
        if not field.encrypted or value is None or self.record is None:
            return ""
        if field.key in self.screen.services.access.masked(self.screen.ctx, self.entity.key):
            return ""
        record = str(self.record.id)
        return self.screen.api_url("records", self.entity.name, record, "unmask")

    def _figure_url(self, field: Field, value: Any) -> str:
        """Return where a computed value is explained, "" for what is entered."""
        known = field.formula is not None and value is not None and self.entity.child_of is None
        if self.record is None or not known:
            return ""
        return self.screen.record_url(self.entity.name, self.record.id, "figures", field.name)

    def _value(self, field: Field) -> Any:
        if self.record is not None:
            return self.record.values.get(field.key)
        if field.name in self.given:
            given = self.given[field.name]
            return (given,) if field.link is not None and field.link.many else given
        if field.builtin and field.key == "owner":
            actor = self.screen.ctx.actor
            return LinkValue("user", actor.user, actor.name)
        if field.pipeline and field.default is None:
            course = self.entity.pipelines[field.pipeline]
            # Whether a course with a condition is the record's is known once it is filled in.
            return course.first.name if course.when is None else None
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


def input_maker(
    screen: Screen, entity: Entity, record: Record | None, given: Mapping[str, Given]
) -> InputMaker:
    """Return a maker that knows once what every input asks for."""
    return InputMaker(
        screen,
        entity,
        record,
        given,
        live=frozenset(live.name for live in live_fields(screen.ctx.model, entity)),
        writable=screen.services.access.writable(screen.ctx, entity.key),
    )


def inputs_of(
    screen: Screen, entity: Entity, fields: tuple[str, ...], record: Record | None
) -> tuple[Input, ...]:
    """Return inputs for some fields, by key, outside of any form."""
    maker = input_maker(screen, entity, record, {})
    return tuple(maker.input(entity.fields[key]) for key in fields if key in entity.fields)


def enterable(field: Field, writable: frozenset[str]) -> bool:
    """Return whether somebody who may write these fields, by key, may enter one at all."""
    computed = field.formula is not None or field.type in NEVER_ENTERED
    shown_only = field.readonly or widget_of(field).template == "readonly"
    return not computed and not shown_only and field.key in writable


def entered(field: Field, value: Any) -> str:
    """Return what the input of a value holds, "" for a blank."""
    if value is None:
        return ""
    if isinstance(value, str) and field.type != "json":
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
    if field.link is None:
        return ""
    return screen.url("pick", entity.name, field.name)


def _bound(value: Any) -> str:
    return (
        format(value, "f") if isinstance(value, Decimal) else ("" if value is None else str(value))
    )


def _step(field: Field) -> str:
    scale = field_scale(field)
    return "" if scale is None else format(Decimal(1).scaleb(-scale), "f")
