"""One value from the wire as the Python value of its field, or a refusal that says why."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Context as Arithmetic
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any
from uuid import UUID

from engine.values.refusals import Refused as Refused
from engine.values.refusals import bounded_text, shown
from engine.values.refusals import clean_text as clean_text
from engine.values.richtext import clean_html, plain_text
from engine.values.sealed import MARK
from engine.values.structured import (
    read_address,
    read_barcode,
    read_json,
    read_location,
    read_period,
)
from formula.types import NumberType, PercentType
from metamodel.model import Field

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
LINK = re.compile(r"https?://\S+", re.IGNORECASE)
COLOR = re.compile(r"#[0-9a-fA-F]{6}|[a-z]+")
LONGEST_TEXT = 1_000
LONGEST_LONG_TEXT = 100_000
LONGEST_HTML = 500_000
LONGEST_DURATION = 10**9
MOST_TAGS = 100
LONGEST_TAG = 100
LINES = frozenset({"long_text"})
EXACT = Arithmetic(prec=120)
"""Wide enough for every number type: the default context would round to 28 digits."""


def read_value(field: Field, value: object) -> object:
    """Return a field's value; blank (None) for null and empty text. Raises `Refused`.

    Links are read with the payload, which knows their targets.
    """
    if value is None or value == "":
        return False if field.type == "boolean" else None
    if field.encrypted:
        return _unquoted(field, value)
    return READERS[field.type](field, value)


def _unquoted(field: Field, value: object) -> object:
    """Return an encrypted field's value; what is refused is not quoted.

    A mask is told apart where the value under it is known.
    """
    if isinstance(value, str) and MARK in value:
        return value.strip()
    try:
        return READERS[field.type](field, value)
    except Refused as refusal:
        raise Refused(
            refusal.code,
            **{name: MARK if name == "value" else each for name, each in refusal.params.items()},
        ) from None


def read_id(value: object) -> UUID:
    """Return an id from its text."""
    if isinstance(value, UUID):
        return value
    try:
        return UUID(clean_text(value))
    except ValueError as error:
        raise Refused("invalid_id", value=shown(value)) from error


def _text(field: Field, value: object) -> str | None:
    text = clean_text(value)
    if field.type not in LINES:
        text = text.strip()
    most = field.max_length or (LONGEST_LONG_TEXT if field.type in LINES else LONGEST_TEXT)
    if len(text) > most:
        raise Refused("too_long", max=most, length=len(text))
    if field.pattern and field.type != "autonumber" and not _matches(field.pattern, text):
        raise Refused("pattern", pattern=field.pattern, value=text)
    return text or None


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text) is not None


def _rich_text(field: Field, value: object) -> str | None:
    """Return a formatted text with nothing in it that runs, loads or hides."""
    text = clean_text(value)
    if len(text) > LONGEST_HTML:
        raise Refused("too_long", max=LONGEST_HTML, length=len(text))
    cleaned = clean_html(text)
    read = plain_text(cleaned)
    most = field.max_length or LONGEST_LONG_TEXT
    if len(read) > most:
        raise Refused("too_long", max=most, length=len(read))
    return cleaned or None


def _email(field: Field, value: object) -> str | None:
    text = _text(field, value)
    if text and not EMAIL.fullmatch(text):
        raise Refused("invalid_email", value=text)
    return text


def _url(field: Field, value: object) -> str | None:
    text = _text(field, value)
    if text and not LINK.fullmatch(text):
        raise Refused("invalid_url", value=text)
    return text


def _color(field: Field, value: object) -> str | None:
    text = _text(field, value)
    if text and not COLOR.fullmatch(text):
        raise Refused("invalid_color", value=text)
    return text


def _number(field: Field, value: object) -> object:
    return _bounded(field, _decimal(value))


def _percent(field: Field, value: object) -> object:
    if isinstance(value, str) and value.strip().endswith(("%", "％")):
        return _bounded(field, EXACT.scaleb(_decimal(value.strip()[:-1]), -2))
    return _bounded(field, _decimal(value))


def _decimal(value: object) -> Decimal:
    # A float is taken by its shortest text: what the sender meant, not its binary neighbour.
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise Refused("invalid_number", value=shown(value))
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise Refused("invalid_number", value=shown(value)) from error
    if not number.is_finite() or number.adjusted() > 100 or number.adjusted() < -100:
        raise Refused("invalid_number", value=shown(value))
    return number


def _bounded(field: Field, number: Decimal) -> object:
    """Return a number within its field's decimals, digits and limits."""
    if isinstance(field.value_type, NumberType | PercentType):
        scale = field.value_type.scale
        if number.adjusted() >= field.value_type.digits and number:
            raise Refused("too_many_digits", digits=field.value_type.digits)
        rounded = EXACT.quantize(number, Decimal((0, (1,), -scale)))
        if number != rounded:
            code = "invalid_integer" if scale == 0 else "too_many_decimals"
            raise Refused(code, scale=scale, value=str(number))
        number = rounded
    return _limited(field, number)


def _limited(field: Field, value: Any) -> Any:  # Any: numbers, days, instants, lengths alike
    low, high = field.min, field.max
    if (low is not None and value < low) or (high is not None and value > high):
        raise Refused("out_of_range", min=low, max=high, value=str(value))
    return value


def _boolean(field: Field, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise Refused("invalid_boolean", value=shown(value))


def _date(field: Field, value: object) -> object:
    try:
        day = date.fromisoformat(clean_text(value))
    except ValueError as error:
        raise _kept(error, "invalid_date", value) from error
    return _limited(field, day)


def _datetime(field: Field, value: object) -> object:
    try:
        instant = datetime.fromisoformat(clean_text(value))
    except ValueError as error:
        raise _kept(error, "invalid_datetime", value) from error
    if instant.tzinfo is None:
        raise Refused("invalid_datetime", value=shown(value))
    try:
        return _limited(field, instant.astimezone(UTC))
    except OverflowError as error:
        raise Refused("invalid_datetime", value=shown(value)) from error


def _time(field: Field, value: object) -> time:
    try:
        return time.fromisoformat(clean_text(value)).replace(tzinfo=None)
    except ValueError as error:
        raise _kept(error, "invalid_time", value) from error


def _duration(field: Field, value: object) -> object:
    seconds = _decimal(value)
    if seconds != seconds.to_integral_value() or abs(seconds) > LONGEST_DURATION:
        raise Refused("invalid_duration", value=shown(value))
    return _limited(field, timedelta(seconds=int(seconds)))


def _choice(field: Field, value: object) -> str:
    """Return an option's key; one that is no longer offered is judged with the record."""
    code = clean_text(value)
    for option in field.options.values():
        if option.name == code:
            return option.key
    names = [option.name for option in field.options.values() if option.active]
    raise Refused("unknown_choice", value=code, known=names)


def _choices(field: Field, value: object) -> tuple[str, ...] | None:
    return tuple(dict.fromkeys(_choice(field, each) for each in _items(value))) or None


def _tags(field: Field, value: object) -> tuple[str, ...] | None:
    words = (bounded_text(each, LONGEST_TAG) for each in _items(value))
    found = tuple(dict.fromkeys(word for word in words if word))
    if len(found) > MOST_TAGS:
        raise Refused("too_many_items", max=MOST_TAGS, count=len(found))
    return found or None


def _items(value: object) -> list[object]:
    if not isinstance(value, list | tuple):
        raise Refused("invalid_list", value=shown(value))
    return list(value)


def _uuid(field: Field, value: object) -> UUID:
    return read_id(value)


def _kept(error: ValueError, code: str, value: object) -> Refused:
    return error if isinstance(error, Refused) else Refused(code, value=shown(value))


READERS: Mapping[str, Callable[[Field, object], object]] = MappingProxyType(
    {
        **dict.fromkeys(("text", "long_text", "phone", "code", "autonumber"), _text),
        **dict.fromkeys(("integer", "decimal", "money", "rating"), _number),
        **dict.fromkeys(("percent", "progress"), _percent),
        "rich_text": _rich_text,
        "barcode": read_barcode,
        "period": read_period,
        "location": read_location,
        "email": _email,
        "url": _url,
        "color": _color,
        "boolean": _boolean,
        "date": _date,
        "datetime": _datetime,
        "time": _time,
        "duration": _duration,
        "choice": _choice,
        "multi_choice": _choices,
        "tags": _tags,
        "json": read_json,
        "address": read_address,
        "uuid": _uuid,
    }
)
"""How each field type reads its value; links are read with the payload."""
