"""`python -m bench.access`: what rights cost, for people at every level of a tree of departments.

Opportunities are spread over the people of the tree, some shared with somebody at random. The
same list is read by an administrator and by people who see what their department and those below
own, and what is shared with them: median milliseconds, in turns, and the ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from uuid import UUID

from sqlalchemy import create_engine, text

from bench.__main__ import RESULTS
from boot.connection import addressed
from boot.settings import read_settings
from boot.wiring import House, house
from engine.context import Actor, Cause, Context
from engine.query.parse import parse_filter, parse_sort
from engine.query.spec import ListQuery
from engine.schema.revisions import Document
from engine.tenants.install import initialise
from engine.tenants.people import actor_of, actor_sentence
from engine.tenants.provision import NewTenant
from engine.values.sending import Request, send

APP = Path(__file__).parent / "access.yaml"

TARGET = 1.2
"""How many times an administrator's list a list under rights may take."""

DECISION_TARGET = 100.0
"""Microseconds that one decision may take."""

BRANCHES = 3
"""Departments right below each department."""


LATER = 10
"""How many pages lie before a later one."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many opportunities, people and shares, and how many levels the tree has."""

    rows: int = 100_000
    people: int = 2_000
    shares: int = 20_000
    levels: int = 6


@dataclass(frozen=True, slots=True)
class Figure:
    """Median milliseconds of a list: for somebody who sees `seen` rows, for an administrator."""

    name: str
    level: int
    seen: int
    milliseconds: float
    administrator: float

    @property
    def ratio(self) -> float:
        return self.milliseconds / self.administrator


def main() -> None:
    """Fill a tenant, measure, print the figures and keep them as JSON."""
    parser = argparse.ArgumentParser(prog="bench.access", description=__doc__)
    parser.add_argument("--rows", type=int, default=Sizes().rows, help="opportunities")
    parser.add_argument("--people", type=int, default=Sizes().people)
    parser.add_argument("--shares", type=int, default=Sizes().shares)
    parser.add_argument("--turns", type=int, default=200, help="lists read by each")
    parser.add_argument("--keep", metavar="NAME", help="write bench/results/NAME.json")
    asked = parser.parse_args()
    sizes = Sizes(asked.rows, asked.people, asked.shares)
    with tempfile.TemporaryDirectory(prefix="joinery-bench-") as folder:
        os.chmod(folder, 0o711)  # noqa: S103 - the database's own account passes through
        with filled(Path(folder) / "home", sizes) as (served, ctx):
            people = personas(served, ctx, sizes)
            figures = [each for who in people for each in lists(served, ctx, who, asked.turns)]
            decisions = deciding(served, people[-1][1])
            statement = reading_somebody(served, ctx, people[-1][1].actor.user)
    for each in figures:
        print(
            f"{each.name:<32} level {each.level}, {each.seen:>8} rows: {each.milliseconds:7.2f} ms,"
            f" administrator {each.administrator:7.2f} ms, ratio {each.ratio:.2f} of {TARGET}"
        )
    for name, took in decisions.items():
        print(f"decision {name:<29} {took:7.2f} µs (target {DECISION_TARGET:.0f})")
    print(f"who somebody is                       {statement:7.2f} ms")
    if asked.keep:
        RESULTS.mkdir(exist_ok=True)
        kept = {
            "sizes": asdict(sizes),
            "machine": f"{platform.machine()}, {os.cpu_count()} cores, "
            f"Python {platform.python_version()}",
            "lists": [{**asdict(each), "ratio": round(each.ratio, 2)} for each in figures],
            "decisions_us": {name: round(took, 2) for name, took in decisions.items()},
            "actor_ms": round(statement, 3),
        }
        (RESULTS / f"{asked.keep}.json").write_text(json.dumps(kept, indent=2) + "\n")


@contextmanager
def filled(home: Path, sizes: Sizes) -> Iterator[tuple[House, Context]]:
    """Yield every service over a new tenant with all its rows, and a context of its system."""
    settings = read_settings({"home": str(home)})
    with addressed(settings) as address:
        if address.admin is None:
            raise SystemExit("The benchmark needs a database role that may create roles.")
        initialise(address.admin, app_password=address.app.password or "")
    with house(settings) as served:
        documents = (Document("access.yaml", APP.read_text("utf-8")), Document("tenant", ""))
        wanted = NewTenant("rights", documents)
        served.provisioning.create(wanted, author="bench")
        ctx = served.contexts.system("rights", cause=Cause("cli"))
        with addressed(settings) as address:
            assert address.admin is not None
            engine = create_engine(address.admin).execution_options(isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                for statement in (*_fill(ctx, sizes), "VACUUM ANALYZE"):
                    connection.execute(text(statement))
            engine.dispose()
        yield served, ctx


def _fill(ctx: Context, sizes: Sizes) -> Iterator[str]:
    """Yield the statements that make departments, people, opportunities and shares."""
    schema, fields = ctx.tenant.schema, ctx.model.entities["opportunity"].fields
    own = ", ".join(
        fields[key].column
        for key in ("name", "amount", "close_date", "stage", "owner", "department")
    )
    departments = sum(BRANCHES**level for level in range(sizes.levels))
    stamps = "created_at, updated_at"
    yield f"""
        INSERT INTO "{schema}".department (id, name, parent, {stamps})
        SELECT md5('d' || i)::uuid, 'Department ' || i,
               CASE WHEN i > 0 THEN md5('d' || (i - 1) / {BRANCHES})::uuid END, now(), now()
        FROM generate_series(0, {departments - 1}) i"""  # noqa: S608 - names are our own
    yield f"""
        INSERT INTO "{schema}"."user" (id, name, email, roles, department, active, system, {stamps})
        SELECT md5('p' || i)::uuid, 'Person ' || i, 'p' || i || '@rights.example', ARRAY['tree'],
               md5('d' || i % {departments})::uuid, true, false, now(), now()
        FROM generate_series(0, {sizes.people - 1}) i"""  # noqa: S608
    yield f"""
        INSERT INTO "{schema}".opportunity
               (id, {own}, {stamps})
        SELECT md5('o' || i)::uuid, 'Opportunity ' || i, (i::bigint * 7919 % 10000000) / 100.0,
               date '2026-01-01' + i % 300,
               (ARRAY['lead','qualify','proposal','negotiation','won','lost'])[1 + i % 6],
               md5('p' || p)::uuid, md5('d' || p % {departments})::uuid,
               timestamptz '2026-01-01' + i * interval '10 seconds', now()
        FROM (SELECT i, (hashtext('a' || i) & 2147483647) % {sizes.people} AS p
              FROM generate_series(1, {sizes.rows}) i) spread"""  # noqa: S608
    yield f"""
        INSERT INTO "{schema}".sys_share (id, entity, record, kind, grantee, writes, at)
        SELECT md5('s' || i)::uuid, 'opportunity',
               md5('o' || 1 + (hashtext('r' || i) & 2147483647) % {sizes.rows})::uuid, 'person',
               md5('p' || (hashtext('g' || i) & 2147483647) % {sizes.people})::uuid,
               i % 2 = 0, now()
        FROM generate_series(1, {sizes.shares}) i
        ON CONFLICT DO NOTHING"""  # noqa: S608


def personas(served: House, ctx: Context, sizes: Sizes) -> list[tuple[int, Context]]:
    """Return somebody of each level of the tree, from its root down, as they act."""
    first = 0
    found = []
    for level in range(sizes.levels):
        with served.database.reading(ctx) as connection:
            row = connection.execute(text(f"SELECT md5('p{first}')::uuid")).scalar_one()
        found.append((level, _acting(served, ctx, row)))
        first = first * BRANCHES + 1
    return found


def _acting(served: House, ctx: Context, person: UUID) -> Context:
    asked = Request(actor_sentence(ctx.compiled), ({"who": person},))
    with served.database.reading(ctx) as connection:
        actor = actor_of(person, send(connection, ctx, asked))
    assert actor is not None
    return replace(ctx, actor=actor)


def lists(served: House, ctx: Context, who: tuple[int, Context], turns: int) -> Iterator[Figure]:
    """Yield how long lists take somebody, and an administrator in between."""
    level, person = who
    chief = replace(ctx, actor=Actor(person.actor.user, "Chief", ("administrator",)))
    for name, query in _queries(ctx).items():
        exact = replace(query, limit=1, count="exact")
        seen = served.reader.find(person, exact).total or 0
        for pages, place in ((0, "first page"), (LATER, "later page")):
            theirs, admins = _in_turns(
                turns, *(_asking(served, each, query, pages) for each in (person, chief))
            )
            yield Figure(f"{name}, {place}", level, seen, theirs, admins)


def _asking(served: House, ctx: Context, query: ListQuery, pages: int) -> Callable[[], object]:
    """Return the asking for the page that so many pages lie before, or for the last there is."""
    for _ in range(pages):
        following = served.reader.find(ctx, query).next
        if following is None:
            break
        query = replace(query, cursor=following)
    return lambda: served.reader.find(ctx, query)


def _queries(ctx: Context) -> dict[str, ListQuery]:
    latest = parse_sort(ctx, "opportunity", "-created_at")
    dearest = parse_sort(ctx, "opportunity", "-amount")
    soonest = parse_sort(ctx, "opportunity", "close_date,name")
    kept = parse_filter(ctx, "opportunity", 'stage == "proposal" and amount > 50000')
    dear = parse_filter(ctx, "opportunity", "amount > 99000")
    return {
        "latest": ListQuery("opportunity", sort=latest),
        "latest, filtered": ListQuery("opportunity", filter=kept, sort=latest),
        "dearest": ListQuery("opportunity", sort=dearest),
        "soonest of the dear": ListQuery("opportunity", filter=dear, sort=soonest),
    }


def _in_turns(turns: int, *asks: Callable[[], object]) -> tuple[float, ...]:
    """Return the median milliseconds of each of several askings, all met by the same weather."""
    taken: list[list[float]] = [[] for _ in asks]
    for turn in range(turns + 10):
        for place, ask in enumerate(asks):
            began = time.perf_counter()
            ask()
            if turn >= 10:
                taken[place].append((time.perf_counter() - began) * 1000)
    return tuple(statistics.median(each) for each in taken)


def deciding(served: House, person: Context) -> dict[str, float]:
    """Return the median microseconds of decisions: in general, and on a record in hand."""
    page = served.reader.find(person, ListQuery("opportunity", limit=1))
    [record] = served.reader.get(person, "opportunity", [page.rows[0].id])
    asks: dict[str, Callable[[], object]] = {
        "in general": lambda: served.access.decide(
            person, "update", entity="opportunity", record=None
        ),
        "of a record in hand": lambda: served.access.judge(person, "read", record),
    }
    found = {}
    for name, ask in asks.items():
        ask()
        taken = []
        for _ in range(50):
            began = time.perf_counter()
            for _ in range(20):
                ask()
            taken.append((time.perf_counter() - began) / 20 * 1_000_000)
        found[name] = statistics.median(taken)
    return found


def reading_somebody(served: House, ctx: Context, person: UUID) -> float:
    """Return the median milliseconds of reading who somebody is, departments below included."""
    [took] = _in_turns(100, lambda: _acting(served, ctx, person))
    return took


if __name__ == "__main__":
    main()
