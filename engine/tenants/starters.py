"""Planting starter records: what a new tenant's app says there is from the first day."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from logging import getLogger
from uuid import UUID

from engine.context import Context
from engine.doors import Writer
from engine.errors import EngineError
from engine.publish import Proposal
from engine.records.fill import starter_of
from engine.schema.new_starters import planted_by
from engine.store import Published
from metamodel.flows import StarterRecord
from metamodel.label import Label
from metamodel.model import Entity, Field, Model

logger = getLogger(__name__)


def plant(ctx: Context, writer: Writer, only: Collection[str] | None = None) -> dict[str, UUID]:
    """Write the model's starter records, texts in the context's language; return ids by key.

    With `only`, those of these keys; they find the others by what names these alone. A record
    that links to another is written after it, so there are as many rounds as links are deep, and
    in each round one write for each entity.
    """
    planted: dict[str, UUID] = {}
    waiting = [each for each in ctx.model.starter_records if only is None or each.key in only]
    keys = {starter.key for starter in waiting}
    while waiting:
        ready = [each for each in waiting if _needs(ctx, each, keys) <= planted.keys()]
        if not ready:
            names = ", ".join(sorted(each.key for each in waiting))
            raise ValueError(f"starter records link to each other in a ring: {names}")
        for entity in dict.fromkeys(starter.entity for starter in ready):
            round_ = [starter for starter in ready if starter.entity == entity]
            planted.update(_write(ctx, writer, entity, round_, planted))
        waiting = [each for each in waiting if each.key not in planted]
    return planted


@dataclass(frozen=True, slots=True)
class Planting:
    """Plants what a newer version of an app brings along, once it is published."""

    writer: Writer

    def __call__(self, ctx: Context, proposal: Proposal, published: Published) -> None:
        """Plant what the plan said; what the tenant's own rules refuse is logged and left out."""
        keys = planted_by(proposal.plan)
        if not keys:
            return
        after = replace(ctx, compiled=published.compiled, revision=published.revision)
        try:
            plant(after, self.writer, keys)
        except EngineError as error:
            told = {"tenant": ctx.tenant.name, "code": error.code}
            logger.warning("starter records of a newer version were refused", extra=told)


def text_in(value: object, language: str) -> object:
    """Return a text that may be given by language, in the one asked for, else the first."""
    return value.text(language) if isinstance(value, Label) else value


def _write(
    ctx: Context,
    writer: Writer,
    entity: str,
    starters: Sequence[StarterRecord],
    planted: Mapping[str, UUID],
) -> dict[str, UUID]:
    kind = ctx.model.entities[entity]
    payloads = [
        {name: _value(ctx, kind, name, value, planted) for name, value in starter.values.items()}
        for starter in starters
    ]
    change = writer.create(ctx, entity, payloads)
    return {starter.key: id for starter, id in zip(starters, change.ids, strict=True)}


def _value(
    ctx: Context, entity: Entity, name: str, value: object, planted: Mapping[str, UUID]
) -> object:
    field = _field(entity, name)
    if field is not None and field.link is not None and isinstance(value, str):
        return str(planted[value]) if value in planted else _by_name(ctx.model, field, value)
    return str(value) if isinstance(value, Decimal) else text_in(value, ctx.language)


def _by_name(model: Model, field: Field, value: str) -> object:
    """Return how a record is named that a starter of this key became long ago."""
    reference = starter_of(model, replace(field, default=value))
    return value if reference is None else {reference.by: reference.value}


def _needs(ctx: Context, starter: StarterRecord, keys: set[str]) -> set[str]:
    """Return the keys of the starter records that must be there before this one."""
    entity = ctx.model.entities[starter.entity]
    linked = {
        value
        for name, value in starter.values.items()
        if (field := _field(entity, name)) is not None and field.link is not None
    }
    return {value for value in linked if isinstance(value, str) and value in keys}


def _field(entity: Entity, name: str) -> Field | None:
    return entity.field_named(name) or entity.fields.get(name)
