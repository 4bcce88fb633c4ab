"""Importing many rows beside COPY and SQL written by hand, on the same server in one run.

Both sides take the same CSV file. By hand: COPY into a table made for just these rows, with its
primary key, its index and, for linked rows, joins, sums and totals in SQL; no history, no
search, no rules. The product does all of that.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from uuid import uuid4

from sqlalchemy import URL, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from bench.installation import joinery

SCHEMA = "by_hand"

TARGET = 4.0

APP = """
format: 1
app: {name: load, label: Load, version: "1"}
entities:
  account:
    label: Account
    title: name
    fields:
      name: {type: text, required: true, unique: true}
      total: {type: money, formula: "SUM(sales.net)"}
      sold: {type: integer, formula: "COUNT(sales)"}
  agent:
    label: Agent
    title: name
    fields:
      name: {type: text, required: true, unique: true}
  sale:
    label: Sale
    title: name
    fields:
      name: {type: text, required: true}
      account: {type: link, to: account, inverse: sales, required: true}
      agent: {type: link, to: agent, inverse: sales}
      price: {type: money}
      quantity: {type: decimal, scale: 2}
      discount: {type: percent}
      net: {type: money, formula: "ROUND(price * quantity * (1 - discount), 2)"}
      on: {type: date}
  person:
    label: Person
    title: name
    fields:
      name: {type: text, required: true}
      email: {type: email}
      phone: {type: phone}
      city: {type: text}
      worth: {type: money}
      since: {type: date}
      kind: {type: choice, options: {a: {label: A}, b: {label: B}}}
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds that one load took on each side."""

    name: str
    rows: int
    product: float
    by_hand: float

    @property
    def ratio(self) -> float:
        return self.product / self.by_hand


def measure_imports(
    environment: dict[str, str], admin: URL, folder: Path, *, plain: int, linked: int
) -> list[Taken]:
    """Load both files on both sides, and return how long each took."""
    tenant = f"load{uuid4().hex[:8]}"
    app = folder / "load.yaml"
    app.write_text(APP)
    joinery(environment, "tenant", "create", tenant, "--template", str(app))
    engine = create_engine(admin, poolclass=NullPool)
    _prepare(engine)
    parents = {"account": 5_000, "agent": 200}
    for entity, count in parents.items():
        file = folder / f"{entity}.csv"
        file.write_text("name\n" + "".join(f"{entity} {at}\n" for at in range(count)))
        joinery(environment, "import", tenant, entity, str(file))
        _copy(engine, f"{entity} (name)", file)
    people, sales = folder / "person.csv", folder / "sale.csv"
    _write_people(people, plain)
    _write_sales(sales, linked, parents)
    return [
        _both(environment, tenant, "plain", people, plain, lambda: _load_people(engine, people)),
        _both(environment, tenant, "linked", sales, linked, lambda: _load_sales(engine, sales)),
    ]


def _both(  # noqa: PLR0913 - one load and its two sides
    environment: dict[str, str], tenant: str, name: str, file: Path, rows: int,
    by_hand: Callable[[], None],
) -> Taken:  # fmt: skip
    began = time.perf_counter()
    by_hand()
    between = time.perf_counter()
    joinery(environment, "import", tenant, file.stem, str(file))
    return Taken(name, rows, time.perf_counter() - between, between - began)


def _write_people(file: Path, rows: int) -> None:
    with file.open("w") as out:
        out.write("name,email,phone,city,worth,since,kind\n")
        out.writelines(
            f"Person {at} Smith,p{at}@example.com,1380{at:07d},City {at % 500},{at}.50,"
            f"2026-03-{1 + at % 28:02d},{'ab'[at % 2]}\n"
            for at in range(rows)
        )


def _write_sales(file: Path, rows: int, parents: dict[str, int]) -> None:
    with file.open("w") as out:
        out.write("name,account,agent,price,quantity,discount,on\n")
        out.writelines(
            f"Sale {at},account {at * 7 % parents['account']},agent {at % parents['agent']},"
            f"{at % 9000}.25,{1 + at % 9},{at % 4 * 5}%,2026-03-{1 + at % 28:02d}\n"
            for at in range(rows)
        )


def _prepare(engine: Engine) -> None:
    _run(
        engine,
        f"""
        DROP SCHEMA IF EXISTS {SCHEMA} CASCADE;
        CREATE SCHEMA {SCHEMA};
        CREATE TABLE {SCHEMA}.account (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
            name text NOT NULL UNIQUE, total numeric(18,2), sold integer);
        CREATE TABLE {SCHEMA}.agent (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
            name text NOT NULL UNIQUE);
        CREATE TABLE {SCHEMA}.person (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
            name text NOT NULL, email text, phone text, city text, worth numeric(18,2),
            since date, kind text, created_at timestamptz DEFAULT now());
        CREATE TABLE {SCHEMA}.sale (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
            name text NOT NULL, account uuid NOT NULL REFERENCES {SCHEMA}.account,
            agent uuid REFERENCES {SCHEMA}.agent, price numeric(18,2), quantity numeric(18,2),
            discount numeric(9,6), net numeric(18,2), on_day date,
            created_at timestamptz DEFAULT now());
        CREATE INDEX ON {SCHEMA}.sale (account);
        CREATE INDEX ON {SCHEMA}.sale (agent);
        """,
    )


def _load_people(engine: Engine, file: Path) -> None:
    _copy(engine, "person (name, email, phone, city, worth, since, kind)", file)
    _run(engine, f"CREATE INDEX ON {SCHEMA}.person (name)")


def _load_sales(engine: Engine, file: Path) -> None:
    columns = "name, account, agent, price, quantity, discount, on_day"
    _run(engine, f"CREATE TABLE {SCHEMA}.staged (name text, account text, agent text,"
                 " price numeric, quantity numeric, discount text, on_day date)")  # fmt: skip
    _copy(engine, f"staged ({columns})", file)
    _run(
        engine,
        f"""
        INSERT INTO {SCHEMA}.sale (name, account, agent, price, quantity, discount, net, on_day)
        SELECT s.name, a.id, g.id, s.price, s.quantity, d.part,
            round(s.price * s.quantity * (1 - d.part), 2), s.on_day
        FROM {SCHEMA}.staged s JOIN {SCHEMA}.account a ON a.name = s.account
        JOIN {SCHEMA}.agent g ON g.name = s.agent,
        LATERAL (SELECT rtrim(s.discount, '%')::numeric / 100 AS part) d;
        UPDATE {SCHEMA}.account a SET total = t.total, sold = t.sold
        FROM (SELECT account, sum(net) AS total, count(*) AS sold FROM {SCHEMA}.sale
            GROUP BY account) t WHERE t.account = a.id;
        DROP TABLE {SCHEMA}.staged;
        """,  # noqa: S608 - the schema is a constant
    )


def _run(engine: Engine, script: str) -> None:
    with engine.begin() as connection:
        for statement in dedent(script).split(";"):
            if statement.strip():
                connection.execute(text(statement))


def _copy(engine: Engine, into: str, file: Path) -> None:
    with engine.begin() as connection, file.open("rb") as rows:
        cursor = connection.connection.cursor()
        with cursor.copy(f"COPY {SCHEMA}.{into} FROM STDIN (FORMAT csv, HEADER)") as copy:
            while piece := rows.read(1 << 20):
                copy.write(piece)


def table(found: list[Taken]) -> str:
    """Return the figures as people read them."""
    lines = [f"{'import':36}{'product':>16}{'by hand':>16}{'ratio':>8}{'target':>8}"]
    for each in found:
        name = f"{each.name}, {each.rows:,} rows"
        ours, theirs = f"{each.product:.1f}", f"{each.by_hand:.1f}"
        lines.append(f"{name:36}{ours:>16}{theirs:>16}{each.ratio:>8.2f}{TARGET:>8.2f}")
    return "\n".join([*lines, "seconds"])
