"""Sees every change of records that service levels are over, and lets their clocks go on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from engine.changes import Change
from engine.compiled import CompiledModel
from engine.context import Context
from engine.records.conditions import written
from engine.records.draft import Draft
from engine.records.work import Work
from engine.values.graph import ComputedGraph, inputs
from workflow.service_levels.promises import conditions_of, levels_of
from workflow.service_levels.timekeeper import DOOR, Timekeeper
from workflow.watches import merged

LOOKED_AT = frozenset({"create", "update", "move", "restore"})


@dataclass(frozen=True, slots=True)
class Promises:
    """Lets clocks go on inside the transaction that changes a record; a `Hooks`."""

    timekeeper: Timekeeper

    def concerns(self, ctx: Context, entity: str) -> bool:
        """Return whether a change of an entity may matter to a service level."""
        return entity in ctx.compiled.keep("timed entities", lambda: _concerned(ctx.compiled))

    def watches(self, ctx: Context, entity: str) -> bool:
        """Return the same of changes as of new records."""
        return self.concerns(ctx, entity)

    def before_commit(
        self, ctx: Context, connection: Connection, change: Change, records: Sequence[Draft]
    ) -> None:
        """Let the clocks of all records go on that were written, or that followed."""
        if ctx.cause.door == DOOR or not ctx.model.service_levels:
            return
        groups: dict[str, list[int]] = {}
        changes = [
            each
            for each in merged(change.records)
            if each.operation in LOOKED_AT and levels_of(ctx.compiled, each.entity)
        ]
        for at, each in enumerate(changes):
            groups.setdefault(each.entity, []).append(at)
        for entity, places in groups.items():
            work = Work.begin(ctx, connection, self.timekeeper.hands.policy)
            own = [draft for draft in records if draft.entity.key == entity]
            found = written(work, [changes[at] for at in places], own)
            self.timekeeper.look(ctx, connection, entity, found)


def _concerned(compiled: CompiledModel) -> frozenset[str]:
    """Return the entities that service levels are over, and those their conditions follow from."""
    found: set[str] = set()
    for entity in compiled.model.entities:
        levels = levels_of(compiled, entity)
        if levels:
            found.add(entity)
            wanted = {
                (source, field)
                for typed in conditions_of(levels)
                for path, source, field in inputs(compiled.model, entity, typed)
                if not path
            }
            found.update(_behind(compiled.graph, wanted))
    return frozenset(found)


def _behind(graph: ComputedGraph, wanted: set[tuple[str, str]]) -> Iterator[str]:
    """Yield the entities from whose fields some stored fields follow, however far."""
    waiting, done = set(wanted), set(wanted)
    while waiting:
        entity, field = waiting.pop()
        found = {
            (edge.source, edge.source_field)
            for edges in graph.edges.values()
            for edge in edges
            if (edge.entity, edge.field) == (entity, field)
        }
        found |= {source for source, fields in graph.own.items()
                  if source[0] == entity and field in fields}  # fmt: skip
        yield from (source for source, _ in found)
        waiting |= found - done
        done |= found
