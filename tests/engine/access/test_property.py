"""Every channel agrees with a naive evaluation, for random models, roles, trees and records.

A-05, A-06: what a person may not read is not shown, counted, summed, found or told by a filter.
"""

from __future__ import annotations

import csv
import io
from functools import partial
from typing import Any
from uuid import UUID

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, note, settings

from engine.access.verdicts import of_record
from engine.audit.log import AuditLog
from engine.context import Context
from engine.errors import Forbidden, NotFound, QueryInvalid
from engine.exchange.exporting import Exporter, Wanted
from engine.exchange.matching import existing_by_key
from engine.query.parse import parse_filter, parse_group, parse_measure, parse_path, parse_sort
from engine.query.spec import AggregateQuery, LinkValue, ListQuery
from tests.budget import examples
from tests.conftest import Installation, TenantMaker
from tests.engine.access.oracle import QUESTIONS, READS, Oracle
from tests.engine.access.plans import COMPUTED, FIELDS, LIVING, Plan, plain, plan_of, plans
from tests.engine.access.worlds import World, build

SHOWN = ("site", "job", "line", "tag")

ACTIONS = ("read", "update", "delete", "export")


@settings(
    max_examples=examples(6),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@given(plan=plans())
def test_every_channel_agrees_with_a_naive_evaluation(
    plan: Plan, tenant_of: TenantMaker, installation: Installation
) -> None:
    note(yaml.safe_dump(plain(plan), sort_keys=False))
    world = build(plan, tenant_of, installation.database)

    for number, person in enumerate(world.people):
        note(f"person {number}")
        judge(world, person)


@settings(max_examples=examples(20), deadline=None, suppress_health_check=list(HealthCheck))
@given(plan=plans())
def test_a_case_that_failed_is_read_back_from_what_was_printed(plan: Plan) -> None:
    printed = yaml.safe_dump(plain(plan), sort_keys=False)

    assert plain(plan_of(yaml.safe_load(printed))) == plain(plan)


def judge(world: World, person: UUID) -> None:
    """Compare every channel for one person."""
    oracle, ctx = Oracle(world, person), world.acting(person)
    assert sorted(ctx.actor.roles) == sorted(oracle.roles)
    for entity in SHOWN:
        rights_on_fields(oracle, ctx, entity)
        lists(oracle, ctx, entity)
        figures(oracle, ctx, entity)
        single_records(oracle, ctx, entity)
    for entity in LIVING:
        the_trash(oracle, ctx, entity)
        what_may_be_done(oracle, ctx, entity)
        exports(oracle, ctx, entity)
    questions(oracle, ctx)
    names(oracle, ctx)


def rights_on_fields(oracle: Oracle, ctx: Context, entity: str) -> None:
    policy = oracle.world.policy
    readable, masked = policy.readable(ctx, entity), policy.masked(ctx, entity)
    for field in FIELDS[entity]:
        right = oracle.right(entity, field)
        assert (field in readable, field in masked) == (right != "none", right == "mask"), (
            entity,
            field,
            right,
        )
        legible = oracle.legible([(entity, field)])
        assert asks(partial(parse_sort, ctx, entity, field)) == legible
        assert asks(partial(parse_group, ctx, entity, field)) == legible


def asks(question: Any) -> bool:
    """Return whether the names in a question mean something to whoever asks."""
    try:
        question()
    except QueryInvalid as error:
        return all(problem.code != "unknown_name" for problem in error.problems)
    return True


def lists(oracle: Oracle, ctx: Context, entity: str) -> None:
    page = oracle.world.reader.find(ctx, ListQuery(entity, limit=500, count="exact"))

    visible = oracle.visible(entity)
    assert {row.id for row in page.rows} == visible, entity
    assert page.total == len(visible)
    for row in page.rows:
        told = {field: row.values[field] for field in FIELDS[entity] if field in row.values}
        shown(oracle, entity, row.id, told)
        name = oracle.world.rows[entity][row.id].get("name")
        if name is not None:
            assert row.title == (name if oracle.legible([(entity, "name")]) else "")


def shown(oracle: Oracle, entity: str, record: UUID, told: dict[str, Any]) -> None:
    """Compare what is told of a record with what it is."""
    row = oracle.world.rows[entity][record]
    assert set(told) == {f for f in FIELDS[entity] if oracle.right(entity, f) != "none"}
    for field, value in told.items():
        true = oracle.value(entity, row, field)
        if field == "site":
            link(oracle, "site", value, true)
        elif field == "tags":
            live = [each for each in true if each in oracle.live("tag")]
            assert sorted(each.id for each in value or ()) == sorted(live)
            for each in value or ():
                link(oracle, "tag", each, each.id)
        elif field == "owner":
            assert (value.id if value else None) == true
        elif oracle.right(entity, field) == "mask":
            assert (value is None) == (true is None)
            assert value is None or (isinstance(value, str) and "*" in value)
        else:
            assert value == true, (entity, field)


def link(oracle: Oracle, target: str, value: LinkValue | None, true: UUID | None) -> None:
    """Compare a link: its title is told only where the record is seen, and its name read."""
    assert (value.id if value else None) == true
    if value is None or true is None:
        return
    row = oracle.world.rows[target][true]
    seen = oracle.may("read", target, row)
    assert value.restricted is not seen
    name = row["name"] if oracle.legible([(target, "name")]) else ""
    assert value.title == (name if seen else None)


def single_records(oracle: Oracle, ctx: Context, entity: str) -> None:
    reader, visible = oracle.world.reader, oracle.visible(entity)
    for key in oracle.live(entity):
        try:
            [record] = reader.get(ctx, entity, [key])
        except NotFound:
            assert key not in visible
            with pytest.raises(NotFound):
                reader.history(ctx, entity, key)
            continue
        assert key in visible
        told = {field: record.values[field] for field in FIELDS[entity] if field in record.values}
        shown(oracle, entity, key, told)
        for line in record.lines.get("lines", ()):
            shown(oracle, "line", line.id, {f: line.values[f] for f in FIELDS["line"]
                                            if f in line.values})  # fmt: skip
        for entry in reader.history(ctx, entity, key):
            for change in entry.changes:
                if change.field in FIELDS.get(entry.entity, ()):
                    assert oracle.right(entry.entity, change.field) != "none"


def figures(oracle: Oracle, ctx: Context, entity: str) -> None:
    reader, rows = oracle.world.reader, oracle.world.rows[entity]
    visible = oracle.visible(entity)
    if oracle.can_at_all("read", entity):
        count = {"n": parse_measure(ctx, entity, "COUNT()")}
        found = reader.aggregate(ctx, AggregateQuery(entity, measures=count)).rows
        assert [row["n"] for row in found] == [len(visible)]
    amount = "n" if entity == "line" else "size"
    if asks(partial(parse_measure, ctx, entity, f"SUM({amount})")):
        measures = {"total": parse_measure(ctx, entity, f"SUM({amount})")}
        group = {}
        if entity in ("site", "job") and oracle.legible([(entity, "kind")]):
            group = {"kind": parse_group(ctx, entity, "kind")}
        found = reader.aggregate(ctx, AggregateQuery(entity, group_by=group, measures=measures))
        total = sum(rows[key][amount] or 0 for key in visible)
        assert sum(int(str(row["total"])) for row in found.rows) == total
    else:
        assert not oracle.legible([(entity, amount)])


def the_trash(oracle: Oracle, ctx: Context, entity: str) -> None:
    gone = {k: row for k, row in oracle.world.rows[entity].items() if row["trashed"]}
    page = oracle.world.reader.find(ctx, ListQuery(entity, trashed=True, limit=500))
    assert {row.id for row in page.rows} == {
        key for key, row in gone.items() if oracle.may("read", entity, row)
    }


def what_may_be_done(oracle: Oracle, ctx: Context, entity: str) -> None:
    world, live = oracle.world, oracle.live(entity)
    with world.database.reading(ctx) as connection:
        for action in ACTIONS:
            found = world.policy.permitted(
                ctx, connection, list(live), entity=entity, action=action
            )
            assert found == {k for k, row in live.items() if oracle.may(action, entity, row)}, (
                entity,
                action,
            )
        kind = ctx.model.entities[entity]
        for key, row in live.items():
            told = of_record(ctx, connection, kind, key, ACTIONS)
            assert told is not None
            for action, verdict in told.items():
                assert verdict.allowed == oracle.may(action, entity, row)
                holding = {each.rule.kind == "deny" for each in verdict.rules if each.holds}
                assert not verdict.allowed or holding == {False}


def exports(oracle: Oracle, ctx: Context, entity: str) -> None:
    exporter = Exporter(oracle.world.database, oracle.world.policy, AuditLog(oracle.world.database))
    try:
        file = b"".join(exporter.export(ctx, Wanted(ListQuery(entity))))
    except Forbidden:
        assert not any(oracle.may("export", entity, row) for row in oracle.live(entity).values())
        return
    rows = list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"))))
    live = oracle.live(entity)
    assert {UUID(row["id"]) for row in rows} == {
        key for key, row in live.items() if oracle.may("export", entity, row)
    }
    for row in rows:
        assert {f for f in FIELDS[entity] if f in row} == {
            f for f in FIELDS[entity] if oracle.right(entity, f) != "none"
        }


def questions(oracle: Oracle, ctx: Context) -> None:
    for question in QUESTIONS:
        entity, rows = question.entity, oracle.world.rows[question.entity]
        taken = asks(partial(parse_filter, ctx, question.entity, question.text))
        assert taken == oracle.legible(question.reads), question.text
        if not taken:
            continue
        query = ListQuery(entity, filter=parse_filter(ctx, entity, question.text), limit=500)
        found = {row.id for row in oracle.world.reader.find(ctx, query).rows}
        expected = {key for key in oracle.visible(entity) if question.holds(oracle, rows[key])}
        assert found == expected, question.text


def names(oracle: Oracle, ctx: Context) -> None:
    """Compare search, pickers, keys and paths over links."""
    world, reader = oracle.world, oracle.world.reader
    hits = {hit.id for hit in reader.search(ctx, "alpha", limit=100)}
    assert hits == {
        key
        for entity in LIVING
        if oracle.legible([(entity, "name")])
        for key in oracle.visible(entity)
    }
    picked = {hit.id for hit in reader.pick(ctx, "job", "site", "", this={}, limit=100)}
    assert picked == oracle.visible("site")
    key = ctx.model.entities["site"].fields["code"]
    sites = list(oracle.live("site").items())
    with world.database.reading(ctx) as connection:
        wanted = [row["code"] for _, row in sites]
        matched = existing_by_key(ctx, connection, world.policy, key, wanted)
    seen = oracle.visible("site")
    assert matched == [one if one in seen else None for one, _ in sites]
    if oracle.legible([("job", "site"), ("site", "size")]):
        path = parse_path(ctx, "job", "site.size")
        page = reader.find(ctx, ListQuery("job", paths=(path,), limit=500))
        for row in page.rows:
            site = oracle.live("site").get(world.rows["job"][row.id]["site"])
            there = site is not None and oracle.may("read", "site", site)
            assert row.values["site.size"] == (site["size"] if there and site else None)


def test_the_oracle_knows_every_computed_field() -> None:
    assert set(READS) == set(COMPUTED)
