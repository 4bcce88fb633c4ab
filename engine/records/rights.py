"""Whether the person may write the records at all: rows through access, as reading does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from engine.errors import FieldError, Forbidden, NotFound, RecordRefused
from engine.records.draft import Draft
from engine.records.work import Work

DEPUTY = "deputy"

ACTIONS = {"update": "update", "move": "update", "delete": "delete", "restore": "delete"}


def check_rights(work: Work, drafts: Sequence[Draft]) -> None:
    """Raise `NotFound` for records that the person may not see, `Forbidden` for the rest."""
    for (entity, action), ids in _asked(drafts).items():
        verdict = work.policy.row_filter(work.ctx, entity, action)
        if verdict is None:
            continue
        if verdict.text == "false" and action == "create":
            raise Forbidden(action=action, entity=work.entity(entity).name)
        if action == "create":
            continue
        refused = ids - _permitted(work, entity, action, ids)
        if not refused:
            continue
        hidden = refused - _permitted(work, entity, "read", refused)
        _refuse_items(drafts, refused, hidden)
        if hidden:
            raise NotFound(entity=work.entity(entity).name, id=str(min(hidden)))
        raise Forbidden(action=action, entity=work.entity(entity).name, id=str(min(refused)))


def _refuse_items(drafts: Iterable[Draft], refused: set[UUID], hidden: set[UUID]) -> None:
    """Refuse items of a bulk write each for itself, where that is what was asked."""
    errors = [
        FieldError("not_found" if draft.id in hidden else "forbidden", (*draft.path, "id"))
        for draft in drafts
        if draft.id in refused and draft.path[:1] in (("update",), ("delete",))
    ]
    if errors:
        raise RecordRefused(errors)


def check_created(work: Work, drafts: Iterable[Draft]) -> None:
    """Raise `Forbidden` where a record lies outside of what the person may create.

    A deputy who is to stand in for somebody else is a new one.
    """
    made: dict[str, set[UUID]] = {}
    for draft in drafts:
        other = draft.entity.key == DEPUTY and "person" in draft.changed()
        if (draft.is_new or other) and draft.parent is None:
            made.setdefault(draft.entity.key, set()).add(draft.id)
    for entity, ids in made.items():
        if work.policy.row_filter(work.ctx, entity, "create") is None:
            continue
        if ids - _permitted(work, entity, "create", ids):
            raise Forbidden(action="create", entity=work.entity(entity).name)


def _asked(drafts: Iterable[Draft]) -> dict[tuple[str, str], set[UUID]]:
    """Return what is asked by entity and action; lines go with the record that holds them."""
    asked: dict[tuple[str, str], set[UUID]] = {}
    for draft in drafts:
        if draft.parent is None and not draft.along:
            action = ACTIONS.get(draft.operation, draft.operation)
            asked.setdefault((draft.entity.key, action), set()).add(draft.id)
    return asked


def _permitted(work: Work, entity: str, action: str, ids: set[UUID]) -> frozenset[UUID]:
    return work.policy.permitted(work.ctx, work.connection, ids, entity=entity, action=action)
