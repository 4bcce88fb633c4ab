"""Workbooks are read as a person reads them: percentages, days, merged cells, the right sheet."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from engine.exchange.sources import Origin, SourceInvalid, open_source

Fill = Callable[[Any], None]


def workbook(fill: Fill) -> bytes:
    book = openpyxl.Workbook()
    fill(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def cells(content: bytes, **how: str) -> list[tuple[str, ...]]:
    return [row.cells for row in open_source(Origin("book.xlsx", content), **how).rows()]


def test_a_percent_cell_is_read_as_it_looks() -> None:
    def fill(book: Any) -> None:
        sheet = book.active
        sheet.append(["what", "rate", "bare"])
        sheet.append(["a", 0.125, 0.125])
        sheet["B2"].number_format = "0.0%"

    assert cells(workbook(fill)) == [("a", "12.5%", "0.125")]


def test_numbers_and_days_are_written_in_full() -> None:
    def fill(book: Any) -> None:
        sheet = book.active
        sheet.append(["n", "m", "day", "at", "yes"])
        clock = datetime(2026, 5, 12, 8, 30)  # noqa: DTZ001 - a cell knows no zone
        sheet.append([1234567890123, 0.1 + 0.2, date(2026, 5, 12), clock, True])

    assert cells(workbook(fill)) == [
        ("1234567890123", "0.3", "2026-05-12", "2026-05-12 08:30:00", "true")
    ]


def test_days_of_1904_are_the_same_days() -> None:
    def fill(book: Any) -> None:
        book.epoch = CALENDAR_MAC_1904
        book.active.append(["n", "day"])
        book.active.append([1, date(2026, 5, 12)])

    assert cells(workbook(fill)) == [("1", "2026-05-12")]


def test_cells_merged_downwards_share_their_value() -> None:
    def fill(book: Any) -> None:
        sheet = book.active
        for row in (["team", "name"], ["North", "A"], [None, "B"], ["South", "C"]):
            sheet.append(row)
        sheet.merge_cells("A2:A3")

    assert cells(workbook(fill)) == [("North", "A"), ("North", "B"), ("South", "C")]


def test_a_title_above_the_header_is_passed_over() -> None:
    def fill(book: Any) -> None:
        for row in (["Sales of 2026"], [], ["name", "amount"], ["A", 1]):
            book.active.append(row)

    assert cells(workbook(fill)) == [("A", "1")]


def test_a_sheet_is_chosen_by_its_name_and_an_unknown_one_refused() -> None:
    def fill(book: Any) -> None:
        book.active.append(["a", "b"])
        other = book.create_sheet("二月")
        other.append(["c", "d"])
        other.append([1, 2])

    content = workbook(fill)

    assert cells(content, sheet="二月") == [("1", "2")]
    with pytest.raises(SourceInvalid) as refused:
        cells(content, sheet="March")
    assert refused.value.code == "sheet_unknown"


def test_a_workbook_that_unpacks_to_too_much_is_refused_unread() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (80 << 20))

    with pytest.raises(SourceInvalid) as refused:
        open_source(Origin("bomb.xlsx", file.getvalue()))

    assert refused.value.code == "file_too_large"


def test_a_workbook_of_very_many_parts_is_refused_before_they_are_listed() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(20_000):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", b"")

    with pytest.raises(SourceInvalid) as refused:
        open_source(Origin("parts.xlsx", file.getvalue()))

    assert refused.value.code == "file_too_large"


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

LAUGHS = '<!ENTITY a0 "ha">' + "".join(
    f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 12)
)
"""A word that stands for a hundred thousand million others."""


@pytest.mark.parametrize(
    "declared",
    [f"<!DOCTYPE x [{LAUGHS}]>", '<!DOCTYPE x [<!ENTITY a11 SYSTEM "file:///etc/passwd">]>'],
    ids=["laughs", "a file of ours"],
)
def test_no_word_of_a_workbook_stands_for_another(declared: str) -> None:
    sheet = f'<?xml version="1.0"?>{declared}<worksheet xmlns="{MAIN}"><sheetData>' + (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>&a11;</t></is></c></row></sheetData></worksheet>'
    )
    content = io.BytesIO()
    plain = io.BytesIO(workbook(lambda book: book.active.append(["name"])))
    with zipfile.ZipFile(plain) as whole, zipfile.ZipFile(content, "w") as archive:
        for part in whole.namelist():
            hostile = part in ("xl/worksheets/sheet1.xml", "xl/styles.xml")
            archive.writestr(part, sheet if hostile else whole.read(part))

    try:
        source = open_source(Origin("words.xlsx", content.getvalue()))
        told = repr([source.header, *[row.cells for row in source.rows()]])
    except SourceInvalid:
        return
    assert "root:" not in told
    assert len(told) < 1_000
