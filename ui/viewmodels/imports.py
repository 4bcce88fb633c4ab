"""An import on screen: its steps one after the other, how far it is, and those of before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from engine.exchange.alike import Alike
from engine.exchange.guided import Look
from engine.exchange.journal import ImportState, Rejected
from engine.exchange.suggesting import Why
from engine.exchange.turns import Listed
from engine.exchange.values import SURE, Unmatched
from engine.messages import sentence
from engine.query.spec import ListQuery
from engine.undoing import Kept
from metamodel.model import Entity, Field
from ui.screen import Screen
from ui.viewmodels.conditions import one_of
from ui.viewmodels.shell import Shell, shell

SAMPLES = 3
"""Cells of a column that are shown beside its name."""

LONGEST = 40

SHOWN = 20
"""Rejected rows that are told on the page; all of them are in their file."""

WHYS: dict[Why, str] = {
    "earlier": "as in an import before",
    "named": "",
    "called": "another word for it",
    "alike": "nearly the same name",
    "holds": "by what it holds",
}

STATES = {
    "waiting": ("Waiting", "gray"),
    "running": ("Running", "blue"),
    "paused": ("Paused", "orange"),
    "done": ("Done", "green"),
    "failed": ("Failed", "red"),
    "cancelled": ("Stopped", "gray"),
    "undone": ("Taken back", "purple"),
}
"""What states are called, and their tones."""


@dataclass(frozen=True, slots=True)
class ImportPage:
    """A file being taken in. `keys` are the fields that tell records apart: name and label."""

    shell: Shell
    heading: str
    list_url: str
    list_label: str
    here: str
    history_url: str
    keys: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One column of a file, the field it seems to go to and why, and its first cells."""

    name: str
    field: str
    why: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ColumnsView:
    """The columns of a file, and the fields that they can go to: name, label, required."""

    columns: tuple[ColumnView, ...]
    fields: tuple[tuple[str, str, bool], ...]
    sheets: tuple[str, ...]
    sheet: str
    earlier: bool
    values: str


@dataclass(frozen=True, slots=True)
class ValueView:
    """An unknown value, in how many rows, and what is chosen for it: a value and a label each."""

    value: str
    rows: int
    near: tuple[tuple[str, str], ...]
    chosen: str


@dataclass(frozen=True, slots=True)
class ValuesOf:
    """The unknown values of one column; `options` are all that may be chosen."""

    column: str
    field: str
    label: str
    values: tuple[ValueView, ...]
    options: tuple[tuple[str, str], ...]
    makes: bool
    more: bool


@dataclass(frozen=True, slots=True)
class ValuesView:
    """All columns with unknown values."""

    columns: tuple[ValuesOf, ...]


@dataclass(frozen=True, slots=True)
class AlikeLine:
    """A row that looks like a record."""

    line: int
    text: str
    record: UUID
    title: str
    url: str
    label: str
    score: int


@dataclass(frozen=True, slots=True)
class AlikeView:
    """Rows that look like records which are there already."""

    lines: tuple[AlikeLine, ...]


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
    paused: bool
    undoable: bool
    done: int
    total: int
    here: str
    state_url: str
    rejects_url: str
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


def import_page(screen: Screen, entity: Entity) -> ImportPage:
    """Return the page that leads through an import into an entity."""
    plural = screen.entity_label(entity, plural=True)
    here = screen.url("records", entity.name)
    heading = screen.words.say("Import: {name}", name=plural)
    fields = screen.services.guided.fields(screen.ctx, entity)
    return ImportPage(
        shell=shell(screen, heading, here),
        heading=heading,
        list_url=here,
        list_label=plural,
        here=screen.url("records", entity.name, "import"),
        history_url=screen.url("imports"),
        keys=tuple((each.name, screen.field_label(each)) for each in fields if each.unique),
    )


def columns_view(screen: Screen, entity: Entity, look: Look) -> ColumnsView:
    """Return what is known of a file before anything is decided."""
    fields = screen.services.guided.fields(screen.ctx, entity)
    earlier = look.earlier
    return ColumnsView(
        columns=tuple(
            ColumnView(name, each.field, _why(screen, each.why), _samples(cells))
            for name, each, cells in zip(look.header, look.suggested, look.cells, strict=True)
        ),
        fields=tuple((each.name, screen.field_label(each), _must(each)) for each in fields),
        sheets=look.sheets if len(look.sheets) > 1 else (),
        sheet=look.sheet,
        earlier=earlier is not None,
        values="" if earlier is None else _json(earlier.values),
    )


def values_view(screen: Screen, entity: Entity, found: Sequence[Unmatched]) -> ValuesView:
    """Return the unknown values of a file, each with what is chosen unless somebody says so."""
    return ValuesView(
        tuple(
            ValuesOf(
                column=each.column,
                field=each.target.field.name,
                label=screen.field_label(each.target.field),
                values=tuple(
                    ValueView(
                        one.value,
                        one.rows,
                        tuple((near.value, near.label) for near in one.near),
                        one.near[0].value if one.near and one.near[0].score >= SURE else "",
                    )
                    for one in each.values
                ),
                options=tuple((option.value, option.label) for option in each.options),
                makes=each.makes and _may_make(screen, each),
                more=each.more,
            )
            for each in found
        )
    )


def alike_view(screen: Screen, entity: Entity, found: Sequence[Alike]) -> AlikeView:
    """Return the rows that look like records, with where those are."""
    return AlikeView(
        tuple(
            AlikeLine(
                line=each.line,
                text=each.text,
                record=each.record,
                title=each.title,
                url=screen.record_url(entity.name, each.record),
                label=screen.field_label(_named(entity, each.field)),
                score=round(each.score),
            )
            for each in found
        )
    )


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
        paused=state.state == "paused",
        undoable=state.state in ("done", "failed", "cancelled") and wrote and entity.track,
        done=state.done,
        total=state.total,
        here=here,
        state_url=screen.api_url("import", str(state.id)),
        rejects_url=(screen.api_url("import", str(state.id), rejected="file") if rejected else ""),
        list_url=listed,
        list_label=plural,
        history_url=screen.url("imports"),
        new_url=screen.url("records", entity.name, "import"),
        result=result_view(screen, entity, state),
    )


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


def _must(field: Field) -> bool:
    """Tell whether a file must fill a field: nothing else does."""
    return field.required and field.default is None and field.default_formula is None


def _may_make(screen: Screen, each: Unmatched) -> bool:
    link = each.target.field.link
    if link is None:
        return False
    access = screen.services.access
    return access.decide(screen.ctx, "create", entity=link.to[0], record=None).allowed


def _why(screen: Screen, why: Why | None) -> str:
    return screen.words.say(WHYS[why]) if why and WHYS[why] else ""


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


def _json(values: object) -> str:
    return json.dumps(values, ensure_ascii=False, default=str)


def _named(entity: Entity, name: str) -> Field:
    found = entity.field_named(name)
    if found is None:
        raise TypeError(f"{entity.name} has no field {name}")
    return found


def _samples(cells: Sequence[str]) -> tuple[str, ...]:
    filled = [cell for cell in cells if cell.strip()][:SAMPLES]
    return tuple(text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…" for text in filled)
