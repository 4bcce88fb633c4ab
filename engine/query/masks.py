"""What is left of a value for somebody who may only see its mask."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from metamodel.model import Field

STAR = "***"
"""What every mask has in it, and no value that people enter into an encrypted field."""

_MOBILE = re.compile(r"(?:\+?86[ -]?)?(1\d{2})\d{4}(\d{4})")

_IDENTITY = re.compile(r"\d{17}[\dXx]|\d{15}")

_ACCOUNT = re.compile(r"\d[\d -]{10,}\d")


def masked(value: object, field: Field | None = None) -> str | None:
    """Return a mask of a value, by its field's type or by what it looks like.

    A mobile number keeps three digits and four, an identity number and an account their ends, a
    mail address its first letter and domain, a name its first character, an address the country,
    region or city that it begins with. Of a number, a day or a list nothing is left. Blank stays
    blank.
    """
    if value is None:
        return None
    if isinstance(value, Mapping):
        return _place(value)
    if not isinstance(value, str):
        return STAR
    by_type = _BY_TYPE.get(field.type) if field is not None else None
    return by_type(value) if by_type else _text(value)


def _text(text: str) -> str:
    """Return the mask of a text by what it looks like."""
    if "@" in text:
        return _mail(text)
    if _MOBILE.fullmatch(text):
        return _phone(text)
    if _IDENTITY.fullmatch(text):
        return f"{text[:3]}{STAR}{'*' * (len(text) - 10)}{text[-4:]}"
    if _ACCOUNT.fullmatch(text):
        return f"{STAR}* {_digits(text)[-4:]}"
    if len(text) >= 12:
        return f"{text[:2]}{STAR}*{text[-2:]}"
    return f"{text[:1]}{STAR}" if len(text) > 1 else STAR


def _phone(text: str) -> str:
    mobile = _MOBILE.fullmatch(text)
    if mobile:
        return f"{mobile[1]}****{mobile[2]}"
    digits = _digits(text)
    return f"{STAR}*{digits[-4:]}" if len(digits) > 6 else STAR


def _mail(text: str) -> str:
    name, _, domain = text.partition("@")
    return f"{name[:1]}{STAR}@{domain}"


def _long(text: str) -> str:
    return STAR


def _place(parts: Mapping[object, object]) -> str:
    """Return how an address begins: where roughly somebody lives, and no street."""
    known = [str(parts[name]) for name in ("country", "region", "city") if parts.get(name)]
    return " ".join([*known[:2], STAR])


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


_BY_TYPE: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"phone": _phone, "email": _mail, "long_text": _long, "rich_text": _long, "url": _long}
)
