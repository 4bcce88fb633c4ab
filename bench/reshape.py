"""`python -m bench.reshape`: what publishes cost, and what they cost those who work meanwhile.

Eight people read and save deals in processes of their own while the tenant is reshaped. What
PostgreSQL needs for the same by hand (chunked updates) is measured beside it, under the same
load. The database is that of `JOINERY_DATABASE_URL`, or the embedded one.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import text

from bench.__main__ import RESULTS
from bench.bundles import app_of
from bench.clients import TENANT, Office, Request, people_at_work
from bench.filled import filled
from boot.wiring import House
from engine.context import Context, Tenant
from engine.schema.revisions import Author, Document
from metamodel import read_text
from metamodel.threeway import three_way

APP = Path(__file__).with_name("reshape.yaml")

PLAIN = "entities: {deal: {fields: {extra: {type: text}}}}"
FORMULA = 'fee: {type: money, formula: "ROUND(amount * (1 - discount) * 0.03, 2)"}'
CHANGED = 'net: {formula: "ROUND(amount * (1 - discount) * 0.99, 2)"}'
NUMBER = "weight: {type: decimal}"
MERGED = "stage: {options: {lost: {$retire: true, into: won}}}"

PLANS = {
    "a plain field": PLAIN,
    "a stored formula": f"entities: {{deal: {{fields: {{{FORMULA}}}}}}}",
    "another formula": f"entities: {{deal: {{fields: {{{CHANGED}}}}}}}",
    "text to number": f"entities: {{deal: {{fields: {{{NUMBER}}}}}}}",
    "required": "entities: {deal: {fields: {day: {required: true}}}}",
    "unique": "entities: {deal: {fields: {name: {unique: true}}}}",
    "a rule": 'entities: {deal: {rules: {low: {refuse_when: "net < 5", message: Low}}}}',
    "searched": "entities: {deal: {fields: {weight: {search: true}}}}",
    "a total": 'entities: {customer: {fields: {sum: {type: money, formula: "SUM(deals.net)"}}}}',
    "an option merged": f"entities: {{deal: {{fields: {{{MERGED}}}}}}}",
    "retired": "entities: {deal: {$retire: true}}",
}
"""Changes that are planned, each by itself."""

BATCH = 5_000
"""Rows that one transaction writes by hand."""

CALM = 12.0
"""Seconds of work without a publish that others are compared with."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What was found, and what is aimed at; without a target it is for comparing."""

    name: str
    found: float
    unit: str
    target: float | None = None


def main() -> None:
    """Fill a tenant, measure, print the figures and keep them as JSON."""
    parser = argparse.ArgumentParser(prog="bench.reshape", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="deals")
    parser.add_argument("--people", type=int, default=8)
    parser.add_argument("--keep", metavar="NAME", help="write bench/results/NAME.json")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="joinery-bench-") as folder:
        os.chmod(folder, 0o711)  # noqa: S103 - the database's own account passes through
        home = Path(folder) / "home"
        with filled(home, TENANT, APP, lambda ctx: _fill(ctx, asked.rows)) as (served, ctx):
            figures = list(planning(served, ctx.tenant))
            with people_at_work(home, asked.people, asked.rows) as office:
                figures += list(reshaping(served, ctx, office))
    figures += list(merging())
    for each in figures:
        aim = f"  (at most {each.target:g})" if each.target is not None else ""
        print(f"{each.name:<58}{each.found:>10.2f} {each.unit}{aim}")
    if asked.keep:
        RESULTS.mkdir(exist_ok=True)
        kept = {
            "rows": asked.rows,
            "people": asked.people,
            "load": os.getloadavg()[0],
            "machine": f"{platform.machine()}, {os.cpu_count()} cores, "
            f"Python {platform.python_version()}",
            "figures": [asdict(each) for each in figures],
        }
        (RESULTS / f"{asked.keep}.json").write_text(json.dumps(kept, indent=2) + "\n")


def planning(served: House, tenant: Tenant) -> Iterator[Figure]:
    """Yield how long it takes to plan each kind of change."""
    for name, layer in PLANS.items():
        documents = _over(served, tenant, layer)
        served.store.compiled(documents)
        began = time.perf_counter()
        served.publisher.propose(tenant, documents)
        yield Figure(f"plan: {name}", time.perf_counter() - began, "s", 2.0)


def reshaping(served: House, ctx: Context, office: Office) -> Iterator[Figure]:
    """Yield what publishes and their counterparts by hand take, and what others feel of them."""
    calm = _calm(office)
    yield Figure("a request, 95 of 100, without a publish", _p95(calm), "ms")
    layer = PLAIN
    took, meanwhile = _during(office, lambda: _publish(served, ctx.tenant, layer))
    yield Figure("a plain field: published in", took * 1000, "ms", 200)
    yield Figure("a plain field: the slowest request meanwhile", _slowest(meanwhile), "ms", 500)
    layer = layer.replace("extra:", "other: {type: text}, extra:")
    yield _alive(served, ctx.tenant, layer, office)
    for name, field, by_hand, most, slower in (
        ("a stored formula", FORMULA, _fill_by_hand, 2.0, 2.0),
        ("text to number", NUMBER, _convert_by_hand, 3.0, None),
        ("another formula", CHANGED, _fill_by_hand, None, None),
        ("a third of options merged", MERGED, _merge_by_hand, None, None),
    ):
        layer = layer.replace("extra:", f"{field}, extra:")
        calm = _calm(office)
        bare, beside = _during(office, lambda by_hand=by_hand: by_hand(served, ctx))  # type: ignore[misc]  # bound now
        took, meanwhile = _during(office, lambda layer=layer: _publish(served, ctx.tenant, layer))  # type: ignore[misc]  # bound now
        yield Figure(f"{name}: published in", took, "s")
        yield Figure(f"{name}: times the same by hand", took / bare, "×", most)
        yield Figure(
            f"{name}: 95 of 100 requests, times calm", _p95(meanwhile) / _p95(calm), "×", slower
        )
        yield Figure(f"{name}: the same by hand, times calm", _p95(beside) / _p95(calm), "×")
        yield Figure(f"{name}: the slowest request meanwhile", _slowest(meanwhile), "ms", 500)


def merging() -> Iterator[Figure]:
    """Yield how long a new version of an app of 100 entities takes to merge with 500 changes."""
    base = read_text(app_of(100), "app.yaml").document
    theirs = read_text(
        app_of(100).replace("13%", "14%").replace("zh: 备注", "zh: 说明"), "app"
    ).document
    changes = "\n".join(
        f"  e{n}: {{fields: {{note: {{help: {{en: N{n}}}}}, mine: {{type: text}}, "
        f"kind: {{label: {{en: K{n}}}}}, amount: {{min: {n}}}, day: {{required: true}}}}}}"
        for n in range(100)
    )
    ours = read_text(f"entities:\n{changes}\n", "tenant").document
    began = time.perf_counter()
    three_way(base, theirs, ours)
    yield Figure("an upgrade of 100 entities merged", time.perf_counter() - began, "s", 1.0)


def _calm(office: Office) -> list[Request]:
    office.collect()
    time.sleep(CALM)
    return office.collect()


def _during(office: Office, act: Callable[[], object]) -> tuple[float, list[Request]]:
    """Return the seconds that something took, and what was asked for meanwhile."""
    office.collect()
    began, at = time.perf_counter(), time.time()
    act()
    took = time.perf_counter() - began
    until = time.time()
    time.sleep(0.5)
    found = office.collect()
    return took, [each for each in found if at - each.took / 1000 <= each.at <= until]


def _publish(served: House, tenant: Tenant, layer: str) -> None:
    proposal = served.publisher.propose(tenant, _over(served, tenant, layer))
    served.publisher.publish(tenant, proposal, author=Author("bench"), allow_loss=True)


def _over(served: House, tenant: Tenant, layer: str) -> tuple[Document, ...]:
    *below, _ = served.publisher.documents(tenant)
    return (*below, Document("tenant", layer))


def _alive(served: House, tenant: Tenant, layer: str, office: Office) -> Figure:
    """Return how long after it was written a revision has answered in every process."""
    office.collect()
    _publish(served, tenant, layer)
    newest = served.publisher.revisions(tenant)[0]
    time.sleep(0.5)
    firsts = [
        min((e.at + e.took / 1000 for e in found if e.revision >= newest.number), default=math.inf)
        for found in office.of_each()
    ]
    return Figure(
        "a publish is live after", (max(firsts) - newest.at.timestamp()) * 1000, "ms", 100
    )


def _fill_by_hand(served: House, ctx: Context) -> None:
    fields = ctx.model.entities["deal"].fields
    amount, discount = fields["amount"].column, fields["discount"].column
    _by_hand(served, ctx, "numeric(18,2)", f"round({amount} * (1 - {discount}) * 0.03, 2)")


def _convert_by_hand(served: House, ctx: Context) -> None:
    weight = ctx.model.entities["deal"].fields["weight"].column
    valid = f"{weight} ~ '^[0-9]+([.][0-9]+)?$'"
    _by_hand(
        served, ctx, "numeric(18,2)", f"CASE WHEN {valid} THEN round({weight}::numeric, 2) END"
    )


def _merge_by_hand(served: House, ctx: Context) -> None:
    """Write what a merge leaves into a column, of which history is told nothing."""
    stage = ctx.model.entities["deal"].fields["stage"].column
    _by_hand(served, ctx, "text", f"CASE {stage} WHEN 'lost' THEN 'won' ELSE {stage} END")


def _by_hand(served: House, ctx: Context, kind: str, value: str) -> None:
    """Add a column, fill it in chunks, and drop it."""
    table = f'"{ctx.tenant.schema}".deal'
    bounds = []
    with served.database.owner(ctx.tenant) as connection:
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN bare {kind}")
        bounds = list(
            connection.execute(
                text(
                    f"SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) n FROM {table}) r "  # noqa: S608
                    f"WHERE n % {BATCH} = 0 ORDER BY id"
                )
            ).scalars()
        )
    lows, highs = [None, *bounds], [*bounds, None]
    for low, high in zip(lows, highs, strict=True):
        after = f"AND id > '{low}' " if low else ""
        until = f"AND id <= '{high}' " if high else ""
        with served.database.owner(ctx.tenant) as connection:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.exec_driver_sql(
                f"UPDATE {table} SET bare = {value} WHERE true {after}{until}"  # noqa: S608
            )
    with served.database.owner(ctx.tenant) as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP COLUMN bare")


def _p95(requests: Sequence[Request]) -> float:
    taken = [each.took for each in requests]
    return statistics.quantiles(taken, n=20)[18] if len(taken) > 1 else float("nan")


def _slowest(requests: Sequence[Request]) -> float:
    return max((each.took for each in requests), default=float("nan"))


def _fill(ctx: Context, rows: int) -> Iterator[str]:
    schema, stamps = ctx.tenant.schema, "created_at, updated_at"
    deal, customer = (ctx.model.entities[key].fields for key in ("deal", "customer"))
    yield f"""
        INSERT INTO "{schema}".customer (id, {customer["name"].column}, {stamps})
        SELECT md5('c' || i)::uuid, 'Customer ' || i, now(), now()
        FROM generate_series(1, {max(1, rows // 100)}) i"""  # noqa: S608 - names are our own
    keys = ("name", "customer", "amount", "discount", "stage", "day", "weight", "net")
    yield f"""
        INSERT INTO "{schema}".deal (id, {", ".join(deal[key].column for key in keys)}, {stamps})
        SELECT md5('d' || i)::uuid, 'Deal ' || i, md5('c' || 1 + i % {max(1, rows // 100)})::uuid,
               a, d, (ARRAY['open','won','lost'])[1 + i % 3], date '2026-01-01' + i % 300,
               CASE WHEN i % 50 = 0 THEN 'heavy' ELSE (i % 1000)::text END, round(a * (1 - d), 2),
               now(), now()
        FROM (SELECT i, (i::bigint * 7919 % 1000000) / 100.0 AS a, (i % 30) / 100.0 AS d
              FROM generate_series(1, {rows}) i) n"""  # noqa: S608


if __name__ == "__main__":
    main()
