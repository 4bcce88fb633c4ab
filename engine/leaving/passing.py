"""Passes what a person holds on, batch by batch, each committed with how far the hand-over is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, any_, bindparam, delete, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid

from engine.context import Context
from engine.database import Database
from engine.doors import Bulk, BulkItem, Edit
from engine.leaving.fitting import why_one_by_one
from engine.leaving.giving import Gift, give
from engine.leaving.holdings import UNRULED, USER, Holding, fitting, holdings, picked
from engine.leaving.journal import HandoverState, Refusal, note
from engine.messages import sentence as said
from engine.records.writer import Records
from engine.values.sending import Request, send, sentence
from metamodel.model import HOLDER, MEMBER

SETWISE, SINGLE = 20_000, 200
"""Records of one batch: given by one statement, or one by one."""

NIL = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Step:
    """Records of one holding that one rule decides about, live or in the trash."""

    holding: Holding
    rank: int
    takers: tuple[UUID, ...]
    trashed: bool


@dataclass(frozen=True, slots=True)
class Passing:
    """Passes records on through the one way of writing, or set-wise where that is the same."""

    database: Database
    writer: Records

    def steps(self, ctx: Context, state: HandoverState) -> Iterator[Step]:
        """Yield what is to be done, in an order that a second run meets again."""
        for holding in holdings(ctx):
            if holding.ends:
                yield Step(holding, UNRULED, (), trashed=False)
                continue
            for trashed in (False, True):
                for at, rule in fitting(holding, state.order.rules):
                    if rule.whom.kind != "stays":
                        yield Step(holding, at, rule.whom.ids, trashed=trashed)

    def take(
        self, ctx: Context, *, step: Step, state: HandoverState, after: UUID
    ) -> tuple[HandoverState, UUID] | None:
        """Pass on the next batch after an id; return how far it is then, None where none is."""
        watched = self.writer.is_watched(ctx, step.holding.entity.key)
        alone = watched or bool(why_one_by_one(ctx.compiled, step.holding))
        most = SINGLE if step.holding.ends or (alone and not step.trashed) else SETWISE

        def unit(connection: Connection) -> tuple[HandoverState, UUID] | None:
            ids = _ids(ctx, connection, step, state, {"after": after, "most": most})
            if not ids:
                return None
            if step.holding.ends:
                reached = self._end(ctx, connection, step, ids, state)
            elif step.trashed and step.holding.pair:
                reached = _unnamed(ctx, connection, step, ids, state)
            elif alone and not step.trashed:
                reached = self._one_by_one(ctx, connection, step, ids, state)
            else:
                reached = _many(ctx, connection, step, ids, state)
            note(connection, ctx, reached)
            return reached, ids[-1]

        return self.database.unit(ctx, unit)

    def _end(
        self, ctx: Context, connection: Connection, step: Step, ids: Sequence[UUID],
        state: HandoverState,
    ) -> HandoverState:  # fmt: skip
        """Move what ends with the person to the trash."""
        result = self.writer.within(connection).bulk(
            ctx, step.holding.entity.key, Bulk(delete=ids, atomic=False)
        )
        gone = result.counts.get("done", 0)
        counted = state.of(*_names(step)).plus(ended=gone)
        return state.with_(counted, *_refusals(ctx, step, result.items))

    def _one_by_one(
        self, ctx: Context, connection: Connection, step: Step, ids: Sequence[UUID],
        state: HandoverState,
    ) -> HandoverState:  # fmt: skip
        """Give each record as a person would; a line whose taker has one already ends."""
        entity, name = step.holding.entity, step.holding.field.name
        takers = _takers(ctx, connection, step, ids, state)
        edits = [
            Edit(id_, {name: _said(step.holding, state.order.person, taker)})
            for id_, taker in zip(ids, takers, strict=True)
        ]
        writer = self.writer.within(connection)
        items = writer.bulk(ctx, entity.key, Bulk(update=edits, atomic=False)).items
        twice = [each.id for each in items if entity.child_of and _is_twice(each) and each.id]
        if twice:
            writer.bulk(ctx, entity.key, Bulk(delete=twice, atomic=False))
        refused = [each for each in items if each.status == "refused" and each.id not in twice]
        given = len(items) - len(refused) - len(twice)
        counted = state.of(*_names(step)).plus(given=given, ended=len(twice))
        reached = state.with_(counted, *_refusals(ctx, step, refused))
        return replace(reached, turns=state.turns + len(ids))


def _many(
    ctx: Context, connection: Connection, step: Step, ids: Sequence[UUID], state: HandoverState
) -> HandoverState:
    """Give all of them by one statement."""
    takers = _takers(ctx, connection, step, ids, state)
    give(connection, ctx, Gift(step.holding, state.order.person, ids, takers))
    counted = state.of(*_names(step)).plus(given=len(ids))
    return replace(state.with_(counted), turns=state.turns + len(ids))


def _unnamed(
    ctx: Context, connection: Connection, step: Step, ids: Sequence[UUID], state: HandoverState
) -> HandoverState:
    """Name the person no more in records that lie in the trash and name several people."""
    pairs = ctx.compiled.tables.of(step.holding.pair)
    holders = bindparam("holders", list(ids), type_=ARRAY(Uuid()))
    connection.execute(
        delete(pairs).where(pairs.c[HOLDER] == any_(holders), pairs.c[MEMBER] == state.order.person)
    )
    return state.with_(state.of(*_names(step)).plus(ended=len(ids)))


def _ids(
    ctx: Context, connection: Connection, step: Step, state: HandoverState, where: dict[str, Any]
) -> list[UUID]:
    """Return the next records of a step, locked. Any: binds of every type."""
    rules = () if step.holding.ends else state.order.rules
    key = (
        "passing", ctx.tenant.name, step.holding.entity.key, step.holding.field.key,
        rules, step.rank, step.trashed,
    )  # fmt: skip
    asked = sentence(
        connection,
        ctx,
        key,
        lambda: picked(ctx, step.holding, rules, step.rank, trashed=step.trashed),
    )
    values = {"leaver": state.order.person, **where}
    return [row[0] for row in send(connection, ctx, Request(asked, (values,)))]


def _takers(
    ctx: Context, connection: Connection, step: Step, ids: Sequence[UUID], state: HandoverState
) -> list[UUID | None]:
    """Return who takes each record, by turns; nobody reports to themselves."""
    people = step.takers
    found: list[UUID | None] = [people[(state.turns + at) % len(people)] for at in range(len(ids))]
    if step.holding.entity.key != USER or all(
        taker != id_ for taker, id_ in zip(found, ids, strict=True)
    ):
        return found
    table = ctx.compiled.tables.of(USER)
    above = table.c[step.holding.column]
    higher = connection.execute(select(above).where(table.c.id == state.order.person)).scalar()
    return [
        taker if taker != id_ else (higher if higher != id_ else None)
        for taker, id_ in zip(found, ids, strict=True)
    ]


def _said(holding: Holding, leaver: UUID, taker: UUID | None) -> object:
    """Return the taker as a payload says it: alone, among several kinds, or beside others."""
    if holding.pair:
        return {"add": [str(taker)], "remove": [str(leaver)]}
    if taker is not None and holding.field.columns:
        return {"entity": USER, "id": str(taker)}
    return None if taker is None else str(taker)


def _names(step: Step) -> tuple[str, str]:
    return step.holding.entity.name, step.holding.field.name


def _is_twice(item: BulkItem) -> bool:
    return item.status == "refused" and {each.code for each in item.errors} == {"unique"}


def _refusals(ctx: Context, step: Step, items: Sequence[BulkItem]) -> Iterator[Refusal]:
    """Yield why records were refused."""
    for item in items:
        if item.status == "refused" and item.id is not None:
            why = "; ".join(said(each, ctx.language) for each in item.errors)
            yield Refusal(*_names(step), item.id, why)
