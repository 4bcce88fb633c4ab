"""Words that people wrote into a record, sent as a letter: their gaps show the record at hand.

They are filled in under the rights of whoever set the run off (where time did, of the owner of
the record): nobody has a letter written that tells what they may not read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

from engine.access.fields import may_read_all
from engine.context import Actor, Context
from engine.documents.filling import own_field
from engine.errors import Forbidden, NotFound
from engine.tenants.people import SYSTEM
from engine.values.richtext import plain_text
from formula import check, parse
from formula.typed import Typed
from metamodel.linking.texts import read_words
from metamodel.scope import scope_of
from metamodel.texts import Choose, Part, Words
from workflow.doing import Here
from workflow.errors import WordsWrong
from workflow.messages.results import words_of
from workflow.recipients import person_of

Fill = Callable[[Context, Sequence[Part]], str]
"""Returns parts without words of people as one text, as somebody may read them."""


def spelled_out(here: Here, reader: Context, parts: Sequence[Part], fill: Fill) -> tuple[Part, ...]:
    """Return a text in which the words that people wrote stand with their gaps filled.

    Raises `WordsWrong` where a gap means nothing, `Forbidden` where nobody can answer for it.
    """
    found: list[Part] = []
    for part in parts:
        match part:
            case Words():
                found.append(_spelled(here, reader, part, fill))
            case Choose():
                both = [
                    spelled_out(here, reader, each, fill) for each in (part.parts, part.otherwise)
                ]
                found.append(replace(part, parts=both[0], otherwise=both[1]))
            case _:
                found.append(part)
    return tuple(found)


def _spelled(here: Here, reader: Context, words: Words, fill: Fill) -> str:
    typed = words.value
    if not may_read_all(reader, typed.dependencies):
        return ""
    text = _said(here, reader, typed)
    parts = read_words(text, scope_of(reader.model, here.stand.entity))
    if isinstance(parts, str):
        raise WordsWrong(gap=parts)
    if all(isinstance(each, str) for each in parts):
        return text
    try:
        return fill(replace(reader, actor=answering(here)), parts)
    except NotFound:
        raise Forbidden(action="read", entity=here.stand.entity) from None


def _said(here: Here, reader: Context, typed: Typed) -> str:
    """Return the words that people wrote; formulas read them without what their links lead to."""
    field = own_field(reader.model, typed)
    own = field is not None and (field.entity, field.name) == (here.stand.entity, typed.text)
    if field is not None and own and field.plain_column and not field.encrypted:
        return words_of(here.ctx, here.connection, field, here.stand.record)
    text = str(here.value(typed, f"words {typed.text}") or "")
    return plain_text(text) if field is not None and field.type == "rich_text" else text


def answering(here: Here) -> Actor:
    """Return who answers for what people wrote: who set the run off, else the record's owner."""
    user: UUID | None = here.run.by
    entity = here.ctx.model.entities[here.stand.entity]
    if user == SYSTEM.user:
        owned = entity.owned and here.stand.record is not None
        owner = check(parse("owner"), scope_of(here.ctx.model, entity.key)) if owned else None
        user = here.value(owner, "owner") if owner is not None else None
    person = person_of(here, user) if user is not None else None
    if person is None:
        raise Forbidden(action="read", entity=entity.name)
    return person
