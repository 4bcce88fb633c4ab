"""The same rows on both sides, made by the database itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Connection, text

from bench.baseline import SCHEMA
from metamodel import load, read_app
from metamodel.model import Model

TEMPLATE = Path(__file__).parent.parent / "apps" / "crm_template.yaml"

ALIKE = Path(__file__).parent / "app.yaml"
"""The app that says what the baseline does, and nothing else."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many rows: opportunities spread over customers, quotes of `lines` lines each."""

    opportunities: int = 100_000
    customers: int = 2_000
    quotes: int = 200
    lines: int = 200


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows `number` from 1 of an entity: SQL over `i` for each field of the template."""

    entity: str
    number: int
    fields: Mapping[str, str]


def identity(entity: str, number: str) -> str:
    """Return the SQL of a row's id, which both sides share."""
    return f"md5('{entity}' || {number})::uuid"


def everything(sizes: Sizes) -> tuple[Rows, ...]:
    """Return the rows of both sides, parents first."""
    customer = identity("customer", f"(1 + i % {sizes.customers})")
    stage = "(ARRAY['lead','qualify','proposal','negotiation','won','lost'])[1 + i % 6]"
    product = identity("product", "1")
    quote = identity("quote", f"(1 + (i - 1) / {sizes.lines})")
    return (
        Rows("customer", sizes.customers, {"name": "'Customer ' || i"}),
        Rows("product_category", 1, {"name": "'Pumps'"}),
        Rows(
            "product",
            1,
            {
                "name": "'Pump'",
                "code": "'P-1'",
                "list_price": "100",
                "category": identity("product_category", "1"),
            },
        ),
        Rows(
            "opportunity",
            sizes.opportunities,
            {
                "name": "'Opportunity ' || i",
                "customer": customer,
                "stage": stage,
                "amount": "(i::bigint * 7919 % 10000000) / 100.0",
                "opened_on": "date '2026-01-01' + i % 300",
                "close_date": "date '2026-03-01' + i % 300",
                "description": "repeat('Needs and background. ', 4)",
            },
        ),
        Rows("quote", sizes.quotes, {"customer": customer, "tax_rate": "0.13", "code": "'Q' || i"}),
        Rows(
            "quote_line",
            sizes.quotes * sizes.lines,
            {
                "quote": quote,
                "product": product,
                "quantity": "1 + i % 9",
                "unit_price": "(i * 37 % 90000) / 100.0",
                "discount": "(i % 4) / 20.0",
            },
        ),
    )


def fill_tenant(connection: Connection, tenant: str, app: Path, sizes: Sizes) -> None:
    """Insert every row that the app has tables for; computed values are left to a recompute."""
    model = load([read_app(app)])
    schema: str = connection.execute(
        text("SELECT schema FROM joinery.tenant WHERE name = :name"), {"name": tenant}
    ).scalar_one()
    fill_schema(connection, schema, model, everything(sizes))


def fill_schema(
    connection: Connection, schema: str, model: Model, everything: Iterable[Rows]
) -> None:
    """Insert rows into the tables of a tenant, those that its model has an entity for."""
    for rows in everything:
        if rows.entity in model.entities:
            _insert(connection, schema, rows, _columns(model, rows))


def fill_baseline(connection: Connection, sizes: Sizes) -> None:
    """Insert the rows that the baseline knows, its totals worked out by hand."""
    for rows in everything(sizes):
        kept = {name: sql for name, sql in rows.fields.items() if name in _KNOWN[rows.entity]}
        if kept:
            extra = _EXTRA.get(rows.entity, {})
            _insert(connection, SCHEMA, rows, {**kept, **extra})
    connection.execute(text(_TOTALS))


def _columns(model: Model, rows: Rows) -> dict[str, str]:
    entity = model.entities[rows.entity]
    columns = {
        each.column: _literal(each.default)
        for each in entity.fields.values()
        if each.column and each.formula is None and isinstance(each.default, str | bool | Decimal)
    }
    known = {key: sql for key, sql in rows.fields.items() if key in entity.fields}
    columns |= {entity.fields[key].column: sql for key, sql in known.items()}
    for key, sql in known.items():
        if entity.fields[key].sort_column:
            columns[entity.fields[key].sort_column] = f"lower({sql})"
    stamped = {entity.fields[key].column: "now()" for key in ("created_at", "updated_at")}
    ordered = {"sys_position": "i"} if entity.child_of else {}
    return {**stamped, **columns, **ordered}


def _literal(value: str | bool | Decimal) -> str:
    """Return a field's default as SQL."""
    return f"'{value}'" if isinstance(value, str) else str(value)


def _insert(connection: Connection, schema: str, rows: Rows, columns: Mapping[str, str]) -> None:
    named = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join(columns.values())
    connection.execute(
        text(
            f'INSERT INTO "{schema}"."{rows.entity}" (id, {named}) '  # noqa: S608
            f"SELECT {identity(rows.entity, 'i')}, {values} FROM generate_series(1, :number) i"
        ),
        {"number": rows.number},
    )


_KNOWN: Mapping[str, frozenset[str]] = {
    "customer": frozenset({"name"}),
    "product_category": frozenset(),
    "product": frozenset(),
    "opportunity": frozenset({"name", "customer", "stage", "amount", "close_date", "description"}),
    "quote": frozenset({"customer", "tax_rate", "code"}),
    "quote_line": frozenset({"quote", "quantity", "unit_price", "discount"}),
}

_EXTRA: Mapping[str, Mapping[str, str]] = {
    "opportunity": {"probability": "0.5", "weighted": "0"},
    "quote_line": {"position": "i", "amount": "0"},
}

_TOTALS = f"""
    UPDATE {SCHEMA}.quote_line SET amount = round(quantity * unit_price * (1 - discount), 2);
"""  # noqa: S608 - the schema is a constant
