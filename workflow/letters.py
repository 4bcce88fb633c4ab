"""What somebody is told, in their language, with nothing in it that they may not read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from engine.access.policy import Policy
from engine.context import Actor, Context
from engine.documents.filling import Filling
from engine.documents.layout import layout_of
from engine.errors import NotFound
from engine.query.spec import FileValue
from engine.query.told import Telling, Told
from metamodel.texts import Part, Template
from workflow.bringing import Inside, brought_in
from workflow.doing import Here
from workflow.words import spelled_out


@dataclass(frozen=True, slots=True)
class Letter:
    """A subject and words, plain text both."""

    subject: str
    words: str


def letter(here: Here, message: str, text: Template, actor: Actor, language: str) -> Letter | None:
    """Return what one person is told of the record at hand; None where they may not read it."""
    known = next((each for each in here.ctx.model.messages.values() if each.name == message), None)
    reader = replace(here.ctx, actor=actor, language=language)
    try:
        if known is None:
            return Letter("", _filled(here, reader, text))
        return Letter(_filled(here, reader, known.subject), _filled(here, reader, known.text))
    except NotFound:
        return None


def _filled(here: Here, reader: Context, text: Template) -> str:
    written = text.parts(reader.language)
    spelled = spelled_out(here, reader, written, lambda whose, parts: _plain(here, whose, parts))
    return _plain(here, reader, spelled)


def _plain(here: Here, reader: Context, written: Sequence[Part]) -> str:
    parts = brought_in(here, reader, written)
    if here.stand.record is None or not parts:
        return "".join(part for part in parts if isinstance(part, str))
    layout = layout_of(reader.model, here.stand.entity, parts)
    policy: Policy = here.hands.policy
    (told,) = Telling(Inside(here.connection), policy).tell(
        reader, layout.asked, [here.stand.record]
    )
    wording = here.hands.worded(reader, reader.language)
    return Filling(reader.model, wording, lambda file: "").plain(layout.pieces, told)


def enclosed(here: Here, files: Template) -> list[FileValue]:
    """Return the files of the record at hand that go along, under nobody's limits."""
    parts = files.parts("")
    if not parts or here.stand.record is None:
        return []
    layout = layout_of(here.ctx.model, here.stand.entity, parts)
    telling = Telling(Inside(here.connection), here.hands.policy)
    (told,) = telling.tell(here.ctx, layout.asked, [here.stand.record])
    return list(dict.fromkeys(_files(told)))


def _files(told: Told) -> Iterator[FileValue]:
    for value in told.values:
        if isinstance(value, tuple):
            yield from (each for each in value if isinstance(each, FileValue))
    for members in told.members:
        for member in members:
            yield from _files(member)
