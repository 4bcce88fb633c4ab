"""`python -m bench.dashboards`: a dashboard of eight widgets beside its bare SQL, in turns.

The page is asked for as a browser asks for it, by an administrator and over all rows; the same
eight figures are asked of the same tables by statements written by hand, one after the other.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import text

from bench.__main__ import RESULTS
from bench.filled import filled
from boot.wiring import House
from engine.context import Context
from engine.tenants.members import enrol
from ui.factory import create_app
from ui.session import COOKIE

APP = Path(__file__).parent / "dashboards.yaml"

TARGET = 1.2
"""How many times its bare SQL a dashboard may take."""

SECONDS = 1.5
"""How long a dashboard over a million rows may take."""

PEOPLE = 500

WARM = 3

LIVE = "FROM {table} WHERE sys_trashed_at IS NULL"

STATEMENTS = (
    f"SELECT count(*) {LIVE}",
    f"SELECT sum({{amount}}) {LIVE} AND {{stage}} = 'won'",
    f"SELECT avg({{amount}}) {LIVE}",
    f"SELECT max({{amount}}) {LIVE}",
    f"SELECT {{stage}}, sum({{amount}}), count(*) {LIVE} GROUP BY 1",
    f"SELECT date_trunc('month', {{close_date}}), sum({{amount}}) {LIVE} AND {{stage}} = 'won' "
    "GROUP BY 1 ORDER BY 1 DESC LIMIT 25",
    f"SELECT {{source}}, sum({{amount}}) {LIVE} GROUP BY 1 ORDER BY 2 DESC LIMIT 13",
    f"SELECT {{owner}}, sum({{amount}}) {LIVE} GROUP BY 1 ORDER BY 2 DESC LIMIT 10",
)
"""What the eight widgets ask, written by hand."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A dashboard of the eight widgets over so many rows, and how often it is asked for."""

    rows: int
    turns: int
    dashboard: str = "sales"


@dataclass(frozen=True, slots=True)
class Taken:
    """Median milliseconds of the page and of the statements alone."""

    rows: int
    page: float
    bare: float

    @property
    def ratio(self) -> float:
        return self.page / self.bare


def main() -> None:
    """Fill a tenant, measure, print the figures and keep them as JSON."""
    parser = argparse.ArgumentParser(prog="bench.dashboards", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="opportunities")
    parser.add_argument("--turns", type=int, default=15)
    parser.add_argument("--keep", metavar="NAME", help="write bench/results/NAME.json")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="joinery-bench-") as folder:
        os.chmod(folder, 0o711)  # noqa: S103 - the database's own account passes through
        home = Path(folder) / "home"
        with filled(home, "boards", APP, lambda ctx: _fill(ctx, asked.rows)) as (served, ctx):
            client = _browser(served, ctx)
            taken = measured(client, served, ctx, Asked(asked.rows, asked.turns))
    print(
        f"dashboard of 8 widgets over {taken.rows} rows: {taken.page:.0f} ms, bare SQL "
        f"{taken.bare:.0f} ms, ratio {taken.ratio:.2f} of {TARGET} (target {SECONDS:.1f} s)"
    )
    if asked.keep:
        RESULTS.mkdir(exist_ok=True)
        kept = {
            "rows": taken.rows,
            "machine": f"{platform.machine()}, {os.cpu_count()} cores, "
            f"Python {platform.python_version()}",
            "page_ms": round(taken.page, 1),
            "bare_ms": round(taken.bare, 1),
            "ratio": round(taken.ratio, 2),
        }
        (RESULTS / f"{asked.keep}.json").write_text(json.dumps(kept, indent=2) + "\n")


def _fill(ctx: Context, rows: int) -> Iterator[str]:
    """Yield the statements that make people and opportunities."""
    schema, fields = ctx.tenant.schema, ctx.model.entities["opportunity"].fields
    keys = ("name", "amount", "close_date", "stage", "source", "owner")
    own = ", ".join(fields[key].column for key in keys)
    yield f"""
        INSERT INTO "{schema}"."user" (id, name, email, active, system, created_at, updated_at)
        SELECT md5('p' || i)::uuid, 'Person ' || i, 'p' || i || '@boards.example', true, false,
               now(), now()
        FROM generate_series(0, {PEOPLE - 1}) i"""  # noqa: S608 - names are our own
    yield f"""
        INSERT INTO "{schema}".opportunity (id, {own}, created_at, updated_at)
        SELECT md5('o' || i)::uuid, 'Opportunity ' || i, (i::bigint * 7919 % 10000000) / 100.0,
               date '2026-01-01' + i % 300,
               (ARRAY['lead','qualify','proposal','negotiation','won','lost'])[1 + i % 6],
               (ARRAY['phone','web','fair'])[1 + i % 3], md5('p' || i % {PEOPLE})::uuid,
               now(), now()
        FROM generate_series(1, {rows}) i"""  # noqa: S608


def measured(client: FlaskClient, served: House, ctx: Context, asked: Asked) -> Taken:
    """Ask for the page and for its bare statements in turns, as who is signed in at a client."""
    address = f"/{ctx.tenant.name}/dashboards/{asked.dashboard}"
    pages: list[float] = []
    bares: list[float] = []
    for turn in range(asked.turns + WARM):
        page, bare = _page(client, address), _bare(served, ctx)
        if turn >= WARM:
            pages.append(page)
            bares.append(bare)
    return Taken(asked.rows, statistics.median(pages), statistics.median(bares))


def client_of(served: House, secret: str) -> FlaskClient:
    """Return what asks the application within this process, with somebody's session."""
    client = create_app(served.services).test_client()
    client.set_cookie(COOKIE, secret)
    return client


def _browser(served: House, ctx: Context) -> FlaskClient:
    password = "four words are enough"  # noqa: S105
    email = "chief@boards.example"
    account = served.accounts.create(email, name="Chief", password=password)
    enrol(served.accounts, served.writer, ctx, account, roles=("administrator",))
    signed_in = served.accounts.sign_in(email, password, address="127.0.0.1")
    return client_of(served, signed_in.secret if signed_in is not None else "")


def _page(client: FlaskClient, address: str) -> float:
    began = time.perf_counter()
    answer = client.get(address)
    took = (time.perf_counter() - began) * 1000
    if answer.status_code != 200 or answer.text.count("data-tile=") != 8:
        raise SystemExit(f"the dashboard answers {answer.status_code}")
    return took


def _bare(served: House, ctx: Context) -> float:
    fields = ctx.model.entities["opportunity"].fields
    names = {
        key: fields[key].column for key in ("amount", "stage", "close_date", "source", "owner")
    }
    table = f'"{ctx.tenant.schema}".opportunity'
    statements = [each.format(table=table, **names) for each in STATEMENTS]
    with served.database.reading(ctx) as connection:
        began = time.perf_counter()
        for statement in statements:
            connection.execute(text(statement)).all()
        return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
