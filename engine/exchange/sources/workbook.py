"""Sheets of a workbook: XLSX, XLS and ODS, their cells as the texts that a person would write."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import IO, Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from engine.exchange.sources.delimited import LOOKED_AT, above_header
from engine.exchange.sources.percents import percent_cells
from engine.exchange.sources.rows import (
    Format,
    Origin,
    SourceInvalid,
    SourceRow,
    check_header,
    fitted,
)

MOST_BYTES = 1 << 30
"""What a workbook may unpack to, all its parts together."""

MOST_TIMES = 400
"""How much larger than packed it may be, above a size that harms nobody."""

HARMLESS = 64 << 20

MOST_MERGED = 100_000
"""Cells that merged ranges may spread over."""

LONGEST_LIST = 1 << 20
"""Bytes of an archive's list of parts; a workbook has some dozens of them."""

LAST_RECORD = 22 + 65_535
"""Within how many bytes of its end an archive says where that list lies."""

Cells = list[list[Any]]  # Any: cells hold numbers, texts, dates and truths


@dataclass(frozen=True, slots=True)
class Workbook:
    """One sheet of a workbook; `top` is the row of the sheet, from 1, that holds the header.

    `decimal` is the sign that numbers are written with, as whoever reads them expects it.
    """

    origin: Origin
    header: tuple[str, ...]
    sheet: str
    top: int
    decimal: str

    @property
    def name(self) -> str:
        return self.origin.name

    @property
    def format(self) -> Format:
        return "xlsx"

    @property
    def typed(self) -> bool:
        return False

    def rows(self) -> Iterator[SourceRow]:
        """Yield the rows below the header; wholly blank ones are passed over."""
        width = len(self.header)
        sheet = _read(self.origin).get_sheet_by_name(self.sheet)
        percents = percent_cells(self.origin, self.sheet)
        for line, cells in enumerate(_rows(sheet), start=1):
            if line <= self.top or not any(cell not in ("", None) for cell in cells):
                continue
            written = [
                spelled(cell, percent=(line, at) in percents, decimal=self.decimal)
                for at, cell in enumerate(cells)
            ]
            yield fitted(width, line, written + [""] * (width - len(written)))


def sheets_of(origin: Origin) -> tuple[str, ...]:
    """Return the sheets of a workbook that people see; raise `SourceInvalid` for none."""
    _check_size(origin)
    return tuple(_visible(_read(origin)))


def open_workbook(origin: Origin, *, sheet: str = "", decimal: str = ".") -> Workbook:
    """Return a sheet of a workbook, the first that holds a table unless one is named."""
    _check_size(origin)
    workbook = _read(origin)
    for name in [sheet] if sheet else _visible(workbook):
        if name not in workbook.sheet_names:
            known = list(workbook.sheet_names)
            raise SourceInvalid("sheet_unknown", file=origin.name, sheet=name, known=known)
        first = _head(workbook.get_sheet_by_name(name))
        skip = above_header(first)
        header = _header(first[skip]) if first[skip:] else ()
        if header:
            check_header(origin.name, header)
            return Workbook(origin, header, name, skip + 1, decimal)
    raise SourceInvalid("file_empty", file=origin.name)


def _header(cells: list[Any]) -> tuple[str, ...]:
    header = tuple(" ".join(spelled(cell).split()) for cell in cells)
    while header and not header[-1]:
        header = header[:-1]
    return header


def _read(origin: Origin) -> CalamineWorkbook:
    try:
        with origin.open() as file:
            return CalamineWorkbook.from_filelike(file)
    except PasswordError as error:
        raise SourceInvalid("file_locked", file=origin.name) from error
    except CalamineError as error:
        raise SourceInvalid("workbook_broken", file=origin.name, error=str(error)) from error


def _visible(workbook: CalamineWorkbook) -> list[str]:
    return [
        each.name
        for each in workbook.sheets_metadata
        if each.typ is SheetTypeEnum.WorkSheet and each.visible is SheetVisibleEnum.Visible
    ]


def _head(sheet: CalamineSheet) -> Cells:
    rows = _rows(sheet)
    return [cells for _, cells in zip(range(LOOKED_AT), rows, strict=False)]


def _rows(sheet: CalamineSheet) -> Iterator[list[Any]]:
    """Yield every row from the sheet's first, merged cells all with their common value."""
    start = sheet.start
    if start is None:
        return
    yield from ([] for _ in range(start[0]))
    merged = _merged(sheet)
    shared: dict[tuple[int, int], Any] = {}
    for row, found in enumerate(sheet.iter_rows(), start=start[0]):
        cells = [""] * start[1] + list(found)
        for column, corner in merged.get(row, {}).items():
            if corner == (row, column):
                shared[corner] = cells[column] if column < len(cells) else ""
            elif column < len(cells) and cells[column] == "":
                cells[column] = shared.get(corner, "")
        yield cells


def _merged(sheet: CalamineSheet) -> Mapping[int, dict[int, tuple[int, int]]]:
    """Return the corner that each merged cell takes its value from, by row and column."""
    found: dict[int, dict[int, tuple[int, int]]] = {}
    count = 0
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        count += (bottom - top + 1) * (right - left + 1)
        if count > MOST_MERGED or left != right:
            # A range over several columns is a heading, not a value of each of them.
            continue
        for row in range(top, bottom + 1):
            found.setdefault(row, {})[left] = (top, left)
    return found


def spelled(cell: Any, *, percent: bool = False, decimal: str = ".") -> str:
    """Return a cell's value as text: numbers in full, days by ISO, no midnight after a day."""
    match cell:
        case bool():
            return "true" if cell else "false"
        case float() | int():
            text = _number(cell * 100 if percent else cell)
            text = text.replace(".", decimal)
            return f"{text}%" if percent else text
        case datetime():
            return cell.isoformat(sep=" ").removesuffix(" 00:00:00")
        case date() | time():
            return cell.isoformat()
        case timedelta():
            return str(int(cell.total_seconds()))
        case None:
            return ""
        case _:
            return str(cell)


def _number(value: float) -> str:
    """Return a number as a sheet shows it: fifteen digits, as more are noise."""
    text = format(value, ".15g")
    if "e" in text:
        text = format(value, ".0f") if abs(value) >= 1 else f"{value:.18f}".rstrip("0")
    return text


def _check_size(origin: Origin) -> None:
    """Refuse a workbook that unpacks to more than anybody typed, or not to what it says."""
    with origin.open() as file:
        if not zipfile.is_zipfile(file):
            return
        _check_parts(origin, file)
        packed = file.seek(0, 2)
        limit = max(HARMLESS, min(MOST_BYTES, packed * MOST_TIMES))
        total = 0
        try:
            with zipfile.ZipFile(file) as archive:
                for info in archive.infolist():
                    total += info.file_size
                    if total > limit:
                        raise SourceInvalid("file_too_large", file=origin.name, most=limit)
                # Unpacks every part once: a part that is larger than it says is found here.
                broken = archive.testzip()
                if broken is not None:
                    raise zipfile.BadZipFile(broken)
        except zipfile.BadZipFile as error:
            raise SourceInvalid("workbook_broken", file=origin.name, error=str(error)) from error


def _check_parts(origin: Origin, file: IO[bytes]) -> None:
    """Refuse a list of parts that is long by itself, before it is read into memory."""
    length = file.seek(0, 2)
    file.seek(max(0, length - LAST_RECORD))
    _, _, record = file.read().rpartition(b"PK\5\6")
    size = int.from_bytes(record[8:12], "little")
    if size > LONGEST_LIST:
        raise SourceInvalid("file_too_large", file=origin.name, most=LONGEST_LIST)
