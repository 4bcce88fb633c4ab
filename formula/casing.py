"""Capitals and small letters by one table, in Python and in SQL."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, case, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from formula.casing_table import LOWER, UPPER, Runs

Sql = ColumnElement[Any]


def _mapping(runs: Runs) -> dict[int, int]:
    return {
        point: point + add
        for first, last, step, add in runs
        for point in range(first, last + 1, step)
    }


_TO_UPPER = _mapping(UPPER)
_TO_LOWER = _mapping(LOWER)
_WITHIN = "ßŉǰ"
"""Small letters without a capital of one character: a word goes on after them."""

_CASED = frozenset(_TO_UPPER) | frozenset(_TO_LOWER) | frozenset(map(ord, _WITHIN))


def upper(text: str) -> str:
    """Return the text in capitals, character by character."""
    return text.upper() if text.isascii() else text.translate(_TO_UPPER)


def lower(text: str) -> str:
    """Return the text in small letters, character by character."""
    return text.lower() if text.isascii() else text.translate(_TO_LOWER)


def proper(text: str) -> str:
    """Return the text with the first letter of each run of cased letters in capitals."""
    found: list[str] = []
    inside = False
    for character in text:
        found.append(lower(character) if inside else upper(character))
        inside = ord(character) in _CASED
    return "".join(found)


def sql_upper(text: Sql) -> Sql:
    """Return SQL for the text in capitals."""
    return _translated(text, _TO_UPPER, func.upper)


def sql_lower(text: Sql) -> Sql:
    """Return SQL for the text in small letters."""
    return _translated(text, _TO_LOWER, func.lower)


def sql_lower_for(text: Sql, part: str) -> Sql:
    """Return SQL for the text with only those letters made small that `part` (small) contains."""
    wanted = {ord(character) for character in part}
    few = {point: small for point, small in _TO_LOWER.items() if small in wanted}
    return text if not few else _translate(text, few)


def sql_proper(text: Sql) -> Sql:
    """Return SQL for the text with each word capitalised."""
    one: Sql = literal_column("1")
    places = func.generate_series(one, func.char_length(text)).table_valued("place")
    places = places.render_derived()
    place = places.c.place
    letter = func.substr(text, place, one, type_=Text())
    before = func.substr(text, place - one, one, type_=Text())
    zero: Sql = literal_column("0")
    within: Sql = literal_column(f"'{_WITHIN}'", Text())
    cased = or_(sql_lower(before) != sql_upper(before), func.strpos(within, before) > zero)
    inside = and_(place > one, cased)
    shown = case((inside, sql_lower(letter)), else_=sql_upper(letter))
    ordered = aggregate_order_by(literal_column("''", Text()), place)
    joined = select(func.string_agg(shown, ordered, type_=Text())).select_from(places)
    return joined.correlate_except(places).scalar_subquery()


def _translated(text: Sql, mapping: dict[int, int], ascii_only: Any) -> Sql:
    """Return PostgreSQL's own quick mapping for plain ASCII, the table for the rest."""
    plain = func.octet_length(text) == func.char_length(text)
    return case(
        (plain, ascii_only(text.collate("C"), type_=Text())), else_=_translate(text, mapping)
    )


def _translate(text: Sql, mapping: dict[int, int]) -> Sql:
    return func.translate(text, _quoted(mapping.keys()), _quoted(mapping.values()), type_=Text())


def _quoted(points: Iterable[int]) -> Sql:
    """Return characters as an SQL literal; letters need no escaping."""
    return literal_column("'" + "".join(map(chr, points)) + "'", Text())
