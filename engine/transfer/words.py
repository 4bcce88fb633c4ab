"""Which words a form may use: types, defaults, conditions, rights, and names that exist in it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.database import AUDITOR_ROLE
from engine.schema.names import LONGEST
from engine.schema.noting import NOTES
from engine.schema.retelling import MOVING
from engine.schema.running import TABLE
from engine.tenants.errors import BackupRefused
from engine.transfer.forms import TableForm

_TYPE = re.compile(
    r"(?:uuid|text|boolean|smallint|integer|bigint|numeric(?:\(\d{1,4},\d{1,4}\))?|date|daterange"
    r"|double precision|interval|jsonb|bytea|tsvector"
    r"|time(?:stamp)?(?:\(\d\))? with(?:out)? time zone)(?:\[\])?"
)
_DEFAULT = re.compile(
    r"true|false|-?\d+(?:\.\d+)?|(?:pg_catalog\.)?(?:now|gen_random_uuid|clock_timestamp)\(\)"
    r"|'(?:[^'\\]|'')*'::(?:text|jsonb|text\[\])"
)
# Columns that are null or not, joined by AND and OR: what exclusive links ask for.
_ATOM = r'(?:"(?:[^"\\]|"")+"|[a-z_][a-z0-9_]*) IS (?:NOT )?NULL'
_CONDITION = re.compile(rf"[( ]*{_ATOM}[) ]*(?:(?:AND|OR)[( ]*{_ATOM}[) ]*)*")
_RIGHTS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
_HOLDERS = frozenset({"", AUDITOR_ROLE})
_GONE = frozenset({"", "CASCADE", "SET NULL", "RESTRICT"})
_METHODS = frozenset({"btree", "gin"})

PASSING = frozenset({NOTES, TABLE, MOVING})
"""Tables of publishes under way: they hold statements that are run, and stay where they are."""


def require(table: TableForm, tables: Mapping[str, TableForm]) -> None:
    """Raise `BackupRefused` unless a table's form uses allowed words alone."""
    wrong = [*_names(table), *_columns(table), *_hanging(table, tables)]
    if wrong:
        raise BackupRefused(
            f"The table {table.name!r} holds what Joinery did not make: {', '.join(wrong[:3])}."
        )


def _names(table: TableForm) -> list[str]:
    if table.name in PASSING:
        return ["a publish under way"]
    named = [table.name, table.key, *(each.name for each in table.columns)]
    for group in (table.checks, table.links, table.indexes):
        named += [each.name for each in group]
    return [
        f"the name {each!r}"
        for each in named
        if not isinstance(each, str) or not 0 < len(each.encode()) <= LONGEST or "\0" in each
    ]


def _columns(table: TableForm) -> list[str]:
    wrong = []
    for column in table.columns:
        if not _TYPE.fullmatch(column.type):
            wrong.append(f"{column.name} of type {column.type}")
        if column.default and not _DEFAULT.fullmatch(column.default):
            wrong.append(f"{column.name} with the default {column.default}")
    return wrong


def _hanging(table: TableForm, tables: Mapping[str, TableForm]) -> list[str]:
    own = {column.name for column in table.columns}
    wrong = [f"the check {each.name}" for each in table.checks if not _is_check(each.condition)]
    wrong += [f"the key {table.key}"] if not own.issuperset(table.key_columns) else []
    for link in table.links:
        target = tables.get(link.table)
        there = {column.name for column in target.columns} if target else set()
        fits = own.issuperset(link.columns) and there.issuperset(link.targets)
        if not fits or link.gone not in _GONE:
            wrong.append(f"the link {link.name}")
    wrong += [
        f"the index {each.name}"
        for each in table.indexes
        if each.method not in _METHODS or not own.issuperset(each.columns) or not each.columns
    ]
    return wrong + [
        f"a right of {role or 'the tenant'}"
        for role, rights in table.rights
        if role not in _HOLDERS or not _RIGHTS.issuperset(rights)
    ]


def _is_check(condition: str) -> bool:
    balanced = condition.count("(") == condition.count(")")
    return balanced and _CONDITION.fullmatch(condition) is not None
