"""What somebody is told, in their language, with nothing in it that they may not read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from engine.access.policy import Policy
from engine.context import Actor, Context
from engine.documents.filling import Filling
from engine.documents.layout import layout_of
from engine.errors import NotFound
from engine.query.told import Telling
from metamodel.texts import Template
from workflow.bringing import brought_in
from workflow.doing import Here


@dataclass(frozen=True, slots=True)
class Letter:
    """A subject and words, plain text both."""

    subject: str
    words: str


@dataclass(frozen=True, slots=True)
class _Inside:
    """The transaction of a run, to read in what it wrote."""

    connection: Connection

    @contextmanager
    def reading(self, ctx: Context) -> Iterator[Connection]:
        """Yield the connection of the run."""
        yield self.connection


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
    parts = brought_in(here, reader, text.parts(reader.language))
    if here.stand.record is None or not parts:
        return "".join(part for part in parts if isinstance(part, str))
    layout = layout_of(reader.model, here.stand.entity, parts)
    policy: Policy = here.hands.policy
    (told,) = Telling(_Inside(here.connection), policy).tell(
        reader, layout.asked, [here.stand.record]
    )
    wording = here.hands.worded(reader, reader.language)
    return Filling(reader.model, wording, lambda file: "").plain(layout.pieces, told)
