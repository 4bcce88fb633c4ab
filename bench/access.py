"""`python -m bench.access`: what rights cost, for people at every level of a tree of departments.

Opportunities are spread over the people of the tree, some shared with somebody at random. The
same list is asked for through the API by an administrator and by people who see what their
department and those below own, and what is shared with them: median milliseconds, in turns, and
the ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import text

from bench.__main__ import RESULTS
from bench.filled import filled
from boot.wiring import House
from engine.context import Context
from engine.query.spec import ListQuery
from engine.tenants.members import enrol
from engine.tenants.people import actor_of, actor_sentence
from engine.tenants.tokens import issue
from engine.values.sending import Request, send
from ui.factory import create_app

APP = Path(__file__).parent / "access.yaml"

TARGET = 1.2
"""How many times an administrator's list a list under rights may take."""

DECISION_TARGET = 100.0
"""Microseconds that one decision may take."""

BRANCHES = 3
"""Departments right below each department."""


WARM = 6
"""How often something is asked before it is measured: drivers prepare what comes back."""

LONGEST = 6.0
"""Seconds for which something is measured."""

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
        home, fill = Path(folder) / "home", lambda ctx: _fill(ctx, sizes)
        with filled(home, "rights", APP, fill) as (served, ctx):
            client = create_app(served.services).test_client()
            people = personas(served, ctx, sizes)
            chief = employed(served, ctx, "chief@rights.example", "administrator")
            figures = [each for who in people for each in lists(client, (who, chief), asked.turns)]
            decisions = deciding(served, people[-1].ctx)
            statement = reading_somebody(served, ctx, people[-1].ctx.actor.user)
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


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody of a level of the tree, as they act, and the token that they call the API with."""

    level: int
    ctx: Context
    token: str


def personas(served: House, ctx: Context, sizes: Sizes) -> list[Persona]:
    """Return somebody of each level of the tree, from its root down.

    They take the place of a person who was filled in, with all that is theirs.
    """
    first = 0
    found = []
    for level in range(sizes.levels):
        who = employed(served, ctx, f"level{level}@rights.example", "tree", level=level)
        with served.database.owner(ctx.tenant) as connection:
            for statement in _handing_over(ctx, first, who.ctx.actor.user):
                connection.execute(text(statement))
        found.append(replace(who, ctx=_acting(served, ctx, who.ctx.actor.user)))
        first = first * BRANCHES + 1
    return found


def employed(served: House, ctx: Context, email: str, role: str, *, level: int = 0) -> Persona:
    """Make somebody with a role, who can call the API."""
    account = served.accounts.create(email, name=email, password="four words are enough")  # noqa: S106
    user = enrol(served.accounts, served.writer, ctx, account, roles=(role,))
    token = issue(served.accounts.ledger, ctx.tenant.name, account.id, ["all"])
    return Persona(level, _acting(served, ctx, user), token)


def _handing_over(ctx: Context, number: int, user: UUID) -> Iterator[str]:
    """Yield the statements that give somebody what a filled-in person has."""
    schema, former = ctx.tenant.schema, f"md5('p{number}')::uuid"
    place = f'(SELECT department FROM "{schema}"."user" WHERE id = {former})'  # noqa: S608
    yield f'UPDATE "{schema}"."user" SET department = {place} WHERE id = \'{user}\''  # noqa: S608
    yield f"UPDATE \"{schema}\".opportunity SET owner = '{user}' WHERE owner = {former}"  # noqa: S608
    yield f"UPDATE \"{schema}\".sys_share SET grantee = '{user}' WHERE grantee = {former}"  # noqa: S608


def _acting(served: House, ctx: Context, person: UUID) -> Context:
    asked = Request(actor_sentence(ctx.compiled), ({"who": person},))
    with served.database.reading(ctx) as connection:
        actor = actor_of(person, send(connection, ctx, asked))
    assert actor is not None
    return replace(ctx, actor=actor)


def lists(client: FlaskClient, who: tuple[Persona, Persona], turns: int) -> Iterator[Figure]:
    """Yield how long lists take somebody, and an administrator in between."""
    person, chief = who
    for name, query in QUERIES.items():
        [seen] = _answers(client, person, {**query, "limit": "1", "count": "exact"}, "total")
        for pages, place in ((0, "first page"), (LATER, "later page")):
            asks = (_asking(client, each, query, pages) for each in (person, chief))
            theirs, admins = _in_turns(turns, *asks)
            yield Figure(f"{name}, {place}", person.level, int(str(seen)), theirs, admins)


def _asking(
    client: FlaskClient, who: Persona, query: Mapping[str, str], pages: int
) -> Callable[[], object]:
    """Return the asking for the page that so many pages lie before, or for the last there is."""
    for _ in range(pages):
        [following] = _answers(client, who, query, "next")
        if following is None:
            break
        query = {**query, "cursor": str(following)}
    return lambda: _answers(client, who, query, "next")


def _answers(
    client: FlaskClient, who: Persona, query: Mapping[str, str], *wanted: str
) -> list[object]:
    """Ask for a list through the API; return what is wanted of the answer."""
    answer = client.get(
        "/api/v1/rights/records/opportunity",
        query_string=query,
        headers={"Authorization": f"Bearer {who.token}"},
    )
    if answer.status_code != 200:
        raise SystemExit(answer.text)
    return [answer.get_json()[each] for each in wanted]


DEAR = 'stage == "proposal" and amount > 50000'

QUERIES: Mapping[str, Mapping[str, str]] = {
    "latest": {"sort": "-created_at"},
    "latest, filtered": {"sort": "-created_at", "filter": DEAR},
    "dearest": {"sort": "-amount"},
    "soonest of the dear": {"sort": "close_date,name", "filter": "amount > 99000"},
}


def _in_turns(turns: int, *asks: Callable[[], object]) -> tuple[float, ...]:
    """Return the median milliseconds of each of several askings, all met by the same weather.

    What takes long is asked less often, but ten times at least.
    """
    taken: list[list[float]] = [[] for _ in asks]
    for ask in asks * WARM:
        ask()
    end = time.perf_counter() + LONGEST
    while len(taken[0]) < turns and (len(taken[0]) < 10 or time.perf_counter() < end):
        for place, ask in enumerate(asks):
            began = time.perf_counter()
            ask()
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
