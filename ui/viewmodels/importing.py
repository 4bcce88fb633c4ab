"""The steps of an import on screen: its columns, unknown values, rows that look like records."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from engine.exchange.alike import Alike
from engine.exchange.guided import Look
from engine.exchange.suggesting import Why
from engine.exchange.values import SURE, Unmatched
from metamodel.model import Entity, Field
from ui.screen import Screen
from ui.viewmodels.shell import Shell, shell

SAMPLES = 3
"""Cells of a column that are shown beside its name."""

LONGEST = 40

WHYS: dict[Why, str] = {
    "earlier": "as in an import before",
    "named": "",
    "called": "another word for it",
    "alike": "nearly the same name",
    "holds": "by what it holds",
}


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
