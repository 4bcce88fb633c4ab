"""From two models and what is there to a plan: everything a publish would do, and its effects."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from engine.compiled import CompiledModel
from engine.context import Context
from engine.schema import ddl
from engine.schema.ahead import filling_steps
from engine.schema.answers import Asking, answers
from engine.schema.beside import beside_steps
from engine.schema.broken_rules import broken_rules
from engine.schema.costs import costed
from engine.schema.derived import derived
from engine.schema.effects import questions
from engine.schema.fills import fill_steps
from engine.schema.ground import ground_of, places_left
from engine.schema.live import read_live
from engine.schema.moves import moves
from engine.schema.new_starters import starter_effects
from engine.schema.purging import purge_effects, purge_steps
from engine.schema.recounted import recounted
from engine.schema.retracing import published_before
from engine.schema.revisions import Document, history
from engine.schema.running_approvals import approval_effects
from engine.schema.saved_views import view_effects
from engine.schema.steps import Plan
from engine.schema.structure import structure_steps
from engine.schema.waiting_runs import run_effects


def make_plan(
    connection: Connection, ctx: Context, old: CompiledModel, documents: Sequence[Document] = ()
) -> Plan:
    """Return what it takes to go from `old` to the model of `ctx`; looks, and changes nothing.

    The `documents` that the model is linked from tell whether it goes back to an earlier one.
    """
    tenant, new = ctx.tenant, ctx.compiled
    back_to = published_before(history(connection), documents) if documents else None
    live = read_live(connection, tenant)
    left = places_left(connection, tenant.schema, live)
    ground = ground_of(tenant.schema, new.model, live, left)
    moved = moves(connection, ctx, old, live, back_to)
    fills = (*fill_steps(tenant, old.model, new.model, live, ground), *moved.steps)
    made = derived(tenant, old, new, live, fills, left)
    filling, noted = filling_steps(tenant, new, live, fills, made)
    kept = beside_steps(ctx, old.model, live, ground)
    purged = tuple(purge_steps(tenant, old.model, new.model, live))
    steps = (*structure_steps(tenant, new.tables, live), *filling, *kept, *purged)
    asked = tuple(
        each
        for each in questions(tenant, old.model, new.model, new.tables, live, ground)
        if (each.touches, each.params.get("field"), each.params.get("option")) not in moved.told
    )
    asking = Asking(connection, {ddl.qualified(tenant.schema, k): t.rows for k, t in live.items()})
    effects = (
        *answers(asking, asked),
        *moved.effects,
        *approval_effects(connection, ctx, old.model, live, moved.effects),
        *run_effects(connection, ctx, old.model, live),
        *view_effects(connection, ctx, old.model, live),
        *starter_effects(connection, ctx, old.model),
        *purge_effects(connection, ctx, old.model, purged, live),
        *broken_rules(asking, ctx, old, live),
        *recounted(asking, ctx, old, live, made.steps),
    )
    return Plan(tenant.schema, costed(steps, live), effects, made.shadows, noted)
