"""Fills what a plan cannot write as one statement: computed fields, search keys, ciphertext."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, assert_never
from uuid import UUID

from sqlalchemy import Connection, select

from engine.context import NO_RINGS, Context, Rings
from engine.database import driver_of
from engine.records.draft import tokens
from engine.schema.ddl import qualified
from engine.schema.names import quoted
from engine.schema.steps import Step
from engine.values.computed import recompute, refill
from engine.values.searchkeys import sort_key
from engine.vault.filling import seal_column


class Backfill:
    """Fills by the same code that keeps these values true when records are written.

    `rings` gives out the keys of fields that become encrypted.
    """

    def __init__(self, rings: Rings = NO_RINGS) -> None:
        self._rings = rings

    def fill(
        self,
        connection: Connection,
        ctx: Context,
        step: Step,
        ids: Sequence[UUID],
        *,
        whole: bool = False,
    ) -> None:
        """Fill a step's fields for these records of its entity, on the model of `ctx`.

        They are in order; `whole` where they are all there are from the first to the last.
        """
        match step.fill:
            case None:
                return
            case "computed" if whole:
                refill(connection, ctx, step.touches, step.fields, (ids[0], ids[-1]))
            case "computed":
                recompute(connection, ctx, step.touches, step.fields, ids)
            case "sort_keys":
                _sort_keys(connection, ctx, step, ids)
            case "sealed":
                [key] = step.fields
                field = ctx.model.entities[step.touches].fields[key]
                keyed = replace(ctx, rings=self._rings)
                seal_column(connection, keyed, field, str(step.params["column"]), ids)
            case _:
                assert_never(step.fill)


def _sort_keys(connection: Connection, ctx: Context, step: Step, ids: Sequence[UUID]) -> None:
    """Write sort keys and search tokens; a step may name where the tokens go, and which keys."""
    entity, table = ctx.model.entities[step.touches], ctx.compiled.tables.of(step.touches)
    known = {each.key: each for each in entity.fields.values() if each.column}
    rows = connection.execute(select(table).where(table.c.id.in_(ids))).mappings().all()
    beside = str(step.params.get("search", ""))
    sorted_by = [
        each for each in known.values()
        if each.sort_column and (not beside or each.key in step.fields)
    ]  # fmt: skip
    written: list[dict[str, Any]] = []
    for row in rows:
        values = {name: row[each.column] for name, each in known.items()}
        keys = {each.sort_column: _key(row[each.column]) for each in sorted_by}
        written.append({"_id": row["id"], "_tokens": tokens(entity, values), **keys})
    if not written:
        return
    named = ", ".join(f"{quoted(each.sort_column)} = %({each.sort_column})s" for each in sorted_by)
    target = quoted(beside or "sys_search")
    keys_too = f"{named}, " if named else ""
    written_to = qualified(ctx.tenant.schema, table.name)
    statement = (
        f"UPDATE {written_to} SET {keys_too}{target} = array_to_tsvector(%(_tokens)s::text[]) "  # noqa: S608
        "WHERE id = %(_id)s"
    )
    driver_of(connection).cursor().executemany(statement.encode(), written)


def _key(value: object) -> str | None:
    return None if value is None else sort_key(str(value))
