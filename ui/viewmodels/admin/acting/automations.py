"""Automations: all of them, and one with its steps, its YAML, and what it did last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.query.spec import ListQuery
from metamodel.automation import Automation
from metamodel.dump import dump
from metamodel.model import Model
from ui.screen import Screen
from ui.viewmodels.admin.acting.cards import StepCard, step_cards, trigger_icon, trigger_words
from ui.viewmodels.admin.acting.runs import RunLine, run_lines
from ui.viewmodels.admin.acting.tabs import Tab, acting_tabs
from ui.viewmodels.admin.reshape.drafting import DraftBar, Drafted, draft_bar
from ui.viewmodels.admin.reshape.origins import Written, origins_below
from ui.viewmodels.shell import Shell, shell
from workflow.run_book import Asked

OFFERED = 50

LAST = 10
"""Runs that the page of an automation shows."""

EXAMPLE = """my_automation:
  label: {en: My automation, zh: 我的自动化}
  trigger: {on: created, entity: %s}
  steps:
    tell: {notify: {to: owner, text: {en: "There is something new.", zh: 有新记录。}}}
"""
"""What the editor of a new automation begins with."""


@dataclass(frozen=True, slots=True)
class AutomationLine:
    """One automation in the list, with how often it ran."""

    name: str
    label: str
    icon: str
    trigger: str
    active: bool
    done: str
    failed: str
    url: str
    switch_url: str
    written: Written


@dataclass(frozen=True, slots=True)
class AutomationGroup:
    """The automations of one module."""

    label: str
    lines: tuple[AutomationLine, ...]


@dataclass(frozen=True, slots=True)
class AutomationsPage:
    """All automations of the app as it would be."""

    shell: Shell
    heading: str
    count: int
    tabs: tuple[Tab, ...]
    groups: tuple[AutomationGroup, ...]
    bar: DraftBar
    add_url: str


@dataclass(frozen=True, slots=True)
class AutomationPage:
    """One automation, or a new one where `name` is blank."""

    shell: Shell
    heading: str
    name: str
    above: tuple[str, str]
    active: bool
    immediate: bool
    icon: str
    trigger: str
    when: str
    note: str
    cards: tuple[StepCard, ...]
    yaml: str
    runs: tuple[RunLine, ...]
    runs_url: str
    kind: str
    records: tuple[tuple[str, str], ...]
    url: str
    switch_url: str
    try_url: str
    reset_url: str
    bar: DraftBar


def automations_page(screen: Screen, made: Drafted) -> AutomationsPage:
    """Return every automation of the draft's model, by module."""
    heading = screen.words.say("Automations")
    counts = screen.services.runs.counts(screen.ctx)
    groups = tuple(_groups(made.screen, counts))
    return AutomationsPage(
        shell=shell(screen, heading, screen.url("admin", "automations")),
        heading=heading,
        count=sum(len(each.lines) for each in groups),
        tabs=acting_tabs(screen, ""),
        groups=groups,
        bar=draft_bar(screen, made),
        add_url=screen.url("admin", "automations", "add"),
    )


def automation_page(
    screen: Screen, made: Drafted, automation: Automation, written: object
) -> AutomationPage:
    """Return one automation of the draft's model; `written` is its definition, all layers in."""
    inner, here = made.screen, _url(screen, automation.name)
    label = inner.label(automation.label, automation.name)
    entity = inner.ctx.model.entities.get(automation.trigger.entity)
    runs = screen.services.runs.page(screen.ctx, Asked(automation=automation.key, limit=LAST))
    path = ("automations", automation.name)
    return AutomationPage(
        shell=shell(screen, label, here),
        heading=label,
        name=automation.name,
        above=(screen.words.say("Automations"), screen.url("admin", "automations")),
        active=automation.active,
        immediate=automation.immediate,
        icon=trigger_icon(automation.trigger),
        trigger=trigger_words(inner, automation),
        when=automation.when.text if automation.when is not None else "",
        note=inner.label(automation.help),
        cards=step_cards(inner, automation.steps),
        yaml=dump({automation.name: written}),
        runs=run_lines(screen, runs),
        runs_url=screen.url("admin", "automations", "runs", automation=automation.name),
        kind=screen.entity_label(entity) if entity is not None else "",
        records=_latest(screen, entity.key) if entity is not None else (),
        url=here,
        switch_url=f"{here}/switch",
        try_url=f"{here}/try" if automation.name in _published(screen) else "",
        reset_url=f"{here}/reset" if _is_changed(inner.ctx.model, path) else "",
        bar=draft_bar(screen, made),
    )


def new_automation_page(screen: Screen, made: Drafted) -> AutomationPage:
    """Return the editor of a new automation."""
    heading, here = screen.words.say("New automation"), screen.url("admin", "automations", "add")
    own = (e.name for e in made.screen.ctx.model.entities.values() if not (e.system or e.builtin))
    return AutomationPage(
        shell=shell(screen, heading, here), heading=heading, name="",
        above=(screen.words.say("Automations"), screen.url("admin", "automations")),
        active=True, immediate=False, icon="bolt", trigger="", when="", note="", cards=(),
        yaml=EXAMPLE % next(own, "customer"), runs=(), runs_url="", kind="", records=(),
        url=here, switch_url="", try_url="", reset_url="", bar=draft_bar(screen, made),
    )  # fmt: skip


def _groups(screen: Screen, counts: Mapping[str, Mapping[str, int]]) -> Iterator[AutomationGroup]:
    model = screen.ctx.model
    origins = origins_below(model, "automations")
    found: dict[str, list[AutomationLine]] = {}
    for each in model.automations.values():
        here, ran = _url(screen, each.name), counts.get(each.key, {})
        line = AutomationLine(
            name=each.name,
            label=screen.label(each.label, each.name),
            icon=trigger_icon(each.trigger),
            trigger=trigger_words(screen, each),
            active=each.active,
            done=screen.formats.number(ran["done"]) if ran.get("done") else "",
            failed=screen.formats.number(ran["failed"]) if ran.get("failed") else "",
            url=here,
            switch_url=f"{here}/switch",
            written=origins.of("automations", each.name),
        )
        found.setdefault(each.module, []).append(line)
    known = [name for name in model.modules if name in found]
    for name in (*known, *(each for each in found if each not in known)):
        module = model.modules.get(name)
        label = screen.label(module.label, name) if module else screen.words.say("Other")
        yield AutomationGroup(label, tuple(found[name]))


def _latest(screen: Screen, entity: str) -> tuple[tuple[str, str], ...]:
    """Return the records that an automation may be tried on: the newest."""
    if entity not in screen.ctx.model.entities:
        return ()
    query = ListQuery(entity, limit=OFFERED)
    found = screen.services.reader.find(screen.ctx, query).rows
    return tuple((str(row.id), row.title) for row in found)


def _url(screen: Screen, name: str) -> str:
    return screen.url("admin", "automations", "of", name)


def _published(screen: Screen) -> frozenset[str]:
    return frozenset(each.name for each in screen.ctx.model.automations.values())


def _is_changed(model: Model, path: tuple[str, ...]) -> bool:
    return origins_below(model, *path).of(*path) == "changed"
