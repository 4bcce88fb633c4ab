"""Rows written out as a file, piece by piece: CSV, XLSX and JSON lines."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal

import xlsxwriter  # type: ignore[import-untyped]  # it has no types

from engine.errors import FieldError, RecordRefused
from engine.exchange.marks import Mark
from engine.values.parts import Period
from engine.values.sheet import ABSENT

Format = Literal["csv", "xlsx", "jsonl"]

RISKY = re.compile(r"'*[=+\-@\t\r]")
"""What a spreadsheet would run: such a text is written with one apostrophe more in front."""

PIECE = 1 << 16

MOST_ROWS = 1_048_575
"""Rows that a sheet of a workbook has below its header."""

LONGEST_CELL = 32_767
"""Characters that a cell of a workbook holds."""

MEDIA: Mapping[Format, str] = MappingProxyType(
    {
        "csv": "text/csv; charset=utf-8",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "jsonl": "application/jsonl",
    }
)
"""What each format is called in an answer's Content-Type."""

# Any: values of every type, as formulas know them or as JSON carries them.
Cells = Sequence[Any]
Sink = Callable[[Sequence[str], Iterable[Cells], Mark | None], Iterator[bytes]]


def write(
    format_: Format, header: Sequence[str], rows: Iterable[Cells], mark: Mark | None = None
) -> Iterator[bytes]:
    """Yield a file's bytes; numbers, days and truths are typed where the format knows them.

    A workbook carries its `mark` on every page that is printed, and among its properties.
    """
    return SINKS[format_](header, rows, mark)


def harmless(text: str) -> str:
    """Return a text so that no spreadsheet runs it; an import reads it as it was."""
    return f"'{text}" if RISKY.match(text) else text


def _csv(header: Sequence[str], rows: Iterable[Cells], _mark: Mark | None) -> Iterator[bytes]:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    # The mark tells spreadsheets that the text is UTF-8.
    text.write("\ufeff")
    writer.writerow([harmless(name) for name in header])
    for row in rows:
        writer.writerow([as_text(cell) for cell in row])
        if text.tell() > PIECE:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _days(period: Period) -> str:
    """Return a period as people write it; one with an open side as JSON."""
    start, end = (None if day is None else day.isoformat() for day in (period.start, period.end))
    return f"{start}/{end}" if start and end else json.dumps({"from": start, "to": end})


def as_text(cell: Any) -> str:  # noqa: C901 - one line for each kind
    """Return a value as a cell of text; what somebody typed is made harmless."""
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case Decimal():
            return format(cell, "f")
        case int() | float():
            return str(cell)
        case datetime():
            return cell.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date() | time():
            return cell.isoformat()
        case timedelta():
            return str(int(cell.total_seconds()))
        case Period():
            return _days(cell)
        case list() | tuple():
            return harmless("; ".join(map(str, cell)))
        case Mapping():
            return harmless(json.dumps(cell, ensure_ascii=False, default=str))
        case _:
            return harmless("" if cell is ABSENT else str(cell))


def _jsonl(header: Sequence[str], rows: Iterable[Cells], _mark: Mark | None) -> Iterator[bytes]:
    pieces: list[bytes] = []
    size = 0
    for row in rows:
        said = {n: cell for n, cell in zip(header, row, strict=True) if cell is not ABSENT}
        pieces.append(json.dumps(said, ensure_ascii=False).encode() + b"\n")
        size += len(pieces[-1])
        if size > PIECE:
            yield b"".join(pieces)
            pieces, size = [], 0
    yield b"".join(pieces)


def _xlsx(header: Sequence[str], rows: Iterable[Cells], mark: Mark | None) -> Iterator[bytes]:
    """Write a workbook row by row to a file beside, then pass it on."""
    with tempfile.TemporaryFile(prefix="joinery-export-") as file:
        options = {"constant_memory": True, "strings_to_formulas": False,
                   "strings_to_urls": False, "strings_to_numbers": False}  # fmt: skip
        with xlsxwriter.Workbook(file, options) as book:
            sheet = book.add_worksheet()
            if mark is not None:
                _sign(book, sheet, mark)
            formats = {
                "percent": book.add_format({"num_format": "0.##########%"}),
                "day": book.add_format({"num_format": "yyyy-mm-dd"}),
                "instant": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
                "clock": book.add_format({"num_format": "hh:mm:ss"}),
            }
            sheet.write_row(0, 0, header, book.add_format({"bold": True}))
            sheet.freeze_panes(1, 0)
            for at, row in enumerate(rows, start=1):
                if at > MOST_ROWS:
                    raise RecordRefused([FieldError("too_many_rows", (), {"max": MOST_ROWS})])
                for column, cell in enumerate(row):
                    _put(sheet, at, column, cell, formats)
        file.seek(0)
        yield from iter(lambda: file.read(PIECE), b"")


def _sign(book: Any, sheet: Any, mark: Mark) -> None:
    """Write on every printed page who took it along, and when. Any: what xlsxwriter has."""
    book.set_properties(
        {"title": mark.title, "author": mark.name, "comments": mark.text, "created": mark.at}
    )
    # An ampersand begins a code there, and a header holds 255 characters.
    said = mark.text[:100].replace("&", "&&")
    sheet.set_header(f"&L{said}")
    sheet.set_footer(f"&L{said}&R&P / &N")


class Percent(Decimal):
    """A fraction that is shown as a percentage."""


def _put(sheet: Any, row: int, column: int, cell: Any, formats: Mapping[str, Any]) -> None:
    """Write one typed cell. Any: what xlsxwriter has, and values of every type."""
    match cell:
        case None:
            return
        case bool():
            sheet.write_boolean(row, column, cell)
        case Percent() if _fits(cell):
            sheet.write_number(row, column, cell, formats["percent"])
        case Decimal() | int() | float() if _fits(cell):
            sheet.write_number(row, column, cell)
        case datetime() if cell.year >= 1900:
            sheet.write_datetime(row, column, cell.replace(tzinfo=None), formats["instant"])
        case date() if cell.year >= 1900 and not isinstance(cell, datetime):
            sheet.write_datetime(row, column, cell, formats["day"])
        case time():
            sheet.write_datetime(row, column, cell, formats["clock"])
        case _:
            sheet.write_string(row, column, as_text(cell)[:LONGEST_CELL])


def _fits(number: Decimal | float) -> bool:
    """Tell whether a sheet holds a number exactly: it knows fifteen digits."""
    if isinstance(number, Decimal):
        return len(number.normalize().as_tuple().digits) <= 15
    return abs(number) < 10**15


SINKS: Mapping[Format, Sink] = MappingProxyType({"csv": _csv, "xlsx": _xlsx, "jsonl": _jsonl})
"""How each format is written."""
