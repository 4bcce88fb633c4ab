"""When the app acts by itself: automations with their triggers, and buttons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from formula.typed import Typed
from metamodel.actions import ActionStep, Lapse
from metamodel.fields import Field
from metamodel.label import Label

Event = Literal[
    "created",
    "updated",
    "deleted",
    "stage",
    "date",
    "schedule",
    "webhook",
    "button",
    "form",
    "email",
]


@dataclass(frozen=True, slots=True)
class Trigger:
    """What sets an automation off. Which attributes speak depends on `on`:

    updated: `fields` (keys; none: any). stage: `pipeline`, `left` and `entered` (stage keys;
    none: any). date: `date_field` (key of a date or instant), `offset` before or after it, `at` in
    the tenant's zone. schedule: `cron` in the tenant's zone, over the entity's records for
    which the automation's condition holds, once without an entity. webhook: `input`, found in
    the body, and the records whose `match` fields have those values. button and form: by name.
    email: the address written to; `input` has `sender`, `subject`, `text`.
    """

    on: Event
    entity: str = ""
    fields: tuple[str, ...] = ()
    pipeline: str = ""
    left: tuple[str, ...] = ()
    entered: tuple[str, ...] = ()
    date_field: str = ""
    offset: Lapse | None = None
    at: str = ""
    cron: str = ""
    input: Mapping[str, Field] = field(default_factory=dict)
    match: Mapping[str, Typed] = field(default_factory=dict)
    button: str = ""
    form: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Automation:
    """A rule that acts: trigger, condition, steps. `immediate` ones run in the transaction."""

    key: str
    name: str
    label: Label
    trigger: Trigger
    steps: tuple[ActionStep, ...]
    when: Typed | None = None
    active: bool = True
    immediate: bool = False
    help: Label = Label()
    module: str = ""
    note: Label = Label()


@dataclass(frozen=True, slots=True)
class Button:
    """An act that a person starts on a record; `input` is asked before, by name."""

    key: str
    name: str
    label: Label
    steps: tuple[ActionStep, ...]
    icon: str = ""
    visible_when: Typed | None = None
    input: Mapping[str, Field] = field(default_factory=dict)
    roles: tuple[str, ...] = ()
    confirm: Label = Label()
    help: Label = Label()
