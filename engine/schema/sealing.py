"""Steps by which a field that was stored in the clear becomes encrypted."""

from __future__ import annotations

from collections.abc import Iterator

from engine.schema.ddl import qualified
from engine.schema.live import LiveTable
from engine.schema.names import literal, quoted
from engine.schema.steps import Step
from engine.values.sealed import MARK
from metamodel.model import Field


def sealing_steps(
    schema: str, old: Field, new: Field, there: LiveTable, table: str
) -> Iterator[Step]:
    """Yield what encrypts the values of a field, and takes the clear ones away everywhere.

    History keeps that they changed. Kept answers and rejected rows of imports, which may hold
    clear values and live for a day or until somebody fetches them, go.
    """
    if not old.column or old.computed:
        return
    params = {"field": new.key, "column": old.column}
    cost, rows = ("rewrites" if there.rows else "instant"), there.rows
    yield Step(
        "encrypt_values", new.entity, cost=cost, rows=rows, params=params,  # type: ignore[arg-type]  # one of two words
        fill="sealed", fields=(new.key,), table=table,
    )  # fmt: skip
    clear = [name for name in (old.column, old.sort_column) if name in there.columns]
    emptied = ", ".join(f"{quoted(name)} = NULL" for name in clear)
    filled = " OR ".join(f"{quoted(name)} IS NOT NULL" for name in clear)
    if clear:
        yield Step(
            "purge_clear", new.entity, phase="settle", cost=cost, rows=rows, params=params,  # type: ignore[arg-type]  # one of two words
            sql=(f"UPDATE {table} SET {emptied} WHERE ({filled})",),  # noqa: S608
            table=table,
        )  # fmt: skip
    yield Step(
        "purge_history", new.entity, phase="settle", params=params,
        sql=tuple(_traces(schema, new)),
    )  # fmt: skip


def _traces(schema: str, field: Field) -> Iterator[str]:
    """Yield what takes clear values out of the engine's own tables."""
    key, mark = literal(field.key), literal(f'"{MARK}"')
    held = " OR ".join(f"coalesce({side}->>{key}, {literal(MARK)}) <> {literal(MARK)}"
                       for side in _SIDES)  # fmt: skip
    scrubbed = ", ".join(
        f"{side} = CASE WHEN {side}->>{key} IS NULL THEN {side} "
        f"ELSE jsonb_set({side}, ARRAY[{key}], {mark}::jsonb) END"
        for side in _SIDES
    )
    yield (
        f"UPDATE {qualified(schema, 'sys_change')} SET {scrubbed} "  # noqa: S608
        f"WHERE entity = {literal(field.entity)} AND ({held})"
    )
    yield f"DELETE FROM {qualified(schema, 'sys_request')}"  # noqa: S608
    yield f"DELETE FROM {qualified(schema, 'sys_import_part')} WHERE kind = 'rejected'"  # noqa: S608


_SIDES = ('"before"', '"after"')
