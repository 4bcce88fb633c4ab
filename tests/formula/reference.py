"""Builds docs/reference/formula.md from the catalogue, the law, and examples that are evaluated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from formula import CATALOG, FunctionSpec, check, compile_python, parse
from formula.foreign import FOREIGN
from formula.numbers import plain
from tests.formula.world import DEAL, MOMENT, MemoryValues, World

ROOT = Path(__file__).parents[2]
LAW = ROOT / "formula" / "semantics.md"
PROSE = Path(__file__).with_name("reference.md")

FAMILIES: Mapping[str, str] = {
    "logic": "Logic",
    "number": "Numbers",
    "text": "Text",
    "date": "Days and time",
    "aggregate": "Aggregates",
    "people": "People",
}

DEALS = UUID(int=1)
SAMPLE = World(
    {
        "deal": [
            {
                "id": DEALS, "amount": Decimal("12800.50"), "quantity": Decimal(5),
                "discount": Decimal("0.05"), "name": "acme 液压泵", "note": "Zürich",
                "kind": "machine", "stage": "proposal", "start": date(2024, 3, 1),
                "due": date(2024, 5, 31), "called_at": datetime(2024, 5, 16, 1, 30, tzinfo=UTC),
                "customer": UUID(int=2), "owner": UUID(int=7),
            }
        ],
        "line": [
            {"id": UUID(int=11), "deal": DEALS, "amount": Decimal(12000), "kind": "machine",
             "due": date(2024, 5, 20), "name": "pump", "free": False},
            {"id": UUID(int=12), "deal": DEALS, "amount": Decimal("800.50"), "kind": "parts",
             "due": date(2024, 5, 31), "name": "seal", "free": False},
            {"id": UUID(int=13), "deal": DEALS, "amount": None, "kind": "parts", "free": True},
        ],
        "customer": [{"id": UUID(int=2), "name": "ACME"}],
        "person": [{"id": UUID(int=7), "team": UUID(int=8), "manager": UUID(int=9)}],
    },
    {
        ("user", "id"): UUID(int=7),
        ("user", "team"): UUID(int=8),
        ("user", "roles"): ("sales",),
        ("user", "language"): "en",
    },
)  # fmt: skip
"""The record of the examples: a deal with three lines."""


def reference() -> str:
    """Return the whole page."""
    law = LAW.read_text("utf-8")
    parts = [
        PROSE.read_text("utf-8").rstrip(),
        _section(law, "Values"),
        _section(law, "Operators"),
        "## Functions\n\n" + _sample(),
        *(_family(family, title, _laws(law)) for family, title in FAMILIES.items()),
        _foreign(),
    ]
    return "\n\n".join(parts) + "\n"


def _section(law: str, title: str) -> str:
    """Return one section of the law, with its heading."""
    found = re.search(rf"^## {title}\n.*?(?=^## |\Z)", law, re.MULTILINE | re.DOTALL)
    assert found is not None, title
    return found.group().strip()


def _laws(law: str) -> Mapping[str, str]:
    """Return the law of each function."""
    rows = re.findall(r"^\| (`.*?) \| (.*) \|$", _section(law, "Functions"), re.MULTILINE)
    return {name: said for names, said in rows for name in re.findall(r"`([A-Z]+)", names)}


def _sample() -> str:
    return (
        "The examples stand on a deal of 12,800.50 with 5 % discount, `name` acme 液压泵 and\n"
        "`note` Zürich, from 2024-03-01 (`start`) to 2024-05-31 (`due`), called on 2024-05-16 at\n"
        "9:30 in Shanghai. Of its three `lines` one has no amount. It is 16:30 on 2024-05-17; the\n"
        "person acting owns the deal and has the role `sales`."
    )


def _family(family: str, title: str, laws: Mapping[str, str]) -> str:
    specs = [spec for spec in CATALOG.values() if spec.family == family]
    return f"### {title}\n\n" + "\n\n".join(_function(spec, laws[spec.name]) for spec in specs)


def _function(spec: FunctionSpec, law: str) -> str:
    return "\n".join(
        (
            f"#### {spec.name}",
            "",
            f"`{spec.signature}`",
            "",
            f"{spec.help['en']}",
            f"{spec.help['zh']}",
            "",
            f"- law: {law}",
            f"- `{spec.example}` is {value_of(spec.example)}",
        )
    )


def value_of(formula: str) -> str:
    """Return the value of a formula for the sample record, as the reference shows it."""
    compiled = compile_python(check(parse(formula), DEAL))
    return _shown(compiled.evaluate(MemoryValues(SAMPLE, "deal", SAMPLE.rows["deal"][0])))


def _shown(value: object) -> str:
    match value:
        case None:
            return "blank"
        case bool():
            return "true" if value else "false"
        case Decimal():
            return plain(value)
        case datetime():
            shown = value.astimezone(UTC) + timedelta(hours=8)
            return f"{shown:%Y-%m-%d %H:%M} in {MOMENT.zone.split('/')[1]}"
        case date():
            return value.isoformat()
        case time():
            return f"{value:%H:%M}"
        case timedelta():
            return f"a length of time, {value}"
        case _:
            return f"“{value}”"


def _foreign() -> str:
    return "## From other languages\n\n" + "\n".join(_rows())


def _rows() -> Iterator[str]:
    yield "What is known under other names is told by the error, too."
    yield ""
    yield "| there | here |"
    yield "| --- | --- |"
    for name, hint in FOREIGN.items():
        yield f"| `{name}` | {hint} |"
