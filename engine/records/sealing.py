"""Encrypts what was entered into encrypted fields, before anything looks at it closely."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.query.covers import encrypted_keys
from engine.query.masks import STAR, masked
from engine.records.draft import Draft
from engine.records.setwise.batch import Batch
from engine.records.work import Work
from engine.values.sealed import MARK, Sealed, Spot
from engine.vault.ring import Ring
from metamodel.model import Field


def seal_drafts(work: Work, drafts: Iterable[Draft]) -> None:
    """Encrypt what drafts hold in the clear.

    A mask that comes back as it was shown stands for the value under it; any other is refused.
    """
    ring: Ring | None = None
    for draft in drafts:
        for key in encrypted_keys(work.ctx, draft.entity.key):
            value = draft.values.get(key)
            if isinstance(value, str):
                ring = ring or work.ctx.rings.ring(work.ctx.tenant, work.connection)
                draft.values[key] = _sealed_value(ring, draft, draft.entity.fields[key], value)


def _sealed_value(ring: Ring, draft: Draft, each: Field, text: str) -> object:
    spot = Spot(draft.entity.key, each.key, draft.id)
    before = draft.before.get(each.key)
    if STAR in text:
        shown = masked(ring.open(spot, before.body), each) if isinstance(before, Sealed) else None
        if text in (shown, MARK) and before is not None:
            return before
        draft.refuse("masked_value", each.key)
        return None
    return ring.seal(spot, text, tail=bool(each.tail_column))


def seal_batch(work: Work, batch: Batch) -> set[int]:
    """Encrypt what new records hold in the clear; return the places of those that bring a mask."""
    wrong: set[int] = set()
    ring: Ring | None = None
    for each in map(batch.entity.fields.__getitem__, encrypted_keys(work.ctx, batch.entity.key)):
        column: Sequence[object] = batch.values.get(each.key, ())
        if not any(isinstance(value, str) for value in column):
            continue
        ring = ring or work.ctx.rings.ring(work.ctx.tenant, work.connection)
        wrong.update(at for at, value in enumerate(column) if STAR in str(value or ""))
        tail = bool(each.tail_column)
        batch.values[each.key] = [
            ring.seal(Spot(batch.entity.key, each.key, id_), value, tail=tail)
            if isinstance(value, str)
            else value
            for id_, value in zip(batch.ids, column, strict=True)
        ]
    return wrong
