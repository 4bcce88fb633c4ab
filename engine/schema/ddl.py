"""The text of DDL: one action in each statement, everything qualified and quoted.

A plan shows these texts and runs the same ones, and a tables' distributor wants one action
in each ALTER TABLE, which SQLAlchemy's own constructs do not promise.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, Column, Constraint, ForeignKeyConstraint, Index, Table
from sqlalchemy.dialects import postgresql

from engine.schema.names import quoted

DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def qualified(schema: str, name: str) -> str:
    """Return a table's name within its schema."""
    return f"{quoted(schema)}.{quoted(name)}"


def type_text(column: Column[Any]) -> str:
    """Return a column's type as PostgreSQL's DDL spells it."""
    return column.type.compile(dialect=DIALECT)


def column_text(column: Column[Any]) -> str:
    """Return a column's definition: name, type, default, and whether it may be null."""
    parts = [quoted(column.name), type_text(column)]
    default = getattr(column.server_default, "arg", None)
    if default is not None:
        parts.append(f"DEFAULT {default}")
    if not column.nullable:
        parts.append("NOT NULL")
    return " ".join(parts)


def create_table(schema: str, table: Table) -> str:
    """Return the statement that makes a table with its columns, primary key and checks."""
    lines = [column_text(column) for column in table.columns]
    key = ", ".join(quoted(column.name) for column in table.primary_key.columns)
    lines.append(f"CONSTRAINT {quoted(str(table.primary_key.name))} PRIMARY KEY ({key})")
    lines.extend(constraint_text(schema, each) for each in checks(table))
    body = ",\n    ".join(lines)
    return f"CREATE TABLE {qualified(schema, table.name)} (\n    {body}\n)"


def checks(table: Table) -> tuple[CheckConstraint, ...]:
    """Return a table's check constraints in the order of their names."""
    found = (each for each in table.constraints if isinstance(each, CheckConstraint))
    return tuple(sorted(found, key=lambda each: str(each.name)))


def foreign_keys(table: Table) -> tuple[ForeignKeyConstraint, ...]:
    """Return a table's foreign keys in the order of their names."""
    return tuple(sorted(table.foreign_key_constraints, key=lambda each: str(each.name)))


def constraint_text(schema: str, constraint: Constraint) -> str:
    """Return the definition of a check or foreign key constraint."""
    name = quoted(str(constraint.name))
    if isinstance(constraint, CheckConstraint):
        return f"CONSTRAINT {name} CHECK ({constraint.sqltext})"
    if not isinstance(constraint, ForeignKeyConstraint):
        raise TypeError(f"no text for {type(constraint).__name__}")
    columns = ", ".join(quoted(name) for name in constraint.column_keys)
    # The target as written, `tenant.customer.id`: resolving it needs every table declared.
    _, table, column = constraint.elements[0].target_fullname.rsplit(".", 2)
    target = f"{qualified(schema, table)} ({quoted(column)})"
    ending = f" ON DELETE {constraint.ondelete}" if constraint.ondelete else ""
    return f"CONSTRAINT {name} FOREIGN KEY ({columns}) REFERENCES {target}{ending}"


def add_column(schema: str, table: Table, column: Column[Any]) -> str:
    """Return the statement that adds a column; PostgreSQL does it without touching rows."""
    return (
        f"ALTER TABLE {qualified(schema, table.name)} "
        f"ADD COLUMN IF NOT EXISTS {column_text(column)}"
    )


def add_constraint(schema: str, table: Table, constraint: Constraint, *, validated: bool) -> str:
    """Return the statement that adds a constraint, for rows to come only or for all."""
    ending = "" if validated else " NOT VALID"
    text = constraint_text(schema, constraint)
    return f"ALTER TABLE {qualified(schema, table.name)} ADD {text}{ending}"


def validate_constraint(schema: str, table: Table, name: str) -> str:
    """Return the statement that checks a constraint against the rows there are."""
    return f"ALTER TABLE {qualified(schema, table.name)} VALIDATE CONSTRAINT {quoted(name)}"


def create_index(schema: str, index: Index, *, concurrently: bool) -> str:
    """Return the statement that builds an index."""
    table = index.table
    if table is None:
        raise TypeError(f"index {index.name} belongs to no table")
    options = index.dialect_options["postgresql"]
    words = ["CREATE UNIQUE INDEX" if index.unique else "CREATE INDEX"]
    if concurrently:
        words.append("CONCURRENTLY")
    words.append(f"IF NOT EXISTS {quoted(str(index.name))} ON {qualified(schema, table.name)}")
    if options["using"]:
        words.append(f"USING {options['using']}")
    words.append("(" + ", ".join(quoted(column.name) for column in index.columns) + ")")
    if options["where"] is not None:
        words.append('WHERE "sys_trashed_at" IS NULL')
    return " ".join(words)


def drop_index(schema: str, name: str, *, concurrently: bool) -> str:
    """Return the statement that removes an index."""
    word = " CONCURRENTLY" if concurrently else ""
    return f"DROP INDEX{word} IF EXISTS {qualified(schema, name)}"


def grant(schema: str, table: str, role: str, rights: str) -> str:
    """Return the statement that gives a tenant's role its rights on a table."""
    return f"GRANT {rights} ON {qualified(schema, table)} TO {quoted(role)}"
