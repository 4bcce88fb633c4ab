"""The cases of the two spreadsheet oracles, read and brought into our spelling."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from formula import Expr, FormulaError, parse
from formula.syntax import Invoke, Literal, Name, children, with_children
from tests.formula.oracles.spelling import (
    NOWHERE,
    SPREADSHEET,
    Untranslatable,
    as_text,
    day,
    number,
    text,
    translated,
)

_CELL = re.compile(r"([A-Z])([0-9]+)")


@dataclass(frozen=True, slots=True)
class Case:
    """One case: its place in the file, its function, what it should be, and our spelling of it.

    `spelled` is None where there is none; `why` then says what stands against it.
    """

    place: str
    function: str
    expected: Any
    spelled: Expr | None
    why: str = ""


def fast_parser(folder: Path) -> Iterator[Case]:
    """Yield the cases of fast-formula-parser: formulas over small tables of cells."""
    home = folder / "formula-fast-parser"
    tables = json.loads((home / "fast-formula-parser.tables.json").read_text("utf-8"))
    lines = (home / "fast-formula-parser.jsonl").read_text("utf-8").splitlines()
    for place, line in enumerate(lines, 1):
        row = json.loads(line)
        function = row["function"]
        if function not in SPREADSHEET and row["category"] != "operators":
            yield Case(str(place), function, row["expected"], None, "absent")
            continue
        cells = tables.get(row["category"], [])
        yield _case(Case(str(place), function, row["expected"], None), row["formula"], cells)


def formulajs(folder: Path) -> Iterator[Case]:
    """Yield the cases of formulajs: functions with their arguments."""
    file = folder / "formula-formulajs" / "formulajs.jsonl"
    for place, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        row = json.loads(line)
        function = row["function"]
        if function not in SPREADSHEET:
            yield Case(str(place), function, row["expected"], None, "absent")
            continue
        try:
            arguments = tuple(_argument(value) for value in row["args"])
            expr = translated(Invoke(function, arguments, NOWHERE), {**SPREADSHEET, **_OWN})
        except (Untranslatable, ValueError) as error:
            yield Case(str(place), function, row["expected"], None, str(error))
        else:
            yield Case(str(place), function, row["expected"], expr)


_OWN = {"DATE": lambda given: Invoke("DATE", given, NOWHERE)}


def _case(case: Case, formula: str, cells: Sequence[Sequence[Any]]) -> Case:
    try:
        tree = _with_cells(parse(as_text(formula)), cells)
        return replace(case, spelled=translated(tree, SPREADSHEET))
    except FormulaError as error:
        return replace(case, why=error.problems[0].code)
    except Untranslatable as error:
        return replace(case, why=str(error))


def _with_cells(expr: Expr, cells: Sequence[Sequence[Any]]) -> Expr:
    """Return a tree with the values of cells in place of their names."""
    if isinstance(expr, Name):
        found = _CELL.fullmatch(expr.path[0]) if len(expr.path) == 1 else None
        if found is None:
            raise Untranslatable("a name")
        column, row = ord(found[1]) - ord("A"), int(found[2]) - 1
        inside = row < len(cells) and column < len(cells[row])
        return _argument(cells[row][column] if inside else None)
    return with_children(expr, tuple(_with_cells(child, cells) for child in children(expr)))


def _argument(value: Any) -> Expr:
    """Return a value of JSON written out."""
    match value:
        case bool():
            return Literal(value, "boolean", NOWHERE)
        case int() | float():
            return number(Decimal(str(value)))
        case str():
            return text(value)
        case None:
            return Literal(None, "blank", NOWHERE)
        case {"$undefined": True}:
            return Literal(None, "blank", NOWHERE)
        case {"$date": written}:
            moment = datetime.fromisoformat(str(written).removesuffix("Z"))
            return day(date(moment.year, moment.month, moment.day))
        case _:
            raise Untranslatable("a list" if isinstance(value, list) else "another value")
