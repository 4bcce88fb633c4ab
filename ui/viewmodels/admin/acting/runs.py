"""Runs: what the app did by itself, one by one, with what it read, did and met."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine.tenants.people import SYSTEM_USER
from metamodel.scripts import steps_of
from ui.screen import Screen
from ui.viewmodels.acting import script_label
from ui.viewmodels.admin.acting.cards import step_told
from ui.viewmodels.admin.acting.kept import kept_text
from ui.viewmodels.admin.acting.refused import field_names, stood_in_the_way
from ui.viewmodels.admin.acting.tabs import Tab, acting_tabs
from ui.viewmodels.admin.log import known_titles
from ui.viewmodels.narrowing import FilterView
from ui.viewmodels.shell import Shell, shell
from workflow.run_book import ENDED, Asked
from workflow.runs import Done, Run

PAGE = 50

TONES: Mapping[str, str] = {
    "waiting": "blue", "parked": "blue", "done": "green", "failed": "red", "stopped": "orange",
}  # fmt: skip

STATE_WORDS: Mapping[str, str] = {
    "waiting": "Not over yet",
    "parked": "Waits for somebody",
    "done": "Done",
    "failed": "Failed",
    "stopped": "Stopped",
}
"""What each state of a run is called."""

STEP_WORDS: Mapping[str, str] = {
    "begun": "Condition",
    "done": "Done",
    "skipped": "Passed over",
    "failed": "Failed",
    "waits": "Waits there",
}

STEP_ICONS: Mapping[str, str] = {
    "begun": "filter", "done": "check", "skipped": "player-skip-forward",
    "failed": "alert-triangle", "waits": "hourglass",
}  # fmt: skip


PLAIN_WORDS: Mapping[str, str] = {
    "called": "Address called", "not_taken": "Called, and never taken",
    "not_yet": "Called, and not taken yet: it is called again for a day",
    "not_called": "Not called: this workspace is kept quiet",
    "way": "Way taken", "members": "Members", "reached": "Gone through",
    "failed": "Could not be done for",
}  # fmt: skip
"""What steps tell of themselves in a word."""

COUNTED: Mapping[str, str] = {
    "changed": "Changed", "deleted": "Deleted", "found": "Found", "over": "Records",
}  # fmt: skip
"""What steps tell by how many records of which kind."""


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in a list; `why` says what stood in its way."""

    automation: str
    about: str
    state: str
    tone: str
    when: str
    iso: str
    took: str
    url: str
    why: str


@dataclass(frozen=True, slots=True)
class StepLine:
    """What became of one step: what it does and its name; `again` does the run again from it."""

    step: str
    name: str
    icon: str
    what: str
    tone: str
    took: str
    facts: tuple[tuple[str, str], ...]
    again: str


@dataclass(frozen=True, slots=True)
class RunsPage:
    """Runs, the latest first."""

    shell: Shell
    heading: str
    tabs: tuple[Tab, ...]
    lines: tuple[RunLine, ...]
    states: FilterView
    automations: FilterView
    more_url: str
    url: str


@dataclass(frozen=True, slots=True)
class RunPage:
    """One run."""

    shell: Shell
    heading: str
    above: tuple[str, str]
    line: RunLine
    record_url: str
    facts: tuple[tuple[str, str], ...]
    chain: tuple[str, ...]
    steps: tuple[StepLine, ...]
    error: str
    others: tuple[RunLine, ...]
    again_url: str


def runs_page(screen: Screen, automation: str, state: str, before: UUID | None) -> RunsPage:
    """Return a page of runs, narrowed to an automation and a state."""
    say, here = screen.words.say, screen.url("admin", "automations", "runs")
    key = next((e.key for e in screen.ctx.model.automations.values() if e.name == automation), "")
    known = next((each for each in TONES if each == state), None)
    asked = Asked(key, known, before=before, limit=PAGE)  # type: ignore[arg-type]
    found = screen.services.runs.page(screen.ctx, asked)
    more = ""
    if len(found) == PAGE:
        narrowed = {"automation": automation, "state": state, "before": str(found[-1].id)}
        more = screen.url("admin", "automations", "runs", **narrowed)
    heading = say("Runs")
    named = screen.ctx.model.automations.values()
    return RunsPage(
        shell=shell(screen, heading, screen.url("admin", "automations")),
        heading=heading,
        tabs=acting_tabs(screen, "runs"),
        lines=run_lines(screen, found),
        states=FilterView(
            "state", say("Every state"),
            tuple((each, say(word), each == state) for each, word in STATE_WORDS.items()),
        ),
        automations=FilterView(
            "automation", say("All automations"),
            tuple(
                (each.name, screen.label(each.label, each.name), each.name == automation)
                for each in named
            ),
        ),
        more_url=more,
        url=here,
    )  # fmt: skip


def run_page(screen: Screen, run: Run) -> RunPage:
    """Return one run."""
    (line,) = run_lines(screen, [run])
    entity = screen.ctx.model.entities.get(run.stand.entity)
    others = screen.services.runs.page(screen.ctx, Asked(root=run.root, limit=PAGE))
    record = run.stand.record
    return RunPage(
        shell=shell(screen, line.automation, screen.url("admin", "automations")),
        heading=line.automation,
        above=(screen.words.say("Runs"), screen.url("admin", "automations", "runs")),
        line=line,
        record_url=screen.record_url(entity.name, record) if entity and record else "",
        facts=tuple(_facts(screen, run)),
        chain=tuple(script_label(screen, each) for each in run.chain[:-1]),
        steps=tuple(step_lines(screen, run)),
        error=line.why,
        others=tuple(run_lines(screen, [each for each in others if each.id != run.id])),
        again_url=screen.url("admin", "automations", "runs", str(run.id), "again")
        if run.state in ENDED
        else "",
    )


def run_lines(screen: Screen, runs: Sequence[Run]) -> tuple[RunLine, ...]:
    """Return runs as lines, each with what its record is called."""
    wanted: dict[str, set[UUID | None]] = {}
    for run in runs:
        if run.stand.entity in screen.ctx.model.entities and run.stand.record is not None:
            wanted.setdefault(run.stand.entity, set()).add(run.stand.record)
    titles = {entity: known_titles(screen, entity, ids) for entity, ids in wanted.items()}
    return tuple(_line(screen, run, titles.get(run.stand.entity, {})) for run in runs)


def _line(screen: Screen, run: Run, titles: Mapping[UUID | None, str]) -> RunLine:
    entity = screen.ctx.model.entities.get(run.stand.entity)
    kind = screen.entity_label(entity) if entity is not None else ""
    title = titles.get(run.stand.record, "")
    return RunLine(
        automation=script_label(screen, run.automation),
        about=f"{kind} · {title}" if title else kind,
        state=screen.words.say(STATE_WORDS[run.state]),
        tone=TONES[run.state],
        when=screen.formats.instant(run.at),
        iso=run.at.isoformat(),
        took=_took(screen, sum(each.took for each in run.steps)),
        url=screen.url("admin", "automations", "runs", str(run.id)),
        why=stood_in_the_way(screen, run, run.error) if run.error is not None else "",
    )


def _facts(screen: Screen, run: Run) -> Iterator[tuple[str, str]]:
    say = screen.words.say
    who = known_titles(screen, "user", {run.by}).get(run.by, "")
    yield say("Set off by"), say("System") if run.by == SYSTEM_USER else who
    yield say("Begun"), screen.formats.instant(run.at)
    if run.ended_at is not None:
        yield say("Came to its end"), screen.formats.instant(run.ended_at)
    if run.due is not None:
        yield say("Goes on"), screen.formats.instant(run.due)
    yield say("Version"), str(run.revision)


def step_lines(screen: Screen, run: Run) -> Iterator[StepLine]:
    """Yield what became of steps; those of a run that has ended can be gone on from."""
    model = screen.ctx.model
    known = model.automations.get(run.automation)
    steps = known.steps if known is not None else steps_of(model, run.automation) or ()
    for each in run.steps:
        outer = each.step.partition("/")[0]
        again = run.state in ENDED and bool(outer)
        name = each.step.replace("/", " › ")
        does = step_told(screen, steps, each.step.split("/"))
        yield StepLine(
            step=does or name,
            name=name if does else "",
            icon=STEP_ICONS[each.what],
            what=screen.words.say(STEP_WORDS[each.what]),
            tone="red" if each.what == "failed" else "gray",
            took=_took(screen, each.took),
            facts=tuple(_words(screen, each, run)),
            again=outer if again else "",
        )


def _read(screen: Screen, entity: str, values: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield what the fields are called whose values a condition read, and those as they show."""
    found = screen.ctx.model.entities.get(entity)
    fields = {each.name: each for each in found.fields.values()} if found is not None else {}
    for name, value in values.items():
        field = fields.get(name)
        if field is None:
            yield name, _plain(value)
        else:
            yield screen.field_label(field), kept_text(screen, field, value) or "–"


def _words(screen: Screen, done: Done, run: Run) -> Iterator[tuple[str, str]]:
    """Yield what a step tells of itself."""
    say, model = screen.words.say, screen.ctx.model
    for name, value in done.words.items():
        match name, value:
            case "values", dict():
                yield from _read(screen, run.stand.entity, value)
            case "set", list():
                yield say("Filled in"), field_names(screen, run, done.step, value)
            case "made", list():
                kinds = (model.entities.get(each[0]) for each in value)
                made = [screen.entity_label(each) for each in kinds if each is not None]
                yield say("Created"), ", ".join(made)
            case _, [str(key), int(count)] if name in COUNTED:
                entity = model.entities.get(key)
                kind = screen.entity_label(entity) if entity is not None else key
                yield say(COUNTED[name]), f"{count} × {kind}"
            case "told", list():
                ids = {UUID(str(each)) for each in value}
                known = known_titles(screen, "user", ids)
                yield say("Told"), ", ".join(known.get(each, "") for each in ids)
            case "for", [str(entity), str(id_)] if entity in model.entities:
                yield from _refused(screen, run, (entity, UUID(id_)), done.words)
            case "gave", str():
                who = UUID(value)
                yield say("Given to"), known_titles(screen, "user", {who}).get(who, "")
            case _:
                if name in PLAIN_WORDS:
                    yield say(PLAIN_WORDS[name]), str(value)


def _refused(
    screen: Screen, run: Run, member: tuple[str, UUID], words: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield for which member a step could not be done, and why. Any: JSON of every shape."""
    entity, id_ = member
    kind = screen.entity_label(screen.ctx.model.entities[entity])
    yield kind, known_titles(screen, entity, {id_}).get(id_, "–")
    yield screen.words.say("What stood in the way"), stood_in_the_way(screen, run, words)


def _plain(value: object) -> str:
    if value is None:
        return "–"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _took(screen: Screen, milliseconds: int) -> str:
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    return f"{screen.formats.number(round(milliseconds / 1000))} s"
