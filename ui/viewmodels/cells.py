"""One value as it stands in a list, on a card or on a record's page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from markupsafe import Markup

from engine.files.pages import drawable
from engine.query.masks import STAR
from engine.query.spec import LinkValue
from engine.values.wire import field_to_wire
from formula.scope import TableBinding
from formula.types import NumberType, PercentType
from metamodel.label import Label
from metamodel.model import Field
from metamodel.views import FieldPath
from ui.screen import Screen
from ui.widgets import CellKind, widget_of
from ui.widgets.choice import option_of
from ui.widgets.files import files_of

ENDS_TONES: Mapping[str, str] = {
    "won": "green",
    "done": "green",
    "lost": "gray",
    "cancelled": "gray",
}

TEXTS = frozenset({"text", "badge", "email", "phone", "url", "rich", "color", "code", "muted"})
"""Kinds of cells whose values are texts."""

MAPS: Mapping[str, str] = {
    "zh": "https://uri.amap.com/marker?position={lon},{lat}&coordinate=wgs84",
    "en": "https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=16/{lat}/{lon}",
}

STAGE_TONES = ("blue", "azure", "indigo", "purple", "orange", "yellow", "teal")
"""Tones of stages and options without a colour of their own, in turn."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A coloured word."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Part:
    """One of several things in a cell: a record, a person with initials, a file with a picture.

    `preview_url` is where the pages of a file are shown, "" for what has none.
    """

    text: str
    href: str = ""
    initials: str = ""
    picture: str = ""
    preview_url: str = ""
    struck: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """What a template needs to draw one value; an empty text is a blank.

    `html` is formatted text, made safe, where there is room for it.
    """

    kind: CellKind
    text: str = ""
    href: str = ""
    marks: tuple[Mark, ...] = ()
    parts: tuple[Part, ...] = ()
    html: Markup = Markup("")
    level: int = 0
    align: Literal["start", "end"] = "start"
    struck: bool = False


BLANK = Cell("text")


def cell(screen: Screen, field: Field, value: Any) -> Cell:
    """Return the cell of a field's value."""
    widget = widget_of(field)
    if value is None or value == "" or value == ():
        return Cell(widget.cell, align=widget.align)
    if isinstance(value, str) and (widget.cell not in TEXTS or _is_mask(widget.cell, value)):
        # A masked value is a text, whatever its field holds, and leads nowhere.
        return Cell("muted", value, align=widget.align)
    text = widget.show(value, field, screen.formats)
    if isinstance(value, LinkValue):
        part = _record(screen, value, text)
        return Cell("link", text, href=part.href, parts=(part,), struck=part.struck)
    if widget.cell in ("links", "files", "images"):
        return Cell(widget.cell, text, parts=_parts(screen, field, widget.cell, value))
    if widget.cell == "rich":
        return Cell("rich", text, html=Markup(value))  # noqa: S704 - made safe on the way in
    if widget.cell in ("badge", "badges"):
        codes = value if isinstance(value, (tuple, list)) else (value,)
        return Cell(widget.cell, text, marks=tuple(mark(screen, field, code) for code in codes))
    return Cell(
        widget.cell,
        text,
        href=_address_of(screen, field, widget.cell, text, value),
        align=widget.align,
        level=_level(value),
    )


def _is_mask(kind: CellKind, value: str) -> bool:
    return kind in ("email", "phone", "url") and STAR in value


def _record(screen: Screen, value: LinkValue, text: str) -> Part:
    return Part(
        text=text,
        href="" if value.restricted else screen.record_url(value.entity, value.id),
        initials=initials(text) if value.entity == "user" else "",
        struck=value.trashed,
    )


def _parts(screen: Screen, field: Field, kind: CellKind, value: Any) -> tuple[Part, ...]:
    if kind == "links":
        return tuple(_record(screen, each, each.title or "•••") for each in value)
    return tuple(file_part(screen, file) for file in files_of(value, field))


def file_part(screen: Screen, file: Mapping[str, Any]) -> Part:
    """Return a file, as the wire has it, with the address it is read at."""
    address = f"{files_url(screen)}/{file['id']}"
    picture = f"{address}?small=1" if str(file["type"]).startswith("image/") else ""
    paged = drawable(str(file["type"]), int(file["size"]))
    preview = screen.url("files", str(file["id"]), "preview") if paged else ""
    return Part(str(file["name"]), address, picture=picture, preview_url=preview)


def files_url(screen: Screen) -> str:
    """Return where files are sent to, and each is read below."""
    return f"/api/v1/{screen.ctx.tenant.name}/files"


def initials(name: str) -> str:
    """Return one Chinese character or two Latin letters that stand for a person."""
    han = [sign for sign in name if "\u4e00" <= sign <= "\u9fff"]
    if han:
        return han[-1]
    return "".join(word[0] for word in name.split()[:2]).upper()


def map_of(language: str) -> str:
    """Return the address of a map that people use, its place left as `{lat}` and `{lon}`."""
    return MAPS[language]


def _address_of(screen: Screen, field: Field, kind: CellKind, text: str, value: Any) -> str:
    if kind == "location":
        place = field_to_wire(field, value)
        return map_of(screen.language).format(lat=place["lat"], lon=place["lon"])
    return _href(kind, text)


def _href(kind: CellKind, text: str) -> str:
    if kind == "email":
        return f"mailto:{text}"
    if kind == "phone":
        return "tel:" + "".join(sign for sign in text if sign.isdigit() or sign == "+")
    if kind == "url":
        return text if text.startswith(("http://", "https://")) else f"https://{text}"
    return ""


def _level(value: Any) -> int:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Decimal):
        return round(value * 100) if abs(value) <= 1 else round(value)
    return value if isinstance(value, int) else 0


def mark(screen: Screen, field: Field, code: Any) -> Mark:
    """Return the coloured word of a choice or stage."""
    option = option_of(field, code)
    if option is None:
        return Mark(str(code), "gray")
    text = screen.label(option.label, option.name)
    return Mark(text, option.color or _tone(screen, field, option.key))


def _tone(screen: Screen, field: Field, code: str) -> str:
    entity = screen.ctx.model.entities[field.entity]
    pipeline = entity.pipelines.get(field.pipeline)
    if pipeline is not None and code in pipeline.stages:
        ends = pipeline.stages[code].ends
        if ends:
            return ENDS_TONES[ends]
        return STAGE_TONES[list(pipeline.stages).index(code) % len(STAGE_TONES)]
    if field.pipeline == "" and len(field.options) > 1:
        return STAGE_TONES[list(field.options).index(code) % len(STAGE_TONES)]
    return "gray"


def field_of(screen: Screen, path: FieldPath) -> Field | None:
    """Return the field a path ends at; None for what a pipeline's table says."""
    if isinstance(path.binding, TableBinding) or not path.binding.steps:
        return None
    step = path.binding.steps[-1]
    return screen.ctx.model.entities[step.entity].fields[step.field]


def path_label(screen: Screen, path: FieldPath, label: Label) -> str:
    """Return a column's heading: its own label, or the fields' on the way; a title goes unsaid."""
    if label:
        return screen.label(label)
    binding = path.binding
    steps = binding.base.steps if isinstance(binding, TableBinding) else binding.steps
    model = screen.ctx.model
    last = model.entities[steps[-1].entity] if steps else None
    if len(steps) > 1 and last is not None and last.title_field == steps[-1].field:
        steps = steps[:-1]
    names = [screen.field_label(model.entities[s.entity].fields[s.field]) for s in steps]
    return " · ".join(names) or path.text


def exact_money(screen: Screen, field: Field, value: Any) -> str:
    """Return an amount of money to the cent with its currency, blank for any other value."""
    exact = field.type == "money" and isinstance(value, Decimal)
    return screen.formats.money(value) if exact else ""


def path_cell(screen: Screen, path: FieldPath, value: Any) -> Cell:
    """Return the cell of a path's value."""
    field = field_of(screen, path)
    if field is not None:
        return cell(screen, field, value)
    if value is None:
        return BLANK
    if isinstance(path.binding.type, PercentType):
        return Cell("number", screen.formats.percent(value), align="end")
    if isinstance(path.binding.type, NumberType):
        return Cell("number", screen.formats.number(value), align="end")
    return Cell("text", str(value))
