"""Steps that fill columns from what is there already: conversions, first stages, roundings.

Each statement writes only rows whose value would differ, so that running it again, after a
crash or for rows written meanwhile, costs a look and changes nothing that is right.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from engine.context import Tenant
from engine.schema.convert import conversion
from engine.schema.ddl import qualified
from engine.schema.ground import Ground, entered_place
from engine.schema.live import Live, LiveTable
from engine.schema.names import literal, object_name, quoted
from engine.schema.pairing import is_many, pairing_steps, stale_where, unpairing
from engine.schema.sealing import sealing_steps
from engine.schema.steps import Shadow, Step
from engine.schema.structure import is_small
from engine.schema.telling import told
from formula.types import BooleanType, NumberType, PercentType
from metamodel.model import Entity, Field, Model


def fill_steps(
    tenant: Tenant, old: Model, new: Model, live: Live, ground: Ground
) -> Iterator[Step]:
    """Yield what must be written into rows so that they read under `new` as under `old`."""
    for key, entity in new.entities.items():
        there, before = live.get(entity.table), old.entities.get(key)
        if there is None or before is None or entity.retired or entity.system:
            continue
        table = qualified(tenant.schema, entity.table)
        for field in entity.fields.values():
            former = before.fields.get(field.key)
            if former is not None and not field.retired:
                if field.encrypted and not former.encrypted:
                    yield from sealing_steps(tenant.schema, former, field, there, table)
                else:
                    yield from _changed_field(table, former, field, there, ground)
        yield from _first_stages(table, before, entity, there)


def _changed_field(
    table: str, old: Field, new: Field, there: LiveTable, ground: Ground
) -> Iterator[Step]:
    if is_many(new) and not is_many(old):
        yield from pairing_steps(table, old, new, there, ground)
        return
    same = new.column == old.column
    turned = new.computed != old.computed if same else waits_in_place(new, ground)
    if new.column and turned:
        yield from _entered(table, new, there, ground)
        return
    if new.formula is not None or not new.column or not (old.column or is_many(old)):
        return
    if new.column != old.column:
        fresh = new.column not in there.columns
        sql = conversion_update(table, old, new, ground, fresh=fresh)
        if sql:
            params = {"field": new.key, "from": old.type, "to": new.type}
            step = _writing("convert_values", new, table, there, sql[0], params)
            yield replace(step, sql=sql)
    elif _scale(new) < _scale(old):
        yield from _rounding(table, new, there)
    elif _scale(new) > _scale(old):
        yield from _unrounding(table, old, new, there)


def conversion_update(
    table: str, old: Field, new: Field, ground: Ground, *, fresh: bool
) -> tuple[str, ...]:
    """Return the statements that carry a field's values into the column of its new type.

    A column that held values of this type before, as when going back, keeps those of records
    whose field nobody changed since: the way there and back need not be exact.
    """
    if is_many(old):
        return unpairing(table, old, new, ground)
    forward = conversion(old, new, ground, table)
    source, target = quoted(old.column), quoted(new.column)
    if forward is None:
        return () if fresh else _emptied(table, old, new, ground)
    value = f"CASE WHEN {source} IS NULL THEN NULL ELSE {forward.value} END"
    if isinstance(new.value_type, BooleanType):
        value = f"coalesce({value}, false)"
    written = f"{target} = {value}"
    if new.plain_column:
        written += f", {quoted(new.plain_column)} = {told(old, ground, table)}"
    stale = stale_where(table, old, new, ground)
    # Of a new column every value is written: to compare first would work each out twice.
    filled = f"({source} IS NOT NULL OR {target} IS NOT NULL)"
    due = filled if fresh else f"{target} IS DISTINCT FROM ({value})"
    if not forward.matches:
        return (f"UPDATE {table} SET {written} WHERE {due}{stale}",)  # noqa: S608
    unknown = f"{source} IS NULL OR NOT ({forward.fits})"
    return (
        f"UPDATE {table} SET {target} = m.match FROM ({forward.matches}) m "  # noqa: S608
        f"WHERE m.said = {forward.said} AND {target} IS DISTINCT FROM m.match{stale}",
        f"UPDATE {table} SET {target} = NULL WHERE {target} IS NOT NULL AND ({unknown}){stale}",  # noqa: S608
    )


def _emptied(table: str, old: Field, new: Field, ground: Ground) -> tuple[str, ...]:
    """Return what takes away what a place held before, where people changed the field since.

    For a change of type where nothing converts: what they entered is told as not converted.
    """
    stale = stale_where(table, old, new, ground)
    truth = isinstance(new.value_type, BooleanType)
    held_before = quoted(new.column) if truth else f"{quoted(new.column)} IS NOT NULL"
    blank = "false" if truth else "NULL"
    sql = f"UPDATE {table} SET {quoted(new.column)} = {blank} WHERE {held_before}{stale}"  # noqa: S608
    return (sql,) if stale else ()


def _entered(table: str, field: Field, there: LiveTable, ground: Ground) -> Iterator[Step]:
    """What was entered is kept while the field is computed, and is given back afterwards.

    A record that was made meanwhile keeps what was computed; any other was blank if nothing is
    kept of it.
    """
    name, column = entered_place(there.name, field), quoted(field.column)
    if field.column not in there.columns:
        return
    kept = quoted(name)
    params = {"field": field.key, "kept": name}
    if field.formula is not None:
        yield _keeping(table, field, f"{kept} {there.columns[field.column]}", params)
        # Nobody reads it yet: so it is written before the switch, as new columns are.
        sql = f"UPDATE {table} SET {kept} = {column} WHERE {kept} IS DISTINCT FROM {column}"  # noqa: S608
        yield replace(_writing("keep_entered", field, table, there, sql, params), fields=())
    elif name in there.columns:
        given = f"coalesce({kept}, false)" if isinstance(field.value_type, BooleanType) else kept
        made = ground.made_since(table, field, name)
        there_before = f" OR NOT ({made})" if made is not None else ""
        value = f"CASE WHEN {kept} IS NOT NULL{there_before} THEN {given} ELSE {column} END"
        step = _writing("restore_values", field, table, there, "", params)
        yield from _anew(step, field, there, Anew(value, forgotten=(name,)))


def waits_in_place(field: Field, ground: Ground) -> bool:
    """Return whether a field will be computed where values of an earlier type of it wait."""
    place = (field.entity, field.key, field.column)
    return field.formula is not None and place in ground.left


def _keeping(table: str, field: Field, column: str, params: Mapping[str, object]) -> Step:
    """Return the step that adds a column for values as they were."""
    sql = (f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {column}",)
    return Step("keep_values", field.entity, sql=sql, params=params)


def _rounding(table: str, field: Field, there: LiveTable) -> Iterator[Step]:
    """Round values to fewer decimals; what they were is kept in a column of its own."""
    column, scale = quoted(field.column), _scale(field)
    name = _kept(there, field, scale)
    params = {"field": field.key, "scale": scale, "kept": name}
    yield _keeping(table, field, f"{quoted(name)} numeric", params)
    rounded = f"round({column}, {scale})"
    keeps = f"CASE WHEN {column} <> {rounded} THEN {column} END"
    step = _writing("round_values", field, table, there, "", params)
    yield from _anew(step, field, there, Anew(rounded, {name: keeps}))


def _unrounding(table: str, old: Field, new: Field, there: LiveTable) -> Iterator[Step]:
    """Give values back their decimals where nobody changed what was left of them.

    They were rounded once or several times, and may have more decimals than there is room for
    even now: then they are rounded to these.
    """
    scales = {scale: _kept(there, new, scale) for scale in range(_scale(old), _scale(new))}
    known = {scale: name for scale, name in scales.items() if name in there.columns}
    if not known:
        return
    value, scale = quoted(new.column), _scale(new)
    for rounded_to, name in known.items():
        # Where nothing is kept the comparison holds not.
        kept = quoted(name)
        value = f"CASE WHEN {value} = round({kept}, {rounded_to}) THEN {kept} ELSE {value} END"
    again = _kept(there, new, scale)
    params = {"field": new.key, "scale": scale, "kept": again}
    yield _keeping(table, new, f"{quoted(again)} numeric", params)
    fewer = f"round({value}, {scale})"
    keeps = f"CASE WHEN {value} <> {fewer} THEN {value} ELSE {quoted(again)} END"
    step = _writing("restore_values", new, table, there, "", params)
    yield from _anew(step, new, there, Anew(fewer, {again: keeps}, tuple(known.values())))


@dataclass(frozen=True, slots=True)
class Anew:
    """What a column that serves becomes: a `value`, as SQL over the row as it is.

    `kept` are values of other columns, by name, that are written with it; `forgotten` are columns
    that it was given back from, and that are blank afterwards.
    """

    value: str
    kept: Mapping[str, str] = dataclasses.field(default_factory=dict)
    forgotten: tuple[str, ...] = ()


def _anew(step: Step, field: Field, there: LiveTable, anew: Anew) -> Iterator[Step]:
    """Yield what writes a column that serves: until the switch the old model reads it.

    So a small table is written in the switch, and of a large one the column that is to take its
    place before.
    """
    blank = {name: "NULL" for name in anew.forgotten}
    if is_small(there.rows) or field.link is not None:
        sql = _update(step.table, {field.column: anew.value, **anew.kept, **blank})
        yield replace(step, sql=(sql,), phase="switch", table="")
        return
    beside = Shadow(field.entity, there.name, field.column).name
    sql = _update(step.table, {beside: anew.value, **anew.kept})
    yield replace(step, sql=(sql,), beside=field.column)
    if blank:
        sql = _update(step.table, blank)
        params = {"field": field.key}
        yield replace(
            _writing("forget_kept", field, step.table, there, sql, params),
            phase="settle",
            fields=(),
        )


def _update(table: str, values: Mapping[str, str]) -> str:
    """Return the statement that gives columns values, in the rows in which they have others."""
    written = ", ".join(f"{quoted(name)} = {value}" for name, value in values.items())
    due = " OR ".join(f"{quoted(name)} IS DISTINCT FROM {value}" for name, value in values.items())
    return f"UPDATE {table} SET {written} WHERE ({due})"  # noqa: S608


def _kept(there: LiveTable, field: Field, scale: int) -> str:
    return object_name("kept", there.name, field.column, (str(scale),))


def _first_stages(table: str, before: Entity, entity: Entity, there: LiveTable) -> Iterator[Step]:
    """A pipeline put over records that were there starts them all in its first stage."""
    for pipeline in entity.pipelines.values():
        if pipeline.key in before.pipelines or pipeline.when is not None:
            continue
        field, stage = entity.fields[pipeline.field_key], pipeline.first.key
        column = quoted(field.column)
        sql = f"UPDATE {table} SET {column} = {literal(stage)} WHERE {column} IS NULL"  # noqa: S608
        params = {"pipeline": pipeline.key, "stage": stage}
        step = _writing("fill_stage", field, table, there, sql, params)
        former = before.fields.get(field.key)
        if former is not None and not former.retired and former.column == field.column:
            first = f"coalesce({column}, {literal(stage)})"
            yield from _anew(step, field, there, Anew(first))
        else:
            yield step


def _scale(field: Field) -> int:
    kind = field.value_type
    return kind.scale if isinstance(kind, NumberType | PercentType) else 0


def _writing(
    code: str, field: Field, table: str, there: LiveTable, sql: str, params: Mapping[str, object]
) -> Step:
    return Step(
        code,
        field.entity,
        sql=(sql,),
        cost="rewrites" if there.rows else "instant",
        rows=there.rows,
        params=params,
        fields=(field.key,),
        table=table,
    )
