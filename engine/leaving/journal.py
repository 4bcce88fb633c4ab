"""Hand-overs as rows of the tenant's own tables: what was asked, how far it is, what is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select, update

from engine.context import Context
from engine.errors import NotFound
from engine.leaving.order import Order, rule_to_json, rules_of
from engine.values.identity import new_id

ENTITY = "sys_handover"

MOST_REFUSED = 1_000
"""Refused records that a hand-over names; of the rest it knows how many."""

State = Literal["running", "done", "incomplete"]


@dataclass(frozen=True, slots=True)
class Given:
    """How many records one field gave to others; `entity` and `field` by name.

    `stayed` were left on purpose, `ended` went with the person, `left` could not be given.
    """

    entity: str
    field: str
    given: int = 0
    stayed: int = 0
    ended: int = 0
    left: int = 0

    def plus(self, **counts: int) -> Given:
        """Return the same with more counted."""
        return replace(self, **{name: getattr(self, name) + n for name, n in counts.items()})


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that could not be given, and why, in a sentence; entity and field by name."""

    entity: str
    field: str
    record: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class HandoverState:
    """Where a hand-over stands; `mentions` are places of the app that still name the person."""

    id: UUID
    order: Order
    name: str
    state: State
    total: int
    created_by: UUID
    created_at: datetime
    finished_at: datetime | None = None
    given: tuple[Given, ...] = ()
    refused: tuple[Refusal, ...] = ()
    mentions: tuple[str, ...] = ()
    turns: int = 0

    @property
    def done(self) -> int:
        """How many records were given, ended or left on purpose."""
        return sum(each.given + each.ended + each.stayed for each in self.given)

    def of(self, entity: str, field: str) -> Given:
        """Return what was counted of one field."""
        found = (each for each in self.given if (each.entity, each.field) == (entity, field))
        return next(found, Given(entity, field))

    def with_(self, counted: Given, *refused: Refusal) -> HandoverState:
        """Return the state with one field's counts in place of those before."""
        others = (
            each
            for each in self.given
            if (each.entity, each.field) != (counted.entity, counted.field)
        )
        # A second run meets the same refusals again.
        known = {(each.record, each.field) for each in refused}
        before = (each for each in self.refused if (each.record, each.field) not in known)
        kept = (*before, *refused)[:MOST_REFUSED]
        return replace(self, given=(*others, counted), refused=kept)


def open_handover(
    connection: Connection, ctx: Context, order: Order, found: tuple[str, int, tuple[str, ...]]
) -> HandoverState:
    """Note a new hand-over; `found` is the person's name, how many records, and mentions."""
    name, total, mentions = found
    made = HandoverState(
        new_id(ctx.now), order, name, "running", total, ctx.actor.user, ctx.now,
        mentions=mentions,
    )  # fmt: skip
    table = ctx.compiled.tables.of(ENTITY)
    values = {
        "id": made.id,
        "person": order.person,
        "name": name,
        "state": made.state,
        "rules": [rule_to_json(each) for each in order.rules],
        "disable": order.disable,
        "done": 0,
        "total": total,
        "counts": _counts(made),
        "created_by": made.created_by,
        "created_at": made.created_at,
    }
    connection.execute(insert(table), values)
    return made


def read_handover(connection: Connection, ctx: Context, identity: UUID) -> HandoverState:
    """Return a hand-over; raise `NotFound`."""
    table = ctx.compiled.tables.of(ENTITY)
    row = connection.execute(select(table).where(table.c.id == identity)).one_or_none()
    if row is None:
        raise NotFound(entity=ENTITY, id=str(identity))
    return _state(row)


def handovers_of(
    connection: Connection, ctx: Context, person: UUID | None, *, limit: int = 100
) -> tuple[HandoverState, ...]:
    """Return hand-overs, of one person or of all, the latest first."""
    table = ctx.compiled.tables.of(ENTITY)
    statement = select(table).order_by(table.c.id.desc()).limit(limit)
    if person is not None:
        statement = statement.where(table.c.person == person)
    return tuple(_state(row) for row in connection.execute(statement))


def note(connection: Connection, ctx: Context, state: HandoverState) -> None:
    """Keep how far a hand-over is, in the transaction of what was given."""
    table = ctx.compiled.tables.of(ENTITY)
    values = {
        "state": state.state,
        "done": state.done,
        "total": state.total,
        "finished_at": state.finished_at,
        "counts": _counts(state),
    }
    connection.execute(update(table).where(table.c.id == state.id).values(values))


def _counts(state: HandoverState) -> dict[str, object]:
    return {
        "turns": state.turns,
        "mentions": list(state.mentions),
        "given": [
            {"entity": each.entity, "field": each.field, "given": each.given,
             "stayed": each.stayed, "ended": each.ended, "left": each.left}
            for each in state.given
        ],
        "refused": [
            {"entity": each.entity, "field": each.field, "record": str(each.record),
             "reason": each.reason}
            for each in state.refused
        ],
    }  # fmt: skip


def _state(row: Row[Any]) -> HandoverState:
    counts: Mapping[str, Any] = row.counts or {}
    given: Sequence[Mapping[str, Any]] = counts.get("given", ())
    refused: Sequence[Mapping[str, Any]] = counts.get("refused", ())
    return HandoverState(
        id=row.id,
        order=Order(row.person, rules_of(row.rules), row.disable),
        name=row.name or "",
        state=cast(State, row.state),
        total=int(row.total or 0),
        created_by=row.created_by,
        created_at=row.created_at,
        finished_at=row.finished_at,
        given=tuple(Given(**each) for each in given),
        refused=tuple(Refusal(**{**each, "record": UUID(each["record"])}) for each in refused),
        mentions=tuple(counts.get("mentions", ())),
        turns=int(counts.get("turns", 0)),
    )
