"""Reads YAML text into plain values with the place of every one: the only reader of metadata files.

Scalars follow the core rules of YAML 1.2: `on`, `yes`, `no`, `12:30` and `2026-03-01` stay
text, numbers with decimals become `Decimal`, a number with leading zeros stays text. Keys
are always text, a key written twice is a problem, and size, depth and aliases are limited.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Protocol

import yaml

from metamodel.problems import Place, Problem

MAX_CHARACTERS = 8_000_000
"""Longest text that is read."""

MAX_DEPTH = 60
"""Deepest nesting that is read."""

MAX_NODES = 200_000
"""Most values in one text, aliases counted as often as they are used."""

PLAIN_TAGS = (None, "!", *(f"tag:yaml.org,2002:{kind}" for kind in ("str", "map", "seq")))
"""Tags that say of a value what it is anyway, or that it is text."""

Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Names = tuple[str, ...]


class Mark(Protocol):
    """A place in a text, from 0, as either YAML parser gives it."""

    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_DECIMAL = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]{1,3})?\Z")
_WORDS: Mapping[str, object] = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
    "null": None,
    "Null": None,
    "NULL": None,
    "~": None,
    "": None,
}


@dataclass(frozen=True, slots=True)
class Position:
    """Where an element was written: its key (or list item), and its value; all from 1.

    `style` is the quote sign, `|` or `>` of a scalar value, "" for a plain one.
    """

    file: str
    line: int
    column: int
    value_line: int
    value_column: int
    style: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """One text read: its document, the position of every path in it, and what is wrong with it."""

    name: str
    document: Mapping[str, object]
    positions: Mapping[Names, Position]
    lines: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


class _Stop(Exception):
    """Reading cannot go on; carries the problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.sentence)
        self.problem = problem


def read_file(path: Path, name: str) -> Source:
    """Read a YAML file in UTF-8; what cannot be read is a problem, never an exception."""
    place = Place(name, 1, 1)
    try:
        size = path.stat().st_size
        if size > MAX_CHARACTERS * 4:
            return Source(name, {}, {}, (), (_too_large(place, f"{size:,} bytes"),))
        return read_source(path.read_bytes().decode("utf-8-sig"), name)
    except OSError as error:
        problem = Problem(
            "file_unreadable",
            place,
            f"{name} cannot be read: {error.strerror}.",
            "Check the path, and that this user may read the file.",
        )
    except UnicodeDecodeError as error:
        problem = Problem(
            "not_utf8",
            place,
            f"{name} is not UTF-8: byte {error.start} does not fit.",
            "Save the file as UTF-8.",
        )
    return Source(name, {}, {}, (), (problem,))


def read_source(text: str, name: str) -> Source:
    """Read YAML text; problems are collected, and a text that is not YAML has an empty document."""
    composer = _Composer(name)
    try:
        document = _document(composer, text)
    except _Stop as stop:
        return Source(name, {}, {}, (), (*composer.problems, stop.problem))
    except yaml.MarkedYAMLError as error:
        return Source(name, {}, {}, (), (*composer.problems, _syntax_problem(name, error)))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        return Source(name, {}, {}, (), (_character_problem(name, line, error),))
    lines = tuple(text.splitlines())
    return Source(name, document, composer.positions, lines, tuple(composer.problems))


def _document(composer: _Composer, text: str) -> dict[str, object]:
    """Return the one map that a text holds; raise `_Stop` where it is too large or none."""
    if len(text) > MAX_CHARACTERS:
        raise _Stop(_too_large(Place(composer.file, 1, 1), f"{len(text):,} characters"))
    document = composer.compose(text)
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise _Stop(
            composer.problem(
                "not_a_map",
                1,
                1,
                "The document is not a map of keys.",
                "Begin with `format: 1` and `app:`, each on a line of its own.",
            )
        )
    return document


def _too_large(place: Place, size: str) -> Problem:
    return Problem(
        "too_large",
        place,
        f"The text has {size}; at most {MAX_CHARACTERS:,} characters are read.",
        "Split it and name the parts in `include`.",
    )


def _character_problem(name: str, line: int, error: yaml.reader.ReaderError) -> Problem:
    return Problem(
        "yaml_syntax",
        Place(name, line, 1),
        f"The text holds a character that YAML does not allow: {error.reason}.",
        "Take the control character out.",
    )


def _syntax_problem(name: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = _line_and_column(mark)
    sentence = f"This is not YAML: {error.problem or 'unreadable'}."
    hint = "Check indentation, colons and quotes on this line and the one above."
    if "\\t" in repr(error.problem):
        hint = "Indent with spaces, not with tabs."
    return Problem("yaml_syntax", Place(name, line, column), sentence, hint)


def _line_and_column(mark: Mark | None) -> tuple[int, int]:
    """Return a mark's line and column in characters, from 1."""
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def scalar(text: str) -> object:
    """Return the value of a plain scalar by the core rules of YAML 1.2, nothing lost."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text) and len(text) <= 40:
        return int(text)
    if _DECIMAL.match(text) and len(text) <= 100:
        return Decimal(text)
    return text


@dataclass(slots=True)
class _Composer:
    """Builds plain values from YAML events, and notes where each was written."""

    file: str
    positions: dict[Names, Position] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    anchors: dict[str, list[yaml.Event] | None] = field(default_factory=dict)
    nodes: int = 0

    def compose(self, text: str) -> object:
        events = yaml.parse(text, Loader=Loader)
        next(events)
        if isinstance(first := next(events), yaml.StreamEndEvent):
            return None
        del first
        value = self._value(events, next(events), ())
        next(events)
        extra = next(events)
        if not isinstance(extra, yaml.StreamEndEvent):
            raise _Stop(
                self._at(
                    extra,
                    "several_documents",
                    "The text holds more than one document.",
                    "Take the line `---` out, or split the file.",
                )
            )
        return value

    def problem(self, code: str, line: int, column: int, sentence: str, hint: str) -> Problem:
        return Problem(code, Place(self.file, line, column), sentence, hint)

    def _at(self, event: yaml.Event, code: str, sentence: str, hint: str) -> Problem:
        return self.problem(code, *_line_and_column(event.start_mark), sentence, hint)

    def _value(self, events: Iterator[yaml.Event], event: yaml.Event, path: Names) -> object:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise _Stop(
                self._at(
                    event,
                    "too_many_nodes",
                    f"The document holds more than {MAX_NODES:,} values.",
                    "Write elements out instead of repeating aliases (`*name`), or split the app.",
                )
            )
        if len(path) > MAX_DEPTH:
            raise _Stop(
                self._at(
                    event,
                    "too_deep",
                    f"The document is nested deeper than {MAX_DEPTH} levels.",
                    "Nothing in the language is that deep: check the indentation.",
                )
            )
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path)
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            events = self._record(events, event, anchor)
        self._check_tag(event)
        if isinstance(event, yaml.ScalarEvent):
            self._check_characters(event)
            return event.value if event.style or event.tag else scalar(event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(events, path)
        return self._map(events, path)

    def _check_tag(self, event: yaml.Event) -> None:
        """Report a tag that would make something else of a value than what is written."""
        tag = getattr(event, "tag", None)
        if tag not in PLAIN_TAGS:
            self.problems.append(
                self._at(
                    event,
                    "unknown_tag",
                    f"The tag `{tag}` means nothing here.",
                    "Take it out: values are what is written.",
                )
            )

    def _check_characters(self, event: yaml.ScalarEvent) -> None:
        """Report a character that YAML can write by an escape, and that no database keeps."""
        if "\0" in event.value:
            self.problems.append(
                self._at(
                    event,
                    "bad_character",
                    "The text holds the character U+0000, which cannot be stored.",
                    "Take `\\0` out.",
                )
            )

    def _record(
        self, events: Iterator[yaml.Event], event: yaml.Event, anchor: str
    ) -> Iterator[yaml.Event]:
        """Keep the events of an anchored node, so that its aliases can be read."""
        self.anchors[anchor] = None
        kept = [event]
        depth = int(isinstance(event, yaml.CollectionStartEvent))
        while depth:
            kept.append(following := next(events))
            depth += isinstance(following, yaml.CollectionStartEvent)
            depth -= isinstance(following, yaml.CollectionEndEvent)
            if len(kept) > MAX_NODES:
                raise _Stop(
                    self._at(
                        event,
                        "too_many_nodes",
                        f"The document holds more than {MAX_NODES:,} values.",
                        "Split the app.",
                    )
                )
        self.anchors[anchor] = kept
        return iter(kept[1:])

    def _alias(self, event: yaml.AliasEvent, path: Names) -> object:
        kept = self.anchors.get(event.anchor or "")
        if kept is None:
            raise _Stop(
                self._at(
                    event,
                    "unknown_alias",
                    f"`*{event.anchor}` stands for nothing written before.",
                    f"Write `&{event.anchor}` before the element it shall repeat.",
                )
            )
        return self._value(iter(kept[1:]), _bare(kept[0]), path)

    def _list(self, events: Iterator[yaml.Event], path: Names) -> list[object]:
        items: list[object] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            inner = (*path, str(len(items)))
            self._note(inner, event, event)
            items.append(self._value(events, event, inner))
        return items

    def _map(self, events: Iterator[yaml.Event], path: Names) -> dict[str, object]:
        values: dict[str, object] = {}
        while not isinstance(key := next(events), yaml.MappingEndEvent):
            event = next(events)
            if not isinstance(key, yaml.ScalarEvent):
                raise _Stop(
                    self._at(
                        key,
                        "key_not_text",
                        "A key is a list, a map or an alias.",
                        "Keys are plain names; put quotes around one that begins with [, { or *.",
                    )
                )
            name = str(key.value)
            inner = (*path, name)
            if name in values:
                first = self.positions[inner]
                self.problems.append(
                    self._at(
                        key,
                        "duplicate_key",
                        f"`{name}` is written twice; first in line {first.line}.",
                        "Keep one of the two, or give one another name.",
                    )
                )
                inner = (*path, name, "")
            self._note(inner, key, event)
            value = self._value(events, event, inner)
            values.setdefault(name, value)
        return values

    def _note(self, path: Names, key: yaml.Event, value: yaml.Event) -> None:
        start, inside = _line_and_column(key.start_mark), _line_and_column(value.start_mark)
        style = (value.style or "") if isinstance(value, yaml.ScalarEvent) else ""
        self.positions[path] = Position(self.file, *start, *inside, style)


def _bare(event: yaml.Event) -> yaml.Event:
    """Return an event without its anchor, so that reading it again notes nothing."""
    bare = copy(event)
    if isinstance(bare, yaml.NodeEvent):
        bare.anchor = None
    return bare
