"""Between one value and any number of links: how the rows of a link table are made, and read back.

A record that had links before keeps them as they were where nobody changed its value since,
exactly as columns keep theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.schema.ground import MEMBER_COLUMN, Ground, place_of
from engine.schema.live import LiveTable
from engine.schema.names import quoted
from engine.schema.ranges import among
from engine.schema.reading import SEVERAL, matches, met, read
from engine.schema.retelling import NEW_ID
from engine.schema.steps import Step
from engine.schema.telling import told
from metamodel.conversions import FAMILIES, verdict
from metamodel.model import HOLDER, MEMBER, PLACE, Field

_HOLDER, _MEMBER, _PLACE = quoted(HOLDER), quoted(MEMBER), quoted(PLACE)

HOLDS = f"EXISTS (SELECT 1 FROM {{pairs}} p WHERE p.{_HOLDER} = {{table}}.id)"  # noqa: S608
"""The condition that a record has links; `pairs` and `table` by their qualified names."""


def is_many(field: Field) -> bool:
    """Return whether a field's values are rows of a link table."""
    return field.link is not None and field.link.many


def pairing_steps(
    table: str, old: Field, new: Field, there: LiveTable, ground: Ground
) -> Iterator[Step]:
    """Yield what makes links of the values of a field that held one."""
    pairs = ground_pairs(table, new)
    found = _found(table, old, new, ground)
    if found is None:
        return
    step = Step(
        "convert_values",
        new.entity,
        cost="rewrites" if there.rows else "instant",
        rows=there.rows,
        params={"field": new.key, "from": old.type, "to": new.type},
        fields=(new.key,),
        table=table,
    )
    known = f"SELECT 1 FROM {pairs} p WHERE p.{_HOLDER} = f.id AND p.{_MEMBER} = f.match"  # noqa: S608
    sql = (
        f"INSERT INTO {pairs} (id, {_HOLDER}, {_MEMBER}, {_PLACE}) "  # noqa: S608
        f"SELECT {NEW_ID}, f.id, f.match, f.place - 1 FROM ({found}) f "
        f"WHERE NOT EXISTS ({known})"
    )
    changed, mine = ground.changed_since(table, new), among(f"p.{_HOLDER}")
    if changed is None:
        # What was saved while links were made, or long after a publish that failed, left some.
        same = f"f.id = p.{_HOLDER} AND f.match = p.{_MEMBER}"
        right = f"SELECT 1 FROM ({found}) f WHERE {same}"  # noqa: S608
        gone = f"DELETE FROM {pairs} p WHERE NOT EXISTS ({right}) AND {mine}"  # noqa: S608
        yield replace(step, sql=(gone, sql))
        return
    # Coming back, links that hold still are left alone.
    since = ground.changed_since("f", new)
    gone = (
        f"DELETE FROM {pairs} p WHERE p.{_HOLDER} IN "  # noqa: S608
        f"(SELECT id FROM {table} WHERE {changed}) AND {mine}"
    )
    yield replace(step, sql=(gone, f"{sql} AND {since}"))


def ground_pairs(table: str, field: Field) -> str:
    """Return the link table of a field, which lies in the schema of its records' `table`."""
    schema, _, _ = table.rpartition(".")
    return f"{schema}.{quoted(field.link.through)}" if field.link else ""


def _found(table: str, old: Field, new: Field, ground: Ground) -> str | None:
    """Return the statement of the links that values become: `id`, `match` and `place`, from 1."""
    source = f"{table}.{quoted(old.column)}"
    if FAMILIES[old.type] == "link":
        one = old.link is not None and new.link is not None and old.link.to == new.link.to
        held = (
            f"SELECT id, {source} AS match, 1 AS place FROM {table} "  # noqa: S608
            f"WHERE {source} IS NOT NULL AND {among('id')}"
        )
        return held if one and old.column else None
    parts, known = _parts(table, old, ground), _known(new, ground)
    if parts is None or known is None:
        return None
    return (
        f"SELECT {table}.id, m.match, min(u.place) AS place FROM {table} "  # noqa: S608
        f"CROSS JOIN LATERAL {parts} JOIN ({known}) m ON m.said = {met('u.part')} "
        f"WHERE {source} IS NOT NULL AND {among(f'{table}.id')} AND {all_known(parts, known)} "
        "GROUP BY 1, 2"
    )


def _parts(table: str, old: Field, ground: Ground) -> str | None:
    text = told(old, ground, table) if old.column and not old.encrypted else None
    return text and f"regexp_split_to_table({text}, {SEVERAL}) WITH ORDINALITY u(part, place)"


def _known(new: Field, ground: Ground) -> str | None:
    named = ground.named.get(new.link.to[0]) if new.link and new.link.to else None
    return matches(named) if named else None


def all_known(parts: str, known: str) -> str:
    """Return the condition that every part of a text names a record."""
    said = met("u.part")
    unknown = f"{said} <> '' AND {said} NOT IN (SELECT m.said FROM ({known}) m)"  # noqa: S608
    return f"NOT EXISTS (SELECT 1 FROM {parts} WHERE {unknown})"  # noqa: S608


def pairable(table: str, old: Field, new: Field, ground: Ground) -> str | None:
    """Return the condition that a value becomes links; None where no value does."""
    if _found(table, old, new, ground) is None:
        return None
    if FAMILIES[old.type] == "link":
        return "true"
    parts, known = _parts(table, old, ground), _known(new, ground)
    return all_known(parts, known) if parts and known else None


def stale_where(table: str, old: Field, new: Field, ground: Ground) -> str:
    """Return what narrows a statement to records whose value in its new place does not hold.

    That is any record, or, where the place held values before, one whose field somebody changed
    since: whoever enters a record changes it, too. Of a computed field that is all they changed.
    """
    if old.computed:
        changed = ground.made_since(table, new, place_of(new))
    else:
        changed = ground.changed_since(table, new)
    return f" AND {changed}" if changed is not None else ""


def unpairing(table: str, old: Field, new: Field, ground: Ground) -> tuple[str, ...]:
    """Return the statements that make one value of a record's links, where one can hold them."""
    value = unpaired(table, old, new, ground)
    if value is None:
        return ()
    written = f"{quoted(new.column)} = {value}"
    if new.plain_column:
        written += f", {quoted(new.plain_column)} = {told(old, ground, table)}"
    changed = f"{table}.{quoted(new.column)} IS DISTINCT FROM ({value})"
    stale = stale_where(table, old, new, ground)
    return (f"UPDATE {table} SET {written} WHERE {changed}{stale}",)  # noqa: S608


def unpaired(table: str, old: Field, new: Field, ground: Ground) -> str | None:
    """Return what the links of a record become as one value, NULL where one cannot hold them."""
    if verdict(old.type, new.type) == "refused" or new.encrypted:
        return None
    pairs = ground_pairs(table, old)
    same = old.link is not None and new.link is not None and old.link.to == new.link.to
    if FAMILIES[new.type] == "link" and same:
        one = f"CASE WHEN count(*) = 1 THEN (array_agg({MEMBER_COLUMN}))[1] END"
        return f"(SELECT {one} FROM {pairs} p WHERE p.{_HOLDER} = {table}.id)"  # noqa: S608
    text = told(old, ground, table)
    return read(text, new, ground) if text else None
