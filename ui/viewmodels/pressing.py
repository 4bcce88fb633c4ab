"""Buttons of a record: which stand there now, and what each asks before it does anything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from metamodel.automation import Button
from metamodel.fields import Field
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.approval_dialogs import person_input
from ui.viewmodels.inputs import Input, InputMaker


@dataclass(frozen=True, slots=True)
class PressButton:
    """One button above a record."""

    label: str
    icon: str
    url: str


@dataclass(frozen=True, slots=True)
class PressDialog:
    """What a button asks."""

    heading: str
    title: str
    label: str
    note: str
    inputs: tuple[Input, ...]
    url: str


def press_buttons(screen: Screen, entity: Entity, record: UUID) -> tuple[PressButton, ...]:
    """Return the buttons that the person may press on a record now."""
    if not entity.buttons:
        return ()
    return tuple(
        PressButton(
            screen.label(each.label, each.name),
            each.icon or "bolt",
            screen.record_url(entity.name, record, "press", each.name),
        )
        for each in screen.services.buttons.offered(screen.ctx, entity, record)
    )


def press_dialog(
    screen: Screen, entity: Entity, record: UUID, title: str, button: Button
) -> PressDialog:
    """Return what a button asks, and whether it is meant."""
    label = screen.label(button.label, button.name)
    return PressDialog(
        heading=label,
        title=title,
        label=label,
        note=screen.label(button.confirm) or screen.label(button.help),
        inputs=tuple(_input(screen, entity, name, each) for name, each in button.input.items()),
        url=screen.record_url(entity.name, record, "press", button.name),
    )


def _input(screen: Screen, entity: Entity, name: str, field: Field) -> Input:
    if field.link is not None and field.link.to == ("user",):
        chosen, label = person_input(screen), screen.field_label(field)
        return replace(chosen, name=name, label=label, required=field.required)
    maker = InputMaker(screen, entity, None, {}, frozenset(), frozenset({field.key}))
    return replace(maker.input(field), name=name, empty=False)
