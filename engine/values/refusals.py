"""Why a value cannot be held, and the texts that any value is made of."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from engine.errors import FieldError, RecordRefused


class Refused(ValueError):
    """A value that its field cannot hold: a stable code, and what its sentence needs."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def clean_text(value: object) -> str:
    """Return a text in NFC without surrogates and NUL, which PostgreSQL cannot hold."""
    if not isinstance(value, str):
        raise Refused("invalid_text", value=shown(value))
    if value.isascii() and "\0" not in value:
        return value
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise Refused("invalid_characters")
    return unicodedata.normalize("NFC", value)


def bounded_text(value: object, most: int) -> str:
    """Return a text of one line without blanks around it; raise where it is too long."""
    text = clean_text(value).strip()
    if len(text) > most:
        raise Refused("too_long", max=most, length=len(text))
    return text


def remark(name: str, text: str) -> str:
    """Return what somebody says of what they do; raise `RecordRefused` where it cannot be kept."""
    try:
        return clean_text(text)
    except Refused as refused:
        raise RecordRefused([FieldError(refused.code, (name,), refused.params)]) from refused


def require_storable(where: str, value: object) -> None:
    """Raise `RecordRefused` for JSON with a text, at any depth, that PostgreSQL cannot hold."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            remark(where, each)
        elif isinstance(each, Mapping):
            waiting += [*each.keys(), *each.values()]
        elif isinstance(each, list | tuple):
            waiting += each


def storable(text: str) -> str:
    """Return a text that something is looked for with, without what nothing kept can have in it."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def shown(value: object) -> str:
    """Return a value as a sentence may quote it."""
    text = value if isinstance(value, str) else repr(value)
    text = text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    return text if len(text) <= 80 else f"{text[:79]}…"
