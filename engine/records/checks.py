"""Conditions under which a record is refused: rules, required fields, stages, dependent options.

Each is data: what must be blank, which conditions must hold (or not) for it to be wrong. The
same check is evaluated in Python before a record is written where it reads nothing but the
record's own fields, else in SQL after the computed values have settled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, any_, not_, select

from engine.query.joins import RowSource
from engine.records.draft import Draft
from engine.records.previous import previous_rows, previous_source
from engine.records.work import IDS, Work
from engine.values.computed import Prepared, prepared
from engine.values.local import RowValues
from formula import compile_python, compile_sql
from formula.typed import Typed
from metamodel.flows import Pipeline, Stage
from metamodel.model import Entity, Field


@dataclass(frozen=True, slots=True)
class Check:
    """One way for a record to be wrong: `blank` (a field, by key) is, and all conditions hold.

    A condition is a formula and what it must come to. `when` limits the check to records whose
    field holds a code; `changes` to those where one of these fields changed.
    """

    code: str
    at: str = ""
    blank: str = ""
    conditions: tuple[tuple[Typed, bool], ...] = ()
    when: tuple[str, str] | None = None
    changes: frozenset[str] = frozenset()
    updates_only: bool = False
    params: Mapping[str, object] = field(default_factory=dict)

    def concerns(self, draft: Draft, changed: set[str]) -> bool:
        """Return whether the check speaks of this draft at all."""
        if self.updates_only and draft.is_new:
            return False
        if self.when is not None and draft.values.get(self.when[0]) != self.when[1]:
            return False
        return draft.is_new or not self.changes or bool(self.changes & changed)


def checks_of(entity: Entity) -> Iterator[Check]:
    """Yield every check of an entity."""
    for each in entity.fields.values():
        if not each.retired and each.formula is None:
            yield from _field_checks(each)
    for pipeline in entity.pipelines.values():
        for stage in pipeline.stages.values():
            yield from _stage_checks(pipeline, stage)
    for rule in entity.rules.values():
        yield Check(
            "rule",
            rule.at,
            conditions=((rule.refuse_when, True),),
            params={"rule": rule.name, "message": rule.message},
        )


def _field_checks(each: Field) -> Iterator[Check]:
    seen = ((each.visible_when, True),) if each.visible_when else ()
    if each.required and each.numbering is None:
        yield Check("required", each.key, blank=each.key, conditions=seen)
    if each.required_when is not None:
        conditions = ((each.required_when, True), *seen)
        yield Check("required", each.key, blank=each.key, conditions=conditions)
    if each.readonly_when is not None:
        yield Check(
            "readonly",
            each.key,
            conditions=((each.readonly_when, True),),
            changes=frozenset({each.key}),
            updates_only=True,
        )
    for option, condition in each.options_when.items():
        yield Check(
            "unknown_choice",
            each.key,
            conditions=((condition, False),),
            when=(each.key, option),
            params={"value": each.options[option].name if option in each.options else option},
        )


def _stage_checks(pipeline: Pipeline, stage: Stage) -> Iterator[Check]:
    mine = ((pipeline.when, True),) if pipeline.when else ()
    at = pipeline.field_key
    params = {"stage": stage.label or stage.name, "name": stage.name}
    for key in stage.must_fill:
        yield Check(
            "must_fill",
            key,
            blank=key,
            conditions=mine,
            when=(at, stage.key),
            changes=frozenset({at, key}),
            params=params,
        )
    if stage.enter_when is not None:
        yield Check(
            "enter_when",
            at,
            conditions=((stage.enter_when, False), *mine),
            when=(at, stage.key),
            changes=frozenset({at}),
            params=params,
        )


def check_early(work: Work, drafts: Iterable[Draft], checks: Sequence[Check]) -> None:
    """Evaluate an entity's checks in Python, noting what is wrong with each draft."""
    for draft in drafts:
        if draft.along:
            continue
        changed = set(draft.changed())
        row = row_values(work, draft)
        for check in checks:
            if check.concerns(draft, changed) and _is_wrong(check, draft, row):
                draft.refuse(check.code, check.at, **check.params)


def _is_wrong(check: Check, draft: Draft, row: RowValues) -> bool:
    if check.blank and draft.values.get(check.blank) is not None:
        return False
    if check.updates_only and isinstance(row.roots.get("previous"), RowValues):
        # What may be changed now is decided by the record as it was.
        row = row.roots["previous"]  # type: ignore[assignment]
    return all(
        bool(compile_python(typed).evaluate(row)) == wanted for typed, wanted in check.conditions
    )


def row_values(work: Work, draft: Draft) -> RowValues:
    """Return a draft as formulas read it in Python, with the record it was."""
    previous = RowValues(work.ctx, draft.entity, draft.before)
    return RowValues(
        work.ctx,
        draft.entity,
        draft.values,
        targets=draft.targets,
        roots={"previous": previous},
    )


def check_late(work: Work, drafts: Sequence[Draft], checks: Sequence[Check]) -> None:
    """Evaluate an entity's checks in SQL over written drafts: one statement for all of them."""
    asked = {draft.id: set(draft.changed()) for draft in drafts}
    concerned = [
        check for check in checks if any(check.concerns(draft, asked[draft.id]) for draft in drafts)
    ]
    if not concerned:
        return
    entity = drafts[0].entity
    key = ("late checks", entity.key, tuple(checks.index(check) for check in concerned))
    statement = work.ctx.compiled.keep(key, lambda: _statement(work, entity, concerned))
    by_id = {draft.id: draft for draft in drafts}
    before = previous_rows(work.ctx, entity, drafts)
    for row in statement.run(work.connection, work.ctx, ids=list(by_id), before=before):
        draft = by_id[row[0]]
        for check, wrong in zip(concerned, row[1:], strict=True):
            if wrong and check.concerns(draft, asked[draft.id]):
                draft.refuse(check.code, check.at, **check.params)


def _statement(work: Work, entity: Entity, checks: Sequence[Check]) -> Prepared:
    row = work.ctx.compiled.tables.of(entity.key).alias()
    previous = previous_source(work.ctx, entity)
    source = RowSource.over(work.ctx.compiled, entity.key, row, roots={"previous": previous})
    columns: list[ColumnElement[Any]] = [_wrong(check, source) for check in checks]
    clause = source.joins.clause().outerjoin(previous.joins.clause(), previous.row.c.id == row.c.id)
    statement = select(row.c.id, *(each.label(f"c{at}") for at, each in enumerate(columns)))
    return prepared(statement.select_from(clause).where(row.c.id == any_(IDS)))


def _wrong(check: Check, source: RowSource) -> ColumnElement[Any]:
    parts = [
        compile_sql(typed, source) if wanted else not_(compile_sql(typed, source))
        for typed, wanted in check.conditions
    ]
    if check.blank:
        parts.append(source.value(check.blank).is_(None))
    whole = parts[0]
    for part in parts[1:]:
        whole = whole & part
    return whole
