"""Automations in plain words: what sets one off, and each step as a card."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from formula.typed import Typed
from metamodel.actions import (
    ActionStep,
    Assign,
    Branch,
    CallAutomation,
    CallWebhook,
    ConvertRecord,
    CreateRecord,
    DeleteRecords,
    Each,
    FindRecord,
    MakeDocument,
    Notify,
    SendEmail,
    SetFields,
    StartApproval,
    UpdateRecords,
    Wait,
)
from metamodel.automation import Automation, Trigger
from metamodel.label import Label
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.lapses import lapse_words
from ui.viewmodels.reports.deliveries import WEEKDAYS

ICONS: Mapping[type[Any], str] = {
    SetFields: "pencil",
    CreateRecord: "square-plus",
    UpdateRecords: "stack-2",
    DeleteRecords: "trash",
    FindRecord: "search",
    Assign: "user-check",
    Notify: "bell",
    CallWebhook: "webhook",
    MakeDocument: "file-text",
    StartApproval: "rubber-stamp",
    Wait: "hourglass",
    Branch: "git-branch",
    Each: "repeat",
    CallAutomation: "bolt",
    ConvertRecord: "arrows-exchange",
}
"""How each act is drawn. Any: classes of acts."""

SENDS: Mapping[str, tuple[str, str]] = {
    "email": ("Writes an e-mail", "mail"),
    "sms": ("Sends a text message", "message"),
    "wechat": ("Writes in WeChat", "brand-wechat"),
    "voice": ("Calls by telephone", "phone"),
    "fax": ("Sends a fax", "printer"),
}
"""What is said of a message by its channel, and how it is drawn."""

TRIGGERS: Mapping[str, str] = {
    "created": "square-plus", "updated": "pencil", "deleted": "trash", "stage": "arrow-right",
    "date": "calendar-event", "schedule": "clock", "webhook": "webhook", "button": "hand-click",
    "form": "forms", "email": "mail",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """One way through inner steps: a branch, or what is done for each member."""

    label: str
    when: str
    cards: tuple[StepCard, ...]


@dataclass(frozen=True, slots=True)
class StepCard:
    """One step: what it is called, what it does, under which condition, with which values."""

    name: str
    icon: str
    label: str
    does: str
    when: str
    values: tuple[tuple[str, str], ...] = ()
    ways: tuple[Way, ...] = ()


def trigger_icon(trigger: Trigger) -> str:
    """Return how a trigger is drawn."""
    return TRIGGERS.get(trigger.on, "bolt")


def trigger_words(screen: Screen, automation: Automation) -> str:
    """Return what sets an automation off, as a sentence."""
    trigger, say = automation.trigger, screen.words.say
    entity = screen.ctx.model.entities.get(trigger.entity)
    kind = screen.entity_label(entity) if entity is not None else ""
    match trigger.on:
        case "created":
            return say("When a record is created: {kind}", kind=kind)
        case "deleted":
            return say("When a record is deleted: {kind}", kind=kind)
        case "updated":
            return _of_fields(screen, trigger, entity, kind)
        case "stage":
            return _of_stages(screen, trigger, entity, kind)
        case "date":
            return _of_date(screen, trigger, entity, kind)
        case "schedule":
            when = _schedule(screen, trigger.cron)
            return say("{when}, for each that fits: {kind}", when=when, kind=kind) if kind else when
        case "button":
            return say("When a button is pressed: {kind}", kind=kind)
        case _:
            return _from_outside(screen, trigger)


def step_cards(screen: Screen, steps: Sequence[ActionStep]) -> tuple[StepCard, ...]:
    """Return steps as cards, those within them too."""
    return tuple(_card(screen, step) for step in steps)


def step_told(screen: Screen, steps: Sequence[ActionStep], path: Sequence[str]) -> str:
    """Return what the step at the path that a run keeps does; blank where it is not there."""
    step = step_at(screen, steps, path)
    if step is None:
        return ""
    label = screen.label(step.label, step.name)
    return label if label != step.name else _act(screen, step.act)[0]


def step_at(screen: Screen, steps: Sequence[ActionStep], path: Sequence[str]) -> ActionStep | None:
    """Return the step at the path that a run keeps, None where it is not there any more."""
    step = next((each for each in steps if path and each.key == path[0]), None)
    if step is None:
        return None
    inner, rest = _inside(screen, step.act, path[1:])
    return step_at(screen, inner, rest) if rest else step


def _inside(
    screen: Screen, act: object, path: Sequence[str]
) -> tuple[Sequence[ActionStep], Sequence[str]]:
    """Return the steps within an act that a path goes on through, and what is left of it."""
    match act:
        case Branch():
            taken = (arm.steps for arm in act.arms if path and arm.name == path[0])
            return next(taken, ()), path[1:]
        case CallAutomation():
            known = screen.ctx.model.automations.values()
            return next((e.steps for e in known if e.name == act.automation), ()), path[1:]
        case Each():
            return act.steps, path
        case _:
            return (), path


def _card(screen: Screen, step: ActionStep) -> StepCard:
    does, values = _act(screen, step.act)
    return StepCard(
        name=step.name,
        icon=_icon(step.act),
        label=screen.label(step.label, step.name),
        does=does,
        when=step.when.text if step.when is not None else "",
        values=tuple(values),
        ways=tuple(_ways(screen, step.act)),
    )


def _icon(act: object) -> str:
    return SENDS[act.channel][1] if isinstance(act, SendEmail) else ICONS[type(act)]


def _ways(screen: Screen, act: object) -> Iterator[Way]:
    if isinstance(act, Branch):
        for arm in act.arms:
            when = arm.when.text if arm.when is not None else ""
            label = screen.label(arm.label, arm.name) if when else screen.words.say("Otherwise")
            yield Way(label, when, step_cards(screen, arm.steps))
    if isinstance(act, Each):
        yield Way("", act.where.text if act.where else "", step_cards(screen, act.steps))


Values = Iterable[tuple[str, str]]


class Named(Protocol):
    """What an app declares under a name, and calls by a label."""

    @property
    def key(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def label(self) -> Label: ...


def _act(screen: Screen, act: object) -> tuple[str, Values]:
    """Return what an act does, and the values that it does it with."""
    say = screen.words.say
    match act:
        case SetFields():
            return say("Fills in the record"), _formulas(screen, act.entity, act.values)
        case CreateRecord():
            made = say("Creates a record: {kind}", kind=_kind(screen, act.entity))
            return made, _formulas(screen, act.entity, act.values)
        case UpdateRecords():
            changed = say("Changes all records that fit: {kind}", kind=_kind(screen, act.entity))
            where = (say("Which"), act.where.text)
            return changed, [where, *_formulas(screen, act.entity, act.values)]
        case DeleteRecords():
            gone = say("Moves to the trash: {kind}", kind=_kind(screen, act.entity))
            return gone, [(say("Which"), act.where.text)] if act.where else []
        case FindRecord():
            found = say("Finds the first record that fits: {kind}", kind=_kind(screen, act.entity))
            return found, [(say("Which"), act.where.text)]
        case ConvertRecord():
            rule = screen.ctx.model.entities[act.entity].converts[act.convert]
            return say("Converts: {name}", name=screen.label(rule.label, rule.name)), ()
        case Each():
            return say("For each of {path}", path=act.path), (
                [(say("What cannot be done for one"), say("does not stop the others"))]
                if act.singly
                else ()
            )
        case Branch():
            return say("Takes the first way that fits"), ()
        case _:
            return _of_others(screen, act)


def _of_others(screen: Screen, act: object) -> tuple[str, Values]:
    say, model = screen.words.say, screen.ctx.model
    match act:
        case Assign():
            field = screen.ctx.model.entities[act.entity].fields[act.field]
            by = [(say("Who"), act.by.text)] if act.by is not None else []
            among = [(say("Among"), ", ".join(act.roles))] if act.roles else []
            return say("Gives it to somebody: {field}", field=screen.field_label(field)), by + among
        case Notify():
            return say("Tells people"), _told(screen, act.to, act.roles, act.message)
        case SendEmail():
            return say(SENDS[act.channel][0]), _told(screen, act.to, (), act.message)
        case CallWebhook():
            return say("Calls {address}", address=act.url.partition("?")[0]), _plain(act.body)
        case MakeDocument():
            return say(
                "Makes the document {name}",
                name=_named(screen, model.documents.values(), act.document),
            ), ()
        case StartApproval():
            return say(
                "Asks for approval: {name}",
                name=_named(screen, model.approvals.values(), act.approval),
            ), ()
        case Wait():
            return _wait(screen, act), ()
        case CallAutomation():
            return say(
                "Runs the automation {name}",
                name=_named(screen, model.automations.values(), act.automation),
            ), ()
        case _:
            return "", ()


def _named(screen: Screen, known: Iterable[Named], name: str) -> str:
    """Return what something of the app is called; by its name where the app does not have it."""
    found = next((each for each in known if name in (each.name, each.key)), None)
    return name if found is None else screen.label(found.label, found.name)


def _wait(screen: Screen, act: Wait) -> str:
    say = screen.words.say
    if act.lapse is not None:
        return say("Waits {lapse}", lapse=lapse_words(screen, act.lapse))
    if act.until is not None:
        return say("Waits until {moment}", moment=act.until.text)
    return say("Waits until this holds: {condition}", condition=act.when.text if act.when else "")


def _told(
    screen: Screen, to: Typed | None, roles: Sequence[str], message: str
) -> Iterator[tuple[str, str]]:
    say = screen.words.say
    if to is not None:
        yield say("Who"), to.text
    if roles:
        yield say("Roles"), ", ".join(roles)
    known = next((m for m in screen.ctx.model.messages.values() if m.name == message), None)
    if known is not None:
        yield say("What they are told"), screen.label(known.label, known.name)


def _formulas(
    screen: Screen, entity: str, values: Mapping[str, Typed]
) -> Iterator[tuple[str, str]]:
    fields = screen.ctx.model.entities[entity].fields
    yield from ((screen.field_label(fields[key]), typed.text) for key, typed in values.items())


def _plain(values: Mapping[str, Typed]) -> Iterator[tuple[str, str]]:
    yield from ((name, typed.text) for name, typed in values.items())


def _kind(screen: Screen, entity: str) -> str:
    return screen.entity_label(screen.ctx.model.entities[entity])


def _schedule(screen: Screen, cron: str) -> str:
    """Return a schedule in words; one that is not hourly, daily, weekly or monthly as it is."""
    say = screen.words.say
    minute, hour, day, month, weekday = cron.split()[:5]
    if not minute.isdecimal() or month != "*":
        return say("On a schedule ({cron})", cron=cron)
    if (hour, day, weekday) == ("*", "*", "*"):
        return say("Every hour")
    if not hour.isdecimal():
        return say("On a schedule ({cron})", cron=cron)
    clock = f"{int(hour):02d}:{int(minute):02d}"
    if (day, weekday) == ("*", "*"):
        return say("Every day at {time}", time=clock)
    if day == "*" and weekday.isdecimal():
        named = say(WEEKDAYS[(int(weekday) - 1) % len(WEEKDAYS)])
        return say("Every {day} at {time}", day=named, time=clock)
    if weekday == "*" and day.isdecimal():
        return say("Every month on day {day} at {time}", day=day, time=clock)
    return say("On a schedule ({cron})", cron=cron)


def _of_fields(screen: Screen, trigger: Trigger, entity: Entity | None, kind: str) -> str:
    say = screen.words.say
    if not trigger.fields or entity is None:
        return say("When a record is changed: {kind}", kind=kind)
    names = _joined(screen, (screen.field_label(entity.fields[key]) for key in trigger.fields))
    return say("On a change of {names}: {kind}", names=names, kind=kind)


def _from_outside(screen: Screen, trigger: Trigger) -> str:
    say = screen.words.say
    match trigger.on:
        case "form":
            return say("When the public form {name} is sent", name=trigger.form)
        case "email":
            return say("When a mail comes to {address}", address=trigger.address)
        case _:
            return say("When another program calls")


def _of_stages(screen: Screen, trigger: Trigger, entity: Entity | None, kind: str) -> str:
    labels = {
        key: screen.label(stage.label, stage.name)
        for pipeline in (entity.pipelines.values() if entity is not None else ())
        for key, stage in pipeline.stages.items()
    }
    entered = _joined(screen, (labels.get(key, key) for key in trigger.entered))
    if not entered:
        return screen.words.say("When a record moves to another stage: {kind}", kind=kind)
    return screen.words.say("When a record enters {stages}: {kind}", stages=entered, kind=kind)


def _of_date(screen: Screen, trigger: Trigger, entity: Entity | None, kind: str) -> str:
    say, offset = screen.words.say, trigger.offset
    field = screen.field_label(entity.fields[trigger.date_field]) if entity is not None else ""
    params = {"field": field, "kind": kind, "time": trigger.at}
    if offset is None or not offset.amount:
        said = say("On {field}: {kind}", **params)
    elif offset.amount < 0:
        said = say("{lapse} before {field}: {kind}", lapse=lapse_words(screen, offset), **params)
    else:
        said = say("{lapse} after {field}: {kind}", lapse=lapse_words(screen, offset), **params)
    return f"{said} · {trigger.at}" if trigger.at else said


def _joined(screen: Screen, words: Iterable[str]) -> str:
    return ("、" if screen.language == "zh" else ", ").join(words)
