"""Whether a figure or a list is over all records, or over those that the person may see."""

from __future__ import annotations

from collections.abc import Iterable

from engine.access.grants import rights_key
from engine.context import Context
from engine.doors import Access
from engine.query.spec import Whose
from formula.typed import Typed


def whose(ctx: Context, access: Access, entity: str, formulas: Iterable[Typed | None]) -> Whose:
    """Return "all" where nothing that is gone through is kept from the person.

    That is the entity's rows, and the records that formulas read behind links and in
    collections. A computed field is a fact of its record over all rows, whoever reads it.
    """
    read = [each for each in formulas if each is not None]
    key = ("whose", entity, tuple(each.text for each in read), *rights_key(ctx))
    return ctx.compiled.keep(key, lambda: _whose(ctx, access, entity, read))


def _whose(ctx: Context, access: Access, entity: str, formulas: Iterable[Typed]) -> Whose:
    met = {entity}
    for each in formulas:
        met.update(step.entity for chain in each.dependencies.reads for step in chain)
        for collection in each.dependencies.collections:
            met.add(collection.entity)
            met.update(step.entity for step in collection.links)
            met.update(step.entity for chain in collection.reads for step in chain)
    limited = any(access.row_filter(ctx, other, "read") is not None for other in met)
    return "yours" if limited else "all"
