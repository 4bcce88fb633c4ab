"""Automations over many records, claims from a pool, approvals that wait: what each costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import IO
from uuid import UUID

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from bench.acting_sides import Figure, Side, late, middle, seconds
from engine.context import Actor, Context
from engine.doors import Bulk, Edit
from engine.query.spec import ListQuery
from engine.records.formed import Stand
from engine.records.writer import Records
from engine.schema.names import quoted
from metamodel.model import Entity
from workflow.clock import Clock
from workflow.runs import begin, keep

PART = 10_000

ROUNDS = 3

PEOPLE = 100

POOL = 1_000


def closing(side: Side, count: int) -> Iterator[Figure]:
    """Yield what setting a field of many records takes, beside the bare statements."""
    ctx, built = side.ctx, side.built
    several = range(max(1, count // 100))
    accounts = _made(side, "account", [{"name": f"Account {at}"} for at in several])
    _made(side, "deal", [
        {"name": f"Deal {at}", "amount": at % 977, "account": str(accounts[at % len(accounts)])}
        for at in range(count)
    ])  # fmt: skip
    _analyzed(side)
    clock = Clock(built.database, built.runner, list, lambda _: ctx)
    clock.look(ctx)
    hands, steps = list[float](), list[float]()
    (close,) = (each.key for each in ctx.model.automations.values() if each.name == "close")
    for _ in range(ROUNDS):
        for value in (True, False):
            hands.append(_set(side, value=value))
        built.database.unit(ctx, lambda it: keep(it, ctx, [begin(ctx, close, Stand())]))
        _analyzed(side)
        steps.append(seconds(lambda: side.work(ctx)))
        _require_done(side, count)
        hands.append(_set(side, value=False))
    by_hand, product = middle(hands), middle(steps)
    yield Figure(f"close: {count} records by hand", by_hand, "s", "")
    yield Figure("close: one step over all of them, to that", product / by_hand, "times",
                 "at most 3")  # fmt: skip
    _set(side, value=True)
    after = side.later(timedelta(days=8))
    begun = seconds(lambda: clock.look(after))
    yield Figure("close: beginning a run for each of them", begun, "s", "")
    done = seconds(lambda: side.work(after))
    _require_done(side, 0)
    yield Figure("close: a run for each of them, to that by hand", (begun + done) / by_hand,
                 "times", "")  # fmt: skip


def _set(side: Side, *, value: bool) -> float:
    """Set the field by hand; return the seconds of that."""
    _analyzed(side)
    return seconds(
        lambda: side.built.database.unit(side.ctx, partial(_by_hand, side.ctx, value=value))
    )


def _require_done(side: Side, count: int) -> None:
    """Stop where another number of deals than was to be is done."""
    ctx = side.ctx
    deal = ctx.model.entities["deal"]
    with side.built.database.reading(ctx) as connection:
        query = f"SELECT count(*) FROM {quoted(ctx.tenant.schema)}.{deal.table} WHERE "  # noqa: S608
        found = connection.execute(text(query + _column(deal, "done"))).scalar_one()
    if found != count:
        raise SystemExit(f"{found} deals are done, not {count}")


def _by_hand(ctx: Context, connection: Connection, *, value: bool) -> None:
    """Set a field of all records, write history, and add the totals up, by bare statements."""
    deal, account = ctx.model.entities["deal"], ctx.model.entities["account"]
    sets, changes = ctx.model.entities["sys_change_set"], ctx.model.entities["sys_change"]
    done, of, amount = (_column(deal, key) for key in ("done", "account", "amount"))
    opened = _column(account, "open")
    home, flag, former = quoted(ctx.tenant.schema), str(value).lower(), str(not value).lower()
    connection.execute(text(
        f"INSERT INTO {home}.{sets.table} (id, {_columns(sets, 'at actor door revision')}) "  # noqa: S608
        "SELECT gen_random_uuid(), now(), :actor, 'cli', :revision"
    ), {"actor": ctx.actor.user, "revision": ctx.revision})  # fmt: skip
    kept = _columns(changes, "change_set seq entity record operation computed before after")
    written = (
        f"INSERT INTO {home}.{changes.table} (id, {kept}) "  # noqa: S608
        f"SELECT gen_random_uuid(), (SELECT id FROM {home}.{sets.table} ORDER BY "
        f"{_column(sets, 'at')} DESC LIMIT 1), row_number() OVER (), "
    )
    connection.execute(text(
        f"WITH moved AS (UPDATE {home}.{deal.table} SET {done} = {flag}, "  # noqa: S608
        f"{_column(deal, 'updated_at')} = now() WHERE {done} = {former} RETURNING id) {written} "
        "'deal', id, 'update', false, jsonb_build_object('done', not "
        f"{flag}), jsonb_build_object('done', {flag}) FROM moved"
    ))  # fmt: skip
    connection.execute(text(
        f"WITH held AS (SELECT a.id, a.{opened} AS formerly, coalesce(sum(d.{amount}) "  # noqa: S608
        f"FILTER (WHERE NOT d.{done}), 0) AS now FROM {home}.{account.table} a LEFT JOIN "
        f"{home}.{deal.table} d ON d.{of} = a.id GROUP BY a.id), moved AS (UPDATE "
        f"{home}.{account.table} a SET {opened} = h.now FROM held h WHERE h.id = a.id "
        f"RETURNING a.id, h.formerly, h.now) {written} 'account', id, 'update', true, "
        "jsonb_build_object('open', formerly::text), jsonb_build_object('open', now::text) "
        "FROM moved"
    ))  # fmt: skip


def _column(entity: Entity, key: str) -> str:
    return entity.fields[key].column


def _columns(entity: Entity, keys: str) -> str:
    return ", ".join(_column(entity, key) for key in keys.split())


def importing(side: Side, count: int) -> Iterator[Figure]:
    """Yield what the template's automations add to an import of leads."""
    built, ctx = side.built, side.ctx
    person = built.writer.create(ctx, "user", [
        {"name": "Ann", "email": "ann@example.com", "roles": ["sales"]},
    ]).ids[0]  # fmt: skip
    channel = built.writer.create(ctx, "channel", [{"name": "Fair"}]).ids[0]
    bare = Records(built.database, built.access)
    took: list[float] = []
    for writer in (bare, built.writer, bare, built.writer):
        rows = [_lead(f"{len(took)} {at}", channel, None if at % 2 else person)
                for at in range(count)]  # fmt: skip
        bulk = Bulk(create=rows, atomic=False)
        began = time.perf_counter()
        done = writer.bulk(ctx, "lead", bulk)
        took.append(time.perf_counter() - began)
        if done.counts.get("done") != count:
            raise SystemExit(f"leads were refused: {done.counts} {done.items[0].errors}")
    without, along = min(took[0], took[2]), min(took[1], took[3])
    yield Figure(f"import: {count} leads without automations", without, "s", "")
    yield Figure("import: with those of the template, to that", along / without, "times", "")
    begun: list[int] = []
    rest = seconds(lambda: begun.append(side.work(ctx)))
    yield Figure(f"import: the {begun[0]} runs of two imports, afterwards", rest, "s", "")


def _lead(name: str, channel: UUID, owner: UUID | None) -> dict[str, object]:
    """Return a new lead; one that nobody has is given to somebody by an automation."""
    return {
        "contact_name": f"Ann {name}", "company": f"Acme {name}", "email": "ann@example.com",
        "channel": str(channel), "owner": None if owner is None else str(owner),
        "assign_mode": "auto" if owner is None else "manual",
    }  # fmt: skip


def claiming(side: Side) -> Iterator[Figure]:
    """Yield how long one of a hundred people waits who claim at the same instant.

    As many processes answer as the server has, each as many at once as it does; the others wait.
    """
    people = _made(side, "user", [
        {"name": f"P{at}", "email": f"p{at}@example.com", "roles": ["seller"]}
        for at in range(PEOPLE)
    ])  # fmt: skip
    _made(side, "lead", [{"name": f"Lead {at}", "owner": None} for at in range(POOL)])
    _analyzed(side)
    took: list[float] = []
    got: list[str] = []
    with _servers(side, people) as servers:
        for _ in range(POOL // PEOPLE):
            for each in servers:
                print("go", file=_in(each), flush=True)
            for each in servers:
                answer = json.loads(_out(each).readline())
                took += answer["took"]
                got += answer["got"]
    if len(took) != POOL or not len(got) == len(set(got)) == POOL:
        raise SystemExit(f"{len(took)} claims gave {len(got)} records, {len(set(got))} of them one")
    yield Figure("claim: in the middle", middle(took) * 1000, "ms", "")
    yield Figure("claim: 95 of 100", late(took) * 1000, "ms", "under 300")


@contextmanager
def _servers(side: Side, people: list[UUID]) -> Iterator[list[subprocess.Popen[str]]]:
    """Run a process for each that the server has, which claims for its part of the people."""
    count = side.built.settings.workers
    environment = {**os.environ, "JOINERY_HOME": str(side.built.settings.home)}
    program = [sys.executable, "-m", "bench.claimers", side.name]
    running = [
        subprocess.Popen(  # noqa: S603
            program, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(count)
    ]
    try:
        for at, each in enumerate(running):
            print(json.dumps([str(who) for who in people[at::count]]), file=_in(each), flush=True)
        for each in running:
            _out(each).readline()
        yield running
    finally:
        for each in running:
            _in(each).close()
            each.wait()


def _in(process: subprocess.Popen[str]) -> IO[str]:
    if process.stdin is None:
        raise TypeError("a process that claims is told when")
    return process.stdin


def _out(process: subprocess.Popen[str]) -> IO[str]:
    if process.stdout is None:
        raise TypeError("a process that claims tells what it got")
    return process.stdout


def waiting_approvals(side: Side, count: int) -> Iterator[Figure]:
    """Yield what approvals that wait cost those who have nothing to do with them, as ratios."""
    built, ctx = side.built, side.ctx
    chief, clerk = _made(side, "user", [
        {"name": name, "email": f"{name}@example.com", "roles": [name]}
        for name in ("chief", "clerk")
    ])  # fmt: skip
    made = _made(side, "contract", [
        {"name": f"Contract {at}", "amount": at, "owner": str(chief)} for at in range(count + 100)
    ])  # fmt: skip
    entity = ctx.model.entities["contract"]
    asked = replace(ctx, actor=Actor(chief, "chief", ("chief",)))
    built.services.approvals.submit(asked, entity, made[0], "terms")
    free = made[-100:]
    mine = replace(ctx, actor=Actor(clerk, "clerk", ("clerk",)))
    query = ListQuery("contract", limit=50)
    asks: Mapping[str, Callable[[int], object]] = {
        "a list": lambda turn: built.reader.find(mine, query),
        "a save": lambda turn: built.writer.update(
            mine, "contract", [Edit(free[turn % 100], {"amount": turn})]
        ),
        "the count of the inbox": lambda turn: built.services.approval_boxes.count(mine),
        "the count of whoever is asked for all": lambda turn: built.services.approval_boxes.count(
            asked
        ),
        "the approvals of a record": lambda turn: [
            built.services.approvals.offered(mine, entity, free[turn % 100]),
            built.services.approvals.of_record(mine, entity, free[turn % 100]),
        ],
    }
    _analyzed(side)
    before = {name: _middle_of(ask) for name, ask in asks.items()}
    built.database.unit(ctx, partial(_copied, ctx, records=made[1:count]))
    _analyzed(side)
    for name, ask in asks.items():
        after = _middle_of(ask)
        yield Figure(f"approvals: {name}", after * 1000, "ms", "")
        yield Figure(f"approvals: {name}, with {count} that wait", after / before[name], "times",
                     "" if "whoever" in name else "1")  # fmt: skip


def _middle_of(ask: Callable[[int], object]) -> float:
    took = [seconds(lambda turn=turn: ask(turn)) for turn in range(120)]  # type: ignore[misc]
    return middle(took[20:])


def _copied(ctx: Context, connection: Connection, *, records: list[UUID]) -> None:
    """Put as many approvals beside the one that is there, each of a record of its own."""
    case, task = ctx.model.entities["sys_approval"], ctx.model.entities["sys_approval_task"]
    home = quoted(ctx.tenant.schema)
    own = [each.column for key, each in case.fields.items() if key not in ("id", "record")]
    rest = [each.column for key, each in task.fields.items() if key not in ("id", "approval")]
    asked, of = _column(task, "approval"), _column(case, "record")
    connection.execute(text(
        f"WITH one AS (SELECT * FROM {home}.{case.table} LIMIT 1), made AS (INSERT INTO "  # noqa: S608
        f"{home}.{case.table} (id, {of}, {', '.join(own)}) SELECT gen_random_uuid(), r, "
        f"{', '.join(f'one.{name}' for name in own)} FROM one, unnest(CAST(:records AS uuid[])) r "
        f"RETURNING id) INSERT INTO {home}.{task.table} (id, {asked}, {', '.join(rest)}) "
        f"SELECT gen_random_uuid(), made.id, {', '.join(f't.{name}' for name in rest)} FROM made, "
        f"(SELECT * FROM {home}.{task.table}) t"
    ), {"records": records})  # fmt: skip


def _made(side: Side, entity: str, rows: list[dict[str, object]]) -> list[UUID]:
    """Make records, many at a time; return their ids."""
    found: list[UUID] = []
    for start in range(0, len(rows), PART):
        bulk = Bulk(create=rows[start : start + PART])
        result = side.built.writer.bulk(side.ctx, entity, bulk)
        found += [each.id for each in result.items if each.id is not None]
    return found


def _analyzed(side: Side) -> None:
    """Have the database look at how many rows there are, as it does by itself after a while."""
    admin = side.built.address.admin
    if admin is None:
        raise SystemExit("The benchmark needs a database role that may do everything.")
    engine = create_engine(admin, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))
