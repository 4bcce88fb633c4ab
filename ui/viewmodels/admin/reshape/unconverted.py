"""Values that did not convert when fields changed their types: seen, mended, let go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from engine.conversions import OpenConversion, Said
from engine.errors import NotFound
from metamodel.model import Entity, Field
from ui.screen import Screen
from ui.viewmodels.admin.reshape.drafting import DraftBar, Drafted, draft_bar
from ui.viewmodels.admin.reshape.kinds_of_field import type_icon, type_label
from ui.viewmodels.cells import BLANK
from ui.viewmodels.inputs import Input, input_maker
from ui.viewmodels.shell import Shell, shell

TEXT = "$text"
"""What the text is sent as that is mended: no field has such a name."""

MOST = 200
"""Texts that one page shows; the next ones follow when some of them are mended."""


@dataclass(frozen=True, slots=True)
class ConversionLine:
    """One change of a type: which field, from what to what, since when, how much is kept."""

    url: str
    kind: str
    field: str
    icon: str
    from_type: str
    to_type: str
    version: str
    when: str
    kept: int
    kept_words: str


@dataclass(frozen=True, slots=True)
class UnconvertedPage:
    """Every change of a type that is not closed, the latest first."""

    shell: Shell
    heading: str
    above: tuple[str, str]
    lines: tuple[ConversionLine, ...]
    bar: DraftBar


@dataclass(frozen=True, slots=True)
class TextLine:
    """A text that did not convert, and how many records had it; the input is told apart by it."""

    text: str
    records: str
    prefix: str


@dataclass(frozen=True, slots=True)
class ConversionPage:
    """One change of a type: what is kept of it, by text, and the input of the field as it is now.

    Without an `input` nobody enters the field. `more` are texts that are not shown. `kept` is
    what was looked at when it is let go.
    """

    shell: Shell
    heading: str
    above: tuple[str, str]
    line: ConversionLine
    lines: tuple[TextLine, ...]
    more: str
    input: Input | None
    kept: int
    records_url: str
    file_url: str
    mend_url: str
    close_url: str
    loses: tuple[str, ...]
    bar: DraftBar


def unconverted_page(
    screen: Screen, drafted: Drafted, found: Sequence[OpenConversion]
) -> UnconvertedPage:
    """Return the list of what is open."""
    versions, heading = screen.url("admin", "versions"), _heading(screen)
    return UnconvertedPage(
        shell=shell(screen, heading, versions),
        heading=heading,
        above=(screen.words.say("Versions"), versions),
        lines=tuple(_line(screen, each) for each in found),
        bar=draft_bar(screen, drafted),
    )


def conversion_page(
    screen: Screen, drafted: Drafted, one: OpenConversion, texts: Sequence[Said]
) -> ConversionPage:
    """Return what is kept of one change of a type; `texts` may be one more than a page shows."""
    say, entity = screen.words.say, screen.ctx.model.entities[one.entity]
    here = ("admin", "versions", "unconverted")
    line = _line(screen, one)
    heading = f"{line.kind} · {line.field}"
    listed = entity.child_of is None and not entity.system
    return ConversionPage(
        shell=shell(screen, heading, screen.url("admin", "versions")),
        heading=heading,
        above=(_heading(screen), screen.url(*here)),
        line=line,
        lines=tuple(
            TextLine(each.text, records_words(screen, each.records), f"kept-{index}-")
            for index, each in enumerate(texts[:MOST])
        ),
        more=say("More texts follow when these are mended.") if len(texts) > MOST else "",
        input=_input(screen, entity, entity.fields[one.field]),
        kept=one.kept,
        records_url=screen.url("records", entity.name, unconverted=entity.fields[one.field].name)
        if listed and one.kept
        else "",
        file_url=screen.api_url("conversions", str(one.id), "file"),
        mend_url=screen.url(*here, str(one.id), "mend"),
        close_url=screen.url(*here, str(one.id), "close"),
        loses=_loses(screen, line),
        bar=draft_bar(screen, drafted),
    )


def open_conversion(screen: Screen, conversion: UUID) -> OpenConversion:
    """Return one that is open; raise `NotFound` where there is none."""
    found = screen.services.conversions.of(screen.ctx)
    one = next((each for each in found if each.id == conversion), None)
    if one is None:
        raise NotFound(conversion=str(conversion))
    return one


def records_words(screen: Screen, count: int) -> str:
    """Return how many records something is about."""
    if count == 1:
        return screen.words.say("1 record")
    return screen.words.say("{count} records", count=screen.formats.number(count))


def _heading(screen: Screen) -> str:
    return screen.words.say("Values that did not convert")


def _line(screen: Screen, one: OpenConversion) -> ConversionLine:
    entity = screen.ctx.model.entities[one.entity]
    return ConversionLine(
        url=screen.url("admin", "versions", "unconverted", str(one.id)),
        kind=screen.entity_label(entity),
        field=screen.field_label(entity.fields[one.field]),
        icon=type_icon(one.to_type),
        from_type=type_label(screen, one.from_type),
        to_type=type_label(screen, one.to_type),
        version=screen.words.say("Since version {number}", number=one.revision),
        when=screen.formats.instant(one.at),
        kept=one.kept,
        kept_words=screen.words.say("{count} values kept", count=screen.formats.number(one.kept))
        if one.kept
        else screen.words.say("All mended"),
    )


def _input(screen: Screen, entity: Entity, field: Field) -> Input | None:
    """Return the input of a field by itself: blank, and without what only a whole form follows."""
    made = input_maker(screen, entity, None, {}).input(field)
    if made.readonly:
        return None
    return replace(
        made,
        help="", entered="", shown=BLANK, width=1, live=False, required=False,
        visible_when="", required_when="", readonly_when="", default="", copies=(),
        options=tuple(replace(each, chosen=False, when="") for each in made.options),
    )  # fmt: skip


def _loses(screen: Screen, line: ConversionLine) -> tuple[str, ...]:
    """Return what goes for good, in sentences."""
    say = screen.words.say
    kept = (
        say(
            "Values of “{field}” that are deleted: {count}. Their records stay, with the field "
            "blank.",
            count=screen.formats.number(line.kept), field=line.field,
        ),
    ) if line.kept else ()  # fmt: skip
    return (
        *kept,
        say(
            "What “{field}” held as {type} is deleted. Going back to an earlier version works out "
            "its values from those of today.",
            field=line.field, type=line.from_type,
        ),
    )  # fmt: skip
