"""Every row of tests/formula/vectors holds on Python, PostgreSQL and Node.js."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from sqlalchemy import Connection

from formula import CATALOG, check, parse
from formula.types import ValueType
from tests.formula.everywhere import Answers, Browser, evaluate_everywhere, fill, from_wire
from tests.formula.world import DEAL, FIELDS, OUTSIDE, World

FOLDER = Path(__file__).with_name("vectors")
CUSTOMER = UUID(int=1)


@dataclass(frozen=True, slots=True)
class Vector:
    """One formula, the record it stands on, and its value, spelled as in YAML."""

    file: str
    subject: str
    formula: str
    value: str
    record: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.file}: {self.formula} = {self.value}"


@cache
def vectors() -> tuple[Vector, ...]:
    return tuple(_read())


def _read() -> Iterator[Vector]:
    for path in sorted(FOLDER.glob("*.yaml")):
        # The base loader keeps every scalar as it is written.
        for subject, cases in yaml.load(path.read_text("utf-8"), yaml.BaseLoader).items():  # noqa: S506
            for case in cases:
                yield Vector(path.stem, subject, case["is"][0], case["is"][1], case.get("of", {}))


def _spelled(text: Any, kind: ValueType) -> object:
    if text == "blank":
        return None
    return from_wire(text, kind)


def _row(entity: str, given: dict[str, Any], **more: object) -> dict[str, Any]:
    kinds = FIELDS[entity]
    row = {name: _spelled(text, kinds[name]) for name, text in given.items() if name in kinds}
    return {**row, **more}


def _world() -> World:
    deals, lines, customers = [], [], []
    for number, vector in enumerate(vectors()):
        identity = UUID(int=1000 + number)
        given = dict(vector.record)
        customer = given.pop("customer", None)
        if customer is not None:
            customers.append(_row("customer", customer, id=identity))
        for place, line in enumerate(given.pop("lines", [])):
            lines.append(_row("line", line, id=UUID(int=number * 100 + place), deal=identity))
        deals.append(
            _row("deal", given, id=identity, customer=identity if customer is not None else None)
        )
    outside = {
        ("user", "id"): UUID(int=7),
        ("user", "team"): UUID(int=8),
        ("user", "roles"): ("sales", "manager"),
        ("user", "language"): "zh",
        ("setting", "max_discount"): from_wire("0.15", OUTSIDE[("setting", "max_discount")]),
    }
    people = [
        {"id": UUID(int=9), "team": UUID(int=8), "manager": UUID(int=7)},
        {"id": UUID(int=10), "manager": UUID(int=9)},
        {"id": UUID(int=7)},
    ]
    rows = {"deal": deals, "line": lines, "customer": customers, "person": people}
    return World(rows, outside)


@pytest.fixture(scope="module")
def answers(_world_tables: Connection, browser: Browser) -> dict[str, Answers]:
    connection, world = _world_tables, _world()
    fill(connection, world)
    found: dict[str, Answers] = {}
    for place, vector in enumerate(vectors()):
        alone = World({**world.rows, "deal": [world.rows["deal"][place]]}, world.outside)
        typed = check(parse(vector.formula), DEAL)
        with connection.begin_nested():
            found[vector.name] = evaluate_everywhere(connection, browser, alone, [typed])[0][0]
    connection.rollback()
    return found


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector.name)
def test_a_formula_has_the_same_value_everywhere(
    vector: Vector, answers: dict[str, Answers]
) -> None:
    kind = check(parse(vector.formula), DEAL).type
    expected = _spelled(vector.value, kind)

    found = answers[vector.name]

    assert (found.python, found.sql, found.js) == (expected, expected, expected)


def test_every_function_has_a_vector() -> None:
    subjects = {vector.subject for vector in vectors()}

    assert set(CATALOG) - subjects == set()
