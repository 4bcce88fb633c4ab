"""Writes drafts and makes stored computed values true again, stage by stage.

Where few rows may follow, everything is sent at once: rows that turn out unchanged cost less
than asking first. Where many may, each stage is sent when the one before it has answered, for
those rows only whose inputs did change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from engine.changes import RecordChange
from engine.records.affected import Affected, frozen_on_stage
from engine.records.draft import Draft, is_searched, read_row, row_of
from engine.records.rows import update_requests, write_requests
from engine.records.work import Place, Work
from engine.values.computed import Recomputed, recompute_request, recomputed
from engine.values.graph import EXISTS, Edge, Stage, is_computed
from engine.values.sending import Request

FEW = 32
"""Rows that may follow from a write before it is worth knowing which of them do."""


def write_and_settle(
    work: Work, drafts: Sequence[Draft], affected: Affected
) -> dict[Place, RecordChange]:
    """Write drafts, recompute what follows; return what changed with them, by record."""
    settling = _Settling(work, affected.reached, {(d.entity.key, d.id): d for d in drafts})
    writes = list(write_requests(work, drafts))
    for draft in drafts:
        settling.enter(draft)
    if len(affected.rows) + len(drafts) <= FEW:
        settling.expect(affected.fields)
        runs = list(settling.runs(work.ctx.compiled.graph.stages))
        answers = work.send([*writes, *(run.request for run in runs)])
        for run, rows in zip(runs, answers[len(writes) :], strict=True):
            settling.take(run, recomputed(run.fields, rows))
    else:
        work.send(writes)
        return settling.settled()
    settling.index()
    return settling.changes


def settle_following(
    work: Work, affected: Affected, follows: Mapping[tuple[str, str], set[UUID]]
) -> dict[Place, RecordChange]:
    """Recompute fields of rows, by entity and field, and what follows; return what changed."""
    settling = _Settling(work, affected.reached, {})
    for field_, ids in follows.items():
        settling.todo[field_] = set(ids)
    return settling.settled()


def settle_changed(
    work: Work, affected: Affected, changes: Iterable[RecordChange]
) -> dict[Place, RecordChange]:
    """Recompute what follows from fields that changed; return what changed with them."""
    settling = _Settling(work, affected.reached, {})
    alike: dict[tuple[str, tuple[str, ...]], list[UUID]] = {}
    for each in changes:
        alike.setdefault((each.entity, tuple(each.after)), []).append(each.id)
    for (entity, fields), ids in alike.items():
        settling.note(entity, ids, fields)
    return settling.settled()


@dataclass(frozen=True, slots=True)
class _Run:
    """One statement of a stage: its fields and the request that recomputes them."""

    entity: str
    fields: tuple[str, ...]
    request: Request


@dataclass(slots=True)
class _Settling:
    """Which fields of which rows are still to be recomputed, and what was."""

    work: Work
    reached: Mapping[Edge, Mapping[UUID, Iterable[UUID]]]
    drafts: Mapping[Place, Draft]
    todo: dict[tuple[str, str], set[UUID]] = field(default_factory=dict)
    changes: dict[Place, RecordChange] = field(default_factory=dict)

    def enter(self, draft: Draft) -> None:
        """Note what follows from one entered record."""
        key = draft.entity.key
        if draft.operation in ("create", "restore"):
            for each in draft.entity.fields.values():
                missing = draft.operation == "restore" or each.key not in draft.values
                if is_computed(each) and missing and (key, each.key) not in self._local:
                    self.todo.setdefault((key, each.key), set()).add(draft.id)
        if draft.operation in ("create", "restore", "delete"):
            self.note(key, [draft.id], {EXISTS})
        else:
            self.note(key, [draft.id], draft.changed())
        for each in frozen_on_stage(draft) if draft.moves and not draft.is_new else ():
            if (key, each.key) not in self._local:
                self.todo.setdefault((key, each.key), set()).add(draft.id)

    def expect(self, fields: Mapping[Place, Iterable[str]]) -> None:
        """Note everything that may follow, without waiting to see whether it does."""
        for (entity, id_), keys in fields.items():
            draft = self.drafts.get((entity, id_))
            for key in keys:
                each = self.work.entity(entity).fields.get(key)
                if each is None or not is_computed(each) or (entity, key) in self._local:
                    continue
                if draft is None or draft.operation == "restore" or key not in draft.settled:
                    self.todo.setdefault((entity, key), set()).add(id_)

    def note(self, entity: str, ids: Sequence[UUID], fields: Collection[str]) -> None:
        """Note what follows from fields that changed in each of some rows."""
        graph = self.work.ctx.compiled.graph
        for each in fields:
            for key in graph.own.get((entity, each), ()):
                if (entity, key) not in graph.local:
                    self.todo.setdefault((entity, key), set()).update(ids)
        for edge in graph.edges.get(entity, ()):
            if edge.source_field in fields:
                reached = self.reached.get(edge, {})
                for targets in map(reached.get, ids):
                    if targets:
                        self.todo.setdefault((edge.entity, edge.field), set()).update(targets)

    def settled(self) -> dict[Place, RecordChange]:
        """Recompute all that was noted, stage by stage; return what changed."""
        for stage in self.work.ctx.compiled.graph.stages:
            for run in self.runs([stage]):
                self.take(run, recomputed(run.fields, self.work.send([run.request])[0]))
        self.index()
        return self.changes

    def runs(self, stages: Iterable[Stage]) -> Iterable[_Run]:
        """Yield what recomputes the noted fields of stages, in order."""
        for stage in stages:
            wanted = [key for key in stage.fields if self.todo.get((stage.entity, key))]
            if not wanted:
                continue
            ids = {id_ for key in wanted for id_ in self.todo.pop((stage.entity, key))}
            known = self.work.entity(stage.entity).fields
            along = self.work.ctx.compiled.graph.following(stage.entity, wanted)
            fields = [key for key in stage.fields
                      if key in along and (stage.entity, key) not in self._local]  # fmt: skip
            groups: dict[tuple[str, ...], set[UUID]] = {}
            frozen = any(known[key].freeze_on for key in fields)
            for id_ in ids:
                # In one statement: what moves may follow from what is frozen.
                draft = self.drafts.get((stage.entity, id_)) if frozen else None
                moving = [key for key in fields if not known[key].freeze_on
                          or (draft is not None and draft.thaws(known[key]))]  # fmt: skip
                groups.setdefault(tuple(moving), set()).add(id_)
            for moving_fields, rows in groups.items():
                if moving_fields:
                    yield self._run(stage.entity, moving_fields, rows)

    def take(self, run: _Run, rows: Iterable[Recomputed]) -> None:
        """Keep what a statement changed, and note what follows from it."""
        for row in rows:
            self.note(run.entity, [row.id], row.after)
            draft = self.drafts.get((run.entity, row.id))
            if draft is not None:
                draft.values.update(row.after)
                draft.followed.update(row.after)
            known = self.changes.get((run.entity, row.id))
            before = {**row.before, **(known.before if known else {})}
            after = {**(known.after if known else {}), **row.after}
            self.changes[run.entity, row.id] = RecordChange(
                run.entity, row.id, "update", before, after, computed=True
            )

    def index(self) -> None:
        """Keep sort keys and search tokens of computed texts, which only Python knows."""
        for (entity, id_), change in self.changes.items():
            kind = self.work.entity(entity)
            texts = [
                key
                for key in change.after
                if kind.fields[key].sort_column or is_searched(kind, kind.fields[key])
            ]
            if texts:
                self.work.rows.pop((entity, id_), None)
                values, targets = read_row(kind, self.work.read(entity, [id_])[id_])
                whole = Draft(kind, id_, "update", values=values, targets=targets)
                self.work.send(
                    list(update_requests(self.work, [(kind, id_, row_of(whole, texts))]))
                )

    @property
    def _local(self) -> frozenset[tuple[str, str]]:
        return self.work.ctx.compiled.graph.local

    def _run(self, entity: str, fields: tuple[str, ...], ids: Iterable[UUID]) -> _Run:
        work = self.work
        request = recompute_request(work.connection, work.ctx, entity, fields, sorted(ids))
        return _Run(entity, fields, request)
