"""Whether a person may do something, with each rule that speaks of it judged by itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, literal_column, select

from engine.access.grants import (
    EVERYTHING,
    NOTHING,
    Rule,
    action_on_parent,
    condition,
    out_of_reach,
    parents_of,
    rules_of,
    token_allows,
)
from engine.access.inherit import Inherited
from engine.context import Context
from engine.query.binds import binds
from engine.query.joins import RowSource
from formula.backends.sql import compile_filter
from formula.checker import check
from formula.parser import parse
from formula.typed import Typed
from formula.types import BooleanType
from metamodel.model import Entity
from metamodel.scope import scope_of

Reason = Literal[
    "granted", "token_scope", "no_grant", "denied", "not_seen", "out_of_scope", "switched_off"
]
"""Why: a rule grants it; a token is narrower; no rule grants it at all; one forbids it; what is
not seen is not changed; no rule that grants it holds for this record; or its module is off."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A rule, and whether it holds for the record that was asked about; None without one."""

    rule: Rule
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an action is allowed: `rule` is the name of the one that decides, if one does."""

    action: str
    allowed: bool
    reason: Reason
    rule: str = ""
    rules: tuple[Judged, ...] = ()


def in_general(ctx: Context, entity: Entity, action: str) -> Verdict:
    """Return whether somebody may do this to any record of an entity at all."""
    _, owner = parents_of(ctx.model, entity)
    asked = action if owner is entity else action_on_parent(action)
    rules = rules_of(ctx, owner, asked)
    judged = tuple(Judged(rule, None) for rule in rules)
    if out_of_reach(ctx, entity, action):
        return Verdict(action, False, "switched_off", "", judged)
    if not token_allows(ctx, owner, asked):
        return Verdict(action, False, "token_scope", "", judged)
    if condition(ctx, owner, asked) == NOTHING:
        barred = next((r.name for r in rules if r.kind == "deny" and r.text == EVERYTHING), "")
        reason: Reason = "denied" if barred else "no_grant"
        return Verdict(action, False, reason, barred, judged)
    granted = next((rule.name for rule in rules if rule.kind != "deny"), "")
    return Verdict(action, True, "granted", granted, judged)


def of_record(
    ctx: Context, connection: Connection, entity: Entity, record: UUID, actions: Collection[str]
) -> Mapping[str, Verdict] | None:
    """Return a verdict for each action on a record; None where there is no such record.

    One statement asks the database for every condition and every rule.
    """
    general = {action: in_general(ctx, entity, action) for action in actions}
    _, owner = parents_of(ctx.model, entity)
    texts: dict[str, None] = {}
    for action, verdict in general.items():
        asked = action if owner is entity else action_on_parent(action)
        texts |= dict.fromkeys((condition(ctx, owner, asked), condition(ctx, owner, "read")))
        texts |= dict.fromkeys(each.rule.text for each in verdict.rules)
    held = _held(ctx, connection, entity, record, list(texts))
    if held is None:
        return None
    return {
        action: _judge(ctx, entity, verdict, held) if verdict.allowed else _told(verdict, held)
        for action, verdict in general.items()
    }


def _held(
    ctx: Context, connection: Connection, entity: Entity, record: UUID, texts: Sequence[str]
) -> Mapping[str, bool] | None:
    """Return which conditions, of the outermost parent, hold for a record."""
    row = ctx.compiled.tables.of(entity.key).alias()
    source = RowSource.over(ctx.compiled, entity.key, row)
    columns: list[Any] = [
        literal_column("true")
        if text == EVERYTHING
        else compile_filter(typed_condition(ctx, entity, text), source)
        for text in texts
    ]
    named = [column.label(f"c{at}") for at, column in enumerate(columns)]
    statement = select(*named).select_from(source.joins.clause()).where(row.c.id == record)
    found = connection.execute(statement, binds(ctx)).first()
    return None if found is None else dict(zip(texts, map(bool, found), strict=True))


def _judge(ctx: Context, entity: Entity, general: Verdict, held: Mapping[str, bool]) -> Verdict:
    told = _told(general, held)
    _, owner = parents_of(ctx.model, entity)
    asked = general.action if owner is entity else action_on_parent(general.action)
    holding = [each.rule for each in told.rules if each.holds]
    denied = next((rule.name for rule in holding if rule.kind == "deny"), "")
    granted = next((rule.name for rule in holding if rule.kind != "deny"), "")
    allowed = held[condition(ctx, owner, asked)]
    reason: Reason = "granted"
    if not allowed:
        seen = asked == "create" or held[condition(ctx, owner, "read")]
        reason = "denied" if denied else "out_of_scope" if seen or not granted else "not_seen"
    rule = granted if allowed else denied
    return Verdict(general.action, allowed, reason, rule, told.rules)


def _told(general: Verdict, held: Mapping[str, bool]) -> Verdict:
    rules = tuple(Judged(each.rule, held[each.rule.text]) for each in general.rules)
    return Verdict(general.action, general.allowed, general.reason, general.rule, rules)


def typed_condition(ctx: Context, entity: Entity, text: str) -> Typed:
    """Return a condition of the outermost parent as it reads from `entity`."""
    links, _ = parents_of(ctx.model, entity)
    scope = scope_of(ctx.model, entity.key)
    expression = parse(text)
    return check(expression, Inherited(scope, links), expect=BooleanType())
