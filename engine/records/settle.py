"""Makes stored computed values true again after rows were written, stage by stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from engine.changes import RecordChange
from engine.records.affected import Affected
from engine.records.draft import Draft, is_searched, read_row, row_of
from engine.records.rows import update_rows
from engine.records.work import Place, Work
from engine.values.computed import Recomputed, recompute
from engine.values.graph import EXISTS, Edge, Stage, is_computed


def settle(work: Work, drafts: Sequence[Draft], affected: Affected) -> dict[Place, RecordChange]:
    """Recompute whatever follows from what changed; return what changed with it, by record."""
    settling = _Settling(work, affected.reached, {(d.entity.key, d.id): d for d in drafts})
    for draft in drafts:
        settling.enter(draft)
    for stage in work.ctx.compiled.graph.stages:
        settling.run(stage)
    return settling.changes


@dataclass(slots=True)
class _Settling:
    """Which fields of which rows are still to be recomputed."""

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
                if is_computed(each) and each.key not in draft.values:
                    self.todo.setdefault((key, each.key), set()).add(draft.id)
            self.note(key, draft.id, {EXISTS})
        elif draft.operation == "delete":
            self.note(key, draft.id, {EXISTS})
        else:
            self.note(key, draft.id, set(draft.changed()))

    def note(self, entity: str, id_: UUID, fields: set[str]) -> None:
        """Note that fields of a row changed."""
        graph = self.work.ctx.compiled.graph
        for each in fields:
            for key in graph.own.get((entity, each), ()):
                if (entity, key) not in graph.local:
                    self.todo.setdefault((entity, key), set()).add(id_)
        for edge in graph.edges.get(entity, ()):
            if edge.source_field in fields:
                for target in self.reached.get(edge, {}).get(id_, ()):
                    self.todo.setdefault((edge.entity, edge.field), set()).add(target)

    def run(self, stage: Stage) -> None:
        """Recompute what is noted of one stage, in one statement."""
        entity = stage.entity
        wanted = [key for key in stage.fields if self.todo.get((entity, key))]
        if not wanted:
            return
        graph = self.work.ctx.compiled.graph
        known = self.work.entity(entity).fields
        along = graph.following(entity, wanted)
        fields = [
            key
            for key in stage.fields
            if key in along and ((entity, key) not in graph.local) and known[key].freeze_on == ""
        ]
        ids = sorted({id_ for key in wanted for id_ in self.todo.pop((entity, key))})
        if fields:
            for row in recompute(self.work.connection, self.work.ctx, entity, fields, ids):
                self._changed(entity, row)

    def _changed(self, entity: str, row: Recomputed) -> None:
        """Keep what a statement changed, and note what follows from it."""
        self.note(entity, row.id, set(row.after))
        draft = self.drafts.get((entity, row.id))
        if draft is not None:
            draft.values.update(row.after)
            draft.followed.update(row.after)
        known = self.changes.get((entity, row.id))
        before = {**row.before, **(known.before if known else {})}
        after = {**(known.after if known else {}), **row.after}
        self.changes[entity, row.id] = RecordChange(
            entity, row.id, "update", before, after, computed=True
        )
        self._index(entity, row)

    def _index(self, entity: str, row: Recomputed) -> None:
        """Keep sort keys and search tokens of computed texts, which only Python knows."""
        kind = self.work.entity(entity)
        texts = [
            key
            for key in row.after
            if kind.fields[key].sort_column or is_searched(kind, kind.fields[key])
        ]
        if texts:
            self.work.rows.pop((entity, row.id), None)
            update_rows(self.work, [(kind, row.id, row_of(self._whole(entity, row.id), texts))])

    def _whole(self, entity: str, id_: UUID) -> Draft:
        kind = self.work.entity(entity)
        values, targets = read_row(kind, self.work.read(entity, [id_])[id_])
        return Draft(kind, id_, "update", values=values, targets=targets)
