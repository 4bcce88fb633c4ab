"""Whether conditions hold of records that were just written, and what they held before."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from engine.changes import RecordChange
from engine.context import Context
from engine.history.changes import json_value
from engine.records.draft import Draft, read_row
from engine.records.previous import beside_previous, rows_as_json
from engine.records.work import Work
from engine.values.local import RowValues, is_local
from formula import PythonConditions, compile_conditions, compile_sql
from formula.typed import Typed
from metamodel.model import Entity


@dataclass(frozen=True, slots=True)
class Written:
    """A record after a change, and before it, by field key; a new one held nothing before."""

    id: UUID
    after: Mapping[str, object]
    before: Mapping[str, object] = field(default_factory=dict)
    targets: Mapping[str, str] = field(default_factory=dict)


def written(work: Work, changes: Sequence[RecordChange], drafts: Sequence[Draft]) -> list[Written]:
    """Return records of one entity as changes left them; those that followed are read."""
    known = {draft.id: draft for draft in drafts}
    rest = [change for change in changes if change.id not in known]
    rows = work.read(rest[0].entity, [change.id for change in rest]) if rest else {}
    found = [
        Written(draft.id, draft.values, draft.before, draft.targets)
        for draft in (known[change.id] for change in changes if change.id in known)
    ]
    for change in rest:
        if change.id in rows:
            after, targets = read_row(work.entity(change.entity), rows[change.id])
            found.append(Written(change.id, after, {**after, **change.before}, targets))
    return found


def hold(
    work: Work, entity: Entity, conditions: Mapping[str, Typed], records: Sequence[Written]
) -> Mapping[UUID, frozenset[str]]:
    """Return which conditions, by name, hold of each record.

    Those that read nothing but the record's own fields are evaluated in Python, the others by
    one statement for all records.
    """
    apart = _told_apart(work.ctx, entity, conditions)
    found: dict[UUID, set[str]] = {each.id: set() for each in records}
    for each in records:
        row = RowValues(
            work.ctx, entity, each.after, targets=each.targets,
            roots={"previous": RowValues(work.ctx, entity, each.before)},
        )  # fmt: skip
        found[each.id].update(apart.local.holding(row))
    for row in _answers(work, entity, apart.asked, records) if apart.asked else ():
        holding = zip(apart.asked, row[1:], strict=True)
        found[row[0]].update(name for name, holds in holding if holds)
    return {id_: frozenset(names) for id_, names in found.items()}


def hold_of_new(
    work: Work, entity: Entity, conditions: Mapping[str, Typed], ids: Sequence[UUID]
) -> Mapping[UUID, frozenset[str]]:
    """Return which conditions, by name, hold of each of many new records, by one statement."""
    found = {}
    conditions = _told_apart(work.ctx, entity, conditions).all
    for row in _answers(work, entity, conditions, [Written(id_, {}) for id_ in ids]):
        found[row[0]] = frozenset(
            name for name, holds in zip(conditions, row[1:], strict=True) if holds
        )
    return found


def values_read(entity: Entity, condition: Typed, record: Written) -> Mapping[str, object]:
    """Return the values of the record's own fields that a condition reads, by name, as JSON.

    Those before the change stand under `previous.`; encrypted ones are a mark.
    """
    read = condition.dependencies
    sides = (("", read.reads, record.after), ("previous.", read.previous, record.before))
    return {
        prefix + entity.fields[key].name: json_value(values.get(key))
        for prefix, chains, values in sides
        for key in sorted({chain[0].field for chain in chains if chain})
        if key in entity.fields
    }


@dataclass(frozen=True, slots=True)
class _ToldApart:
    """Conditions by how they are answered; `all` keeps every one of them alive, and its id."""

    local: PythonConditions
    asked: Mapping[str, Typed]
    all: Mapping[str, Typed]


def _told_apart(ctx: Context, entity: Entity, conditions: Mapping[str, Typed]) -> _ToldApart:
    """Return which conditions are evaluated in Python, ready for it, and which are not.

    Most changes meet the same rules again and again, none of which applies: all of them are
    looked up at once.
    """

    def make() -> _ToldApart:
        graph = ctx.compiled.graph.local
        local = {
            name: typed
            for name, typed in conditions.items()
            if is_local(ctx.model, entity.key, typed, graph)
        }
        asked = {name: typed for name, typed in conditions.items() if name not in local}
        return _ToldApart(compile_conditions(local), asked, dict(conditions))

    return ctx.compiled.keep(("told apart", entity.key, *_ids(conditions)), make)


def _ids(conditions: Mapping[str, Typed]) -> Iterator[Hashable]:
    """Yield what tells conditions from others; an automation's and an approval's share names."""
    return chain(conditions, map(id, conditions.values()))


def _answers(
    work: Work, entity: Entity, conditions: Mapping[str, Typed], records: Sequence[Written]
) -> Sequence[Any]:
    """Return ids with what each condition comes to. Any: rows of booleans behind an id."""
    formulas = tuple(conditions.values())
    values: dict[str, object] = {"ids": [each.id for each in records], "before": "[]"}
    if _reads_previous(formulas):
        before = {each.id: each.before for each in records if each.before}
        values["before"] = rows_as_json(entity, before)
    key = ("conditions", entity.key, *_ids(conditions))

    def make() -> Select[Any]:
        return beside_previous(
            work.ctx,
            entity,
            lambda source: [compile_sql(typed, source) for typed in formulas],
            read=_reads_previous(formulas),
        )

    return work.run(key, make, **values)


def _reads_previous(formulas: Sequence[Typed]) -> bool:
    return any(typed.dependencies.previous for typed in formulas)
