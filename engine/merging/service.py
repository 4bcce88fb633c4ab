"""Makes one record of two: values chosen, what hangs on the other moved, the other in the trash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, insert, select, update

from engine.access.grants import SHARE
from engine.access.policy import Policy
from engine.access.tracked import require_live
from engine.context import Context
from engine.database import Database
from engine.doors import Bulk, Edit
from engine.errors import FieldError, NotFound, RecordRefused
from engine.records.writer import Records
from engine.requests import claim, settle
from engine.undoing import Undoing, Undone
from engine.values.identity import new_id
from metamodel.linking.pairs import pair_key
from metamodel.model import HOLDER, MEMBER, Entity, Field

MERGE = "sys_merge"

SHARES = "sys_share"

BESIDE = ("sys_comment", "sys_file", "sys_message", SHARES)
"""Tables of the engine whose rows are moved to the record that stays."""


@dataclass(frozen=True, slots=True)
class Merge:
    """Two records made one: which stayed, which is in the trash, and when it was undone."""

    id: UUID
    entity: str
    kept: UUID
    gone: UUID
    at: datetime
    undone_at: datetime | None = None


class Merging:
    """Merges records under the person's rights, in one unit, and parts them again."""

    def __init__(
        self, database: Database, policy: Policy, writer: Records, undoing: Undoing
    ) -> None:
        self._database = database
        self._policy = policy
        self._writer = writer
        self._undoing = undoing

    def merge(
        self, ctx: Context, entity: Entity, kept: UUID, gone: UUID, values: Mapping[str, Any]
    ) -> Merge:
        """Make one record of two; `values` of the one that stays are by field name.

        Raises `RecordRefused` with what keeps them apart: nothing is done then.
        """
        if kept == gone:
            raise RecordRefused([FieldError("merge_itself", ())])

        def unit(connection: Connection) -> Merge:
            claim(ctx, connection)
            for record, action in ((kept, "update"), (gone, "delete")):
                require_live(ctx, self._policy, connection, (entity, record), action)
            # Its parts are no requests of their own.
            part, writer = replace(ctx, once=None), self._writer.within(connection)
            sets = [
                *self._move(part, connection, writer, (entity, kept, gone)),
                writer.delete(part, entity.key, [gone]).id,
            ]
            if values:
                sets.append(writer.update(part, entity.key, [Edit(kept, values)]).id)
            moved = {
                name: _beside(ctx, connection, name, entity, gone, kept)
                for name in self._moved(ctx, connection, entity, kept)
            }
            merge = Merge(new_id(ctx.now), entity.key, kept, gone, ctx.now)
            _note(ctx, connection, merge, sets, moved)
            settle(ctx, connection, merge)
            return merge

        return self._database.unit(ctx, unit)

    def undo(self, ctx: Context, merge: UUID) -> Undone:
        """Part two records again, except what somebody changed since; `NotFound` for another's."""
        table, column = _columns(ctx)
        mine = (table.c.id == merge, column["by"] == ctx.actor.user)
        with self._database.reading(ctx) as connection:
            row = connection.execute(select(table).where(*mine)).mappings().one_or_none()
        if row is None or row[column["undone_at"].name] is not None:
            raise NotFound(merge=str(merge))
        sets = [UUID(each) for each in row[column["change_sets"].name]]
        # The last first: what went must be back before anything can name it again.
        parts = [self._undoing.undo(ctx, [each]) for each in reversed(sets)]
        undone = Undone(
            tuple(id_ for part in parts for id_ in part.done),
            tuple(kept for part in parts for kept in part.kept),
        )
        gone = row[column["gone"].name]

        def unit(connection: Connection) -> None:
            claim(ctx, connection)
            for name, ids in (row[column["moved"].name] or {}).items():
                beside = ctx.compiled.tables.of(name)
                back = update(beside).where(beside.c.id.in_([UUID(each) for each in ids]))
                connection.execute(back.values(record=gone))
            done = {column["undone_at"].name: ctx.now}
            connection.execute(update(table).where(*mine).values(done))
            settle(ctx, connection, undone)

        self._database.unit(ctx, unit)
        return undone

    def _moved(
        self, ctx: Context, connection: Connection, entity: Entity, kept: UUID
    ) -> Iterator[str]:
        """Yield the tables whose rows are moved; no shares of what the person may not share."""
        may = self._policy.permitted(ctx, connection, [kept], entity=entity.key, action=SHARE)
        yield from (name for name in BESIDE if may or name != SHARES)

    def _move(
        self, ctx: Context, connection: Connection, writer: Records,
        at: tuple[Entity, UUID, UUID],
    ) -> Iterator[UUID]:  # fmt: skip
        """Let everything that names the one that goes name the one that stays."""
        entity, kept, gone = at
        for field in _links_to(ctx, entity.key):
            ids = _naming(ctx, connection, field, entity.key, gone)
            edits = [Edit(id_, {field.name: _said(field, at, id_)}) for id_ in ids if id_ != gone]
            if not edits:
                continue
            result = writer.bulk(ctx, field.entity, Bulk(update=edits))
            refused = next((each for each in result.items if each.errors), None)
            if refused is not None:
                raise RecordRefused(refused.errors)
            if result.change is not None:
                yield result.change.id


def _links_to(ctx: Context, target: str) -> Iterator[Field]:
    """Yield the fields, entered by people, in which records name others of an entity."""
    for entity in ctx.model.entities.values():
        if entity.retired or entity.system or entity.pair is not None:
            continue
        for each in entity.fields.values():
            points = each.link is not None and target in each.link.to
            entered = not (each.formula is not None or each.retired or each.readonly)
            if points and entered and not each.builtin:
                yield each


def _naming(
    ctx: Context, connection: Connection, field: Field, target: str, gone: UUID
) -> Sequence[UUID]:
    """Return the live records that name the one that goes in a field."""
    table = ctx.compiled.tables.of(field.entity)
    live = table.c.sys_trashed_at.is_(None)
    if field.link is not None and field.link.many:
        pairs = ctx.compiled.tables.of(pair_key(field.entity, field.key))
        holders = select(pairs.c[HOLDER]).where(pairs.c[MEMBER] == gone)
        return (
            connection.execute(select(table.c.id).where(live, table.c.id.in_(holders)))
            .scalars()
            .all()
        )
    column = table.c[field.columns.get(target) or field.column]
    return connection.execute(select(table.c.id).where(live, column == gone)).scalars().all()


def _said(field: Field, at: tuple[Entity, UUID, UUID], id_: UUID) -> object:
    """Return the one that stays as a payload says it; a record never comes to name itself."""
    entity, kept, gone = at
    itself = field.entity == entity.key and id_ == kept
    if field.link is not None and field.link.many:
        return {"remove": [str(gone)], **({} if itself else {"add": [str(kept)]})}
    if itself:
        return None
    return {"entity": entity.name, "id": str(kept)} if field.columns else str(kept)


def _beside(
    ctx: Context, connection: Connection, name: str, entity: Entity, gone: UUID, kept: UUID
) -> list[str]:
    """Move what stands beside a record, and return which rows those are."""
    table = ctx.compiled.tables.of(name)
    about = [table.c.entity == entity.key, table.c.record == gone]
    if name == SHARES:
        # Whoever has a share of both keeps the one of the record that stays.
        other = table.alias()
        same = (other.c.kind == table.c.kind, other.c.grantee == table.c.grantee)
        there = (other.c.entity == entity.key, other.c.record == kept, *same)
        about.append(~select(other.c.id).where(*there).exists())
    moved = update(table).where(*about).values(record=kept).returning(table.c.id)
    return [str(each) for each in connection.execute(moved).scalars()]


def _note(
    ctx: Context, connection: Connection, merge: Merge, sets: Sequence[UUID],
    moved: Mapping[str, Sequence[str]],
) -> None:  # fmt: skip
    table, column = _columns(ctx)
    values = {
        "entity": merge.entity, "kept": merge.kept, "gone": merge.gone, "by": ctx.actor.user,
        "at": merge.at, "change_sets": [str(each) for each in sets], "moved": dict(moved),
    }  # fmt: skip
    named = {column[key].name: value for key, value in values.items()}
    connection.execute(insert(table).values(id=merge.id, **named))


def _columns(ctx: Context) -> tuple[Table, Mapping[str, Any]]:
    """Return the table of merges and its columns. Any: columns of every type."""
    table = ctx.compiled.tables.of(MERGE)
    fields = ctx.model.entities[MERGE].fields
    return table, {key: table.c[each.column] for key, each in fields.items()}
