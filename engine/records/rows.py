"""The statements that put drafts into their tables: one for each entity and set of columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Delete,
    Insert,
    Text,
    Update,
    any_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from engine.records.draft import Draft, row_of, stored_fields
from engine.records.work import IDS, Work
from engine.values.sending import Request
from metamodel.model import Entity

Columns = Mapping[str, Any]
"""Values by column name. Any: what a column takes differs from column to column."""


def write_requests(work: Work, drafts: Sequence[Draft]) -> Iterator[Request]:
    """Yield what inserts new drafts, those that others point to first, and updates the rest.

    Rows of a link table that are not wanted any more are deleted: their history is the holder's.
    """
    for pair, ids in _unlinked(drafts).items():
        yield work.ask(("unlink", pair), partial(_delete, work, pair), {"ids": ids})
    for entity, group in _in_order([draft for draft in drafts if draft.is_new]):
        rows = [_new_row(draft) for draft in group]
        names = tuple(rows[0])
        make = partial(_insert, work, entity, names)
        yield work.ask(("insert", entity.key, names), make, *rows)
    written = [draft for draft in drafts if not draft.is_new and _is_written(draft)
               and not _is_unlinked(draft)]  # fmt: skip
    yield from update_requests(
        work, [(draft.entity, draft.id, _changed_row(work, draft)) for draft in written]
    )


def _unlinked(drafts: Iterable[Draft]) -> dict[str, list[UUID]]:
    found: dict[str, list[UUID]] = {}
    for draft in drafts:
        if _is_unlinked(draft):
            found.setdefault(draft.entity.key, []).append(draft.id)
    return found


def _is_unlinked(draft: Draft) -> bool:
    return draft.entity.pair is not None and draft.operation == "delete"


def _delete(work: Work, pair: str) -> Delete:
    table = work.ctx.compiled.tables.of(pair)
    return delete(table).where(table.c.id == any_(IDS))


def _is_written(draft: Draft) -> bool:
    """Return whether an existing record's row changes at all."""
    if draft.operation in ("delete", "restore") or draft.touched or draft.moved:
        return True
    return bool(draft.changed())


def update_requests(work: Work, rows: Iterable[tuple[Entity, UUID, Columns]]) -> Iterator[Request]:
    """Yield what updates rows by id, those of the same columns in one go."""
    groups: dict[tuple[str, tuple[str, ...]], list[Columns]] = {}
    for entity, id_, columns in rows:
        values = {f"new_{name}": value for name, value in columns.items()}
        groups.setdefault((entity.key, tuple(columns)), []).append({"row": id_, **values})
    for (key, names), group in groups.items():
        make = partial(_update, work, key, names)
        yield work.ask(("update", key, names), make, *group)


def _insert(work: Work, entity: Entity, names: Sequence[str]) -> Insert:
    table = work.ctx.compiled.tables.of(entity.key)
    return insert(table).values({name: _bound(table.c[name], name) for name in names})


def _update(work: Work, entity: str, names: Sequence[str]) -> Update:
    table = work.ctx.compiled.tables.of(entity)
    values = {name: _bound(table.c[name], f"new_{name}") for name in names}
    return update(table).where(table.c.id == bindparam("row", type_=table.c.id.type)).values(values)


def _bound(column: Any, name: str) -> Any:
    """Return the bind of a column; tokens become a `tsvector`. Any: columns of every type."""
    if column.name == "sys_search":
        return func.array_to_tsvector(cast(bindparam(name, type_=ARRAY(Text())), ARRAY(Text())))
    return bindparam(name, type_=column.type)


def _new_row(draft: Draft) -> Columns:
    keys = [each.key for each in stored_fields(draft.entity)]
    row = {"id": draft.id, **row_of(draft, keys)}
    if draft.entity.child_of is not None:
        row["sys_position"] = draft.position
    return row


def _changed_row(work: Work, draft: Draft) -> Columns:
    if draft.entity.pair is not None:
        return row_of(draft, draft.changed())
    row: dict[str, Any] = {"sys_version": draft.version + 1}
    if draft.operation == "delete":
        return {**row, "sys_trashed_at": work.ctx.now, "sys_trash_set": work.change_set}
    if draft.operation == "restore":
        return {**row, "sys_trashed_at": None, "sys_trash_set": None}
    row.update(row_of(draft, [*draft.changed(), "updated_at", "updated_by"]))
    if draft.moved:
        row["sys_position"] = draft.position
    return row


def _in_order(drafts: Sequence[Draft]) -> list[tuple[Entity, list[Draft]]]:
    """Return new drafts by entity, so that no row comes before one that it points to."""
    groups: dict[str, list[Draft]] = {}
    for draft in sorted(drafts, key=lambda each: each.entity.rank):
        groups.setdefault(draft.entity.key, []).append(draft)
    made = {draft.id: draft.entity.key for draft in drafts}
    needs = {
        key: {
            made[value]
            for draft in group
            for field, value in draft.values.items()
            if isinstance(value, UUID) and field != "id" and made.get(value, key) != key
        }
        for key, group in groups.items()
    }
    ordered: list[tuple[Entity, list[Draft]]] = []
    while groups:
        ready = next((key for key in groups if not needs[key] & groups.keys()), next(iter(groups)))
        group = groups.pop(ready)
        ordered.append((group[0].entity, group))
    return ordered
