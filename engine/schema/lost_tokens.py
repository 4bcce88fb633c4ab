"""API tokens that name a form, as far as a plan takes it out of their reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from engine.context import Tenant
from engine.database import Database
from engine.schema.steps import Effect, Plan
from engine.tenants.tokens import IssuedToken, issued
from metamodel.model import Entity, Model

SAMPLES = 5
"""How many tokens are named, by their labels and whose they are."""


def with_tokens(
    plan: Plan, database: Database, tenant: Tenant, change: tuple[Model, Model]
) -> Plan:
    """Return a plan with which tokens lose what goes, or what another takes the name of."""
    lost = tuple(_effects(database, tenant, *change))
    return replace(plan, effects=(*plan.effects, *lost)) if lost else plan


def tokens_naming(
    database: Database, tenant: Tenant, model: Model, entity: Entity
) -> tuple[IssuedToken, ...]:
    """Return the tokens in use one of whose scopes names an entity."""
    return tuple(
        each
        for each in _living(database, tenant)
        if any(right and _meant(model, name) == entity.key
               for name, _, right in (scope.partition(":") for scope in each.scopes))
    )  # fmt: skip


def _living(database: Database, tenant: Tenant) -> list[IssuedToken]:
    now = datetime.now(UTC)
    found = issued(database, tenant_name=tenant.name)
    return [each for each in found if each.ends_at is None or each.ends_at > now]


def _effects(database: Database, tenant: Tenant, old: Model, new: Model) -> Iterator[Effect]:
    lost = [each for each in old.entities.values() if not each.retired and _loses(each, new)]
    if not lost:
        return
    tokens = _living(database, tenant)
    for entity in lost:
        losing = [
            each for each in tokens if any(_is_lost(entity, s, old, new) for s in each.scopes)
        ]
        if losing:
            shown = tuple(map(said_of, losing[:SAMPLES]))
            yield Effect("tokens_lose", entity.key, "notice", len(losing), shown)


def _loses(entity: Entity, new: Model) -> bool:
    """Return whether one of an entity's names stands for it no more."""
    return any(
        _meant(new, name) != entity.key for name in (entity.name, entity.key, *entity.former)
    )


def _is_lost(entity: Entity, scope: str, old: Model, new: Model) -> bool:
    name, _, right = scope.partition(":")
    return bool(right) and _meant(old, name) == entity.key != _meant(new, name)


def _meant(model: Model, name: str) -> str:
    found = model.entity_named(name)
    return found.key if found is not None else ""


def said_of(token: IssuedToken) -> str:
    """Return what a token is called, and whose it is."""
    return f"{token.label or token.start}: {token.email}"
