"""Which kind of file it is: told by how it begins, and by its name where that leaves a doubt."""

from __future__ import annotations

import json
from pathlib import PurePath

from engine.exchange.sources.delimited import open_delimited
from engine.exchange.sources.jsonlines import open_json
from engine.exchange.sources.rows import Origin, Source, SourceInvalid
from engine.exchange.sources.workbook import open_workbook

ZIP = b"PK\x03\x04"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How a workbook begins: XLSX and ODS are archives, XLS is a compound file."""

OTHERS = {
    b"%PDF": "PDF",
    b"<!DOCTYPE": "HTML",
    b"<html": "HTML",
    b"<table": "HTML",
    b"<?xml": "XML",
    b"{\\rtf": "RTF",
    b"\x1f\x8b": "gzip",
    b"SQLite format 3": "SQLite",
    b"7z\xbc\xaf": "7z",
}
"""What else is sent as a table, by how it begins."""


def open_source(origin: Origin, *, sheet: str = "", decimal: str = ".") -> Source:
    """Return a file as rows; raise `SourceInvalid` where it is no table that is read."""
    start = origin.sample(4096)
    if start.startswith((ZIP, COMPOUND)):
        return open_workbook(origin, sheet=sheet, decimal=decimal)
    bare = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    for mark, kind in OTHERS.items():
        if bare[: len(mark)].lower() == mark.lower():
            raise SourceInvalid("file_kind", file=origin.name, kind=kind)
    suffix = PurePath(origin.name).suffix.lower()
    if suffix in (".jsonl", ".ndjson", ".json") or (suffix in ("", ".txt") and _is_json(bare)):
        return open_json(origin)
    return open_delimited(origin)


def _is_json(start: bytes) -> bool:
    line = start.splitlines()[0] if start else b""
    try:
        return isinstance(json.loads(line), dict | list)
    except ValueError:
        return False
