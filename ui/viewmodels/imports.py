"""An import on screen as it runs and when it has ended, and those of before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from engine.exchange.journal import ImportState, Rejected
from engine.exchange.turns import Listed
from engine.messages import sentence
from engine.query.spec import ListQuery
from engine.undoing import Kept
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.conditions import everything, one_of, second_text
from ui.viewmodels.shell import Shell, shell

SHOWN = 20
"""Rejected rows that are told on the page; all of them are in their file."""

STATES = {
    "waiting": ("Waiting", "gray"),
    "running": ("Running", "blue"),
    "paused": ("Paused", "orange"),
    "done": ("Done", "green"),
    "failed": ("Failed", "red"),
    "cancelled": ("Stopped", "gray"),
    "undoing": ("Being taken back", "blue"),
    "undone": ("Taken back", "purple"),
}
"""What states are called, and their tones."""


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A row that was not taken, and why."""

    line: int
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResultView:
    """What an import did, or would do: figures with a label and a tone, rows that were refused."""

    rehearsed: bool
    figures: tuple[tuple[str, int, str], ...]
    rejected: tuple[RejectedLine, ...]
    more: int
    message: str
    passed_over: tuple[str, ...]
    kept: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ImportView:
    """One import on a page of its own; addresses are "" where they lead nowhere now."""

    shell: Shell
    heading: str
    state: str
    tone: str
    running: bool
    undoing: bool
    paused: bool
    undoable: bool
    done: int
    total: int
    here: str
    state_url: str
    rejects_url: str
    made_url: str
    list_url: str
    list_label: str
    history_url: str
    new_url: str
    result: ResultView


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One import in the list of them."""

    url: str
    file: str
    entity: str
    state: str
    tone: str
    when: str
    who: str
    told: str


@dataclass(frozen=True, slots=True)
class ImportsPage:
    """The imports of before, the latest first."""

    shell: Shell
    heading: str
    lines: tuple[ImportLine, ...]
    others: bool


def result_view(
    screen: Screen,
    entity: Entity,
    state: ImportState,
    *,
    rehearsed: bool = False,
    kept: Sequence[Kept] = (),
) -> ResultView:
    """Return what an import did, or would do; `kept` are records that were left as they are."""
    say, counts = screen.words.say, state.counts
    named = (
        ("created", say("New"), "green"),
        ("updated", say("Changed"), "blue"),
        ("skipped", say("Left out"), "gray"),
        ("rejected", say("Rejected"), "red"),
        ("undone", say("Taken back"), "purple"),
        ("kept", say("Changed since, left as they are"), "orange"),
    )
    figures = tuple(
        (label, counts.get(key, 0), tone)
        for key, label, tone in named
        if counts.get(key) or key in ("created", "updated", "rejected")
    )
    return ResultView(
        rehearsed=rehearsed,
        figures=figures,
        rejected=tuple(
            RejectedLine(each.line, _reasons(screen, entity, each))
            for each in state.rejected[:SHOWN]
        ),
        more=max(0, counts.get("rejected", 0) - SHOWN),
        message=state.message,
        passed_over=state.passed_over,
        kept=_left(screen, entity, kept),
    )


def import_view(screen: Screen, entity: Entity, state: ImportState) -> ImportView:
    """Return one import on a page of its own."""
    plural = screen.entity_label(entity, plural=True)
    label, tone = STATES.get(state.state, (state.state, "gray"))
    here = screen.url("records", entity.name, "import", str(state.id))
    listed = screen.url("records", entity.name)
    wrote = any(state.counts.get(name) for name in ("created", "updated"))
    rejected = state.counts.get("rejected")
    return ImportView(
        shell=shell(screen, state.file, listed),
        heading=state.file,
        state=screen.words.say(label),
        tone=tone,
        running=state.state in ("waiting", "running"),
        undoing=state.state == "undoing",
        paused=state.state == "paused",
        undoable=state.state in ("done", "failed", "cancelled") and wrote and entity.track,
        done=state.done,
        total=state.total,
        here=here,
        state_url=screen.api_url("import", str(state.id)),
        made_url=_made_url(screen, entity, state),
        rejects_url=(screen.api_url("import", str(state.id), rejected="file") if rejected else ""),
        list_url=listed,
        list_label=plural,
        history_url=screen.url("imports"),
        new_url=screen.url("records", entity.name, "import"),
        result=result_view(screen, entity, state),
    )


def _made_url(screen: Screen, entity: Entity, state: ImportState) -> str:
    """Return the list of what an import made, while it is what a person made last."""
    if not state.counts.get("created") or state.begun is None or state.state == "undone":
        return ""
    begun = second_text(state.begun.astimezone(ZoneInfo(screen.ctx.model.app.timezone)))
    made = f"created_by == user.id and created_at >= {begun}"
    return screen.url("records", entity.name, view=everything(entity), filter=made)


def imports_page(screen: Screen, found: Sequence[Listed]) -> ImportsPage:
    """Return the imports of before."""
    heading = screen.words.say("Imports")
    me = screen.ctx.actor.user
    return ImportsPage(
        shell=shell(screen, heading, ""),
        heading=heading,
        lines=tuple(_line(screen, each) for each in found),
        others=any(each.by != me for each in found),
    )


def _line(screen: Screen, each: Listed) -> ImportLine:
    entity = screen.ctx.model.entity_named(each.entity)
    label, tone = STATES.get(each.state, (each.state, "gray"))
    say, counts = screen.words.say, each.counts
    told = say(
        "{created} new, {updated} changed, {rejected} rejected",
        created=counts.get("created", 0),
        updated=counts.get("updated", 0),
        rejected=counts.get("rejected", 0),
    )
    mine = each.by == screen.ctx.actor.user and entity is not None
    return ImportLine(
        url=screen.url("records", each.entity, "import", str(each.id)) if mine else "",
        file=each.file,
        entity=screen.entity_label(entity, plural=True) if entity is not None else each.entity,
        state=say(label),
        tone=tone,
        when=screen.formats.instant(each.at),
        who=screen.ctx.actor.name if each.by == screen.ctx.actor.user else "",
        told=each.message or told,
    )


def _reasons(screen: Screen, entity: Entity, rejected: Rejected) -> tuple[str, ...]:
    """Return what is wrong with a row, each with the field that people know."""
    found = []
    for each in rejected.errors:
        field = entity.field_named(str(each.path[0])) if each.path else None
        told = sentence(each, screen.language)
        found.append(f"{screen.field_label(field)}: {told}" if field is not None else told)
    return tuple(found)


def _left(screen: Screen, entity: Entity, kept: Sequence[Kept]) -> tuple[tuple[str, str], ...]:
    """Return records that were left as they are: what each is called, and where it is."""
    ids = [each.id for each in kept if each.entity == entity.key][:SHOWN]
    if not ids:
        return ()
    query = ListQuery(entity=entity.key, filter=one_of(screen, entity.key, ids), limit=SHOWN)
    found = screen.services.reader.find(screen.ctx, query).rows
    return tuple((row.title, screen.record_url(entity.name, row.id)) for row in found)
