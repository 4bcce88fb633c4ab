"""Pipelines: which moves are allowed, and what a record leaves behind in each stage it visits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Insert, Update, bindparam, insert, update

from engine.access.listed import may_enter
from engine.query.amounts import amount_field
from engine.records.checks import row_values
from engine.records.draft import Draft
from engine.records.work import Work
from engine.values.identity import new_ids
from engine.values.local import evaluate
from engine.values.sending import Request
from metamodel.flows import Pipeline


def check_moves(work: Work, drafts: Sequence[Draft]) -> None:
    """Refuse moves that a pipeline does not know, or that no role of the person may make."""
    for draft in drafts:
        if draft.operation == "delete":
            continue
        for pipeline in pipelines_of(work, draft):
            to = draft.values.get(pipeline.field_key)
            start = draft.before.get(pipeline.field_key)
            if to == start:
                continue
            if to is None:
                # Whoever could empty it could enter any stage from there.
                draft.refuse("required", pipeline.field_key)
                continue
            if to not in pipeline.stages:
                _refuse(draft, pipeline, "unknown_stage", start, to)
            elif isinstance(start, str) and to not in pipeline.moves.get(start, pipeline.stages):
                # A stage that the pipeline did not know when moves were written is open to all.
                _refuse(draft, pipeline, "move_not_allowed", start, to)
            elif not may_enter(work.ctx, draft.entity, str(to)):
                _refuse(draft, pipeline, "move_forbidden", start, to)


def pipelines_of(work: Work, draft: Draft) -> Iterator[Pipeline]:
    """Yield for each stage field the first pipeline that is for this record."""
    decided: set[str] = set()
    for pipeline in draft.entity.pipelines.values():
        if pipeline.field_key in decided:
            continue
        if pipeline.when is None or evaluate(pipeline.when, row_values(work, draft)):
            decided.add(pipeline.field_key)
            yield pipeline


def _refuse(draft: Draft, pipeline: Pipeline, code: str, start: object, to: object) -> None:
    stages = pipeline.stages
    known = pipeline.moves.get(str(start), ()) if code == "move_not_allowed" else stages
    params: dict[str, object] = {
        "from": _shown(pipeline, start),
        "to": _shown(pipeline, to),
        "value": _shown(pipeline, to),
        "known": [_shown(pipeline, key) for key in known if key in stages],
    }
    draft.refuse(code, pipeline.field_key, **params)


def _shown(pipeline: Pipeline, stage: object) -> object:
    found = pipeline.stages.get(str(stage))
    return (found.label or found.name) if found else stage


def visit_requests(work: Work, drafts: Sequence[Draft]) -> Iterator[Request]:
    """Yield what closes the visit that a moved record ends, and opens the one that it begins."""
    left: list[dict[str, Any]] = []
    entered: list[dict[str, Any]] = []
    now, actor = work.ctx.now, work.ctx.actor.user
    for draft in drafts:
        if draft.operation == "delete":
            continue
        for pipeline in _moved(work, draft):
            place = {"of": draft.entity.key, "which": draft.id, "along": pipeline.key}
            if not draft.is_new:
                left.append({**place, "new_left_at": now, "new_left_by": actor})
            to = draft.values.get(pipeline.field_key)
            if to is not None:
                entered.append({**_visit(draft, pipeline, str(to)), "at": now, "by": actor})
    if left:
        yield work.ask(("visits", "leave"), lambda: _leave(work), *left)
    if entered:
        ids = new_ids(now, len(entered))
        rows = [{**row, "id": id_} for row, id_ in zip(entered, ids, strict=True)]
        yield work.ask(("visits", "enter"), lambda: _enter(work), *rows)


def _moved(work: Work, draft: Draft) -> Iterator[Pipeline]:
    for pipeline in pipelines_of(work, draft):
        if draft.values.get(pipeline.field_key) != draft.before.get(pipeline.field_key):
            yield pipeline


def _visit(draft: Draft, pipeline: Pipeline, stage: str) -> dict[str, Any]:
    return {
        "of": draft.entity.key,
        "which": draft.id,
        "along": pipeline.key,
        "stage": stage,
        "amount": _amount(draft),
    }


def _amount(draft: Draft) -> Decimal | None:
    """Return what the record is about in money."""
    each = amount_field(draft.entity)
    value = draft.values.get(each.key) if each else None
    return value if isinstance(value, Decimal) else None


def _columns(work: Work) -> dict[str, Any]:
    table = work.ctx.compiled.tables.of("sys_stage_visit")
    fields = work.entity("sys_stage_visit").fields
    return {key: table.c[each.column] for key, each in fields.items() if each.column}


def _leave(work: Work) -> Update:
    columns = _columns(work)
    return (
        update(work.ctx.compiled.tables.of("sys_stage_visit"))
        .where(
            columns["entity"] == bindparam("of"),
            columns["record"] == bindparam("which"),
            columns["pipeline"] == bindparam("along"),
            columns["left_at"].is_(None),
        )
        .values(
            {
                columns["left_at"]: bindparam("new_left_at"),
                columns["left_by"]: bindparam("new_left_by"),
            }
        )
    )


def _enter(work: Work) -> Insert:
    columns = _columns(work)
    names = {
        "id": "id", "entity": "of", "record": "which", "pipeline": "along", "stage": "stage",
        "entered_at": "at", "entered_by": "by", "amount": "amount",
    }  # fmt: skip
    table = work.ctx.compiled.tables.of("sys_stage_visit")
    return insert(table).values(
        {columns[key].name: bindparam(name, type_=columns[key].type) for key, name in names.items()}
    )
