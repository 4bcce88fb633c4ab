"""What cells say, as the values that go over the wire for their field, a column at a time."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from zoneinfo import ZoneInfo

from engine.errors import FieldError
from engine.exchange.mapping import MapFile, Target
from engine.values.money import WRITTEN
from metamodel.model import Field

TRUE = frozenset({"true", "yes", "y", "1", "t", "on", "x", "✓", "是", "对", "真", "有"})
FALSE = frozenset({"false", "no", "n", "0", "f", "off", "", "否", "不", "假", "无"})

PLAIN = re.compile(r"-?\d{1,40}(\.\d{1,40})?")
CURRENCY = re.compile(
    r"^(CNY|RMB|USD|EUR|GBP|HKD|JPY|[¥￥$€£])\s*|\s*(CNY|RMB|USD|EUR|GBP|HKD|JPY|[¥￥$€£元])$",
    re.IGNORECASE,
)
GROUPED = re.compile(r"[-+]?\d{1,3}([, ' ]\d{3})+(\.\d+)?")
COMMA = re.compile(r"[-+]?(\d{1,3}([. ' ]\d{3})+,\d+|\d+,(\d{1,2}|\d{4,}))")
"""A decimal comma that can be nothing else: a single group of three digits may be thousands."""

MIDNIGHT = re.compile(r"[T ]00:00(:00(\.0+)?)?(Z|\+00:00)?$")
DAY = re.compile(r"^(\d{1,4})([-/.年])(\d{1,2})[-/.月](\d{1,4})日?$")
CLOCK = re.compile(r"^(.+?)[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?$")
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
SEVERAL = re.compile(r"[;,；，、|\n]")

GUARD = re.compile(r"'(?='*[=+\-@\t\r])")
"""The apostrophe that keeps a spreadsheet from running a cell; an export puts it there."""


class CellInvalid(ValueError):
    """A cell that cannot be read as its field's type; `code` says why."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def read_column(
    cells: Sequence[str], target: Target, rules: MapFile
) -> tuple[list[object], dict[int, FieldError]]:
    """Return the wire value of each cell, None for a blank one, and what could not be read."""
    if _is_plain(cells, target, rules):
        return [cell.strip() or None for cell in cells], {}
    known: dict[str, object] = {}
    wrong: dict[str, FieldError] = {}
    for cell in dict.fromkeys(cells):
        try:
            known[cell] = read_cell(cell.strip(), target, rules)
        except CellInvalid as error:
            known[cell] = None
            wrong[cell] = FieldError(error.code, (target.field.name,), error.params)
    errors = {at: wrong[cell] for at, cell in enumerate(cells) if cell in wrong} if wrong else {}
    return [known[cell] for cell in cells], errors


def _is_plain(cells: Sequence[str], target: Target, rules: MapFile) -> bool:
    """Return whether cells stand for themselves: texts without a guard that nothing maps."""
    field = target.field
    mapped = field.link is not None or field.type in READERS or rules.values.get(field.name)
    return not mapped and not any("'" in cell for cell in cells)


def read_cell(cell: str, target: Target, rules: MapFile) -> object:
    """Return the wire value of one cell; None for a blank one."""
    named = rules.values.get(target.field.name, {})
    if cell in named:
        mapped = named[cell]
        if mapped is None or not isinstance(mapped, str):
            return mapped
        cell = mapped
    if not cell:
        return None
    if cell[0] == "'" and GUARD.match(cell):
        cell = cell[1:]
    if target.field.link is not None:
        return _link(cell, target)
    reader = READERS.get(target.field.type)
    return cell if reader is None else reader(cell, target.field, rules)


def _link(cell: str, target: Target) -> object:
    if target.many:
        parts = [part.strip() for part in SEVERAL.split(cell) if part.strip()]
        return [_named(part, target.by) for part in parts]
    entity = target.entity
    if not entity and target.field.link is not None and len(target.field.link.to) > 1:
        entity, _, cell = cell.partition(":")
    found: dict[str, object] = {"entity": entity} if entity else {}
    if found:
        return {**found, target.by or "id": cell}
    return _named(cell, target.by)


def _named(cell: str, by: str) -> object:
    """Return what names a record: a unique field, or its id, as an export writes it."""
    return {by: cell} if by and not ID.fullmatch(cell) else cell


def _amount(cell: str, field: Field, rules: MapFile) -> str:
    """Return an amount; where it may be in several currencies, with the one that it names."""
    if field.currency and WRITTEN.fullmatch(cell):
        return cell
    return _number(cell, field, rules)


def _number(cell: str, field: Field, rules: MapFile) -> str:
    if PLAIN.fullmatch(cell) and rules.decimal == ".":
        return cell
    text = CURRENCY.sub("", unicodedata.normalize("NFKC", cell).strip()).strip()
    if text.startswith("(") and text.endswith(")"):
        text = f"-{CURRENCY.sub('', text[1:-1]).strip()}"
    elif text.endswith("-"):
        text = f"-{text[:-1].strip()}"
    text = CURRENCY.sub("", text.replace("−", "-"))
    if rules.decimal == "," or COMMA.fullmatch(text):
        text = re.sub(r"[. ' ]", "", text).replace(",", ".")
    elif GROUPED.fullmatch(text):
        text = re.sub(r"[, ' ]", "", text)
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise CellInvalid("invalid_number", value=cell) from error
    if not value.is_finite() or abs(value.adjusted()) > 100:
        raise CellInvalid("invalid_number", value=cell)
    return format(value, "f")


def _integer(cell: str, field: Field, rules: MapFile) -> object:
    value = Decimal(_number(cell, field, rules))
    if value != value.to_integral_value():
        raise CellInvalid("invalid_integer", value=cell)
    return int(value)


def _percent(cell: str, field: Field, rules: MapFile) -> str:
    if cell.endswith(("%", "％")):
        return format(Decimal(_number(cell[:-1].strip(), field, rules)).scaleb(-2), "f")
    if rules.percents == "points":
        return format(Decimal(_number(cell, field, rules)).scaleb(-2), "f")
    if rules.percents == "fraction":
        return _number(cell, field, rules)
    raise CellInvalid("percent_unclear", value=cell)


def _date(cell: str, field: Field, rules: MapFile) -> str:
    day = _day(MIDNIGHT.sub("", cell), rules)
    if day is None:
        raise CellInvalid("invalid_date", value=cell, expected=rules.dates)
    return day.isoformat()


def _day(text: str, rules: MapFile) -> date | None:
    """Return a day in one of the orders that people write; None where it is no day."""
    found = DAY.match(text)
    if found is None:
        return None
    parts = (found.group(1), found.group(3), found.group(4))
    year, month, day = parts
    if len(year) != 4:
        named = dict(zip(re.split(r"[-/]", _order(parts, found.group(2), rules)), parts,
                         strict=True))  # fmt: skip
        year, month, day = named["yyyy"], named["mm"], named["dd"]
    if len(year) != 4:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _order(parts: tuple[str, str, str], sign: str, rules: MapFile) -> str:
    """Return the order that a date is written in, where its year does not come first.

    What the map file says counts; else dots mean day first, and a part above twelve is a day.
    """
    if rules.dates.startswith("yyyy"):
        if sign == "." or int(parts[0]) > 12:
            return "dd-mm-yyyy"
        if int(parts[1]) > 12:
            return "mm-dd-yyyy"
    return rules.dates


def _datetime(cell: str, field: Field, rules: MapFile) -> str:
    """Return an instant; a clock without an offset is that of the tenant's own zone."""
    found = CLOCK.match(cell)
    day = _day(found.group(1) if found else cell, rules)
    if day is None:
        raise CellInvalid("invalid_datetime", value=cell, expected=rules.dates)
    zone = ZoneInfo(rules.zone or "UTC")
    try:
        if found is None:
            return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC).isoformat()
        hour, minute, second, _, offset = found.groups()[1:]
        text = f"{day.isoformat()}T{int(hour):02d}:{minute}:{second or '00'}"
        instant = datetime.fromisoformat(text + (offset or ""))
    except ValueError as error:
        raise CellInvalid("invalid_datetime", value=cell, expected=rules.dates) from error
    aware = instant if instant.tzinfo is not None else instant.replace(tzinfo=zone)
    return aware.astimezone(UTC).isoformat()


def _boolean(cell: str, field: Field, rules: MapFile) -> bool:
    folded = cell.casefold()
    if folded in TRUE or folded in FALSE:
        return folded in TRUE
    raise CellInvalid("invalid_boolean", value=cell)


def _choice(cell: str, field: Field, rules: MapFile) -> str:
    if cell in field.options and field.options[cell].name == cell:
        return cell
    wanted = cell.casefold()
    for option in field.options.values():
        spellings = {option.name.casefold(), *(t.casefold() for t in option.label.texts.values())}
        if wanted in spellings:
            return option.name
    raise CellInvalid(
        "unknown_choice", value=cell, known=[option.name for option in field.options.values()]
    )


def _several(cell: str, field: Field, rules: MapFile) -> list[str]:
    parts = [part.strip() for part in SEVERAL.split(cell) if part.strip()]
    return [_choice(part, field, rules) for part in parts] if field.options else parts


def _structured(cell: str, field: Field, rules: MapFile) -> object:
    """Return a value of several parts, which an export writes as JSON."""
    if cell[0] not in "{[":
        return cell
    try:
        return json.loads(cell, parse_float=str)
    except ValueError:
        return cell


READERS: Mapping[str, Callable[[str, Field, MapFile], object]] = MappingProxyType(
    {
        "integer": _integer,
        "rating": _integer,
        "progress": _integer,
        "decimal": _number,
        "money": _amount,
        "percent": _percent,
        "date": _date,
        "datetime": _datetime,
        "boolean": _boolean,
        "choice": _choice,
        "multi_choice": _several,
        "tags": _several,
        **dict.fromkeys(("json", "address", "location", "period"), _structured),
    }
)
"""How each field type reads a cell; types that are not named take the text as it is."""
