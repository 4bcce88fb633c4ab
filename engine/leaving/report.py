"""The complete list of what was handed over, record by record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select, tuple_

from engine.access.policy import Policy
from engine.context import Context
from engine.database import Database
from engine.leaving.holdings import USER
from engine.leaving.journal import HandoverState
from engine.query.titles import titles_of

REPORT: Sequence[str] = ("at", "entity", "id", "record", "field", "from", "to", "state", "reason")
"""What the list tells of each record; `state` is given, ended or left."""

PAGE = 1_000


def report_rows(
    database: Database, policy: Policy, ctx: Context, state: HandoverState
) -> Iterator[Sequence[object]]:
    """Yield every record that changed hands, then those that could not."""
    after = (UUID(int=0), 0)
    with database.reading(ctx) as connection:
        while rows := _page(ctx, connection, state, after):
            yield from _told(ctx, policy, connection, state, rows)
            after = (rows[-1].change_set, int(rows[-1].seq))
    for each in state.refused:
        yield ("", each.entity, str(each.record), "", each.field, state.name, "", "left",
               each.reason)  # fmt: skip


def _page(
    ctx: Context, connection: Connection, state: HandoverState, after: tuple[UUID, int]
) -> list[Row[Any]]:
    sets, changes = (ctx.compiled.tables.of(key) for key in ("sys_change_set", "sys_change"))
    link = changes.c.change_set
    statement = (
        select(sets.c.at, link.label("change_set"), changes.c.seq, changes.c.entity,
               changes.c.record, changes.c.operation, changes.c.before, changes.c.after)
        .join(sets, sets.c.id == link)
        .where(
            sets.c.reference == str(state.id),
            sets.c.door == "handover",
            changes.c.computed.is_(False),
            tuple_(link, changes.c.seq) > tuple_(*after),
        )
        .order_by(link, changes.c.seq)
        .limit(PAGE)
    )  # fmt: skip
    return list(connection.execute(statement))


def _told(
    ctx: Context,
    policy: Policy,
    connection: Connection,
    state: HandoverState,
    rows: Sequence[Row[Any]],
) -> Iterator[Sequence[object]]:
    titles = _titles(ctx, policy, connection, rows)
    takers = {UUID(each) for row in rows for each in _people(row.after)}
    people = titles_of(ctx, policy, connection, USER, takers)
    names = {id_: each.title or "" for id_, each in people.items()}
    for row in rows:
        entity = ctx.model.entities.get(row.entity)
        if entity is None:
            continue
        title = titles.get((row.entity, row.record), "")
        place = (row.at, entity.name, str(row.record), title)
        if row.operation == "delete":
            yield (*place, "", state.name, "", "ended", "")
        for key in row.after or {}:
            field = entity.fields.get(key)
            if field is None or field.link is None or USER not in field.link.to:
                continue
            new = [names.get(UUID(each), each) for each in _people({key: row.after[key]})]
            yield (*place, field.name, state.name, ", ".join(new), "given", "")


def _people(after: dict[str, object] | None) -> Iterator[str]:
    """Yield the ids of a change's new values, whatever field they are of."""
    for value in (after or {}).values():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str) and len(each) == 36 and each.count("-") == 4:
                yield each


def _titles(
    ctx: Context, policy: Policy, connection: Connection, rows: Sequence[Row[Any]]
) -> dict[tuple[str, UUID], str]:
    found: dict[tuple[str, UUID], str] = {}
    ordered = sorted(rows, key=lambda row: str(row.entity))
    for entity, group in groupby(ordered, key=lambda row: str(row.entity)):
        if entity in ctx.model.entities:
            ids = [row.record for row in group]
            for id_, each in titles_of(ctx, policy, connection, entity, ids).items():
                found[entity, id_] = each.title or ""
    return found
