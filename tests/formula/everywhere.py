"""One formula on the three back ends, and their answers side by side."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from formula import CollectionBinding, FieldBinding, Typed, compile_js, compile_python, compile_sql
from formula.conversions import name_of_type
from formula.types import (
    BooleanType,
    DateTimeType,
    DateType,
    DurationType,
    ListType,
    NumberType,
    PercentType,
    RecordType,
    TimeType,
    ValueType,
)
from tests.formula.world import (
    COLLECTIONS,
    DEAL,
    FIELDS,
    OUTSIDE,
    TABLES,
    EntityScope,
    MemoryValues,
    Record,
    TableColumns,
    World,
    as_wire,
)


@dataclass(frozen=True, slots=True)
class Browser:
    """A Node.js process that evaluates compiled formulas."""

    process: subprocess.Popen[str]

    def ask(self, world: World, formulas: Sequence[Typed], deals: Sequence[Record]) -> Any:
        moment = world.moment
        request = {
            "moment": {
                "now": as_wire(moment.now),
                "today": moment.today.isoformat(),
                "zone": moment.zone,
            },
            "formulas": [
                {"text": compile_js(typed), "kind": name_of_type(typed.type)} for typed in formulas
            ],
            "records": [
                _reader(world, MemoryValues(world, "deal", deal), DEAL, 2) for deal in deals
            ],
        }
        return self.send(request)

    def send(self, request: object) -> Any:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def _reader(
    world: World, values: MemoryValues, scope: EntityScope, depth: int
) -> dict[str, object]:
    """Return all that a record's formulas may read, by dotted path, as a page would hold it."""
    paths = [(name,) for name in FIELDS[values.entity]] + list(OUTSIDE)
    for link in ("customer", "owner"):
        if link in FIELDS[values.entity] and depth:
            entity = "customer" if link == "customer" else "person"
            paths += [(link, name) for name in FIELDS[entity]]
    if "owner" in FIELDS[values.entity] and depth:
        paths += [("owner", *("manager",) * levels) for levels in range(2, 11)]
    found: dict[str, object] = {}
    for path in paths:
        binding = scope.lookup(path)
        if isinstance(binding, FieldBinding):
            found[".".join(path)] = as_wire(values.read(binding))
    rows: dict[str, object] = {}
    collections = [("lines",), ("customer", "deals")] if depth and values.entity == "deal" else []
    for path in collections:
        collection = scope.lookup(path)
        assert isinstance(collection, CollectionBinding)
        member = COLLECTIONS[("deal", "lines") if path == ("lines",) else ("customer", "deals")][0]
        rows[".".join(path)] = [
            _reader(world, row, EntityScope(member), 0) for row in values.rows(collection)
        ]
    entities = {"lead": None if found.get("lead") is None else "lead"}
    return {"values": found, "rows": rows, "entities": entities}


def fill(connection: Connection, world: World) -> None:
    """Write the world's rows into its tables, in place of what was there."""
    for entity, table in TABLES.items():
        connection.execute(table.delete())
        rows = [
            {"active": False, "vip": False, "free": False, **row}
            for row in world.rows.get(entity, ())
        ]
        rows = [{name: row.get(name) for name in FIELDS[entity]} for row in rows]
        if rows:
            connection.execute(table.insert(), rows)


@dataclass(frozen=True, slots=True)
class Answers:
    """What the three back ends say of one formula for one deal."""

    python: object
    sql: object
    js: object


def evaluate_everywhere(
    connection: Connection, browser: Browser, world: World, formulas: Sequence[Typed]
) -> list[list[Answers]]:
    """Return the answers for each formula and each deal, after the world was filled in."""
    deals = list(world.rows["deal"])
    table = TABLES["deal"]
    columns = TableColumns("deal", table, world)
    expressions = [
        compile_sql(typed, columns).label(f"f{place}") for place, typed in enumerate(formulas)
    ]
    by_deal = {row[0]: row[1:] for row in connection.execute(select(table.c.id, *expressions))}
    shown = browser.ask(world, formulas, deals)
    answers: list[list[Answers]] = []
    for place, typed in enumerate(formulas):
        compiled = compile_python(typed)
        row = []
        for index, deal in enumerate(deals):
            js = shown[place][index]
            assert "error" not in js, (typed.text, js["error"])
            row.append(
                Answers(
                    normal(compiled.evaluate(MemoryValues(world, "deal", deal)), typed.type),
                    normal(by_deal[deal["id"]][place], typed.type),
                    normal(from_wire(js["value"], typed.type), typed.type),
                )
            )
        answers.append(row)
    return answers


def from_wire(value: Any, kind: ValueType) -> object:
    """Return a value as Python holds it from how a browser sends it."""
    if value is None:
        return None
    match kind:
        case NumberType() | PercentType():
            return Decimal(value)
        case BooleanType():
            return value in (True, "true")
        case DateType():
            return date.fromisoformat(value)
        case DateTimeType():
            return datetime.fromisoformat(value)
        case TimeType():
            return time.fromisoformat(value)
        case DurationType():
            return timedelta(microseconds=int(Decimal(value) * 1_000_000))
        case RecordType():
            return UUID(value)
        case ListType(item=item):
            return tuple(from_wire(found, item) for found in value)
        case _:
            return value


def normal(value: object, kind: ValueType) -> object:
    """Return a value in the one form that answers are compared in."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(kind, ListType) and isinstance(value, list):
        return tuple(value)
    return value
