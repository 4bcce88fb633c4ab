"""From payloads to drafts: rights on fields, rows as they are, child lines in their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, any_, select

from engine.changes import Operation
from engine.errors import FieldError, NotFound, VersionConflict
from engine.records.currencies import spread
from engine.records.draft import Draft, read_row
from engine.records.plans import plan_of
from engine.records.rights import check_rights
from engine.records.work import IDS, Work
from engine.values.identity import new_id
from engine.values.payload import (
    Line,
    LinesEdit,
    LinksEdit,
    Loaded,
    Reference,
    naming_fields,
)
from metamodel.model import Entity, Field

Path = tuple[str | int, ...]


def enter_new(
    work: Work, entity: Entity, loaded: Loaded, path: Path, *, id_: UUID | None = None
) -> list[Draft]:
    """Return drafts of a new record and its lines, the record first."""
    return _enter(work, _new(work, entity, path, id_), loaded)


def _new(work: Work, entity: Entity, path: Path, id_: UUID | None = None) -> Draft:
    draft = Draft(entity, id_ or new_id(work.ctx.now), "create", path, version=0)
    draft.values = {**plan_of(work.ctx.compiled, entity).blanks, "id": draft.id}
    return draft


def enter_change(
    work: Work, draft: Draft, loaded: Loaded, *, version: int | None = None
) -> list[Draft]:
    """Return an existing record's draft with what a payload says of it, and drafts of its lines.

    Raises `VersionConflict` where somebody saved the record since `version`.
    """
    if version is not None and version != draft.version:
        # Whoever may not see the record is not told of its version.
        check_rights(work, [draft])
        raise VersionConflict(draft.id, draft.version)
    return _enter(work, draft, loaded)


def _enter(work: Work, draft: Draft, loaded: Loaded) -> list[Draft]:
    errors = [_at(draft.path, _without_hint(work, draft.entity, each)) for each in loaded.errors]
    draft.errors += errors
    draft.unread.update(error.path for error in errors)
    give(work, draft, loaded.values)
    drafts = [draft]
    for name, edit in loaded.lines.items():
        drafts += _lines(work, draft, name, edit)
    return drafts


def _without_hint(work: Work, entity: Entity, error: FieldError) -> FieldError:
    """Return an error that names no field which the person may not know of."""
    near = error.params.get("near")
    if error.code != "unknown_field" or not near:
        return error
    for name in error.path:
        collection = entity.collections.get(name) if isinstance(name, str) else None
        entity = work.entity(collection.entity) if collection else entity
    field = entity.field_named(str(near))
    access = work.policy
    known = access.readable(work.ctx, entity.key) | access.writable(work.ctx, entity.key)
    if field is None or field.key in known:
        return error
    return FieldError(error.code, error.path, {**error.params, "near": ""})


def existing(
    work: Work, entity: Entity, id_: UUID, path: Path = (), operation: Operation = "update"
) -> Draft:
    """Return a draft of a live record as it is; raise `NotFound` where there is none."""
    row = work.read(entity.key, [id_]).get(id_)
    if row is None or (row["sys_trashed_at"] is not None) != (operation == "restore"):
        raise NotFound(entity=entity.name, id=str(id_))
    values, targets = read_row(entity, row)
    draft = Draft(entity, id_, operation, path, dict(values), values, targets)
    draft.version, draft.position = row["sys_version"], row.get("sys_position")
    return draft


def give(work: Work, draft: Draft, values: Mapping[str, object]) -> None:
    """Enter values into a draft, as far as the person may change the fields."""
    access = work.policy
    readable = access.readable(work.ctx, draft.entity.key)
    writable = access.writable(work.ctx, draft.entity.key)
    for key, value in spread(draft, values).items():
        if key not in readable and key not in writable:
            draft.refuse("unknown_field", key, near="")
        elif _is_fixed(draft, key, value):
            draft.refuse("parent_fixed", key)
        elif key not in writable and not _is_parent(draft, key):
            draft.refuse(_why_not(draft.entity.fields[key]), key)
        elif (guess := _guess(work, value)) is not None:
            draft.refuse("link_key_unknown", key, known=_names(work, guess.entity))
        else:
            put(draft, key, value)


def put(draft: Draft, key: str, value: object) -> None:
    """Enter one value; a link is looked up later."""
    draft.given.add(key)
    each = draft.entity.fields[key]
    if isinstance(value, Reference):
        draft.references[key] = value
        return
    if isinstance(value, LinksEdit):
        draft.edits[key] = value
        return
    if each.options and value is not None and value != draft.before.get(key):
        chosen = value if isinstance(value, tuple) else (value,)
        for code in chosen:
            if code in each.options and not each.options[code].active:
                draft.refuse("inactive_choice", key, value=each.options[code].name)
    draft.values[key] = value


def _guess(work: Work, value: object) -> Reference | None:
    """Return a reference among these that the person may not make: by a field they do not read."""
    if isinstance(value, Reference):
        named: tuple[Reference, ...] = (value,)
    elif isinstance(value, LinksEdit):
        named = value.references()
    else:
        return None
    return next((each for each in named if each.by and not _may_name(work, each)), None)


def _may_name(work: Work, reference: Reference) -> bool:
    """Return whether a field may name a record: an answer tells whether one holds the value."""
    return reference.by in _legible(work, reference.entity)


def _names(work: Work, entity: str) -> list[str]:
    legible = _legible(work, entity)
    known = naming_fields(work.entity(entity))
    return sorted(name for name, each in known.items() if each.key in legible)


def _legible(work: Work, entity: str) -> frozenset[str]:
    access = work.policy
    return access.readable(work.ctx, entity) - access.masked(work.ctx, entity)


def _why_not(each: Field) -> str:
    """Return why a field cannot be entered: by nobody, or not by this person."""
    if each.formula is not None:
        return "computed"
    return "readonly" if each.builtin or each.readonly or each.numbering else "not_writable"


def _is_parent(draft: Draft, key: str) -> bool:
    """Return whether a field says which record a line belongs to, which its rights follow."""
    child = draft.entity.child_of
    return child is not None and key == child.via


def _is_fixed(draft: Draft, key: str, value: object) -> bool:
    """Return whether a line would leave its parent, which only movable lines may."""
    child = draft.entity.child_of
    if child is None or key != child.via or draft.is_new or child.movable:
        return False
    return not isinstance(value, Reference) or value.id != draft.before.get(key)


def _at(path: Path, error: FieldError) -> FieldError:
    return FieldError(error.code, (*path, *error.path), error.params)


def _lines(work: Work, parent: Draft, name: str, edit: LinesEdit) -> list[Draft]:
    """Return drafts of a parent's lines: changed, new, trashed, in the order sent."""
    collection = parent.entity.collections[name]
    entity = work.entity(collection.entity)
    present = {} if parent.is_new else _concerned(work, entity, collection.via, parent.id, edit)
    drafts: list[Draft] = []
    for order, line in enumerate(edit.lines, start=1):
        drafts += _line(work, parent, entity, line, present)
        # New lines that say no place are put after the others once rows are locked.
        if edit.whole:
            _place(drafts, entity, line, order)
    named = {line.id for line in edit.lines}
    gone = [id_ for id_ in present if id_ not in named] if edit.whole else list(edit.delete)
    for id_ in gone:
        if id_ not in present:
            parent.errors.append(FieldError("line_missing", (*parent.path, name), {"id": str(id_)}))
            continue
        drafts.append(existing(work, entity, id_, (*parent.path, name), "delete"))
    for draft in drafts:
        if draft.parent is None:
            draft.parent = parent
    return drafts


def _line(
    work: Work, parent: Draft, entity: Entity, line: Line, present: Mapping[UUID, Any]
) -> list[Draft]:
    path = (*parent.path, *line.path)
    if line.id is None:
        draft = _new(work, entity, path)
        via = entity.child_of.via if entity.child_of else ""
        draft.values[via], draft.targets[via] = parent.id, parent.entity.key
    elif line.id in present:
        draft = existing(work, entity, line.id, path)
    else:
        parent.errors.append(FieldError("line_missing", path, {"id": str(line.id)}))
        return []
    # Errors of lines that could not be read lie with the payload that holds the lines.
    draft.unread |= parent.unread
    return _enter(work, draft, nested(line))


def nested(line: Line) -> Loaded:
    """Return what a line says as a payload of its own."""
    lines = {key[1:]: value for key, value in line.values.items() if isinstance(value, LinesEdit)}
    values = {key: value for key, value in line.values.items() if not isinstance(value, LinesEdit)}
    return Loaded(values, lines, ())


def _place(drafts: Sequence[Draft], entity: Entity, line: Line, order: int) -> None:
    """Give the line that was added last but its own lines its place."""
    for draft in reversed(drafts):
        if draft.entity is entity and draft.path[-len(line.path) :] == line.path:
            draft.moved = draft.moved or draft.position != order
            draft.position = order
            return


def all_lines(work: Work, parent: Draft) -> list[Draft]:
    """Return drafts of all lines of a record as they are, with the lines of those."""
    drafts: list[Draft] = []
    for name, collection in parent.entity.collections.items():
        if not collection.children:
            continue
        entity = work.entity(collection.entity)
        for id_ in _present(work, entity, collection.via, parent.id):
            line = existing(work, entity, id_, (*parent.path, name))
            line.parent = parent
            drafts += [line, *all_lines(work, line)]
    return drafts


def _concerned(
    work: Work, entity: Entity, via: str, parent: UUID, edit: LinesEdit
) -> dict[UUID, Mapping[str, Any]]:
    """Return the live lines of a parent that an edit is about: all of them, or those it names."""
    if edit.whole:
        return _present(work, entity, via, parent)
    named = [line.id for line in edit.lines if line.id is not None]
    rows = work.read(entity.key, [*named, *edit.delete])
    column = entity.fields[via].column
    return {
        id_: row
        for id_, row in rows.items()
        if row[column] == parent and row["sys_trashed_at"] is None
    }


def _present(work: Work, entity: Entity, via: str, parent: UUID) -> dict[UUID, Mapping[str, Any]]:
    """Return the live lines of a parent by id."""

    def make() -> Select[Any]:
        table = work.ctx.compiled.tables.of(entity.key)
        link = table.c[entity.fields[via].column]
        return select(table.c.id).where(link == any_(IDS), table.c.sys_trashed_at.is_(None))

    found = work.run(("present", entity.key), make, ids=[parent])
    rows = work.read(entity.key, [row[0] for row in found])
    # Before locks are held a line may go between the two statements.
    return {id_: row for id_, row in rows.items() if row["sys_trashed_at"] is None}
