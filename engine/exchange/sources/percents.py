"""Which cells of an XLSX sheet are shown as percentages: their number is a hundredth of it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Container, Iterator
from xml.parsers import expat

from engine.exchange.sources.rows import Origin

Begin = Callable[[str, dict[str, str]], None]
"""Is told of each element: its name and attributes."""

Place = tuple[int, int]
"""Row of the sheet, from 1, and column, from 0."""

PERCENT_FORMATS = frozenset({"9", "10"})
"""The numbers of the built-in formats 0% and 0.00%."""

CELL = re.compile(rb"<c\s[^>]*>")
REFERENCE = re.compile(rb'\sr="([A-Z]+)(\d+)"')
STYLE = re.compile(rb'\ss="(\d+)"')
PIECE = 1 << 20
LONGEST_TAG = 4096


def percent_cells(origin: Origin, sheet: str) -> Container[Place]:
    """Return the cells of a sheet that have a percent format; none for other kinds of files."""
    try:
        with origin.open() as file:
            if not zipfile.is_zipfile(file):
                return frozenset()
            with zipfile.ZipFile(file) as archive:
                styles = _percent_styles(archive)
                part = _part_of(archive, sheet) if styles else ""
                return frozenset(_cells(archive, part, styles)) if part else frozenset()
    except (KeyError, zipfile.BadZipFile, expat.ExpatError):
        return frozenset()


def _percent_styles(archive: zipfile.ZipFile) -> frozenset[bytes]:
    """Return the numbers of the cell styles that show percentages."""
    formats = set(PERCENT_FORMATS)
    styles: list[str] = []
    inside: list[str] = []

    def begin(name: str, attributes: dict[str, str]) -> None:
        inside.append(name)
        if name == "numFmt" and "%" in attributes.get("formatCode", "").split('"')[0::2][0]:
            formats.add(attributes["numFmtId"])
        if name == "xf" and "cellXfs" in inside:
            styles.append(attributes.get("numFmtId", ""))

    _walk(archive, "xl/styles.xml", begin, inside)
    return frozenset(str(at).encode() for at, each in enumerate(styles) if each in formats)


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return the part of the archive that holds a sheet."""
    identity: list[str] = []
    targets: dict[str, str] = {}

    def sheets(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet" and attributes.get("name") == sheet:
            identity.append(next((v for k, v in attributes.items() if k.endswith(":id")), ""))

    def relations(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    _walk(archive, "xl/workbook.xml", sheets)
    _walk(archive, "xl/_rels/workbook.xml.rels", relations)
    target = targets.get(identity[0] if identity else "", "")
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}" if target else ""


def _walk(
    archive: zipfile.ZipFile,
    part: str,
    begin: Begin,
    inside: list[str] | None = None,
) -> None:
    """Call `begin` for each element of a part; entities are not resolved."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    if inside is not None:
        parser.EndElementHandler = lambda name: inside.pop()
    with archive.open(part) as file:
        parser.ParseFile(file)


def _cells(archive: zipfile.ZipFile, part: str, styles: frozenset[bytes]) -> Iterator[Place]:
    with archive.open(part) as file:
        rest = b""
        while piece := file.read(PIECE):
            text = rest + piece
            end = 0
            for tag in CELL.finditer(text):
                end = tag.end()
                style = STYLE.search(tag.group())
                if style is not None and style.group(1) in styles:
                    found = REFERENCE.search(tag.group())
                    if found is not None:
                        yield int(found.group(2)), _column(found.group(1))
            rest = text[max(end, len(text) - LONGEST_TAG) :]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
