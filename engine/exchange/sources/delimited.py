"""Files of rows as people send them: encoding and separator found, every oddity named."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from charset_normalizer import from_bytes

from engine.errors import EngineError

SEPARATORS = (",", ";", "\t", "|")

SAMPLE = 64_000
"""How many bytes or characters are looked at to find encoding and separator."""

MAX_CELL = 1_000_000
"""Characters in one cell above which a file is taken for broken quoting."""


class SourceInvalid(EngineError):
    """A file that cannot be read as rows; `code` says why."""

    code = "source_invalid"

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, **params)
        self.code = code


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row: the line it begins on (from 1), and its cells, as many as the header has.

    `problem` is set where the row has more or fewer cells than the header.
    """

    line: int
    cells: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A file with a header. `encoding` and `separator` are what was found."""

    name: str
    header: tuple[str, ...]
    encoding: str
    separator: str
    text: str

    def rows(self) -> Iterator[SourceRow]:
        """Yield the rows below the header; wholly blank ones are passed over."""
        reader = _reader(self.text, self.separator)
        next(reader)
        before = reader.line_num
        try:
            for cells in reader:
                line, before = before + 1, reader.line_num
                if any(cell.strip() for cell in cells):
                    yield self._row(line, cells)
        except csv.Error as error:
            raise SourceInvalid("broken_quoting", line=reader.line_num, error=str(error)) from error

    def _row(self, line: int, cells: list[str]) -> SourceRow:
        width = len(self.header)
        if len(cells) == width:
            return SourceRow(line, tuple(cells))
        if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
            return SourceRow(line, tuple(cells[:width]))
        padded = (cells + [""] * width)[:width]
        return SourceRow(line, tuple(padded), f"{len(cells)}/{width}")


def read_csv(name: str, content: bytes) -> Source:
    """Return the rows of a CSV file; raise `SourceInvalid` where it is none."""
    if not content.strip():
        raise SourceInvalid("file_empty", file=name)
    if b"\x00" in content[:SAMPLE] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceInvalid("file_binary", file=name)
    encoding, text = _decode(name, content)
    if "\x00" in text:
        raise SourceInvalid("file_binary", file=name)
    separator = _separator(text)
    try:
        cells: list[str] = next(_reader(text, separator), [])
    except csv.Error as error:
        raise SourceInvalid("broken_quoting", line=1, error=str(error)) from error
    header = tuple(cell.strip() for cell in cells)
    while header and not header[-1]:
        header = header[:-1]
    _check_header(name, header)
    return Source(name, header, encoding, separator, text)


def _decode(name: str, content: bytes) -> tuple[str, str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return "utf-16", content.decode("utf-16")
        except UnicodeDecodeError as error:
            raise SourceInvalid("encoding_unknown", file=name) from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "gb18030" or _reads_chinese(text):
            return encoding.removesuffix("-sig"), text
    guesses = [guess.encoding for guess in from_bytes(content[:SAMPLE])]
    if not guesses:
        raise SourceInvalid("encoding_unknown", file=name)
    # Short Latin texts fit several code pages; Western Windows is by far the commonest.
    encoding = "cp1252" if "cp1252" in guesses else guesses[0]
    try:
        return encoding, content.decode(encoding)
    except UnicodeDecodeError as error:
        raise SourceInvalid("encoding_unknown", file=name) from error


def _reads_chinese(text: str) -> bool:
    """Tell whether bytes that decode as GB18030 are Chinese, and not Latin-1 by accident."""
    wide = [character for character in text[:SAMPLE] if ord(character) > 127]
    common = sum(
        "一" <= character <= "鿿" or character in "，。、；：（）《》" for character in wide
    )
    return bool(wide) and common >= len(wide) * 0.9


def _separator(text: str) -> str:
    """Return the separator that cuts the first lines most evenly into most cells."""
    lines = text[:SAMPLE].splitlines()[:20]

    def evenness(separator: str) -> tuple[int, int]:
        counts = [len(row) for row in _reader("\n".join(lines), separator, strict=False)]
        usual = counts[0] if counts else 0
        return (sum(count == usual for count in counts) if usual > 1 else 0, usual)

    return max(SEPARATORS, key=evenness)


def _check_header(name: str, header: tuple[str, ...]) -> None:
    if not any(header):
        raise SourceInvalid("header_missing", file=name)
    blank = [index + 1 for index, cell in enumerate(header) if not cell]
    if blank:
        raise SourceInvalid("header_blank", file=name, columns=blank)
    twice = sorted({cell for cell in header if header.count(cell) > 1})
    if twice:
        raise SourceInvalid("header_duplicate", file=name, columns=twice)
    if all(_is_number(cell) for cell in header):
        raise SourceInvalid("header_missing", file=name)


def _is_number(cell: str) -> bool:
    return cell.replace(".", "", 1).replace("-", "", 1).isdigit()


def _reader(text: str, separator: str, *, strict: bool = True) -> csv._reader:  # type: ignore[name-defined]  # typeshed hides it
    csv.field_size_limit(MAX_CELL)
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)
