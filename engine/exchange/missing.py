"""Records that a file names and that are not there yet: made on the way, where somebody said so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.context import Context
from engine.doors import Access, Bulk
from engine.exchange.mapping import ColumnMap, Target
from engine.exchange.matching import existing_by_key, key_field
from engine.records.held import Held
from engine.records.writer import Records
from engine.values.sheet import Sheet
from metamodel.model import Entity, Field

Named = tuple[ColumnMap, Sheet, Sequence[int]]
"""Where columns go, the payloads of a chunk, and the places of those that count."""


def make_missing(
    ctx: Context, held: Held, writer: Records, access: Access, named: Named
) -> dict[str, int]:
    """Make the records that links name and that are missing; return how many, by entity.

    Each gets its name and nothing else. One that cannot be made so is left out: the rows that
    name it say so themselves.
    """
    columns, sheet, places = named
    made: dict[str, int] = {}
    for target in links_made(columns):
        entity = ctx.model.entities[target.field.link.to[0]] if target.field.link else None
        if entity is None:
            continue
        by = key_field(ctx, access, entity, target.by)
        texts = sorted(_texts(sheet.columns.get(target.field.name, ()), places, target.by))
        missing = _missing(ctx, held, access, by, texts)
        if missing:
            payloads = [{target.by: text} for text in missing]
            result = writer.bulk(ctx, entity.key, Bulk(create=payloads, atomic=False))
            made[entity.name] = made.get(entity.name, 0) + result.counts.get("done", 0)
    return made


def links_made(columns: ColumnMap) -> Iterator[Target]:
    """Yield the links whose missing records are made: to one entity, by a field of its own."""
    for _, target in columns.targets:
        if target.field.name in columns.rules.create and target.by and not target.entity:
            yield target


def makes_itself(entity: Entity, by: str) -> bool:
    """Return whether a record can be made of a name alone: nothing else must be filled in."""
    return bool(by) and all(
        each.name == by or each.builtin or not each.required or each.default_formula is not None
        or each.default is not None
        for each in entity.fields.values()
        if not each.retired and each.formula is None
    )  # fmt: skip


def _missing(
    ctx: Context, held: Held, access: Access, by: Field, texts: Sequence[str]
) -> list[str]:
    """Return the names that no record has."""
    found = existing_by_key(ctx, held.connection, access, by, texts)
    return [text for text, one in zip(texts, found, strict=True) if one is None]


def _texts(cells: Sequence[object], places: Sequence[int], by: str) -> set[str]:
    """Return the names that payloads of links hold."""
    found: set[str] = set()
    for at in places:
        cell = cells[at] if at < len(cells) else None
        for each in cell if isinstance(cell, list) else [cell]:
            name = each.get(by) if isinstance(each, dict) else None
            if isinstance(name, str) and name:
                found.add(name)
    return found
