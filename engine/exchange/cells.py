"""What a cell says, as the value that goes over the wire for its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from engine.errors import FieldError
from engine.exchange.mapping import ColumnMap, MapFile, Target
from engine.exchange.sources import SourceRow
from metamodel.model import Field

TRUE = frozenset({"true", "yes", "y", "1", "t", "on", "x", "是", "对", "真", "有"})
FALSE = frozenset({"false", "no", "n", "0", "f", "off", "", "否", "不", "假", "无"})

CURRENCY = re.compile(r"^[¥￥$€£]|(CNY|RMB|USD|EUR|元)$|^(CNY|RMB|USD|EUR)", re.IGNORECASE)
GROUPED = re.compile(r"^-?\d{1,3}([, ' ]\d{3})+(\.\d+)?$")
MIDNIGHT = re.compile(r"[T ]00:00(:00(\.0+)?)?(Z|\+00:00)?$")
DAY = re.compile(r"^(\d{1,4})[-/.年](\d{1,2})[-/.月](\d{1,4})日?$")


class CellInvalid(ValueError):
    """A cell that cannot be read as its field's type; `code` says why."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def payload_of(row: SourceRow, columns: ColumnMap) -> tuple[dict[str, object], list[FieldError]]:
    """Return a row's payload by field name, and everything that could not be read in it."""
    payload: dict[str, object] = dict(columns.rules.defaults)
    errors: list[FieldError] = []
    if row.problem:
        return payload, [FieldError("ragged_row", (), {"found": row.problem, "line": row.line})]
    for index, target in columns.targets:
        name = target.field.name
        try:
            value = read_cell(row.cells[index].strip(), target, columns.rules)
        except CellInvalid as error:
            errors.append(FieldError(error.code, (name,), error.params))
            continue
        if value is not None or name not in columns.rules.defaults:
            payload[name] = value
    return payload, errors


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
    if target.field.link is not None:
        return {target.by: cell} if target.by else cell
    reader = READERS.get(target.field.type)
    return cell if reader is None else reader(cell, target.field, rules)


def _number(cell: str, field: Field, rules: MapFile) -> str:
    text = CURRENCY.sub("", cell).strip()
    if rules.decimal == ",":
        text = text.replace(".", "").replace(",", ".")
    elif GROUPED.match(text):
        text = re.sub(r"[, ' ]", "", text)
    if text.startswith("(") and text.endswith(")"):
        text = f"-{text[1:-1]}"
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise CellInvalid("invalid_number", value=cell) from error
    if not value.is_finite():
        raise CellInvalid("invalid_number", value=cell)
    return format(value, "f")


def _integer(cell: str, field: Field, rules: MapFile) -> object:
    value = Decimal(_number(cell, field, rules))
    if value != value.to_integral_value():
        raise CellInvalid("invalid_integer", value=cell)
    return int(value)


def _percent(cell: str, field: Field, rules: MapFile) -> str:
    if cell.endswith(("%", "％")):
        return format(Decimal(_number(cell[:-1].strip(), field, rules)) / 100, "f")
    if rules.percents == "points":
        return format(Decimal(_number(cell, field, rules)) / 100, "f")
    if rules.percents == "fraction":
        return _number(cell, field, rules)
    raise CellInvalid("percent_unclear", value=cell)


def _date(cell: str, field: Field, rules: MapFile) -> str:
    text = MIDNIGHT.sub("", cell)
    found = DAY.match(text)
    if found is None:
        raise CellInvalid("invalid_date", value=cell, expected=rules.dates)
    parts = dict(zip(re.split(r"[-/]", rules.dates), found.groups(), strict=True))
    if len(found.group(1)) == 4:
        parts = dict(zip(("yyyy", "mm", "dd"), found.groups(), strict=True))
    if len(parts["yyyy"]) != 4:
        raise CellInvalid("invalid_date", value=cell, expected=rules.dates)
    try:
        day = date(int(parts["yyyy"]), int(parts["mm"]), int(parts["dd"]))
    except ValueError as error:
        raise CellInvalid("invalid_date", value=cell, expected=rules.dates) from error
    return day.isoformat()


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
    parts = [part.strip() for part in re.split(r"[;,；，、|]", cell) if part.strip()]
    return [_choice(part, field, rules) for part in parts] if field.options else parts


READERS: Mapping[str, Callable[[str, Field, MapFile], object]] = MappingProxyType(
    {
        "integer": _integer,
        "rating": _integer,
        "progress": _integer,
        "decimal": _number,
        "money": _number,
        "percent": _percent,
        "date": _date,
        "boolean": _boolean,
        "choice": _choice,
        "multi_choice": _several,
        "tags": _several,
    }
)
"""How each field type reads a cell; types that are not named take the text as it is."""
