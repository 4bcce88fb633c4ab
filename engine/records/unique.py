"""What must occur once among live records: found before writing, and held by the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg.errors import UniqueViolation
from sqlalchemy import Select, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from engine.records.draft import Draft
from engine.records.work import Work
from engine.schema.tables import unique_rules
from metamodel.model import Entity, Unique

Values = tuple[object, ...]


def check_unique(work: Work, drafts: Sequence[Draft]) -> None:
    """Refuse drafts whose values some other record, or one before them, has already."""
    by_entity: dict[str, list[Draft]] = {}
    for draft in drafts:
        if draft.operation != "delete":
            by_entity.setdefault(draft.entity.key, []).append(draft)
    for group in by_entity.values():
        for rule in unique_rules(group[0].entity):
            if not any(group[0].entity.fields[key].columns for key in rule.fields):
                _check(work, rule, [each for each in group if _concerns(rule, each)])


def refuse_collision(work: Work, drafts: Iterable[Draft], error: UniqueViolation) -> bool:
    """Note on a draft which unique rule the database found broken; False for other errors."""
    name = error.diag.constraint_name or ""
    if name not in work.ctx.compiled.tables.unique:
        return False
    entity, rule = work.ctx.compiled.tables.unique[name]
    concerned = [draft for draft in drafts if draft.entity.key == entity]
    for draft in concerned[:1]:
        _refuse(draft, rule, None)
    return bool(concerned)


def _concerns(rule: Unique, draft: Draft) -> bool:
    values = _values(rule, draft)
    if any(value is None for value in values):
        return False
    return draft.operation in ("create", "restore") or any(
        value != draft.before.get(key) for key, value in zip(rule.fields, values, strict=True)
    )


def _values(rule: Unique, draft: Draft) -> Values:
    return tuple(draft.values.get(key) for key in rule.fields)


def _check(work: Work, rule: Unique, drafts: Sequence[Draft]) -> None:
    if not drafts:
        return
    leaving = {draft.id for draft in drafts}
    taken: dict[Values, UUID] = {}
    entity = drafts[0].entity
    key = ("unique", entity.key, rule.key)
    asked: Mapping[str, Any] = {
        f"v{at}": list({_values(rule, draft)[at] for draft in drafts})
        for at in range(len(rule.fields))
    }
    for row in work.run(key, lambda: _statement(work, entity, rule), **asked):
        if row[0] not in leaving:
            taken[tuple(row[1:])] = row[0]
    for draft in drafts:
        other = taken.setdefault(_values(rule, draft), draft.id)
        if other != draft.id:
            _refuse(draft, rule, other)


def _statement(work: Work, entity: Entity, rule: Unique) -> Select[Any]:
    table = work.ctx.compiled.tables.of(entity.key)
    columns = [table.c[entity.fields[key].column] for key in rule.fields]
    statement = select(table.c.id, *columns).where(table.c.sys_trashed_at.is_(None))
    for at, column in enumerate(columns):
        statement = statement.where(column == any_(bindparam(f"v{at}", type_=ARRAY(column.type))))
    return statement


def _refuse(draft: Draft, rule: Unique, other: UUID | None) -> None:
    values = [str(draft.values.get(key)) for key in rule.fields]
    params: dict[str, object] = {
        "fields": [draft.entity.fields[key].name for key in rule.fields],
        "value": ", ".join(values),
        "title": values[0],
    }
    if other is not None:
        params["other"] = str(other)
    code = "restore_collides" if draft.operation == "restore" else "unique"
    draft.refuse(code, rule.fields[-1], **params)
