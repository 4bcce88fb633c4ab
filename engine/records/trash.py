"""The trash: what goes with a record, what keeps it from going, and the exact way back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, any_, select

from engine.records.draft import STAMPS, Draft
from engine.records.entering import existing
from engine.records.telling import told
from engine.records.work import IDS, Place, Work
from metamodel.model import Entity, Field


def trash_drafts(work: Work, entity: Entity, ids: Sequence[UUID]) -> list[Draft]:
    """Return drafts of records going to the trash, of all that goes along, and of emptied links."""
    work.read(entity.key, ids)
    going: dict[Place, Draft] = {}
    for index, id_ in enumerate(dict.fromkeys(ids)):
        path: tuple[str | int, ...] = (index,) if len(ids) > 1 else ()
        going[entity.key, id_] = existing(work, entity, id_, path, "delete")
    holding = _follow(work, going)
    emptied: dict[Place, Draft] = {}
    used: Used = {}
    for link, target, rows in holding:
        for id_, held in rows.items():
            if (link.entity, id_) not in going:
                _let_go(work, link, (target, held), id_, emptied, used)
    for (held_by, _), (link, ids_of) in used.items():
        _refuse_used(work, going[held_by], link, ids_of)
    return [*going.values(), *emptied.values()]


Used = dict[tuple[Place, str], tuple[Field, set[UUID]]]
"""What keeps records from going: by record and link, the rows that point to it."""

Pointing = tuple[Field, str, dict[UUID, UUID]]
"""A link field, the entity it points to, and for each row that does which record it points to."""


def _follow(work: Work, going: dict[Place, Draft]) -> list[Pointing]:
    """Add what goes along, level by level; return all rows that point to what goes and stay."""
    holding: list[Pointing] = []
    waiting = list(going.values())
    while waiting:
        level: dict[str, set[UUID]] = {}
        for draft in waiting:
            level.setdefault(draft.entity.key, set()).add(draft.id)
        waiting = []
        for target, ids in level.items():
            for link in _links_to(work, target):
                rows = _pointing(work, link, target, ids)
                if not _goes_along(work, link):
                    holding.append((link, target, rows))
                    continue
                work.read(link.entity, rows)
                for id_ in rows:
                    if (link.entity, id_) not in going:
                        draft = existing(work, work.entity(link.entity), id_, (), "delete")
                        draft.along = True
                        going[link.entity, id_] = draft
                        waiting.append(draft)
    return holding


def _let_go(
    work: Work,
    link: Field,
    held: Place,
    id_: UUID,
    emptied: dict[Place, Draft],
    used: Used,
) -> None:
    """Empty a link to a record that goes, or note that the link keeps it from going."""
    if link.link is not None and link.link.on_delete == "clear":
        work.read(link.entity, [id_])
        draft = emptied.get((link.entity, id_))
        if draft is None:
            draft = existing(work, work.entity(link.entity), id_)
            draft.along = True
            emptied[link.entity, id_] = draft
        draft.values[link.key] = None
        return
    used.setdefault((held, link.key), (link, set()))[1].add(id_)


def _refuse_used(work: Work, draft: Draft, link: Field, ids: Collection[UUID]) -> None:
    """Say how many records keep a record from going, of those alone that the person may read."""
    entity = work.entity(link.entity)
    seen = work.policy.permitted(work.ctx, work.connection, ids, entity=entity.key, action="read")
    named = told(work, draft, draft.entity.title_field) if draft.entity.title_field else ""
    title = str(named or draft.entity.label.text("en"))
    if not seen:
        draft.refuse("in_use_unseen", title=title)
        return
    draft.refuse(
        "in_use",
        by=(entity.name, link.name),
        entity=entity.label,
        count=len(seen),
        record=str(min(seen)),
        title=title,
    )


def _links_to(work: Work, target: str) -> Iterator[Field]:
    """Yield the link fields of records that may point to an entity."""
    for entity in work.model.entities.values():
        if entity.retired or entity.system:
            continue
        for each in entity.fields.values():
            stored = bool(each.column or each.columns) and each.formula is None
            author = each.builtin and each.key in STAMPS
            points = each.link is not None and target in each.link.to
            if points and stored and not author and not each.retired:
                yield each


def _goes_along(work: Work, link: Field) -> bool:
    child = work.entity(link.entity).child_of
    if child is not None and child.via == link.key:
        return True
    return link.link is not None and link.link.on_delete == "cascade"


def _pointing(work: Work, link: Field, target: str, ids: Collection[UUID]) -> dict[UUID, UUID]:
    def make() -> Select[Any]:
        table = work.ctx.compiled.tables.of(link.entity)
        column = table.c[link.columns.get(target) or link.column]
        return select(table.c.id, column).where(
            column == any_(IDS), table.c.sys_trashed_at.is_(None)
        )

    key = ("live pointing", link.entity, link.key, target)
    return {row[0]: row[1] for row in work.run(key, make, ids=list(ids))}


def restore_drafts(work: Work, entity: Entity, ids: Sequence[UUID]) -> list[Draft]:
    """Return drafts that undo what records took along to the trash, and which links they emptied.

    Whatever else a change set did, as one that deletes and changes many, stays done.
    """
    rows = work.read(entity.key, ids)
    drafts: dict[Place, Draft] = {}
    for id_ in dict.fromkeys(ids):
        draft = existing(work, entity, id_, (), "restore")
        drafts[entity.key, id_] = draft
    sets = {rows[id_]["sys_trash_set"] for id_ in ids}
    remembered = [each for each in _remembered(work, sets) if each[0] in work.model.entities]
    for key in {each[0] for each in remembered}:
        work.read(key, [each[1] for each in remembered if each[0] == key])
    gone = [(key, record) for key, record, operation, _ in remembered if operation == "delete"]
    _bring_along(work, drafts, gone, sets)
    for key, record, operation, before in remembered:
        row = work.read(key, [record]).get(record)
        if operation == "update" and row is not None and row["sys_trashed_at"] is None:
            again = _filled_again(work, work.entity(key), record, before, drafts)
            if again is not None:
                drafts[key, record] = again
    _need_parents(work, drafts)
    return list(drafts.values())


def _bring_along(
    work: Work, drafts: dict[Place, Draft], gone: Sequence[Place], sets: Collection[UUID]
) -> None:
    """Add, level by level, what went to the trash because of a record that comes back."""
    waiting = set(gone) - drafts.keys()
    while found := sorted(place for place in waiting if _hangs_on(work, place, drafts, sets)):
        waiting.difference_update(found)
        for key, record in found:
            drafts[key, record] = existing(work, work.entity(key), record, (), "restore")
            drafts[key, record].along = True


def _hangs_on(
    work: Work, place: Place, drafts: Mapping[Place, Draft], sets: Collection[UUID]
) -> bool:
    row = work.read(place[0], [place[1]]).get(place[1])
    if row is None or row["sys_trash_set"] not in sets:
        return False
    return any(
        (target, row[column]) in drafts
        for each in work.entity(place[0]).fields.values()
        if each.link is not None and not each.link.many and _goes_along(work, each)
        for target, column in (each.columns or {each.link.to[0]: each.column}).items()
        if column
    )


def _remembered(work: Work, sets: Collection[UUID]) -> list[tuple[str, UUID, str, Any]]:
    """Return what change sets did to which records, computed changes left out."""

    def make() -> Select[Any]:
        table = work.ctx.compiled.tables.of("sys_change")
        fields = work.entity("sys_change").fields
        names = ("entity", "record", "operation", "before")
        return select(*(table.c[fields[name].column] for name in names)).where(
            table.c[fields["change_set"].column] == any_(IDS),
            table.c[fields["computed"].column].is_(False),
        )

    found = work.run(("remembered",), make, ids=list(sets))
    return [(row[0], row[1], row[2], row[3]) for row in found]


def _filled_again(
    work: Work,
    entity: Entity,
    record: UUID,
    before: Mapping[str, Any],
    drafts: Mapping[Place, Draft],
) -> Draft | None:
    """Return a draft whose links, emptied by the trash, point back; None where none is empty."""
    draft = existing(work, entity, record)
    draft.along = True
    for key, value in before.items():
        each = entity.fields.get(key)
        if each is None or each.link is None or each.link.many or not value:
            continue
        back = next((to for to in each.link.to if (to, UUID(value)) in drafts), None)
        if back is not None and draft.values.get(key) is None:
            draft.values[key] = UUID(value)
            draft.targets[key] = back
    return draft if draft.changed() else None


def _need_parents(work: Work, drafts: Mapping[Place, Draft]) -> None:
    """Refuse lines whose parent stays in the trash."""
    for draft in drafts.values():
        child = draft.entity.child_of
        parent = draft.values.get(child.via) if child else None
        if child is None or not isinstance(parent, UUID) or (child.entity, parent) in drafts:
            continue
        row = work.read(child.entity, [parent]).get(parent)
        if row is None or row["sys_trashed_at"] is not None:
            title = work.entity(child.entity).label
            draft.refuse("restore_parent", child.via, record=str(parent), title=title)
