"""Where a formula's SQL reads: the row itself, the row outside, or the outermost."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import (
    case,
    null,
)
from sqlalchemy import cast as cast_to

from formula.backends.contract import Columns
from formula.backends.sql_values import Sql, constant, sql_type
from formula.scope import Binding, CollectionBinding, EntityBinding, FieldBinding, TableBinding


@dataclass(frozen=True, slots=True)
class Places:
    """The columns in reach: those of this row, of the query, and of the row outside."""

    columns: Columns
    outermost: Columns
    outer: Columns | None = None

    def read(self, binding: Binding) -> Sql:
        """Return the SQL of any binding of a value."""
        match binding:
            case FieldBinding():
                return self.field(binding)
            case TableBinding(base=base, table=table, type=kind):
                code = self.field(base)
                if not table:
                    return cast_to(null(), sql_type(kind))
                return case(
                    *((code == key, constant(value, kind)) for key, value in table.items()),
                    else_=null(),
                )
            case EntityBinding(base=base):
                columns, own = self._place(base)
                return columns.entity_of(own)
            case CollectionBinding():
                raise TypeError("a collection is not a value")

    def field(self, binding: FieldBinding) -> Sql:
        """Return the column of a field."""
        columns, own = self._place(binding)
        return columns.field(own)

    def _place(self, binding: FieldBinding) -> tuple[Columns, FieldBinding]:
        if binding.root == "this" and self.outer is not None:
            return self.outer, replace(binding, root="record")
        if binding.root == "record":
            return self.columns, binding
        return self.outermost, binding
