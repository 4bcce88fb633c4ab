"""Fills what a plan cannot write as one statement: computed fields, search keys, ciphertext."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, assert_never
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Text, bindparam, cast, func, select

from engine.context import NO_RINGS, Context, Rings
from engine.records.draft import tokens
from engine.schema.steps import Step
from engine.values.computed import recompute
from engine.values.searchkeys import sort_key
from engine.vault.filling import seal_column


class Backfill:
    """Fills by the same code that keeps these values true when records are written.

    `rings` gives out the keys of fields that become encrypted.
    """

    def __init__(self, rings: Rings = NO_RINGS) -> None:
        self._rings = rings

    def fill(self, connection: Connection, ctx: Context, step: Step, ids: Sequence[UUID]) -> None:
        """Fill a step's fields for these records of its entity, on the model of `ctx`."""
        match step.fill:
            case None:
                return
            case "computed":
                recompute(connection, ctx, step.touches, step.fields, ids)
            case "sort_keys":
                _sort_keys(connection, ctx, step.touches, ids)
            case "sealed":
                [key] = step.fields
                field = ctx.model.entities[step.touches].fields[key]
                keyed = replace(ctx, rings=self._rings)
                seal_column(connection, keyed, field, str(step.params["column"]), ids)
            case _:
                assert_never(step.fill)


def _sort_keys(connection: Connection, ctx: Context, key: str, ids: Sequence[UUID]) -> None:
    entity, table = ctx.model.entities[key], ctx.compiled.tables.of(key)
    known = {each.key: each for each in entity.fields.values() if each.column}
    rows = connection.execute(select(table).where(table.c.id.in_(ids))).mappings().all()
    sorted_by = [each for each in known.values() if each.sort_column]
    written: list[dict[str, Any]] = []
    for row in rows:
        values = {name: row[each.column] for name, each in known.items()}
        keys = {each.sort_column: _key(row[each.column]) for each in sorted_by}
        written.append({"_id": row["id"], "_tokens": tokens(entity, values), **keys})
    if not written:
        return
    searched = func.array_to_tsvector(cast(bindparam("_tokens"), ARRAY(Text())))
    columns: dict[str, Any] = {each.sort_column: bindparam(each.sort_column) for each in sorted_by}
    update = table.update().where(table.c.id == bindparam("_id"))
    connection.execute(update.values({**columns, "sys_search": searched}), written)


def _key(value: object) -> str | None:
    return None if value is None else sort_key(str(value))
