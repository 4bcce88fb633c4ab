"""Handing over what somebody holds: the rules, what they would do, how far it is, the report."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.leaving.journal import Given, HandoverState
from engine.leaving.planning import Part, Plan
from engine.query.spec import Record
from ui.screen import Screen
from ui.viewmodels.cells import initials
from ui.viewmodels.inputs import Input, inputs_of
from ui.viewmodels.shell import Shell, shell

LONG = 1000
"""Records from which on it is said that it may take some minutes."""


@dataclass(frozen=True, slots=True)
class HandoverLine:
    """An earlier hand-over of the same person."""

    when: str
    state: str
    url: str


@dataclass(frozen=True, slots=True)
class HandoverPage:
    """The rules of a hand-over being made; `entities` are name and label of what can be split."""

    shell: Shell
    heading: str
    initials: str
    person: str
    person_url: str
    entities: tuple[tuple[str, str], ...]
    people: Input
    team: Input
    earlier: tuple[HandoverLine, ...]
    plan_url: str
    start_url: str


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """What becomes of one kind of record: how many, some of them, and which rule says so."""

    what: str
    field: str
    records: str
    examples: tuple[tuple[str, str], ...]
    rule: int | None
    ends: bool


@dataclass(frozen=True, slots=True)
class PlanView:
    """What a hand-over would do; `unruled` says that some records have no taker yet."""

    lines: tuple[PlannedLine, ...]
    total: str
    unruled: int
    mentions: tuple[str, ...]
    long: bool


@dataclass(frozen=True, slots=True)
class PassedLine:
    """What became of one kind of record."""

    what: str
    field: str
    given: str
    stayed: str
    ended: str
    left: str


@dataclass(frozen=True, slots=True)
class HandoverReport:
    """How far a hand-over is, or what came of it."""

    shell: Shell
    heading: str
    person_url: str
    person: str
    running: bool
    complete: bool
    done: int
    total: int
    said: str
    lines: tuple[PassedLine, ...]
    refused: tuple[tuple[str, str], ...]
    mentions: tuple[str, ...]
    files: tuple[tuple[str, str], ...]
    url: str


def handover_page(screen: Screen, person: Record) -> HandoverPage:
    """Return the wizard for one person."""
    here = screen.url("admin", "people", str(person.id), "handover")
    heading = screen.words.say("Hand over from {name}", name=person.title)
    return HandoverPage(
        shell=shell(screen, heading, screen.url("admin", "people")),
        heading=heading,
        initials=initials(person.title),
        person=person.title,
        person_url=screen.url("admin", "people", str(person.id)),
        entities=_entities(screen),
        people=_chooser(screen, "user", "manager", "people"),
        team=_chooser(screen, "team_member", "team", "team"),
        earlier=tuple(
            _earlier(screen, each, here)
            for each in screen.services.handovers.of(screen.ctx, person.id)
        ),
        plan_url=f"{here}/plan",
        start_url=here,
    )


def plan_view(screen: Screen, plan: Plan) -> PlanView:
    """Return what a hand-over would do."""
    return PlanView(
        lines=tuple(_planned(screen, part) for part in plan.parts if part.records),
        total=screen.formats.number(plan.total),
        unruled=sum(part.records for part in plan.unruled),
        mentions=plan.mentions,
        long=plan.total >= LONG,
    )


def handover_report(screen: Screen, state: HandoverState) -> HandoverReport:
    """Return where a hand-over stands."""
    person = str(state.order.person)
    here = screen.url("admin", "people", person, "handover", str(state.id))
    heading = screen.words.say("Hand over from {name}", name=state.name)
    return HandoverReport(
        shell=shell(screen, heading, screen.url("admin", "people")),
        heading=heading,
        person_url=screen.url("admin", "people", person),
        person=state.name,
        running=state.state == "running",
        complete=state.state == "done",
        done=state.done,
        total=state.total,
        said=_said(screen, state),
        lines=tuple(_passed(screen, each) for each in state.given),
        refused=tuple((_label(screen, each.entity), each.reason) for each in state.refused),
        mentions=state.mentions,
        files=tuple(
            (label, f"{here}/report?format={code}")
            for code, label in (("csv", "CSV"), ("xlsx", "Excel"))
        ),
        url=here,
    )


def _said(screen: Screen, state: HandoverState) -> str:
    say, number = screen.words.say, screen.formats.number
    counts = {"done": number(state.done), "total": number(state.total)}
    if state.state == "running":
        return say("{done} of {total} handed over", **counts)
    if state.state == "done":
        return say("All handed over: {done} records. Nothing is left.", **counts)
    left = sum(each.left for each in state.given)
    return say("{left} records could not be handed over: see below why.", left=number(left))


def _earlier(screen: Screen, state: HandoverState, here: str) -> HandoverLine:
    when = screen.formats.instant(state.created_at)
    return HandoverLine(when, _state_word(screen, state), f"{here}/{state.id}")


def _state_word(screen: Screen, state: HandoverState) -> str:
    say = screen.words.say
    words = {"running": say("under way"), "done": say("complete")}
    return words.get(state.state, say("not complete"))


def _entities(screen: Screen) -> tuple[tuple[str, str], ...]:
    return tuple(
        (entity.name, screen.entity_label(entity, plural=True))
        for entity in screen.ctx.model.entities.values()
        if not (entity.system or entity.retired or entity.child_of or entity.pair)
    )


def _chooser(screen: Screen, entity: str, field: str, name: str) -> Input:
    found = inputs_of(screen, screen.ctx.model.entities[entity], (field,), None)[0]
    return replace(found, name=name, required=False, readonly=False, empty=False, copies=())


def _planned(screen: Screen, part: Part) -> PlannedLine:
    entity = part.holding.entity
    return PlannedLine(
        what=screen.entity_label(entity, plural=True),
        field=screen.field_label(part.holding.field),
        records=screen.formats.number(part.records),
        examples=tuple((e.title, screen.record_url(entity.name, e.id)) for e in part.examples),
        rule=None if part.rule is None else part.rule + 1,
        ends=part.ends,
    )


def _passed(screen: Screen, given: Given) -> PassedLine:
    entity, field = given.entity, given.field
    kind = screen.ctx.model.entities.get(entity) or screen.ctx.model.entity_named(entity)
    named = kind.fields.get(field) or kind.field_named(field) if kind is not None else None
    return PassedLine(
        what=_label(screen, entity),
        field=screen.field_label(named) if named is not None else field,
        given=_count(screen, given.given),
        stayed=_count(screen, given.stayed),
        ended=_count(screen, given.ended),
        left=_count(screen, given.left),
    )


def _count(screen: Screen, records: int) -> str:
    return screen.formats.number(records) if records else ""


def _label(screen: Screen, entity: str) -> str:
    kind = screen.ctx.model.entities.get(entity) or screen.ctx.model.entity_named(entity)
    return screen.entity_label(kind, plural=True) if kind is not None else entity
