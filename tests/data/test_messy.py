"""Every file of two collections of horrors is imported, or refused for a reason that is right.

`messy.tsv` beside this test says of each file how many rows are taken and how many rejected, or
with which code it is refused. A file that is missing there fails.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from boot.wiring import House
from engine.context import Context
from engine.errors import EngineError
from engine.exchange.importing import Order
from engine.exchange.mapping import MappingInvalid, read_map
from engine.exchange.sources import Origin, open_source
from engine.messages import phrase
from tests.conftest import TenantMaker

TABLE = Path(__file__).parent / "messy.tsv"

COLLECTIONS = ("messytables-horror", "frictionless-fixtures")

WIDTH = 40

APP = (
    "format: 1\napp: {name: bin, label: Bin, version: '1'}\n"
    "entities:\n  row:\n    label: Row\n    title: t\n    fields:\n      t: {type: text}\n"
    + "".join(f"      c{at}: {{type: long_text}}\n" for at in range(WIDTH))
)
"""An entity that takes any cell."""


class Expected(NamedTuple):
    """What becomes of one file: rows taken and rejected, or a refusal's code."""

    taken: int
    rejected: int
    refused: str


def expectations() -> dict[str, Expected]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {
            line["file"]: Expected(int(line["taken"]), int(line["rejected"]), line["refused"])
            for line in csv.DictReader(file, delimiter="\t")
        }


def files(test_data: Path) -> Iterator[tuple[str, Path]]:
    for collection in COLLECTIONS:
        for path in sorted((test_data / collection).rglob("*")):
            if path.is_file():
                yield path.relative_to(test_data).as_posix(), path


@pytest.fixture(scope="module")
def ctx(tenant_of: TenantMaker) -> Context:
    return tenant_of(APP)


def map_of(path: Path) -> str:
    """Return a map that puts the first columns of a file into fields, and passes over the rest."""
    header = open_source(Origin(path.name, path)).header
    columns = "\n".join(f"  {quoted(name)}: c{at}" for at, name in enumerate(header[:WIDTH]))
    ignored = ", ".join(quoted(name) for name in header[WIDTH:])
    return f"columns:\n{columns}\nignore: [{ignored}]\n"


def quoted(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def taken_in(house: House, ctx: Context, path: Path) -> Expected:
    """Import a file and return what became of it."""
    try:
        map_ = map_of(path)
        read_map(map_)
        order = Order("row", path.name, path, map=map_)
        begun = house.services.importer.start(ctx, order, job=None)
        ended = house.services.importer.run(ctx, begun.id, origin=order.origin)
    except MappingInvalid as error:
        return Expected(0, 0, error.errors[0].code)
    except EngineError as error:
        return Expected(0, 0, error.code)
    if ended.state == "failed":
        return Expected(0, 0, "failed")
    return Expected(ended.counts.get("created", 0), ended.counts.get("rejected", 0), "")


def test_every_messy_file_is_taken_in_or_refused_as_the_table_says(
    house: House, ctx: Context, test_data: Path
) -> None:
    found = {name: taken_in(house, ctx, path) for name, path in files(test_data)}

    assert found == expectations()


@pytest.mark.parametrize("code", sorted({each.refused for each in expectations().values()} - {""}))
def test_every_reason_is_a_sentence_in_both_languages(code: str) -> None:
    assert phrase(code, "en") != phrase(code, "zh")
