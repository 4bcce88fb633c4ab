"""SQLAlchemy tables of a model, without a schema of their own: the tenant's is put in when run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, MetaData, Table

from metamodel.model import Model

TENANT = "tenant"
"""The schema that tables are declared in; `schema_translate_map` puts the tenant's in its place."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of one model, by entity key."""

    metadata: MetaData
    by_entity: Mapping[str, Table] = field(default_factory=dict)

    def of(self, entity: str) -> Table:
        """Return the table of an entity, by its key."""
        return self.by_entity[entity]

    def column(self, entity: str, column: str) -> Column[Any]:
        """Return a column by its name in PostgreSQL."""
        return self.by_entity[entity].c[column]


def build_tables(model: Model) -> Tables:
    """Declare one table for each entity of the model, retired ones and columns included."""
    return Tables(MetaData(schema=TENANT))
