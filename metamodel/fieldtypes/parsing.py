"""Turns values written in YAML into the Python values of each type; nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from uuid import UUID

from formula.types import ChoiceType
from metamodel.fieldtypes.contract import NotAValue, Options

_DURATION = re.compile(r"(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m)?\s*(?:(\d+)s)?\Z")


def text(value: object, options: Options) -> str:
    """Return a text; a bare number or date is taken as it was written."""
    if isinstance(value, (bool, list, dict)):
        raise NotAValue("a text is expected, in quotes")
    return str(value)


def boolean(value: object, options: Options) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise NotAValue("`true` or `false` is expected")
    return value


def number(value: object, options: Options) -> Decimal:
    """Return an exact decimal."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
        raise NotAValue("a number is expected")
    try:
        parsed = Decimal(value)
    except InvalidOperation:
        raise NotAValue("a number is expected, such as 12.5") from None
    if not parsed.is_finite():
        raise NotAValue("a number is expected, such as 12.5")
    return parsed


def whole(value: object, options: Options) -> Decimal:
    """Return a number without decimals."""
    parsed = number(value, options)
    if parsed != parsed.to_integral_value():
        raise NotAValue("a whole number is expected")
    return parsed


def percent(value: object, options: Options) -> Decimal:
    """Return a fraction from `13%`, or from a bare fraction such as 0.13."""
    if isinstance(value, str) and value.strip().endswith("%"):
        return number(value.strip()[:-1].strip(), options) / 100
    try:
        return number(value, options)
    except NotAValue:
        raise NotAValue("a percentage is expected, such as 13%") from None


def day(value: object, options: Options) -> date:
    """Return a date from `2026-03-01`."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise NotAValue("a date is expected, such as 2026-03-01") from None


def instant(value: object, options: Options) -> datetime:
    """Return an instant in UTC from ISO 8601 with a zone; without one it is UTC."""
    try:
        parsed = datetime.fromisoformat(str(value))
    except ValueError:
        raise NotAValue("an instant is expected, such as 2026-03-01T09:00:00Z") from None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)


def clock(value: object, options: Options) -> time:
    """Return a time of day from `12:30`."""
    try:
        return time.fromisoformat(str(value))
    except ValueError:
        raise NotAValue("a time is expected, such as 12:30") from None


def duration(value: object, options: Options) -> timedelta:
    """Return a length of time from `2d 3h 30m 5s`, or from a number of seconds."""
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return timedelta(seconds=float(value))
    match = _DURATION.match(str(value).strip())
    if match is None or not any(match.groups()):
        raise NotAValue("a duration is expected, such as 2h 30m")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def code(value: object, options: Options) -> str:
    """Return the code of an option, written as it is called now or was called before."""
    found = ChoiceType(options.codes, options.names, options.former).code_of(str(value))
    if found is None:
        known = (options.names or options.codes)[:12]
        raise NotAValue("one of the options is expected: " + ", ".join(known))
    return found


def codes(value: object, options: Options) -> tuple[str, ...]:
    """Return the codes of several options."""
    return tuple(code(item, options) for item in _items(value))


def words(value: object, options: Options) -> tuple[str, ...]:
    """Return several texts."""
    return tuple(text(item, options) for item in _items(value))


def uuid(value: object, options: Options) -> UUID:
    """Return an id."""
    try:
        return UUID(str(value))
    except ValueError:
        raise NotAValue("an id is expected") from None


def reference(value: object, options: Options) -> str:
    """Return the key of a starter record, as a link's default."""
    if not isinstance(value, str):
        raise NotAValue("the key of a starter record is expected")
    return value


def plain(value: object, options: Options) -> object:
    """Return lists, maps, texts and numbers as they are."""
    return value


def parts(*known: str) -> Callable[[object, Options], object]:
    """Return what reads a map of these parts."""

    def read(value: object, options: Options) -> object:
        if not isinstance(value, Mapping) or set(value) - set(known):
            raise NotAValue("a map is expected of: " + ", ".join(known))
        return {str(part): _plain_number(each) for part, each in value.items()}

    return read


def _plain_number(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else value


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
