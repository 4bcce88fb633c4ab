"""Texts whose gaps read what was brought along: an e-mail, a webhook, what a button asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.access.fields import may_read_all
from engine.context import Context
from formula.dependencies import walk
from formula.scope import FieldBinding
from formula.typed import Read, Typed
from metamodel.texts import Choose, Hole, Part, Repeat
from workflow.doing import Here


def brought_in(here: Here, reader: Context, parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return a text without gaps that read `input`: what they show stands in their place.

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
            return (replace(part, parts=brought_in(here, reader, part.parts)),)
        case _:
            return (part,)


def _is_brought(here: Here, typed: Typed) -> bool:
    if here.stand.record is None:
        return True
    reads = (each.binding for each in walk(typed.node) if isinstance(each, Read))
    return any(isinstance(each, FieldBinding) and each.root == "input" for each in reads)


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
    value = here.value(typed, f"gap {typed.text}")
    return tuple(value) if isinstance(value, list) else value
