"""What people are told of public pools: which one, and what takes a record back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.query.spec import Record
from metamodel.duties import Pool
from metamodel.model import Entity
from ui.screen import Screen

Told = Mapping[str, object]
"""What a notice keeps: the key of a pool, and the name of a condition of it as `reason`."""


def pool_sentence(screen: Screen, told: Told, *, gone: bool) -> str:
    """Return the sentence of a warning, or of what it warned of, with places for names."""
    say = screen.words.say
    known = bool(return_label(screen, told.get("pool"), told.get("reason")))
    if gone and known:
        return say("A record of yours went back to “{name}”: {kind}. Why: {why}")
    if gone:
        return say("A record of yours went back to “{name}”: {kind}")
    if known:
        return say("{record} goes back to “{name}” at {due} unless it is looked after: {why}")
    return say("{record} goes back to “{name}” at {due} unless it is looked after")


def pool_label(screen: Screen, key: object) -> str:
    """Return what a pool is called, blank for one that is not there any more."""
    pool = screen.ctx.model.pools.get(str(key)) if key else None
    return screen.label(pool.label) if pool is not None else ""


def warning_of(screen: Screen, entity: Entity, record: Record) -> str:
    """Return when and why a record goes back to a pool unless it is looked after; blank if not."""
    if not entity.owned or not any(each.warn_before for each in _pools_of(screen, entity)):
        return ""
    found = screen.services.pools.warning(screen.ctx, entity.key, record.id)
    if found is None:
        return ""
    return screen.words.say(
        "It goes back to “{name}” at {due} unless it is looked after: {why}.",
        name=pool_label(screen, found.pool),
        due=screen.formats.instant(found.due),
        why=return_label(screen, found.pool, found.reason) or found.reason,
    )


def _pools_of(screen: Screen, entity: Entity) -> Iterator[Pool]:
    pools = screen.ctx.model.pools.values()
    return (each for each in pools if each.active and each.entity == entity.key)


def return_label(screen: Screen, key: object, reason: object) -> str:
    """Return what a condition of a pool is called, blank for one that is not there any more."""
    pool = screen.ctx.model.pools.get(str(key)) if key else None
    found = pool.returns.get(str(reason)) if pool is not None and reason else None
    return screen.label(found.label) if found is not None else ""
