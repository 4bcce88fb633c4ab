"""The form of a tenant's schema as plain values; the statements that make it are built from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TENANT = ""
"""Who has a right where the tenant's own role is meant, whatever it is called."""


@dataclass(frozen=True, slots=True)
class ColumnForm:
    """A column: its type and default as PostgreSQL writes them, whether it is in code order."""

    name: str
    type: str
    required: bool = False
    default: str = ""
    by_code: bool = False


@dataclass(frozen=True, slots=True)
class CheckForm:
    """A condition that every row meets."""

    name: str
    condition: str
    validated: bool = True


@dataclass(frozen=True, slots=True)
class LinkForm:
    """A foreign key to another table of the same schema; `gone` is what deleting does."""

    name: str
    columns: tuple[str, ...]
    table: str
    targets: tuple[str, ...]
    gone: str = ""
    validated: bool = True


@dataclass(frozen=True, slots=True)
class IndexForm:
    """An index on columns; `live` where it leaves out what lies in the trash."""

    name: str
    columns: tuple[str, ...]
    method: str = "btree"
    unique: bool = False
    live: bool = False


@dataclass(frozen=True, slots=True)
class TableForm:
    """A table with all that hangs on it; `rights` are by role, `TENANT` for the tenant's own."""

    name: str
    columns: tuple[ColumnForm, ...]
    key: str
    key_columns: tuple[str, ...]
    checks: tuple[CheckForm, ...] = ()
    links: tuple[LinkForm, ...] = ()
    indexes: tuple[IndexForm, ...] = ()
    rights: tuple[tuple[str, tuple[str, ...]], ...] = ()


Structure = Mapping[str, TableForm]
"""The tables of a schema by name."""
