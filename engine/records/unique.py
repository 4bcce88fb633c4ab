"""What must occur once among live records: found before writing, and held by the database."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg.errors import UniqueViolation
from sqlalchemy import Select, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from engine.records.draft import Draft
from engine.records.telling import told, told_records
from engine.records.work import Work
from engine.schema.tables import compared_columns, unique_rules
from engine.values.sealed import compared
from metamodel.model import Entity, Unique

Values = tuple[object, ...]


def check_unique(work: Work, drafts: Sequence[Draft]) -> None:
    """Refuse drafts whose values some other record, or one before them, has already."""
    by_entity: dict[str, list[Draft]] = {}
    for draft in drafts:
        if draft.operation != "delete" and draft.entity.pair is None:
            by_entity.setdefault(draft.entity.key, []).append(draft)
    for group in by_entity.values():
        holders = {
            rule: _held(work, rule, [each for each in group if _concerns(rule, each)])
            for rule in checked_rules(group[0].entity)
        }
        others = {id_ for held in holders.values() for id_ in held.values()}
        seen = told_records(work, group[0].entity.key, others)
        for draft in group:
            _claim(work, draft, holders, seen)


def _held(work: Work, rule: Unique, drafts: Sequence[Draft]) -> dict[Values, UUID]:
    """Return which records hold what drafts want; those that let go of theirs hold nothing."""
    if not drafts:
        return {}
    leaving = {draft.id for draft in drafts}
    wanted = [_values(rule, draft) for draft in drafts]
    held = taken(work, drafts[0].entity, rule, wanted)
    return {values: id_ for values, id_ in held.items() if id_ not in leaving}


def checked_rules(entity: Entity) -> list[Unique]:
    """Return the rules that are looked up before writing; links among several are left to SQL."""
    return [
        rule
        for rule in unique_rules(entity)
        if not any(entity.fields[key].columns for key in rule.fields)
    ]


def taken(
    work: Work, entity: Entity, rule: Unique, wanted: Collection[Values]
) -> dict[Values, UUID]:
    """Return which live record holds each of these values, if any does."""
    if not wanted:
        return {}
    key = ("unique", entity.key, rule.key)
    asked: Mapping[str, Any] = {
        f"v{at}": list({values[at] for values in wanted}) for at in range(len(rule.fields))
    }
    rows = work.run(key, lambda: _statement(work, entity, rule), **asked)
    return {tuple(row[1:]): row[0] for row in rows}


def _claim(
    work: Work,
    draft: Draft,
    holders: Mapping[Unique, dict[Values, UUID]],
    seen: Collection[UUID],
) -> None:
    """Refuse a draft whose values are held; what is not refused holds its own from now on."""
    concerned = [rule for rule in holders if _concerns(rule, draft)]
    for rule in concerned:
        other = holders[rule].get(_values(rule, draft))
        if other is not None and other != draft.id:
            refuse_taken(work, draft, rule, other if other in seen else None)
    if not draft.errors:
        for rule in concerned:
            holders[rule][_values(rule, draft)] = draft.id


def refuse_collision(work: Work, drafts: Iterable[Draft], error: UniqueViolation) -> bool:
    """Note on a draft which unique rule the database found broken; False for other errors."""
    name = error.diag.constraint_name or ""
    known = work.ctx.compiled.tables.unique.get(name) or _coming(work, error)
    if known is None:
        return False
    entity, rule = known
    concerned = [draft for draft in drafts if draft.entity.key == entity and _concerns(rule, draft)]
    for draft in concerned[:1]:
        refuse_taken(work, draft, rule, None)
    return bool(concerned)


def _coming(work: Work, error: UniqueViolation) -> tuple[str, Unique] | None:
    """Return the rule that a publish under way is about to bring, told by its index's columns."""
    found = _COLUMNS.search(error.diag.message_detail or "")
    names = [each.strip('"') for each in found[1].split(", ")] if found else []
    for entity in work.ctx.model.entities.values():
        if entity.table != error.diag.table_name:
            continue
        fields = {
            column: each.key for each in entity.fields.values() for column in compared_columns(each)
        }
        if names and fields.keys() >= set(names):
            keys = tuple(dict.fromkeys(fields[each] for each in names))
            return entity.key, Unique(keys[-1], keys[-1], keys)
    return None


_COLUMNS = re.compile(r"\(([^)]*)\)=\(")
"""The columns of a unique index in what PostgreSQL tells of a collision, in any language."""


def _concerns(rule: Unique, draft: Draft) -> bool:
    values = _values(rule, draft)
    if any(value is None for value in values):
        return False
    return draft.operation in ("create", "restore") or any(
        value != compared(draft.before.get(key))
        for key, value in zip(rule.fields, values, strict=True)
    )


def _values(rule: Unique, draft: Draft) -> Values:
    return tuple(compared(draft.values.get(key)) for key in rule.fields)


def _statement(work: Work, entity: Entity, rule: Unique) -> Select[Any]:
    table = work.ctx.compiled.tables.of(entity.key)
    columns = [
        table.c[name] for key in rule.fields for name in compared_columns(entity.fields[key])
    ]
    statement = select(table.c.id, *columns).where(table.c.sys_trashed_at.is_(None))
    for at, column in enumerate(columns):
        statement = statement.where(column == any_(bindparam(f"v{at}", type_=ARRAY(column.type))))
    return statement


def refuse_taken(work: Work, draft: Draft, rule: Unique, other: UUID | None) -> None:
    """Note that another record, named where that may be told, holds what a draft wants."""
    values = [str(told(work, draft, key)) for key in rule.fields]
    params: dict[str, object] = {
        "fields": [draft.entity.fields[key].name for key in rule.fields],
        "value": ", ".join(values),
        "title": values[0],
    }
    if other is not None:
        params["other"] = str(other)
    code = "restore_collides" if draft.operation == "restore" else "unique"
    draft.refuse(code, rule.fields[-1], **params)
