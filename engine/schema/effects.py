"""Questions about the data that a change of the model raises, and the answers from PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.context import Tenant
from engine.schema.becoming import becoming
from engine.schema.changing import SAMPLES, changing_questions, held, is_changed, sampled
from engine.schema.ddl import qualified
from engine.schema.ground import Ground
from engine.schema.live import Live, LiveTable
from engine.schema.names import literal, quoted
from engine.schema.pairing import is_many
from engine.schema.steps import Question, Verdict
from engine.schema.tables import Tables, compared_columns, stored_columns
from engine.values.graph import is_computed
from formula.types import BooleanType, ListType, NumberType, PercentType, TextType
from metamodel.model import Entity, Field, Model, Unique

CROWD = 1_000
"""Members of one record from which a stored roll-up onto it is worth a warning."""


def questions(
    tenant: Tenant, old: Model, new: Model, tables: Tables, live: Live, ground: Ground
) -> Iterator[Question]:
    """Yield everything to count before `new` takes the place of `old`."""
    for key, entity in old.entities.items():
        if entity.retired or entity.system or entity.table not in live:
            continue
        table = qualified(tenant.schema, entity.table)
        successor = new.entities.get(key)
        if successor is None or successor.retired:
            yield Question("entity_retired", key, "loses", table=table, condition="true")
            continue
        for field in entity.fields.values():
            if not field.builtin and (not field.retired or _back_changed(field, successor)):
                yield from _questions_of(table, field, successor, live[entity.table], ground)
        for field in successor.fields.values():
            if field.key not in entity.fields and field.required and field.formula is None:
                params = {"field": field.key}
                yield Question(
                    "now_required", key, "notice", table=table, condition="true", params=params
                )
    yield from _unique_questions(tenant, old, new, tables, live, ground)
    yield from _crowd_questions(tenant, old, new, live)


def _back_changed(field: Field, successor: Entity) -> bool:
    """Return whether a retired field comes back with another type than it had."""
    new = successor.fields.get(field.key)
    return new is not None and is_changed(field, new)


def _questions_of(
    table: str, old: Field, entity: Entity, there: LiveTable, ground: Ground
) -> Iterator[Question]:
    new = entity.fields.get(old.key)
    if new is not None and is_changed(old, new):
        yield from changing_questions(table, old, new, there, ground)
    elif stored_columns(old):
        yield from _field_questions(table, old, entity)
    elif is_many(old):
        yield from _links_questions(table, old, entity)


def _field_questions(table: str, old: Field, entity: Entity) -> Iterator[Question]:
    new = entity.fields.get(old.key)
    params: dict[str, object] = {"field": old.key}
    filled = " OR ".join(_filled(name, old) for name in stored_columns(old))
    if new is None or new.retired:
        # What is computed nobody entered: it comes back with its formula.
        verdict: Verdict = "loses" if not old.computed else "notice"
        yield Question(
            "field_retired",
            old.entity,
            verdict,
            table=table,
            condition=filled,
            params=params,
            shown=_shown(old),
        )
        return
    if new.encrypted != old.encrypted:
        yield from _sealing_questions(table, old, new)
        return
    gone = [name for name in stored_columns(old) if name not in stored_columns(new)]
    if gone:
        moved = " OR ".join(_filled(name, old) for name in gone)
        asked = Question(
            "field_moved", old.entity, "loses", table=table, condition=moved, params=params
        )
        if old.link is not None and new.type != old.type:
            # A link to several kinds has a column for each, and no single value to convert.
            params |= {"from": old.type, "to": new.type}
            asked = replace(asked, code="no_conversion", verdict="blocks")
        yield asked
        return
    if new.required and not old.required and new.formula is None:
        blank = f"NOT ({filled})"
        yield Question(
            "now_required", old.entity, "notice", table=table, condition=blank, params=params
        )
    if new.column and not new.encrypted:
        yield from _option_questions(table, old, new)
        yield from _bound_questions(table, old, new)


def _links_questions(table: str, old: Field, entity: Entity) -> Iterator[Question]:
    """Count the records whose links to many go out of reach, or that name none where one must."""
    new = entity.fields.get(old.key)
    params = {"field": old.key}
    named = held(table, old)
    if new is None or new.retired or new.link is None or new.link.through != _through(old):
        yield Question(
            "field_retired", old.entity, "loses", table=table, condition=named, params=params
        )
    elif new.required and not old.required:
        missing = f"NOT ({named})"
        yield Question(
            "now_required", old.entity, "notice", table=table, condition=missing, params=params
        )


def _through(old: Field) -> str:
    return old.link.through if old.link else ""


def _filled(column: str, field: Field) -> str:
    if isinstance(field.value_type, BooleanType):
        return quoted(column)
    return f"{quoted(column)} IS NOT NULL"


def _sealing_questions(table: str, old: Field, new: Field) -> Iterator[Question]:
    """Count values that would lie open again, and those that are the same once encrypted."""
    params = {"field": old.key}
    column = quoted(old.column)
    if old.encrypted:
        held = f"SELECT count(*) FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608
        yield Question("encryption_off", old.entity, "blocks", held, params=params)
    elif new.unique and old.column:
        bare = f"lower(regexp_replace({column}, '[^[:alnum:]]+', '', 'g'))"
        alike = (
            f"SELECT count(*) AS n FROM {table} WHERE sys_trashed_at IS NULL "  # noqa: S608
            f"AND {column} IS NOT NULL GROUP BY {bare} HAVING count(*) > 1"
        )
        count = f"SELECT coalesce(sum(n), 0)::bigint FROM ({alike}) g"  # noqa: S608
        yield Question("not_unique", old.entity, "blocks", count, params={"fields": (old.key,)})


def held_option(field: Field, key: str) -> str:
    """Return the condition that a row of a field's table has one of its options, by key."""
    column = quoted(field.column)
    listed = isinstance(field.value_type, ListType)
    return f"{literal(key)} = ANY({column})" if listed else f"{column} = {literal(key)}"


def _option_questions(table: str, old: Field, new: Field) -> Iterator[Question]:
    for key, option in old.options.items():
        kept = new.options.get(key)
        if option.retired or (kept is not None and (kept.into or not kept.retired)):
            continue
        yield Question(
            "stage_retired" if new.pipeline else "option_retired",
            old.entity,
            # Records keep a retired one, and its label; one that is not there has no label.
            "loses" if kept is None else "notice",
            table=table,
            condition=held_option(new, key),
            params={"field": old.key, "option": key},
        )


def _bound_questions(table: str, old: Field, new: Field) -> Iterator[Question]:
    column = quoted(new.column)
    params: dict[str, object] = {"field": old.key}
    if isinstance(new.value_type, NumberType | PercentType) and isinstance(
        old.value_type, NumberType | PercentType
    ):
        if new.value_type.scale < old.value_type.scale:
            rounded = f"{column} <> round({column}, {new.value_type.scale})"
            asked = Question("rounded", old.entity, "loses", table=table, params=params)
            yield sampled(replace(asked, condition=rounded), column)
        if new.value_type.digits < old.value_type.digits:
            large = f"abs({column}) >= {10**new.value_type.digits}::numeric"
            asked = Question("too_large", old.entity, "blocks", table=table, params=params)
            yield sampled(replace(asked, condition=large), column)
    if isinstance(new.value_type, TextType) and new.max_length is not None:
        long = f"char_length({column}) > {new.max_length}"
        params = {**params, "most": new.max_length}
        asked = Question("too_long", old.entity, "notice", table=table, params=params)
        yield sampled(replace(asked, condition=long), column)


def _unique_questions(
    tenant: Tenant, old: Model, new: Model, tables: Tables, live: Live, ground: Ground
) -> Iterator[Question]:
    for name, (key, rule) in tables.unique.items():
        entity, before = new.entities[key], old.entities.get(key)
        there = live.get(entity.table)
        if there is None:
            continue
        fields = [entity.fields[key] for key in rule.fields]
        columns = [(each, column) for each in fields for column in compared_columns(each)]
        table, known = qualified(tenant.schema, entity.table), before.fields if before else {}
        values = [
            becoming(table, (known.get(each.key), each), column, there, ground)
            for each, column in columns
        ]
        same = values == [quoted(column) for _, column in columns]
        if not all(values) or (same and name in there.indexes):
            continue
        yield _alike(table, entity.key, rule, fields, values)


def _alike(
    table: str, entity: str, rule: Unique, fields: list[Field], values: list[str]
) -> Question:
    """Return how many records will have what another one has."""
    names = [f"c{number}" for number in range(len(values))]
    listed, filled = ", ".join(names), " AND ".join(f"{each} IS NOT NULL" for each in names)
    chosen = ", ".join(f"{value} AS {name}" for value, name in zip(values, names, strict=True))
    groups = (
        f"SELECT concat_ws(' · ', {listed}) AS shown, count(*) AS n FROM (SELECT {chosen} "  # noqa: S608
        f"FROM {table} WHERE sys_trashed_at IS NULL) rows "
        f"WHERE {filled} GROUP BY {listed} HAVING count(*) > 1"
    )
    return Question(
        "not_unique",
        entity,
        "blocks",
        f"SELECT coalesce(sum(n), 0)::bigint FROM ({groups}) g",  # noqa: S608
        ""
        if any(each.encrypted for each in fields)
        else f"SELECT shown FROM ({groups}) g ORDER BY n DESC, shown LIMIT {SAMPLES}",  # noqa: S608
        {"fields": rule.fields},
    )


def _crowd_questions(tenant: Tenant, old: Model, new: Model, live: Live) -> Iterator[Question]:
    """Yield how many writers a new stored roll-up would make wait for one and the same record."""
    for entity in new.entities.values():
        before = old.entities.get(entity.key)
        for field in entity.fields.values():
            known = before.fields.get(field.key) if before else None
            if field.formula is None or not is_computed(field) or (known and is_computed(known)):
                continue
            for read in field.formula.dependencies.collections:
                member = new.entities[read.entity]
                via = member.fields[read.via.field]
                columns = via.columns.get(entity.key) or via.column
                there = live.get(member.table)
                if read.links or there is None or columns not in there.columns:
                    continue
                table, held = qualified(tenant.schema, member.table), quoted(columns)
                alive = "" if member.system else " AND sys_trashed_at IS NULL"
                crowd = (
                    f"SELECT count(*) AS n FROM {table} "  # noqa: S608
                    f"WHERE {held} IS NOT NULL{alive} GROUP BY {held} HAVING count(*) >= {CROWD}"
                )
                count = f"SELECT coalesce(max(n), 0) FROM ({crowd}) g"  # noqa: S608
                yield Question("crowded", entity.key, "notice", count, params={"field": field.key})


def _shown(field: Field) -> str:
    """Return the SQL of a field's value for people to read; "" where it is not to be read."""
    return "" if field.encrypted or not field.column else quoted(field.column)
