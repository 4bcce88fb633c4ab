"""Readers of values with a structure of their own: periods, places, addresses, JSON, barcodes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from engine.values.parts import Period
from engine.values.refusals import Refused, bounded_text, clean_text, shown
from metamodel.fields import Field
from metamodel.fieldtypes.shapes import misfit

ADDRESS_PARTS = ("country", "region", "city", "district", "street", "postcode", "code")

LONGEST_PART = 300

DEEPEST_JSON = 32

MOST_JSON = 10_000
"""Values, keys and items that one JSON field holds."""

LARGEST_WHOLE = 10**18

COORDINATES = {"lat": Decimal(90), "lon": Decimal(180)}

DEGREE = Decimal("0.000001")
"""A tenth of a metre: what a place is kept to."""

BETWEEN = re.compile(r"\s*(?:/|~|～|–|—|至|\.\.)\s*")
"""What people and ISO 8601 write between two days."""

LENGTHS: Mapping[str, tuple[int, ...]] = {
    "gtin": (8, 12, 13, 14), "ean8": (8,), "upca": (12,), "ean13": (13,), "itf14": (14,),
}  # fmt: skip
"""How many digits, the check digit included, each kind of barcode has."""


def read_period(field: Field, value: object) -> Period | None:
    """Return the days of `{"from", "to"}`, or of a text such as `2026-03-01/2026-03-31`."""
    if isinstance(value, str):
        sides: list[object] = [*BETWEEN.split(clean_text(value).strip())]
    elif isinstance(value, Mapping) and not set(value) - {"from", "to"}:
        sides = [value.get("from"), value.get("to")]
    else:
        raise Refused("invalid_period", value=shown(value))
    if len(sides) != 2:
        raise Refused("invalid_period", value=shown(value))
    start, end = (_day(side) for side in sides)
    if start is not None and end is not None and start > end:
        raise Refused("period_backwards", start=start, end=end)
    return None if start is None and end is None else Period(start, end)


def _day(value: object) -> date | None:
    if value in (None, ""):
        return None
    try:
        return date.fromisoformat(clean_text(value))
    except ValueError as error:
        if isinstance(error, Refused):
            raise
        raise Refused("invalid_date", value=shown(value)) from error


def read_location(field: Field, value: object) -> dict[str, object] | None:
    """Return a place of `{"lat", "lon", "address"}`, or of a text such as `31.2304, 121.4737`."""
    if isinstance(value, str):
        lat, _, lon = clean_text(value).replace("，", ",").partition(",")
        value = {"lat": lat.strip(), "lon": lon.strip()}
    if not isinstance(value, Mapping) or set(value) - {*COORDINATES, "address"}:
        raise Refused("invalid_location", value=shown(value))
    if all(each in (None, "") for each in value.values()):
        return None
    place: dict[str, object] = {
        name: float(_coordinate(value.get(name), name, most)) for name, most in COORDINATES.items()
    }
    address = value.get("address")
    text = bounded_text(address, LONGEST_PART) if address not in (None, "") else ""
    return {**place, "address": text} if text else place


def _coordinate(value: object, name: str, most: Decimal) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise Refused("invalid_location", value=shown(value))
    try:
        degrees = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise Refused("invalid_location", value=shown(value)) from error
    if not degrees.is_finite() or abs(degrees) > most:
        raise Refused("out_of_range", min=-most, max=most, value=shown(value))
    return degrees.quantize(DEGREE)


def read_address(field: Field, value: object) -> dict[str, str] | None:
    """Return the parts of an address that are filled; a bare text is taken as the street."""
    if isinstance(value, str):
        value = {"street": value}
    if not isinstance(value, Mapping) or set(value) - set(ADDRESS_PARTS):
        raise Refused("invalid_address", value=shown(value), known=list(ADDRESS_PARTS))
    parts = {
        part: bounded_text(value[part], LONGEST_PART)
        for part in ADDRESS_PARTS
        if value.get(part) is not None
    }
    country, code = parts.get("country", ""), parts.get("code", "")
    if country:
        parts["country"] = country = country.upper()
    if country and not re.fullmatch(r"[A-Z]{2}", country):
        raise Refused("invalid_country", value=country)
    if code and not re.fullmatch(r"[0-9]{6}", code):
        raise Refused("invalid_region_code", value=code)
    return {part: text for part, text in parts.items() if text} or None


def read_barcode(field: Field, value: object) -> str | None:
    """Return a code as it was read; of a numbered kind, its digits with the right check digit."""
    text = bounded_text(value, field.max_length or LONGEST_PART)
    if field.pattern and text and not re.fullmatch(field.pattern, text):
        raise Refused("pattern", pattern=field.pattern, value=text)
    lengths = LENGTHS.get(field.format)
    if lengths is None or not text:
        return text or None
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"[0-9]+", digits) or len(digits) not in lengths:
        wanted = " / ".join(str(length) for length in lengths)
        raise Refused("invalid_barcode", value=shown(text), digits=wanted)
    right = check_digit(digits[:-1])
    if digits[-1] != right:
        raise Refused("barcode_check", value=digits, right=right)
    return digits


def check_digit(digits: str) -> str:
    """Return the last digit of an EAN, UPC or ITF code, from those before it."""
    total = sum(int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(digits[::-1]))
    return str(-total % 10)


class Digits(str):
    """A number with decimals as JSON was sent, no digit lost; to most fields it is a text."""

    __slots__ = ()


def read_json(field: Field, value: object) -> object:
    """Return JSON as it is, its texts checked all the way down, its shape where one is asked."""
    count = [0]
    found = _json(value, 0, count)
    if field.schema:
        wrong = misfit(field.schema, found)
        if wrong is not None:
            raise Refused("json_shape", at=wrong[0], message=wrong[1])
    return found


def _json(value: object, depth: int, count: list[int]) -> object:
    count[0] += 1
    if depth > DEEPEST_JSON or count[0] > MOST_JSON:
        raise Refused("json_too_large", depth=DEEPEST_JSON, max=MOST_JSON)
    if isinstance(value, Digits):
        value = float(value)
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list | tuple):
        return [_json(each, depth + 1, count) for each in value]
    if isinstance(value, Mapping):
        return {clean_text(key): _json(each, depth + 1, count) for key, each in value.items()}
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < LARGEST_WHOLE:
        return value
    if isinstance(value, float) and value == value and abs(value) != float("inf"):
        return value
    raise Refused("invalid_json", value=shown(value))
