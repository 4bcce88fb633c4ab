"""What publishing would do, in plain words, before anybody does it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.planning.report import EffectLine, PlanReport, StepLine, report
from engine.publish import Proposal
from engine.scenarios.touched import tests_of
from ui.screen import Screen
from ui.viewmodels.admin.gains import Gains, gains
from ui.viewmodels.admin.reshape.changes import Changed, changes
from ui.viewmodels.admin.reshape.used import Use, uses
from ui.viewmodels.shell import Shell, shell


@dataclass(frozen=True, slots=True)
class EffectView:
    """What becomes of records or values: a sentence, some of them, and a file of all.

    `later` says where values are found afterwards that the publish sets aside.
    """

    verdict: str
    icon: str
    sentence: str
    samples: tuple[str, ...]
    records: tuple[tuple[str, str, str], ...]
    file_url: str
    sampled: bool
    later: str = ""


@dataclass(frozen=True, slots=True)
class PlanPage:
    """A proposal as it would be published over revision `over`.

    `loses` asks for an explicit yes; `blocked` cannot be published like this. `back` is the
    version that is gone back to, 0 where a draft is published. `tests` is how many business tests
    are played before. `stopped` says why it was not published when a worker was to do that.
    """

    shell: Shell
    heading: str
    back: int
    over: int
    next: int
    changes: tuple[Changed, ...]
    effects: tuple[EffectView, ...]
    gains: Gains | None
    touched: tuple[Use, ...]
    time: str
    waits: str
    steps: tuple[StepLine, ...]
    loses: bool
    blocked: bool
    publish_url: str
    running_url: str
    above: tuple[str, str]
    tests: int = 0
    stopped: str = ""

    @property
    def empty(self) -> bool:
        """Return whether publishing would change nothing."""
        return not (self.changes or self.effects or self.steps)


@dataclass(frozen=True, slots=True)
class Told:
    """How a plan's page speaks of it: heading, where it leads back to, where it is published."""

    heading: str
    above: tuple[str, str]
    publish_url: str
    file_url: str
    back: int = 0
    stopped: str = ""


def plan_page(screen: Screen, proposal: Proposal, told: Told) -> PlanPage:
    """Return what publishing a proposal would do."""
    old, new = proposal.old.model, proposal.new.model
    access = screen.services.comparer.models(screen.ctx, proposal.new)
    found = report(proposal, access, screen.language)
    over = screen.reading(new)
    return PlanPage(
        shell=shell(screen, told.heading, screen.url("admin", "versions")),
        heading=told.heading,
        back=told.back,
        over=proposal.over,
        next=proposal.over + 1,
        changes=changes(over, old, new),
        effects=tuple(_effects(screen, found, told)),
        gains=gains(screen, access, new) if access.people or access.roles else None,
        touched=uses(over, (each.path for each in found.touched)),
        time=found.time_said,
        waits=_waits(screen, found),
        steps=found.steps,
        loses=found.risk == "loses",
        blocked=found.risk == "blocked",
        publish_url=told.publish_url,
        running_url=screen.url("admin", "versions", "running"),
        above=told.above,
        tests=len(tests_of(old, new)),
        stopped=told.stopped,
    )


def _effects(screen: Screen, found: PlanReport, told: Told) -> Iterator[EffectView]:
    order: Mapping[str, int] = {"blocks": 0, "loses": 1, "notice": 2}
    told_later = False
    icons = {"blocks": "ban", "loses": "eye-off", "notice": "info-circle"}
    for each in sorted(found.effects, key=lambda effect: order[effect.verdict]):
        yield EffectView(
            verdict=each.verdict,
            icon=icons[each.verdict],
            sentence=each.sentence,
            samples=each.samples,
            records=tuple(_records(screen, each)),
            file_url=f"{told.file_url}?effect={each.number}" if each.listed else "",
            sampled=each.sampled,
            later=_later(screen) if each.code == "not_converted" and not told_later else "",
        )
        told_later = told_later or each.code == "not_converted"


def _later(screen: Screen) -> str:
    return screen.words.say(
        "Nothing is lost: after the publish they are under Versions › Values that did not convert, "
        "and beside their records, and can be filled in many at once."
    )


def _records(screen: Screen, effect: EffectLine) -> Iterator[tuple[str, str, str]]:
    """Yield some of the records that an effect is about: title, value, address."""
    live = screen.ctx.model.entities.get(effect.entity)
    if live is None or not effect.records:
        return
    found = screen.services.reader.get(screen.ctx, live.key, [each.id for each in effect.records])
    titles = {record.id: record.title for record in found}
    for sample in effect.records:
        url = "" if live.child_of else screen.record_url(live.name, sample.id)
        yield titles.get(sample.id, ""), sample.text, url


def _waits(screen: Screen, found: PlanReport) -> str:
    say = screen.words.say
    if all(step.lock == "none" for step in found.steps):
        return say("Nobody has to wait.")
    if any(step.lock == "exclusive" for step in found.steps):
        return say("Everybody may wait for a moment while the tables change.")
    return say("Whoever saves meanwhile may wait for a moment.")
