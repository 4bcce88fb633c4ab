"""Planting starter records: what a new tenant's app says there is from the first day."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from hashlib import blake2b
from logging import getLogger
from uuid import UUID

from sqlalchemy import Connection

from engine.changes import Change
from engine.context import Context
from engine.doors import Writer
from engine.errors import Busy, EngineError, Unavailable
from engine.once import Answer, Once, Repeated
from engine.records.fill import starter_of
from metamodel.flows import StarterRecord
from metamodel.label import Label
from metamodel.model import Entity, Field, Model

logger = getLogger(__name__)


def plant(
    ctx: Context, writer: Writer, only: Collection[str] | None = None, *, once: str = ""
) -> dict[str, UUID]:
    """Write the model's starter records, texts in the context's language; return ids by key.

    With `only`, those of these keys; they find the others by what names these alone. A record
    that links to another is written after it, so there are as many rounds as links are deep, and
    in each round one write for each entity. What was written under the same word `once` is not
    written again.
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
            writing = replace(ctx, once=_once(once, entity, round_)) if once else ctx
            planted.update(_write(writing, writer, entity, round_, planted))
        waiting = [each for each in waiting if each.key not in planted]
    return planted


@dataclass(frozen=True, slots=True)
class Planting:
    """Plants what a newer version of an app brings along, once it is published."""

    writer: Writer

    def __call__(self, ctx: Context, keys: Collection[str]) -> None:
        """Plant what the plan of the revision of `ctx` said, once however often it is asked.

        What the tenant's own rules refuse is logged and left out; `Unavailable` and `Busy` are
        raised, so that it is tried again.
        """
        try:
            plant(ctx, self.writer, keys, once=f"starters of {ctx.revision}")
        except (Unavailable, Busy):
            raise
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
    try:
        ids: Sequence[UUID] = writer.create(ctx, entity, payloads).ids
    except Repeated as done:
        ids = [UUID(each) for each in json.loads(done.answer.body)]
    return {starter.key: id for starter, id in zip(starters, ids, strict=True)}


def _once(word: str, entity: str, starters: Sequence[StarterRecord]) -> Once:
    """Return how a write is known again whose process died before it was told."""
    route, told = f"{word}: {entity}", " ".join(each.key for each in starters)
    digest = blake2b(told.encode(), digest_size=16).hexdigest()
    return Once(f"{route} {digest}", route, digest, _ids_of)


def _ids_of(_: Connection, done: object) -> Answer:
    ids = [str(each) for each in done.ids] if isinstance(done, Change) else []
    return Answer(200, json.dumps(ids))


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
