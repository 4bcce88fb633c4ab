"""The form of a schema as JSON has it, in a backup.

A backup carries this form and never SQL, so that a file from anywhere can say what tables it
wants and nothing else: every word is one of those that `words` allows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from engine.tenants.errors import BackupRefused
from engine.transfer import words
from engine.transfer.forms import (
    CheckForm,
    ColumnForm,
    IndexForm,
    LinkForm,
    Structure,
    TableForm,
)


def written(structure: Structure) -> list[dict[str, Any]]:
    """Return a structure as JSON has it."""
    return [asdict(table) for table in structure.values()]


def read(found: object) -> Structure:
    """Return the structure that JSON tells of; raise `BackupRefused` for anything else."""
    try:
        tables = [_table(each) for each in _list(found)]
    except (KeyError, TypeError, ValueError) as error:
        raise BackupRefused(
            f"The backup tells of tables in a way that is not understood: {error}"
        ) from None
    structure = {table.name: table for table in tables}
    for table in tables:
        words.require(table, structure)
    return structure


def _table(found: Mapping[str, Any]) -> TableForm:
    given = dict(found)
    given["columns"] = tuple(ColumnForm(**each) for each in _list(given["columns"]))
    given["key_columns"] = tuple(given["key_columns"])
    given["checks"] = tuple(CheckForm(**each) for each in _list(given["checks"]))
    given["links"] = tuple(
        LinkForm(**{**each, "columns": tuple(each["columns"]), "targets": tuple(each["targets"])})
        for each in _list(given["links"])
    )
    given["indexes"] = tuple(
        IndexForm(**{**each, "columns": tuple(each["columns"])}) for each in _list(given["indexes"])
    )
    given["rights"] = tuple((role, tuple(rights)) for role, rights in _list(given["rights"]))
    return TableForm(**given)


def _list(found: object) -> Sequence[Any]:
    if not isinstance(found, list):
        raise TypeError(f"a list was expected, not {type(found).__name__}")
    return found
