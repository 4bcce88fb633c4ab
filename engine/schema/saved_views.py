"""Views that people keep for themselves and for others, as far as a plan takes fields from them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from engine.context import Context
from engine.database import driver_of
from engine.schema.ddl import qualified
from engine.schema.live import Live
from engine.schema.steps import Effect
from metamodel.model import Entity, Model

VIEWS = "sys_view"
"""The table of what people keep; `uses` are fields as `entity.field`, by key."""

SAMPLES = 5
"""How many views are named; what is nobody else's business is counted and not named."""


def view_effects(connection: Connection, ctx: Context, old: Model, live: Live) -> Iterator[Effect]:
    """Yield for each entity how many kept views show, or look for, a field that goes."""
    if VIEWS not in live or "uses" not in live[VIEWS].columns:
        return
    for key, before in old.entities.items():
        gone = () if before.system or before.retired else tuple(_gone(before, ctx.model))
        if not gone:
            continue
        rows, titles = _using(connection, ctx, [f"{key}.{field}" for field in gone])
        if rows:
            yield Effect("views_lose", key, "notice", rows, titles, {"fields": gone})


def _gone(before: Entity, new: Model) -> Iterator[str]:
    """Yield the fields, by key, that are in use and will not be."""
    after = new.entities.get(before.key)
    for key, field in before.fields.items():
        now = after.fields.get(key) if after is not None and not after.retired else None
        if not field.retired and (now is None or now.retired):
            yield key


def _using(connection: Connection, ctx: Context, uses: list[str]) -> tuple[int, tuple[str, ...]]:
    """Return how many views use any of these, and the titles of some that are shared."""
    table = qualified(ctx.tenant.schema, VIEWS)
    found = driver_of(connection).execute(
        f"SELECT title, sharing <> 'mine' FROM {table} "  # noqa: S608 - names are our own
        "WHERE uses ?| %s ORDER BY title, id".encode(),
        (uses,),
    )
    rows = found.fetchall()
    shared = tuple(str(title or "") for title, is_shared in rows if is_shared)
    return len(rows), shared[:SAMPLES]
