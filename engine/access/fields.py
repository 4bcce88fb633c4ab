"""Which fields of an entity a person may read, change, or sees only a mask of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.access.grants import (
    NAME,
    NOTHING,
    changes,
    condition,
    holds_everything,
    out_of_reach,
    parents_of,
    pool_over,
    reaches,
    rights_key,
    roles_of,
)
from engine.context import Context
from formula.scope import Step
from formula.typed import Dependencies
from metamodel.access import FieldRight, Role
from metamodel.model import Entity, Field

_ORDER: tuple[FieldRight, ...] = ("none", "mask", "read", "write")


@dataclass(frozen=True, slots=True)
class FieldRights:
    """Field keys by what the person may do; masked ones are readable, too."""

    readable: frozenset[str]
    masked: frozenset[str]
    writable: frozenset[str]


FieldCode = Literal[
    "everything", "known", "role", "limited", "barred", "no_entity", "made_of", "switched_off",
    "pooled",
]  # fmt: skip
"""Why: all rights, what everybody knows, what a role may do with the record, what it says of the
field, what a denial leaves of it, that no record is seen, that the field is computed from one
that is not read, that its module is switched off, or that it is masked until it is claimed."""


@dataclass(frozen=True, slots=True)
class FieldReason:
    """What a person may do with a field, and why.

    `role` is the one that decides, `made_of` the field that a computed one hides with.
    """

    right: FieldRight
    code: FieldCode
    role: str = ""
    made_of: Step | None = None


def field_rights(ctx: Context, entity: Entity) -> FieldRights:
    """Return the rights on an entity's fields, kept with the model for everybody alike."""
    key = ("field rights", entity.key, *rights_key(ctx))
    return ctx.compiled.keep(key, lambda: _work_out(ctx, entity))


def _work_out(ctx: Context, entity: Entity) -> FieldRights:
    rights = {
        key: _right(ctx, entity, field) for key, field in entity.fields.items() if not field.retired
    }
    _, owner = parents_of(ctx.model, entity)
    writes = any(condition(ctx, owner, action) != NOTHING for action in ("create", "update"))
    return FieldRights(
        readable=frozenset(key for key, right in rights.items() if right != "none"),
        masked=frozenset(key for key, right in rights.items() if right == "mask"),
        writable=frozenset(
            key
            for key, right in rights.items()
            if writes and right == "write" and _enterable(ctx, entity.fields[key])
        ),
    )


def _right(ctx: Context, entity: Entity, field: Field) -> FieldRight:
    return field_reason(ctx, entity, field).right


def field_reason(
    ctx: Context, entity: Entity, field: Field, *, action: str = "read"
) -> FieldReason:
    """Return what the person may do with one field and why, kept with the model.

    A link table is read as the field is that it belongs to. With `NAME` as the action, fields
    of what is switched off count as well.
    """
    pair = entity.pair
    if pair is not None:
        entity = ctx.model.entities[pair.entity]
        field = entity.fields[pair.field]
    key = ("field right", entity.key, field.key, *rights_key(ctx))
    if out_of_reach(ctx, entity, action):
        return FieldReason("none", "switched_off")
    return ctx.compiled.keep(key, lambda: _decide(ctx, entity, field))


def _decide(ctx: Context, entity: Entity, field: Field) -> FieldReason:
    """Return the most that any role allows; a computed field hides as what it is made of does."""
    _, owner = parents_of(ctx.model, entity)
    if condition(ctx, owner, NAME) == NOTHING:
        return FieldReason("none", "no_entity")
    roles = roles_of(ctx)
    found = FieldReason("write", "everything")
    if not holds_everything(ctx.actor, roles):
        found = _most_allowed(roles, owner, entity, field)
    pool = pool_over(ctx, entity)
    covered = pool is not None and not {field.key, field.amount_of}.isdisjoint(pool.masked)
    if pool is not None and covered and found.right in ("read", "write"):
        return FieldReason("mask", "pooled", pool.name)
    if field.formula is None or field.reveals or found.right == "none":
        return found
    hidden = first_unread(ctx, field.formula.dependencies)
    return found if hidden is None else FieldReason("none", "made_of", "", hidden)


def _most_allowed(
    roles: tuple[Role, ...], owner: Entity, entity: Entity, field: Field
) -> FieldReason:
    """Return the highest right among the roles that reach the entity at all."""
    reaching = [role for role in roles if reaches(role, owner)]
    limits = [_limit(role, owner, entity, field) for role in reaching or roles]
    known = FieldReason("write", "known")
    found = max(limits, key=lambda limit: _ORDER.index(limit.right), default=known)
    barred = [
        FieldReason(role.ceilings[key], "barred", role.name)
        for role in roles
        for key in ((entity.key, field.key), (entity.key, field.amount_of))
        if key in role.ceilings
    ]
    return min(found, *barred, key=lambda each: _ORDER.index(each.right)) if barred else found


def _limit(role: Role, owner: Entity, entity: Entity, field: Field) -> FieldReason:
    """Return what one role allows; one that only reads lends no right to write.

    An encrypted field is masked where the role does not say otherwise. What is said of an amount
    holds for its entered part and its rate, too.
    """
    usual: FieldRight = "write" if changes(role, owner) else "read"
    if field.encrypted:
        usual = "mask"
    whole = role.fields.get((entity.key, field.amount_of))
    said = role.fields.get((entity.key, field.key), whole)
    if said is None:
        return FieldReason(usual, "role", role.name)
    return FieldReason(said, "limited", role.name)


def may_read_all(ctx: Context, needs: Dependencies, *, action: str = "read") -> bool:
    """Return whether every field on every way is readable, and without a mask."""
    return first_unread(ctx, needs, action=action) is None


def first_unread(ctx: Context, needs: Dependencies, *, action: str = "read") -> Step | None:
    """Return a field on some way that the person may not read as it is; None: there is none."""
    chains = [*needs.reads]
    for collection in needs.collections:
        chains += [(*collection.links, collection.via), *collection.reads]
    hidden = {step for chain in chains for step in chain if not may_read(ctx, step, action=action)}
    return min(hidden, key=lambda step: (step.entity, step.field), default=None)


def may_read(ctx: Context, step: Step, *, action: str = "read") -> bool:
    """Return whether a field is readable as it is; formulas of a person may read no other."""
    entity = ctx.model.entities[step.entity]
    found = field_reason(ctx, entity, entity.fields[step.field], action=action)
    return found.right in ("read", "write")


def may_read_masked(ctx: Context, steps: Sequence[Step]) -> Literal["mask", "read"] | None:
    """Return how a path may be shown: its links must be readable, its end at least masked."""
    last = ctx.model.entities[steps[-1].entity]
    right = _right(ctx, last, last.fields[steps[-1].field])
    if right == "none" or not all(may_read(ctx, step) for step in steps[:-1]):
        return None
    return "mask" if right == "mask" else "read"


def _enterable(ctx: Context, field: Field) -> bool:
    """Return whether people enter the field at all, rather than the engine.

    A link to nothing but what is switched off stays as it is.
    """
    if field.formula is not None or field.readonly or field.type == "autonumber":
        return False
    if field.link is not None and all(ctx.model.entities[key].off for key in field.link.to):
        return False
    return not field.builtin or field.key in ("owner", "department")
