"""Puts stand-ins in the place of personal values, by the one way in which records are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Connection, text, update

from engine.access.policy import Policy
from engine.changes import RecordChange
from engine.context import Context
from engine.history.changes import history_request
from engine.personal.stand_ins import KEPT, stand_in
from engine.personal.subject import personal_fields
from engine.query.kept import KEPT as KEPT_BESIDE
from engine.records.draft import Draft, read_row
from engine.records.save import overwrite
from engine.records.work import Work
from engine.schema.ddl import qualified
from engine.schema.live import read_live
from engine.schema.names import quoted
from engine.schema.purging import columns_of
from engine.schema.tables import stored_columns
from engine.values.sealed import MARK
from formula.types import TextType
from metamodel.model import Entity


@dataclass(slots=True)
class Overwritten:
    """What was done: records and values, and where computed texts followed, by entity."""

    records: int = 0
    values: int = 0
    followed: dict[str, tuple[list[UUID], set[str]]] = field(default_factory=dict)


def overwrite_people(
    ctx: Context,
    connection: Connection,
    policy: Policy,
    at: tuple[str, Sequence[UUID]],
    pseudonym: str,
) -> Overwritten:
    """Overwrite the personal values of records of one entity; what is erased already stays."""
    work = Work.begin(ctx, connection, policy)
    entity, ids = work.entity(at[0]), at[1]

    def build(work: Work) -> list[Draft]:
        rows = work.read(entity.key, ids)
        return [_draft(work, entity, rows[id_], pseudonym) for id_ in ids if id_ in rows]

    drafts, followed = overwrite(work, build)
    _blank_retired(ctx, connection, entity, ids)
    _blank_former(ctx, connection, entity, ids)
    personal = {each.key for each in personal_fields(entity)}
    told = [change for draft in drafts if (change := _change(draft, personal)) is not None]
    if told:
        work.send([history_request(connection, ctx, work.change_set, told)])
    done = Overwritten(len(told), sum(len(change.before) for change in told))
    own = ((draft.entity.key, draft.id, draft.changed()) for draft in drafts)
    others = ((*place, change.after) for place, change in followed.items())
    _note_followed(ctx, done, (*own, *others))
    return done


def _draft(work: Work, entity: Entity, row: Mapping[str, object], pseudonym: str) -> Draft:
    """Return a record's draft, in the trash or not, with stand-ins for what is there."""
    values, targets = read_row(entity, row)
    draft = Draft(entity, values["id"], "update", (), dict(values), values, targets)  # type: ignore[arg-type]  # an id
    draft.version, draft.position = row["sys_version"], row.get("sys_position")  # type: ignore[assignment]  # numbers
    draft.along = True
    for each in personal_fields(entity):
        if values.get(each.key) is None:
            continue
        new = stand_in(work.ctx.compiled, each, draft.id, pseudonym)
        if new is not KEPT:
            draft.given.add(each.key)
            draft.values[each.key] = new
    return draft


def _change(draft: Draft, personal: set[str]) -> RecordChange | None:
    """Return what history is told of a record: that personal values changed, and not from what."""
    changed = [key for key in draft.changed() if key in personal]
    if not changed:
        return None
    marks = dict.fromkeys(changed, MARK)
    return RecordChange(draft.entity.key, draft.id, "update", marks, dict(marks))


def _blank_retired(
    ctx: Context, connection: Connection, entity: Entity, ids: Sequence[UUID]
) -> None:
    """Blank what retired fields keep."""
    names = [
        name
        for each in personal_fields(entity)
        if each.retired
        for name in (
            *stored_columns(each), each.sort_column, each.plain_column, each.blind_column,
            each.tail_column,
        )
        if name
    ]  # fmt: skip
    if names:
        table = ctx.compiled.tables.of(entity.key)
        blank = dict.fromkeys(names)
        connection.execute(update(table).where(table.c.id.in_(ids)).values(blank))


def _blank_former(
    ctx: Context, connection: Connection, entity: Entity, ids: Sequence[UUID]
) -> None:
    """Blank what personal fields kept under the types that they had before."""
    there = read_live(connection, ctx.tenant).get(entity.table)
    if there is None:
        return
    table = qualified(ctx.tenant.schema, entity.table)
    for each in personal_fields(entity):
        names = tuple(columns_of(entity, each.key, there))
        if names:
            blank = ", ".join(f"{quoted(name)} = DEFAULT" for name in names)
            connection.execute(
                text(f"UPDATE {table} SET {blank} WHERE id = ANY(:ids)"),  # noqa: S608
                {"ids": list(ids)},
            )
        kept = ctx.compiled.tables.of(KEPT_BESIDE)
        mine = (kept.c.entity == entity.key, kept.c.field == each.key, kept.c.record.in_(ids))
        connection.execute(kept.delete().where(*mine))


def _note_followed(
    ctx: Context, done: Overwritten, changed: Iterable[tuple[str, UUID, Iterable[str]]]
) -> None:
    """Note which computed texts of which records changed along: history holds what they were."""
    for entity, id_, keys in changed:
        fields = ctx.model.entities[entity].fields
        texts = {
            key
            for key in keys
            if fields[key].formula is not None and isinstance(fields[key].value_type, TextType)
        }
        if texts:
            ids, known = done.followed.setdefault(entity, ([], set()))
            ids.append(id_)
            known |= texts
