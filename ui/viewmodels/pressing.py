"""Buttons of a record: which stand there now, and what each asks before it does anything."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from metamodel.automation import Button
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.approval_dialogs import asked_input
from ui.viewmodels.inputs import Input


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
        inputs=tuple(
            asked_input(screen, entity, name, each) for name, each in button.input.items()
        ),
        url=screen.record_url(entity.name, record, "press", button.name),
    )
