"""What the back ends need from whoever holds the values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol

from sqlalchemy import ColumnElement

from formula.scope import CollectionBinding, FieldBinding


@dataclass(frozen=True, slots=True)
class Moment:
    """When a formula is evaluated: the instant in UTC, the tenant's day, and its zone."""

    now: datetime
    today: date
    zone: str


class Values(Protocol):
    """One record as the Python back end reads it."""

    @property
    def moment(self) -> Moment: ...

    def read(self, binding: FieldBinding) -> object:
        """Return the value as `formula.types` says; blank through an empty link."""
        ...

    def rows(self, collection: CollectionBinding) -> Sequence[Values]:
        """Return the live members of a collection."""
        ...

    def entity_of(self, binding: FieldBinding) -> str | None:
        """Return the name of the entity that a link to several entities points to."""
        ...


class Columns(Protocol):
    """The rows of one table as the SQL back end reads them; joins appear as they are needed."""

    def field(self, binding: FieldBinding) -> ColumnElement[Any]:
        """Return the column, or the bind for a root outside the row, of a field binding."""
        ...

    def entity_of(self, binding: FieldBinding) -> ColumnElement[Any]:
        """Return the entity name that a link to several entities points to."""
        ...

    def rows(self, collection: CollectionBinding) -> CollectionRows:
        """Return the live members of a collection, correlated to this row."""
        ...

    def bind(self, name: Literal["today", "now", "zone"]) -> ColumnElement[Any]:
        """Return the bind parameter that carries a part of the `Moment`."""
        ...


class Rows(Protocol):
    """Rows that aggregates run over: a query's own, or the members of a collection."""

    @property
    def columns(self) -> Columns: ...

    def aggregate(
        self, value: ColumnElement[Any], where: Sequence[ColumnElement[bool]]
    ) -> ColumnElement[Any]:
        """Return `value`, an aggregate expression over `columns`, as one scalar sub-query."""
        ...


class CollectionRows(Rows, Protocol):
    """The members of a collection inside SQL."""

    def exists(self, where: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
        """Return whether any member meets all conditions: looked for, not gathered."""
        ...
