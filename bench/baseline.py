"""The hand-written baseline: what a careful programmer would write for just these tables.

Flask, SQLAlchemy Core and psycopg; opportunities with the columns, index and parent total
of the template's, quotes with lines, one history row per change, JSON answers.
Run under the same server as the product: `granian --interface wsgi bench.baseline:app`.
"""

from __future__ import annotations

import os
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from flask import Flask, Response, jsonify, request
from sqlalchemy import (
    Column,
    Connection,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    RowMapping,
    Table,
    Text,
    Uuid,
    create_engine,
    func,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB

SCHEMA = "baseline"

metadata = MetaData(schema=SCHEMA)


def record_columns() -> tuple[Column[Any], ...]:
    """Return the columns that every record has in the product, too."""
    return (
        Column("id", Uuid, primary_key=True),
        Column("version", Integer, nullable=False, server_default="1"),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("trashed_at", DateTime(timezone=True)),
    )


customer = Table(
    "customer", metadata, *record_columns(),
    Column("name", Text, nullable=False),
    Column("pipeline_total", Numeric(18, 2), nullable=False, server_default="0"),
)  # fmt: skip

opportunity = Table(
    "opportunity", metadata, *record_columns(),
    Column("name", Text, nullable=False),
    Column("customer", Uuid, ForeignKey(customer.c.id), nullable=False, index=True),
    Column("owner", Uuid),
    Column("stage", Text, nullable=False),
    Column("amount", Numeric(18, 2)),
    Column("probability", Numeric(9, 6)),
    Column("weighted", Numeric(18, 2)),
    Column("close_date", Date),
    Column("description", Text),
)  # fmt: skip
Index("opportunity_stage_amount", opportunity.c.stage, opportunity.c.amount, opportunity.c.id)

quote = Table(
    "quote", metadata, *record_columns(),
    Column("code", Text, nullable=False),
    Column("customer", Uuid, ForeignKey(customer.c.id), index=True),
    Column("tax_rate", Numeric(9, 6), nullable=False, server_default="0.13"),
    Column("subtotal", Numeric(18, 2), nullable=False, server_default="0"),
    Column("total", Numeric(18, 2), nullable=False, server_default="0"),
)  # fmt: skip

line = Table(
    "quote_line", metadata, *record_columns(),
    Column("quote", Uuid, ForeignKey(quote.c.id), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("quantity", Numeric(18, 2), nullable=False),
    Column("unit_price", Numeric(18, 2), nullable=False),
    Column("discount", Numeric(9, 6), nullable=False),
    Column("amount", Numeric(18, 2), nullable=False),
)  # fmt: skip

history = Table(
    "history", metadata,
    Column("id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("record", Uuid, nullable=False, index=True),
    Column("before", JSONB),
    Column("after", JSONB),
)  # fmt: skip

engine = create_engine(os.environ.get("JOINERY_BENCH_URL", "postgresql+psycopg://localhost/bench"))
app = Flask(__name__)


def plain(row: RowMapping) -> dict[str, Any]:
    """Return a row as JSON says it."""
    return {str(name): _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal | UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date | datetime) else value


@app.get("/opportunities")
def opportunities() -> Response:
    """A page of 50 of one stage, the largest first, with the customer's name."""
    columns = (*opportunity.c, customer.c.name.label("customer_name"))
    statement = (
        select(*columns)
        .join(customer, customer.c.id == opportunity.c.customer)
        .where(opportunity.c.stage == request.args["stage"], opportunity.c.trashed_at.is_(None))
        .order_by(opportunity.c.amount.desc(), opportunity.c.id.desc())
        .limit(50)
    )
    if "amount" in request.args:
        after = (Decimal(request.args["amount"]), UUID(request.args["id"]))
        statement = statement.where(tuple_(opportunity.c.amount, opportunity.c.id) < after)
    with engine.connect() as connection:
        return jsonify([plain(row._mapping) for row in connection.execute(statement)])


@app.post("/opportunities")
def create() -> tuple[Response, int]:
    """Create an opportunity, with its customer's total and a history row."""
    body = request.get_json()
    amount, probability = Decimal(body["amount"]), Decimal(body["probability"])
    values = {
        "id": uuid4(), "name": body["name"], "customer": UUID(body["customer"]),
        "stage": body["stage"], "amount": amount, "probability": probability,
        "weighted": round(amount * probability, 2), "close_date": body["close_date"],
        "description": body.get("description"),
    }  # fmt: skip
    with engine.begin() as connection:
        lock = select(customer.c.id).where(customer.c.id == values["customer"])
        connection.execute(lock.with_for_update(key_share=True))
        made = connection.execute(opportunity.insert().returning(*opportunity.c), values).one()
        _total_customer(connection, made.customer)
        _remember(connection, made.id, {}, plain(made._mapping))
    return jsonify(plain(made._mapping)), 201


@app.patch("/opportunities/<uuid:identity>")
def update(identity: UUID) -> Response:
    """Change an opportunity's amount, with what follows from it, its customer's total, history."""
    amount = Decimal(request.get_json()["amount"])
    with engine.begin() as connection:
        before = connection.execute(
            select(opportunity)
            .where(opportunity.c.id == identity)
            .with_for_update(key_share=True, of=opportunity)
        ).one()
        lock = select(customer.c.id).where(customer.c.id == before.customer)
        connection.execute(lock.with_for_update(key_share=True))
        made = connection.execute(
            opportunity.update()
            .where(opportunity.c.id == identity)
            .values(
                amount=amount,
                weighted=round(amount * before.probability, 2),
                updated_at=func.now(),
                version=opportunity.c.version + 1,
            )
            .returning(*opportunity.c)
        ).one()
        _total_customer(connection, made.customer)
        _remember(connection, identity, {"amount": str(before.amount)}, {"amount": str(amount)})
    return jsonify(plain(made._mapping))


@app.get("/opportunities/by-stage")
def by_stage() -> Response:
    """How many opportunities each stage has, and what they are worth."""
    statement = (
        select(
            opportunity.c.stage,
            func.sum(opportunity.c.amount).label("total"),
            func.count().label("count"),
        )
        .where(opportunity.c.trashed_at.is_(None))
        .group_by(opportunity.c.stage)
    )
    with engine.connect() as connection:
        return jsonify([plain(row._mapping) for row in connection.execute(statement)])


@app.patch("/quotes/<uuid:parent>/lines/<uuid:identity>")
def change_line(parent: UUID, identity: UUID) -> Response:
    """Change one line's quantity, with the quote's totals and a history row."""
    quantity = Decimal(request.get_json()["quantity"])
    with engine.begin() as connection:
        lock = select(quote.c.id).where(quote.c.id == parent)
        connection.execute(lock.with_for_update(key_share=True))
        before = connection.execute(select(line).where(line.c.id == identity)).one()
        amount = round(quantity * before.unit_price * (1 - before.discount), 2)
        connection.execute(
            line.update()
            .where(line.c.id == identity)
            .values(quantity=quantity, amount=amount, updated_at=func.now())
        )
        answer = _total_quote(connection, parent)
        _remember(
            connection, identity, plain(before._mapping),
            {"quantity": str(quantity), "amount": str(amount)},
        )  # fmt: skip
    return jsonify(answer)


def _total_customer(connection: Connection, identity: UUID) -> None:
    total = (
        select(func.coalesce(func.sum(opportunity.c.amount), 0))
        .where(opportunity.c.customer == identity, opportunity.c.trashed_at.is_(None))
        .scalar_subquery()
    )
    connection.execute(
        customer.update().where(customer.c.id == identity).values(pipeline_total=total)
    )


def _total_quote(connection: Connection, identity: UUID) -> dict[str, Any]:
    lines = select(line).where(line.c.quote == identity, line.c.trashed_at.is_(None))
    rows = connection.execute(lines.order_by(line.c.position)).all()
    subtotal = sum((row.amount for row in rows), Decimal(0))
    changed = (
        quote.update()
        .where(quote.c.id == identity)
        .values(
            subtotal=subtotal,
            total=func.round(subtotal * (1 + quote.c.tax_rate), 2),
            version=quote.c.version + 1,
        )
        .returning(*quote.c)
    )
    made = plain(connection.execute(changed).one()._mapping)
    return made | {"lines": [plain(row._mapping) for row in rows]}


def _remember(connection: Connection, record: UUID, before: object, after: object) -> None:
    connection.execute(
        history.insert(), {"id": uuid4(), "record": record, "before": before, "after": after}
    )
