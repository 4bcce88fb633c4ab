"""Rules of records whose computed values changed because others were written.

Such a record is refused only where it kept a rule before and breaks it now: an offender of
old must not keep others from their work.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    case,
    cast,
    column,
    func,
    not_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from engine.changes import RecordChange
from engine.database import Rows
from engine.errors import FieldError
from engine.history.changes import json_value
from engine.query.gathering import Joins
from engine.query.joins import RowSource
from engine.records.work import IDS, Work
from engine.schema.columns import column_type
from engine.values.graph import inputs
from engine.values.sending import Request
from formula import compile_sql
from formula.backends.contract import Columns
from formula.scope import Root
from metamodel.flows import Rule
from metamodel.model import Entity


@dataclass(frozen=True, slots=True)
class FollowedRules:
    """Rules of one entity that read what followed from a write, and the request for them."""

    entity: Entity
    rules: Sequence[Rule]
    request: Request

    def broken(self, rows: Rows) -> Iterator[FieldError]:
        """Yield each rule that a record kept before and breaks now."""
        for row in rows:
            for rule, broken in zip(self.rules, row[1:], strict=True):
                if broken:
                    params = {
                        "rule": rule.name,
                        "message": rule.message,
                        "entity": self.entity.name,
                        "record": str(row[0]),
                    }
                    yield FieldError("rule", (), params)


def followed_rules(work: Work, changes: Sequence[RecordChange]) -> Iterator[FollowedRules]:
    """Yield, by entity, the rules that records might break which nobody entered."""
    groups: dict[str, list[RecordChange]] = {}
    for change in changes:
        groups.setdefault(change.entity, []).append(change)
    for key, group in groups.items():
        entity = work.entity(key)
        fields = tuple(sorted({field for change in group for field in change.after}))
        rules = [rule for rule in entity.rules.values() if _reads(work, entity, rule, fields)]
        if rules:
            yield FollowedRules(entity, rules, _request(work, entity, rules, fields, group))


def _reads(work: Work, entity: Entity, rule: Rule, fields: Sequence[str]) -> bool:
    def find() -> frozenset[str]:
        found = inputs(work.model, entity.key, rule.refuse_when)
        return frozenset(field for path, _, field in found if not path)

    return bool(work.ctx.compiled.keep(("rule reads", entity.key, rule.key), find) & set(fields))


def _request(
    work: Work,
    entity: Entity,
    rules: Sequence[Rule],
    fields: Sequence[str],
    changes: Sequence[RecordChange],
) -> Request:
    before = [
        {
            "id": str(change.id),
            **{f"b_{field}": json_value(value) for field, value in change.before.items()},
            **{f"had_{field}": True for field in change.before},
        }
        for change in changes
    ]
    values = {"ids": [change.id for change in changes], "before": json.dumps(before)}
    key = ("followed", entity.key, tuple(rule.key for rule in rules), tuple(fields))
    return work.ask(key, lambda: _statement(work, entity, rules, fields), values)


def _statement(
    work: Work, entity: Entity, rules: Sequence[Rule], fields: Sequence[str]
) -> Select[Any]:
    """Return the statement that says of each record which rules it breaks now and kept before."""
    known = [entity.fields[field] for field in fields]
    columns: list[Any] = [column("id", Uuid())]  # Any: columns of every type
    columns += [column(f"b_{each.key}", column_type(each)) for each in known]
    columns += [column(f"had_{each.key}", Boolean()) for each in known]
    rows = (
        func.jsonb_to_recordset(cast(bindparam("before", type_=Text()), JSONB))
        .table_valued(*columns, name="before")
        .render_derived(with_types=True)
    )
    row = work.ctx.compiled.tables.of(entity.key).alias()
    given: dict[str, ColumnElement[Any]] = {
        each.key: case(
            (rows.c[f"had_{each.key}"], rows.c[f"b_{each.key}"]), else_=row.c[each.column]
        )
        for each in known
    }
    joins = Joins(row.join(rows, rows.c.id == row.c.id))
    compiled, key = work.ctx.compiled, entity.key
    previous = RowSource.over(compiled, key, row, given=given, joins=joins)
    roots: Mapping[Root, Columns] = {"previous": previous}
    now = RowSource.over(compiled, key, row, roots=roots, joins=joins)
    # What stood before the change is compared with itself: nothing had changed then.
    then = RowSource.over(compiled, key, row, given=given, roots=roots, joins=joins)
    broken = [
        (compile_sql(rule.refuse_when, now) & not_(compile_sql(rule.refuse_when, then))).label(
            f"r{at}"
        )
        for at, rule in enumerate(rules)
    ]
    return select(row.c.id, *broken).select_from(joins.clause()).where(row.c.id == any_(IDS))
