"""What every source of rows is: where it comes from, its header, and its rows one after another."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple, Protocol

from engine.errors import EngineError

Format = Literal["csv", "xlsx", "jsonl"]
"""What rejected rows are written as: like the file they came from."""


class SourceInvalid(EngineError):
    """A file that cannot be read as rows; `code` says why."""

    code = "source_invalid"

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, **params)
        self.code = code


class SourceRow(NamedTuple):
    """One row: the line it begins on (from 1), and its cells, as many as the header has.

    `problem` is set where the row has more or fewer cells than the header. Cells are texts, or
    values as the API takes them where the source is typed; then `ABSENT` is nothing at all.
    """

    line: int
    cells: tuple[Any, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """A file: its name, and its bytes or where they lie on disk."""

    name: str
    content: bytes | Path

    def open(self) -> BinaryIO:
        """Return the file opened for reading; whoever opens it closes it."""
        if isinstance(self.content, Path):
            return self.content.open("rb")
        return io.BytesIO(self.content)

    def text(self, encoding: str, *, newline: str = "") -> io.TextIOWrapper:
        """Return the file opened as text; whoever opens it closes it."""
        return io.TextIOWrapper(self.open(), encoding, newline=newline)

    def sample(self, size: int) -> bytes:
        """Return the first bytes."""
        with self.open() as file:
            return file.read(size)


class Source(Protocol):
    """A file with a header. `typed` tells that cells are values and not texts to be read."""

    @property
    def name(self) -> str: ...

    @property
    def header(self) -> tuple[str, ...]: ...

    @property
    def format(self) -> Format: ...

    @property
    def typed(self) -> bool: ...

    def rows(self) -> Iterator[SourceRow]:
        """Yield the rows below the header; wholly blank ones are passed over."""
        ...


def check_header(name: str, header: tuple[str, ...]) -> None:
    """Refuse a first row that cannot name columns; raise `SourceInvalid`."""
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


def fitted(width: int, line: int, cells: list[Any]) -> SourceRow:
    """Return a row as wide as its header, or one that says how wide it was."""
    if len(cells) == width:
        return SourceRow(line, tuple(cells))
    if len(cells) > width and not any(str(cell).strip() for cell in cells[width:]):
        return SourceRow(line, tuple(cells[:width]))
    padded = (cells + [""] * width)[:width]
    return SourceRow(line, tuple(padded), f"{len(cells)}/{width}")
