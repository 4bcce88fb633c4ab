"""What a person may do, decided in one place for every door; implements `engine.doors.Access`.

A right on records is a condition in the formula language, so that lists, pickers, figures,
writes and explanations apply the very same one, in SQL or in Python.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from typing import Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, select, true

from engine.access.fields import FieldRights, field_rights
from engine.access.grants import (
    EVERYTHING,
    NOTHING,
    action_on_parent,
    condition,
    out_of_reach,
    parents_of,
    rights_key,
    token_allows,
)
from engine.access.in_hand import judged
from engine.access.verdicts import in_general, of_record, typed_condition
from engine.context import Context
from engine.doors import Decision
from engine.errors import NotFound
from engine.query.binds import binds
from engine.query.joins import RowSource
from engine.query.spec import Record
from formula.backends.sql import compile_filter
from formula.typed import Typed
from metamodel.model import Entity


class Readings(Protocol):
    """Where read-only transactions come from."""

    def reading(self, ctx: Context) -> AbstractContextManager[Connection]:
        """Open a read-only transaction under the tenant's role."""
        ...


class Policy:
    """Rights of people on records and fields, from the roles of the tenant's model."""

    def __init__(self, database: Readings) -> None:
        self._database = database

    def row_filter(self, ctx: Context, entity: str, action: str) -> Typed | None:
        """Return the condition rows must meet; None: no restriction; literal false: none."""
        key = ("row filter", entity, action, *rights_key(ctx))
        return ctx.compiled.keep(key, lambda: (_row_filter(ctx, entity, action),))[0]

    def readable(self, ctx: Context, entity: str) -> frozenset[str]:
        """Return the keys of the fields that the person may read, masked ones included."""
        return self._fields(ctx, entity).readable

    def writable(self, ctx: Context, entity: str) -> frozenset[str]:
        """Return the keys of the fields that the person may change."""
        return self._fields(ctx, entity).writable

    def masked(self, ctx: Context, entity: str) -> frozenset[str]:
        """Return the keys of the fields of which the person sees only a mask."""
        return self._fields(ctx, entity).masked

    def decide(self, ctx: Context, action: str, *, entity: str, record: UUID | None) -> Decision:
        """Return whether the person may do this, with the reason and the rule that says so."""
        kind = _entity(ctx, entity)
        key = ("verdict", kind.key, action, *rights_key(ctx))
        verdict = ctx.compiled.keep(key, lambda: in_general(ctx, kind, action))
        limited = self.row_filter(ctx, entity, action) is not None
        if verdict.allowed and record is not None and limited:
            with self._database.reading(ctx) as connection:
                found = of_record(ctx, connection, kind, record, [action])
            if found is None:
                return Decision(False, "not_found")
            verdict = found[action]
        return Decision(verdict.allowed, verdict.reason, verdict.rule)

    def judge(self, ctx: Context, action: str, record: Record) -> Decision:
        """Decide on a record that was read under the person's rights: mostly without a query."""
        found = judged(ctx, action, record)
        if found is not None and token_allows(ctx, _entity(ctx, record.entity), action):
            return found
        return self.decide(ctx, action, entity=record.entity, record=record.id)

    def permitted(
        self,
        ctx: Context,
        connection: Connection,
        ids: Collection[UUID],
        *,
        entity: str,
        action: str,
    ) -> frozenset[UUID]:
        """Return those of the records that the action is allowed on, seen by this transaction."""
        row = ctx.compiled.tables.of(entity).alias()
        source = RowSource.over(ctx.compiled, entity, row)
        allowed = allows(self.row_filter(ctx, entity, action), source)
        statement = select(row.c.id).select_from(source.joins.clause())
        found = connection.execute(statement.where(row.c.id.in_(ids), allowed), binds(ctx))
        return frozenset(found.scalars())

    def _fields(self, ctx: Context, entity: str) -> FieldRights:
        return field_rights(ctx, _entity(ctx, entity))


def allows(verdict: Typed | None, source: RowSource) -> ColumnElement[bool]:
    """Return a row filter as a condition on `source`; true where there is no restriction."""
    return true() if verdict is None else compile_filter(verdict, source.plain)


def _entity(ctx: Context, entity: str) -> Entity:
    found = ctx.model.entities.get(entity)
    if found is None or found.retired:
        raise NotFound(entity=entity)
    return found


def _row_filter(ctx: Context, entity: str, action: str) -> Typed | None:
    """Write the condition down, and check it where it stands."""
    kind = _entity(ctx, entity)
    _, owner = parents_of(ctx.model, kind)
    text = condition(ctx, owner, action if owner is kind else action_on_parent(action))
    if out_of_reach(ctx, kind, action):
        text = NOTHING
    return None if text == EVERYTHING else typed_condition(ctx, kind, text)
