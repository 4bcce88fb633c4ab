"""Encrypted values that were read become masks, whoever reads them, before they leave."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from engine.context import Context
from engine.errors import KeysClosed
from engine.query.masks import masked
from engine.query.spec import Record, Row
from engine.sealing import Unsealable
from engine.values.sealed import MARK, Covered
from engine.vault.ring import Ring


def covered_records(
    ctx: Context, connection: Connection, records: Sequence[Record]
) -> tuple[Record, ...]:
    """Return records, and their lines, with masks in place of what is encrypted."""
    if not any(_is_covered(ctx, each) for each in records):
        return tuple(records)
    ring = _ring(ctx, connection)
    return tuple(_record(ctx, ring, each) for each in records)


def covered_rows(
    ctx: Context,
    connection: Connection,
    rows: Sequence[Row],
    texts: Collection[str],
    *,
    clear: Collection[str] = (),
) -> tuple[Row, ...]:
    """Return rows of a list with masks in place of what is encrypted: values of these paths.

    Those that are to be `clear`, as whoever asks may have them, are opened.
    """
    if not any(isinstance(row.values[text], Covered) for text in texts for row in rows):
        return tuple(rows)
    ring = ctx.rings.ring(ctx.tenant, connection) if clear else _ring(ctx, connection)
    return tuple(
        replace(
            row,
            values={
                **row.values,
                **_masks(ctx, ring, row.values, [text for text in texts if text not in clear]),
                **_opened(ring, row.values, clear),
            },
        )
        for row in rows
    )


def mask_of(ctx: Context, ring: Ring | None, value: Covered) -> str:
    """Return the mask of one value; of one that does not open, only that it is there."""
    if ring is None:
        return MARK
    field = ctx.model.entities[value.spot.entity].fields[value.spot.field]
    try:
        return masked(ring.open(value.spot, value.body), field) or MARK
    except Unsealable:
        return MARK


def encrypted_keys(ctx: Context, entity: str) -> tuple[str, ...]:
    """Return the keys of an entity's encrypted fields, which are kept with the model."""

    def keys() -> tuple[str, ...]:
        fields = ctx.model.entities[entity].fields.values()
        return tuple(each.key for each in fields if each.encrypted and not each.retired)

    return ctx.compiled.keep(("encrypted", entity), keys)


def _is_covered(ctx: Context, record: Record) -> bool:
    return any(
        isinstance(record.values.get(key), Covered) for key in encrypted_keys(ctx, record.entity)
    ) or any(_is_covered(ctx, line) for lines in record.lines.values() for line in lines)


def _record(ctx: Context, ring: Ring | None, record: Record) -> Record:
    keys = encrypted_keys(ctx, record.entity)
    lines = {
        name: tuple(_record(ctx, ring, each) for each in held)
        for name, held in record.lines.items()
    }
    values = {**record.values, **_masks(ctx, ring, record.values, keys)}
    return replace(record, values=values, lines=lines)


def _masks(
    ctx: Context, ring: Ring | None, values: Mapping[str, object], names: Collection[str]
) -> dict[str, object]:
    found = {name: values.get(name) for name in names}
    return {
        name: mask_of(ctx, ring, value)
        for name, value in found.items()
        if isinstance(value, Covered)
    }


def _ring(ctx: Context, connection: Connection) -> Ring | None:
    """Return the tenant's keys; None where they are under another master key."""
    try:
        return ctx.rings.ring(ctx.tenant, connection)
    except KeysClosed:
        return None


def _opened(
    ring: Ring | None, values: Mapping[str, object], names: Collection[str]
) -> dict[str, object]:
    if ring is None:
        return {}
    found = {name: values.get(name) for name in names}
    return {
        name: ring.open(value.spot, value.body)
        for name, value in found.items()
        if isinstance(value, Covered)
    }
