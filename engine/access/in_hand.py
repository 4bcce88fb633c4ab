"""Decisions on a record that was read under the person's rights, without asking the database.

Rules are evaluated in Python as far as the record and the person answer them. Where what is left
open matters (a share, a collection, a value behind a link), None says that the database must.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.access.fields import field_rights
from engine.access.grants import EVERYTHING, Rule, parents_of, rights_key, rules_of
from engine.access.verdicts import typed_condition
from engine.context import Context
from engine.doors import Decision
from engine.query.spec import LinkValue, Record
from engine.values.local import RowValues, evaluate
from formula.typed import Typed
from metamodel.model import Entity


@dataclass(frozen=True, slots=True)
class _Known:
    """A rule with its condition, None where Python cannot tell whether it holds."""

    rule: Rule
    typed: Typed | None


def judged(ctx: Context, action: str, record: Record) -> Decision | None:
    """Return whether the person may do this to a record in hand; None: it cannot be told here."""
    entity = ctx.model.entities[record.entity]
    if entity.child_of is not None:
        return None
    key = ("in hand", entity.key, action, *rights_key(ctx))
    rules = ctx.compiled.keep(key, lambda: _known(ctx, entity, action))
    row = RowValues(ctx, entity, _plain(record))
    granted, unsure, barred = "", False, False
    for known in rules:
        deny = known.rule.kind == "deny"
        if granted and not deny:
            continue
        holds = _holds(known, row)
        if holds and deny:
            return Decision(False, "denied", known.rule.name)
        if holds:
            granted = known.rule.name
        elif holds is None:
            barred, unsure = barred or deny, unsure or not deny
    if barred or (unsure and not granted):
        return None
    return Decision(True, "granted", granted) if granted else Decision(False, "out_of_scope")


def _plain(record: Record) -> dict[str, object]:
    """Return the values of a record as formulas read them: ids in place of links."""
    values = {
        key: value.id if isinstance(value, LinkValue) else value
        for key, value in record.values.items()
    }
    return {**values, "id": record.id}


def _known(ctx: Context, entity: Entity, action: str) -> tuple[_Known, ...]:
    _, owner = parents_of(ctx.model, entity)
    found = []
    for rule in rules_of(ctx, owner, action):
        open_ended = rule.kind == "share" or rule.text == EVERYTHING
        typed = None if open_ended else typed_condition(ctx, entity, rule.text)
        told = typed is not None and _is_plain(ctx, entity, typed)
        found.append(_Known(rule, typed if told else None))
    return tuple(found)


def _is_plain(ctx: Context, entity: Entity, typed: Typed) -> bool:
    """Return whether a condition reads the record's own values only, all of them in the clear."""
    needs = typed.dependencies
    if needs.collections or needs.previous or needs.outer:
        return False
    rights = field_rights(ctx, entity)
    clear = rights.readable - rights.masked
    return all(len(chain) == 1 and (chain[0].field in clear or chain[0].field == "id")
               for chain in needs.reads)  # fmt: skip


def _holds(known: _Known, row: RowValues) -> bool | None:
    if known.rule.text == EVERYTHING:
        return True
    return None if known.typed is None else bool(evaluate(known.typed, row))
