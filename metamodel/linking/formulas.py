"""Checks the formulas of the metadata, and puts their problems where they were written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from formula import check, parse
from formula.errors import FormulaError, Span
from formula.scope import Scope
from formula.typed import Typed
from formula.types import BooleanType, ValueType
from metamodel.layers import Merged
from metamodel.problems import Place, Problem
from metamodel.reader import Node
from metamodel.references import Reference
from metamodel.source import Names

ESCAPES = {"x": 2, "u": 4, "U": 8}
"""How many digits follow an escape in a text in double quotes."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a formula must be: its type, whether it measures rows, whether it may ask who acts."""

    expect: ValueType | None = None
    measure: bool = False
    personal: bool = True


CONDITION = Rules(BooleanType())
"""What everything that is true or false must be."""


def condition(node: Node, name: str, scope: Scope) -> Typed | None:
    """Check the condition under `name`; None where there is none, or where it is wrong."""
    return formula(node, name, scope, CONDITION)


def formula(node: Node, name: str, scope: Scope, rules: Rules = Rules()) -> Typed | None:
    """Check the formula under `name`; None where there is none, or where it is wrong."""
    if name not in node:
        return None
    return check_node(node.child(name), scope, rules)


def check_node(node: Node, scope: Scope, rules: Rules = Rules()) -> Typed | None:
    """Check one written formula, or a list of conditions by name, all of which must hold."""
    parts = list(_parts(node))
    checked = [check_text(part, text, scope, rules) for part, text in parts]
    if len(checked) == 1:
        return checked[0]
    if not checked or any(typed is None for typed in checked):
        return None
    joined = " and ".join(f"({text})" for _, text in parts)
    return check_text(node, joined, scope, rules)


def formula_text(value: object) -> str:
    """Return a formula as one text: a list of conditions is joined by `and`."""
    if isinstance(value, Mapping):
        parts = value.get("all")
        if isinstance(parts, Mapping):
            return " and ".join(
                f"({formula_text(part)})" for name, part in parts.items() if not _is_retired(part)
            )
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def _parts(node: Node) -> Iterator[tuple[Node, str]]:
    if isinstance(node.value, Mapping):
        for part in node.child("all").items():
            if not part.retired:
                yield from _parts(part)
    else:
        yield node, formula_text(node.value)


def _is_retired(value: object) -> bool:
    return isinstance(value, Mapping) and value.get("$retire") is True


def check_text(
    node: Node, text: str, scope: Scope, rules: Rules, *, offset: int = 0
) -> Typed | None:
    """Check a formula that stands `offset` characters into the text of `node`; None: wrong."""
    try:
        typed = check(
            parse(text),
            scope,
            expect=rules.expect,
            measure=rules.measure,
            personal=rules.personal,
        )
    except FormulaError as error:
        for problem in error.problems:
            span = Span(problem.span.start + offset, problem.span.end + offset)
            place = formula_place(node.merged, node.path, span)
            sentence = f"In `{'.'.join(node.path)}`: {problem.message.rstrip('.')}."
            hint = problem.hint[:1].upper() + problem.hint[1:]
            node.merged.problems.append(Problem(f"formula_{problem.code}", place, sentence, hint))
        return None
    if node.merged.references is not None:
        reference = Reference(node.path, text, scope=scope, typed=typed, offset=offset)
        node.merged.references.append(reference)
    return typed


def formula_place(merged: Merged, path: Names, span: Span) -> Place:
    """Return where character `span.start` of the formula at `path` stands in its file."""
    position = merged.positions.get(path)
    if position is None:
        return merged.place(path)
    line, column = position.value_line, position.value_column
    lines = merged.lines.get(position.file, ())
    written = lines[line - 1] if 0 < line <= len(lines) else ""
    if position.style in ("|", ">"):
        return _place_in_block(lines, replace(merged.place(path), line=line), span)
    if position.style in ('"', "'"):
        column = _quoted_column(written, column - 1, span.start, position.style)
    else:
        column += span.start
    if column > len(written) + 1:
        column = position.value_column
    return Place(position.file, line, column, path)


def _quoted_column(written: str, at: int, characters: int, quote: str) -> int:
    """Return the column (from 1) of the n-th character of a quoted text, escapes counted as one."""
    at += 1
    for _ in range(characters):
        if at >= len(written):
            break
        if quote == '"' and written[at] == "\\":
            at += 2 + ESCAPES.get(written[at + 1 : at + 2], 0)
        elif quote == "'" and written[at : at + 2] == "''":
            at += 2
        else:
            at += 1
    return at + 1


def _place_in_block(lines: tuple[str, ...], place: Place, span: Span) -> Place:
    """Return the place of a character of a block text, whose lines begin below its sign."""
    left = span.start
    indent = None
    for number in range(place.line, len(lines)):
        text = lines[number]
        if indent is None:
            indent = len(text) - len(text.lstrip(" "))
        body = text[indent:]
        if left <= len(body):
            return replace(place, line=number + 1, column=indent + left + 1)
        left -= len(body) + 1
    return place
