"""Texts whose gaps read what is not at hand: an e-mail, what a button asked, the record outside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from engine.access.fields import may_read_all
from engine.access.policy import Policy
from engine.context import Context
from engine.errors import NotFound
from engine.query.told import Asked, Telling
from formula.dependencies import walk
from formula.scope import FieldBinding
from formula.typed import Read, Typed
from metamodel.texts import Choose, Hole, Part, Repeat
from workflow.doing import Here


@dataclass(frozen=True, slots=True)
class Inside:
    """The transaction of a run, to read in what it wrote."""

    connection: Connection

    @contextmanager
    def reading(self, ctx: Context) -> Iterator[Connection]:
        """Yield the connection of the run."""
        yield self.connection


def brought_in(here: Here, reader: Context, parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return a text without gaps that read `input`, or `this` outside of `each`: what they show
    stands in their place.

    Where there is no record, no gap is left at all. What a reader may not read is blank.
    """
    return tuple(each for part in parts for each in _filled(here, reader, part))


def _filled(here: Here, reader: Context, part: Part) -> tuple[Part, ...]:
    match part:
        case Hole(value=value) if _is_brought(here, value):
            return (_shown(here, reader, value),)
        case Choose(when=when) if _is_brought(here, when):
            holds = bool(_value(here, reader, when))
            return brought_in(here, reader, part.parts if holds else part.otherwise)
        case Choose():
            inner = (brought_in(here, reader, each) for each in (part.parts, part.otherwise))
            parts, otherwise = inner
            return (replace(part, parts=parts, otherwise=otherwise),)
        case Repeat():
            # Inside, `this` is the record at hand, whose members are gone through.
            stand = replace(here.stand, this=None)
            parts = brought_in(replace(here, stand=stand), reader, part.parts)
            return (replace(part, parts=parts),)
        case _:
            return (part,)


def _is_brought(here: Here, typed: Typed) -> bool:
    if here.stand.record is None:
        return True
    return "input" in _roots(typed) or _is_outside(here, typed)


def _is_outside(here: Here, typed: Typed) -> bool:
    return here.stand.this is not None and bool(typed.dependencies.outer)


def _roots(typed: Typed) -> frozenset[str]:
    reads = (each.binding for each in walk(typed.node) if isinstance(each, Read))
    return frozenset(each.root for each in reads if isinstance(each, FieldBinding))


def _shown(here: Here, reader: Context, typed: Typed) -> str:
    value = _value(here, reader, typed)
    if value is None or value == "" or value == ():
        return ""
    if isinstance(value, str):
        return value
    return here.hands.worded(reader, reader.language).value(value, None, typed)


def _value(here: Here, reader: Context, typed: Typed) -> object:
    if not may_read_all(reader, typed.dependencies):
        return None
    if _is_outside(here, typed) and not _may_read_outside(here, reader, typed):
        return None
    value = here.value(typed, f"gap {typed.text}")
    return tuple(value) if isinstance(value, list) else value


def _may_read_outside(here: Here, reader: Context, typed: Typed) -> bool:
    """Return whether somebody may read the record outside, and what a formula reads of it."""
    if here.stand.this is None:
        return False
    needs = replace(typed.dependencies, reads=typed.dependencies.outer, collections=frozenset())
    entity, record = here.stand.this
    policy: Policy = here.hands.policy
    try:
        Telling(Inside(here.connection), policy).tell(reader, Asked(entity, (), ()), [record])
    except NotFound:
        return False
    return may_read_all(reader, needs)
