"""Formulas over a few named values, on the three back ends: what oracles are held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, bindparam, cast, select

from formula import (
    Binding,
    CollectionBinding,
    FieldBinding,
    Moment,
    Path,
    Rows,
    Step,
    Typed,
    compile_js,
    compile_python,
    compile_sql,
)
from formula.backends.sql import sql_type
from formula.calendars import Calendar
from formula.conversions import name_of_type
from formula.types import BooleanType, DateTimeType, DateType, TextType, ValueType
from tests.formula.everywhere import Answers, Browser, from_wire, normal
from tests.formula.world import as_wire

MOMENT = Moment(datetime(2024, 5, 17, 8, 30, tzinfo=UTC), date(2024, 5, 17), "UTC")
WEEK = Calendar("", (*(((540, 1020),),) * 5, (), ()))  # type: ignore[arg-type]  # five days and two

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cells:
    """A scope of single values by name; a name means the same in any case."""

    kinds: Mapping[str, ValueType]
    counted: Mapping[str, Calendar] = field(default_factory=lambda: {"": WEEK})

    def lookup(self, path: Path) -> Binding | None:
        kind = self.kinds.get(path[0].lower()) if len(path) == 1 else None
        if kind is None:
            return None
        name = path[0].lower()
        return FieldBinding((name,), kind, (Step("cells", name),))

    def suggestions(self, path: Path) -> tuple[str, ...]:
        return tuple(self.kinds)

    def calendars(self) -> Mapping[str, Calendar]:
        return self.counted

    def labels(self, binding: FieldBinding) -> Mapping[str, Mapping[str, str]]:
        return {}

    def name_of(self, label: Path) -> Path | None:
        return None


@dataclass(frozen=True, slots=True)
class CellValues:
    """One row of values as the Python back end reads it."""

    row: Row

    @property
    def moment(self) -> Moment:
        return MOMENT

    def read(self, binding: FieldBinding) -> object:
        found = self.row.get(binding.path[0])
        return bool(found) if isinstance(binding.type, BooleanType) else found

    def rows(self, collection: CollectionBinding) -> Sequence[CellValues]:
        return ()

    def entity_of(self, binding: FieldBinding) -> str | None:
        return None


class CellColumns:
    """One row of values as bind parameters."""

    def field(self, binding: FieldBinding) -> ColumnElement[Any]:
        kind = sql_type(binding.type)
        return cast(bindparam(binding.path[0], type_=kind), kind)

    def entity_of(self, binding: FieldBinding) -> ColumnElement[Any]:
        raise TypeError("a cell holds one value")

    def rows(self, collection: CollectionBinding) -> Rows:
        raise TypeError("a cell holds one value")

    def bind(self, name: Literal["today", "now", "zone"]) -> ColumnElement[Any]:
        kinds = {"today": DateType(), "now": DateTimeType(), "zone": TextType()}
        return bindparam(name, getattr(MOMENT, name), sql_type(kinds[name]))


Sheet = Sequence[tuple[Typed, Sequence[Row]]]
"""Formulas, each with the rows it is evaluated for."""


def evaluate(connection: Connection, browser: Browser, sheet: Sheet) -> list[list[Answers]]:
    """Return what the three back ends say of each formula for each of its rows."""
    shown = [_shown(browser, typed, rows) for typed, rows in sheet]
    return [
        [
            Answers(
                normal(python.evaluate(CellValues(row)), typed.type),
                normal(connection.execute(statement, dict(row)).scalar(), typed.type),
                normal(from_wire(js, typed.type), typed.type),
            )
            for row, js in zip(rows, scripted, strict=True)
        ]
        for (typed, rows), scripted in zip(sheet, shown, strict=True)
        for python, statement in [
            (compile_python(typed), select(compile_sql(typed, CellColumns())))
        ]
    ]


def _shown(browser: Browser, typed: Typed, rows: Sequence[Row]) -> list[Any]:
    moment = {"now": as_wire(MOMENT.now), "today": MOMENT.today.isoformat(), "zone": MOMENT.zone}
    records = [
        {
            "values": {name: as_wire(value) for name, value in row.items()},
            "rows": {},
            "entities": {},
        }
        for row in rows
    ]
    formulas = [{"text": compile_js(typed), "kind": name_of_type(typed.type)}]
    found = browser.send({"moment": moment, "formulas": formulas, "records": records})[0]
    assert all("error" not in one for one in found), (typed.text, found)
    return [one["value"] for one in found]
