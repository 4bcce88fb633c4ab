"""Approvals under way: who is waited for and since when, and what keeps them from deciding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from metamodel.approvals import Approval
from ui.screen import Screen
from ui.viewmodels.admin.acting.tabs import Tab, acting_tabs
from ui.viewmodels.approval_told import name_of, stage_label
from ui.viewmodels.approvals import ActButton, act_button, approval_label
from ui.viewmodels.narrowing import FilterView
from ui.viewmodels.shell import Shell, shell
from workflow.approvals.course import involved, waiting
from workflow.approvals.renewing import Outcome
from workflow.approvals.standing import Hindrance, Standing

PAGE = 50

PLACE = ("admin", "automations", "approvals")


@dataclass(frozen=True, slots=True)
class Awaited:
    """Somebody who is asked; `trouble` says why they cannot decide."""

    name: str
    trouble: str


@dataclass(frozen=True, slots=True)
class StandingLine:
    """One approval under way; `older` is the version that it began under, if it was not this."""

    id: str
    title: str
    url: str
    icon: str
    label: str
    step: str
    author: str
    since: str
    iso: str
    awaited: tuple[Awaited, ...]
    notes: tuple[str, ...]
    older: str
    acts: tuple[ActButton, ...]


@dataclass(frozen=True, slots=True)
class StandingsPage:
    """Approvals under way, those waiting longest first; `move_url` moves those of one kind."""

    shell: Shell
    heading: str
    tabs: tuple[Tab, ...]
    kinds: FilterView
    lines: tuple[StandingLine, ...]
    move_url: str
    more_url: str
    url: str


@dataclass(frozen=True, slots=True)
class MoveDialog:
    """What would become of approvals that began under an older version."""

    heading: str
    outcomes: tuple[tuple[str, str], ...]
    url: str


def standings_page(screen: Screen, name: str, after: UUID | None) -> StandingsPage:
    """Return a page of approvals under way, narrowed to those of one kind."""
    say, services = screen.words.say, screen.services
    approval = next((e for e in screen.ctx.model.approvals.values() if e.name == name), None)
    key = approval.key if approval is not None else ""
    found = services.approvals_running.page(screen.ctx, approval=key, after=after, limit=PAGE)
    more = ""
    if len(found) == PAGE:
        more = screen.url(*PLACE, approval=name, after=str(found[-1].case.id))
    heading = say("Approvals under way")
    older = any(each.case.revision < screen.ctx.revision for each in found)
    return StandingsPage(
        shell=shell(screen, heading, screen.url("admin", "automations")),
        heading=heading,
        tabs=acting_tabs(screen, "approvals"),
        kinds=_kinds(screen, services.approvals_running.counts(screen.ctx), name),
        lines=tuple(_line(screen, each) for each in found),
        move_url=screen.url(*PLACE, "of", name, "move") if approval and older else "",
        more_url=more,
        url=screen.url(*PLACE),
    )


def move_dialog(screen: Screen, approval: Approval) -> MoveDialog:
    """Return what would become of the approvals of one kind, without changing any."""
    found = screen.services.renewals.rehearsed(screen.ctx, approval.key)
    return MoveDialog(
        heading=screen.label(approval.label, approval.name),
        outcomes=outcome_lines(screen, found),
        url=screen.url(*PLACE, "of", approval.name, "move"),
    )


def outcome_lines(screen: Screen, found: Mapping[Outcome, int]) -> tuple[tuple[str, str], ...]:
    """Return what becomes of approvals that are moved, each with how many."""
    say = screen.words.say
    named: Mapping[Outcome, str] = {
        "same": say("go on with the people who are asked now"),
        "asks": say("ask other people from now on"),
        "over": say("are decided at once: all that are needed have agreed"),
        "stays": say("stay as they are: they cannot begin anew"),
    }
    return tuple(
        (screen.formats.number(found[each]), said)
        for each, said in named.items()
        if found.get(each)
    )


def _kinds(screen: Screen, counts: Mapping[str, int], chosen: str) -> FilterView:
    options = tuple(
        (each.name, f"{screen.label(each.label, each.name)} · {counts[each.key]}",
         each.name == chosen)
        for each in screen.ctx.model.approvals.values()
        if counts.get(each.key)
    )  # fmt: skip
    return FilterView("approval", screen.words.say("All approvals"), options)


def _line(screen: Screen, standing: Standing) -> StandingLine:
    case, record, ctx = standing.case, standing.record, screen.ctx
    entity, stage = ctx.model.entities[case.entity], case.course.open
    people = screen.services.approval_boxes.people(ctx, involved(case.course))
    since = stage.opened if stage is not None and stage.opened is not None else case.at
    older = case.revision < ctx.revision
    moves = older and case.approval in ctx.model.approvals
    acts = ("hand_over", *(("replan",) if moves else ()), "withdraw")
    return StandingLine(
        id=str(case.id),
        title=record.title or "",
        url=f"{screen.record_url(record.entity, record.id)}#approval-{case.id}",
        icon=entity.icon or "file",
        label=approval_label(screen, case.approval),
        step=stage_label(screen, stage) if stage is not None else "",
        author=name_of(people, case.course.author),
        since=screen.formats.instant(since),
        iso=since.isoformat(timespec="seconds"),
        awaited=tuple(
            Awaited(name_of(people, each), _trouble(screen, standing.hindered.get(each)))
            for each in waiting(case.course)
        ),
        notes=tuple(_notes(screen, standing)),
        older=screen.words.say("version {number}", number=case.revision) if older else "",
        acts=tuple(act_button(screen, case, each) for each in acts),
    )


def _trouble(screen: Screen, hindrance: Hindrance | None) -> str:
    say = screen.words.say
    named = {"gone": say("has left"), "blind": say("may not read it")}
    return named[hindrance] if hindrance is not None else ""


def _notes(screen: Screen, standing: Standing) -> Iterator[str]:
    """Yield what an administrator should do something about."""
    say, stage = screen.words.say, standing.case.course.open
    if stage is not None and stage.vacant:
        yield say("Nobody holds the role of this step: give it to somebody")
    asked = waiting(standing.case.course)
    if asked and len(standing.hindered) == len(asked):
        yield say("Nobody who is asked can decide: put somebody else in")
    if standing.case.approval not in screen.ctx.model.approvals:
        yield say("This approval is not in use any more")
