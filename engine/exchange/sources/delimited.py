"""Rows of text between separators: CSV, TSV and what else is called so."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from engine.exchange.sources.encodings import SAMPLE, find_encoding
from engine.exchange.sources.rows import (
    Format,
    Origin,
    SourceInvalid,
    SourceRow,
    check_header,
    fitted,
)

SEPARATORS = (",", ";", "\t", "|")

MAX_CELL = 1_000_000
"""Characters in one cell above which a file is taken for broken quoting."""

LOOKED_AT = 40
"""Lines that are looked at to find separator and header."""


@dataclass(frozen=True, slots=True)
class Delimited:
    """A text of rows. `skip` are the lines above the header, which say what the file is about."""

    origin: Origin
    header: tuple[str, ...]
    encoding: str
    separator: str
    skip: int = 0

    @property
    def name(self) -> str:
        return self.origin.name

    @property
    def format(self) -> Format:
        return "csv"

    @property
    def typed(self) -> bool:
        return False

    def rows(self) -> Iterator[SourceRow]:
        """Yield the rows below the header; wholly blank ones are passed over."""
        with self.origin.text(self.encoding) as text:
            reader = _reader(text, self.separator)
            try:
                for _ in range(self.skip + 1):
                    next(reader)
                yield from self._rows(reader)
            except csv.Error as error:
                raise SourceInvalid(
                    "broken_quoting", line=reader.line_num, error=str(error)
                ) from error

    def _rows(self, reader: csv._reader) -> Iterator[SourceRow]:  # type: ignore[name-defined]
        width, before = len(self.header), reader.line_num
        for cells in reader:
            line, before = before + 1, reader.line_num
            if len(cells) == width and cells[0]:
                yield SourceRow(line, tuple(cells))
            elif any(cell.strip() for cell in cells):
                yield fitted(width, line, cells)


def open_delimited(origin: Origin) -> Delimited:
    """Return a file of text as rows; raise `SourceInvalid` where it is none."""
    encoding = find_encoding(origin)
    text = _start(origin, encoding)
    separator = find_separator(text)
    try:
        first = list(islice(_reader(io.StringIO(text, newline=""), separator), LOOKED_AT))
    except csv.Error as error:
        first = _lines_before(text, separator)
        if not first:
            raise SourceInvalid("broken_quoting", line=1, error=str(error)) from error
    skip = above_header(first)
    header = tuple(cell.strip() for cell in first[skip]) if first[skip:] else ()
    while header and not header[-1]:
        header = header[:-1]
    check_header(origin.name, header)
    return Delimited(origin, header, encoding, separator, skip)


def _start(origin: Origin, encoding: str) -> str:
    with origin.text(encoding) as text:
        return text.read(SAMPLE)


def _lines_before(text: str, separator: str) -> list[list[str]]:
    """Return the rows above the one that cannot be read: it is named when it is met."""
    found: list[list[str]] = []
    try:
        found.extend(islice(_reader(io.StringIO(text, newline=""), separator), LOOKED_AT))
    except csv.Error:
        return list(_reader(io.StringIO(text.splitlines()[0], newline=""), separator, strict=False))
    return found


def above_header(rows: list[list[Any]]) -> int:
    """Return how many rows stand above the header.

    They are blank, or a title in one cell above rows of several.
    """
    wide = max((_filled(row) for row in rows), default=0)
    for at, row in enumerate(rows):
        filled = _filled(row)
        if filled > 1 or (filled == 1 and wide == 1):
            return at
        if filled == 1 and all(_filled(below) <= 1 for below in rows[at + 1 : at + 4]):
            return at
    return 0


def _filled(row: Iterable[Any]) -> int:
    return sum(bool(str(cell).strip()) for cell in row if cell is not None)


def find_separator(text: str) -> str:
    """Return the separator that cuts the first lines most evenly into most cells."""
    lines = text[:SAMPLE].splitlines()[:20]

    def evenness(separator: str) -> tuple[int, int]:
        cut = _reader(io.StringIO("\n".join(lines), newline=""), separator, strict=False)
        counts = [len(row) for row in cut if row]
        usual = max(set(counts), key=counts.count) if counts else 0
        return (sum(count == usual for count in counts) if usual > 1 else 0, usual)

    return max(SEPARATORS, key=evenness)


def _reader(text: Iterable[str], separator: str, *, strict: bool = True) -> csv._reader:  # type: ignore[name-defined]  # typeshed hides it
    csv.field_size_limit(MAX_CELL)
    return csv.reader(text, delimiter=separator, strict=strict)
