"""Conditions under which a record is refused: rules, required fields, stages, dependent options.

Each is data: what must be blank, which conditions must hold (or not) for it to be wrong. The
same check is evaluated in Python before a record is written where it reads nothing but the
record's own fields, else in SQL after the computed values have settled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, not_

from engine.database import Rows
from engine.query.joins import RowSource
from engine.records.draft import Draft
from engine.records.previous import beside_previous, previous_rows
from engine.records.work import Work
from engine.values.local import RowValues, evaluate
from engine.values.sending import Request
from formula import compile_sql
from formula.typed import Typed
from metamodel.flows import Pipeline, Stage
from metamodel.model import HOLDER, Entity, Field


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
    return all(bool(evaluate(typed, row)) == wanted for typed, wanted in check.conditions)


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


@dataclass(frozen=True, slots=True)
class LateChecks:
    """Checks of one entity that SQL evaluates over written drafts, and the request for it."""

    drafts: Mapping[UUID, Draft]
    checks: Sequence[Check]
    request: Request

    def note(self, rows: Rows) -> None:
        """Note what is wrong with each draft, from the answer."""
        for row in rows:
            draft = self.drafts[row[0]]
            changed = set(draft.changed())
            for check, wrong in zip(self.checks, row[1:], strict=True):
                if wrong and check.concerns(draft, changed):
                    draft.refuse(check.code, check.at, **check.params)


def late_checks(work: Work, drafts: Sequence[Draft], checks: Sequence[Check]) -> LateChecks | None:
    """Return an entity's checks that concern any of these drafts: one statement for all."""
    asked = {draft.id: (draft, set(draft.changed())) for draft in drafts if not draft.along}
    concerned = tuple(
        at
        for at, check in enumerate(checks)
        if any(check.concerns(*each) for each in asked.values())
    )
    if not concerned:
        return None
    entity = drafts[0].entity
    chosen = [checks[at] for at in concerned]
    values: dict[str, object] = {"ids": list(asked), "before": "[]"}
    if _reads_previous(chosen):
        values["before"] = previous_rows(entity, drafts)
    key = ("late checks", entity.key, concerned)
    request = work.ask(key, lambda: _statement(work, entity, chosen), values)
    return LateChecks({id_: draft for id_, (draft, _) in asked.items()}, chosen, request)


def _statement(work: Work, entity: Entity, checks: Sequence[Check]) -> Select[Any]:
    return beside_previous(
        work.ctx,
        entity,
        lambda source: [condition_of(check, source) for check in checks],
        read=_reads_previous(checks),
    )


def _reads_previous(checks: Iterable[Check]) -> bool:
    return any(typed.dependencies.previous for check in checks for typed, _ in check.conditions)


def condition_of(check: Check, source: RowSource) -> ColumnElement[Any]:
    """Return the condition under which a row is wrong, whatever stage or choice it holds."""
    parts = [
        compile_sql(typed, source) if wanted else not_(compile_sql(typed, source))
        for typed, wanted in check.conditions
    ]
    if check.blank:
        parts.append(_is_blank(source, check.blank))
    whole = parts[0]
    for part in parts[1:]:
        whole = whole & part
    return whole


def _is_blank(source: RowSource, key: str) -> ColumnElement[bool]:
    """Return whether a field holds nothing; of a link to many records, whether it names none."""
    link = source.entity.fields[key].link
    if link is None or not link.many:
        return source.value(key).is_(None)
    pairs = source.frame.compiled.tables.of(link.through).alias()
    return ~exists().where(pairs.c[HOLDER] == source.row.c.id)
