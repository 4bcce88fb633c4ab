"""Records as JSON: one object to a line, or one list of objects; values as the API takes them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, NoReturn

from engine.exchange.sources.encodings import find_encoding
from engine.exchange.sources.rows import Format, Origin, SourceInvalid, SourceRow
from engine.values.sheet import ABSENT

MOST_LIST = 64 << 20
"""Bytes of a single list: it is read whole, where lines are read one by one."""

MOST_NAMES = 2_000
"""Different keys that the objects of one file may have."""

LONGEST_LINE = 16 << 20


@dataclass(frozen=True, slots=True)
class JsonLines:
    """Objects by line; the header are all keys that any of them has, in order of appearance."""

    origin: Origin
    header: tuple[str, ...]
    encoding: str
    whole: bool

    @property
    def name(self) -> str:
        return self.origin.name

    @property
    def format(self) -> Format:
        return "jsonl"

    @property
    def typed(self) -> bool:
        return True

    def rows(self) -> Iterator[SourceRow]:
        """Yield a row for each object; what is none says so."""
        for line, found in _objects(self.origin, self.encoding, whole=self.whole):
            if isinstance(found, Mapping):
                yield SourceRow(line, tuple(found.get(name, ABSENT) for name in self.header))
            else:
                yield SourceRow(line, (ABSENT,) * len(self.header), f"0/{len(self.header)}")


def open_json(origin: Origin) -> JsonLines:
    """Return a file of JSON as rows; raise `SourceInvalid` where it holds no records."""
    encoding = find_encoding(origin)
    whole = _is_whole(origin, encoding)
    names: dict[str, None] = {}
    seen = False
    for line, found in _objects(origin, encoding, whole=whole):
        if not isinstance(found, Mapping):
            if not seen:
                raise SourceInvalid("no_records", file=origin.name, line=line)
            continue
        seen = True
        names.update(dict.fromkeys(found))
        if len(names) > MOST_NAMES:
            raise SourceInvalid("too_many_columns", file=origin.name, most=MOST_NAMES)
    if not names:
        raise SourceInvalid("file_empty", file=origin.name)
    return JsonLines(origin, tuple(names), encoding, whole)


def _is_whole(origin: Origin, encoding: str) -> bool:
    """Tell whether the file is one list, or one object over several lines."""
    with origin.text(encoding, newline="\n") as text:
        lines = (line for line in iter(lambda: text.readline(LONGEST_LINE), "") if line.strip())
        first = next(lines, "").strip()
        return first.startswith("[") or (first.startswith("{") and not first.endswith("}"))


def _objects(origin: Origin, encoding: str, *, whole: bool) -> Iterator[tuple[int, Any]]:
    if whole:
        yield from enumerate(_list(origin, encoding), start=1)
        return
    with origin.text(encoding, newline="\n") as lines:
        for number, line in enumerate(iter(lambda: lines.readline(LONGEST_LINE), ""), start=1):
            if line.strip():
                yield number, _load(origin.name, line, number)


def _list(origin: Origin, encoding: str) -> list[Any]:
    name, content = origin.name, origin.sample(MOST_LIST + 1)
    if len(content) > MOST_LIST:
        raise SourceInvalid("file_too_large", file=name, most=MOST_LIST)
    found = _load(name, content.decode(encoding), 1)
    if isinstance(found, list) and found and all(isinstance(row, list) for row in found):
        header = [str(cell) for cell in found[0]]
        return [dict(zip(header, row, strict=False)) for row in islice(found, 1, None)]
    if not isinstance(found, list):
        raise SourceInvalid("no_records", file=name, line=1)
    return found


def _load(name: str, text: str, line: int) -> Any:
    """Return JSON, its decimals as text so that no digit is lost."""
    try:
        return json.loads(text, parse_float=str, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise SourceInvalid("json_broken", file=name, line=line, error=str(error)) from error


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")
