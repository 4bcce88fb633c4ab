"""Starter records that a newer version of an app brings along, as an effect of the plan.

What the tenant had before, and what an earlier publish planted, is not planted again: people may
have deleted it on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from engine.context import Context, Tenant
from engine.database import driver_of
from engine.schema.ddl import qualified
from engine.schema.names import literal
from engine.schema.steps import Effect
from metamodel.label import Label
from metamodel.model import Model

PLANTED = "starters_planted"
"""The code of the effect that names them."""

SAMPLES = 5
"""How many of them a plan names."""


def starter_effects(connection: Connection, ctx: Context, old: Model) -> Iterator[Effect]:
    """Yield for each entity which starter records a newer app or pack plants in it."""
    new = ctx.model
    if _versions(old) == _versions(new):
        return
    known = {each.key for each in old.starter_records} | set(_planted(connection, ctx.tenant))
    fresh = [each for each in new.starter_records if each.key not in known]
    for entity in dict.fromkeys(each.entity for each in fresh):
        found = [each for each in fresh if each.entity == entity]
        title = new.entities[entity].fields.get(new.entities[entity].title_field)
        shown = tuple(
            _text(each.values.get(title.name) if title else None, ctx.language) or each.key
            for each in found[:SAMPLES]
        )
        keys = tuple(each.key for each in found)
        yield Effect("starters_planted", entity, "notice", len(found), shown, {"keys": keys})


def planted_by(connection: Connection, tenant: Tenant, revision: int) -> frozenset[str]:
    """Return the keys of the starter records that a revision brought along, by its plan."""
    return frozenset(_planted(connection, tenant, f"number = {revision}"))


def _versions(model: Model) -> dict[str, str]:
    """Return the versions of an app and of its packs, by name."""
    return {each.name: each.version for each in (model.app, *model.packs.values())}


def _planted(connection: Connection, tenant: Tenant, of: str = "true") -> Iterator[str]:
    table = qualified(tenant.schema, "sys_revision")
    rows = driver_of(connection).execute(
        f"SELECT jsonb_array_elements_text(effect->'keys') "  # noqa: S608 - names are our own
        f"FROM {table}, jsonb_array_elements(summary->'effects') effect "
        f"WHERE effect->>'code' = {literal(PLANTED)} AND {of}".encode()
    )
    return (str(row[0]) for row in rows.fetchall())


def _text(value: object, language: str) -> str:
    return value.text(language) if isinstance(value, Label) else str(value or "")
