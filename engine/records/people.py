"""Who belongs where and may do what: roles are given by who may, trees have no rings (A-01, A-02).

Whatever changes people goes through here: form, API, import and hand-over alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast
from uuid import UUID

from engine.access.grants import gives_of
from engine.access.standing import (
    administrators,
    all_rights_roles,
    lock_standing,
    rings,
)
from engine.errors import RecordRefused
from engine.records.draft import Draft
from engine.records.rights import DEPUTY
from engine.records.work import Work

USER, POSITION = "user", "position"

TREES = {"department": "parent", USER: "manager"}
"""Entities that are linked to their own kind, by the link that leads upwards."""

STANDING_IN = ("person", "deputy", "from", "until")
"""What says who stands in for whom, and when."""


def check_giving(work: Work, drafts: Iterable[Draft]) -> None:
    """Refuse roles that do not exist, or that the person may not give or take."""
    for draft in drafts:
        if draft.entity.key not in (USER, POSITION) or not draft.entity.builtin:
            continue
        known = sorted(work.model.roles)
        for role in sorted(_roles(draft.values) - _roles(draft.before) - set(known)):
            draft.refuse("unknown_role", "roles", value=role, known=known)
        allowed = gives_of(work.ctx)
        passed = _passed(work, draft)
        if allowed is None or not passed - allowed:
            continue
        by_roles = _roles(draft.values) != _roles(draft.before)
        at = "roles" if by_roles or draft.entity.key == POSITION else "position"
        draft.refuse("may_not_give", at, roles=", ".join(sorted(passed - allowed)))


def check_deputies(work: Work, drafts: Iterable[Draft]) -> None:
    """Refuse deputies who name themselves, or give themselves longer."""
    if gives_of(work.ctx) is None:
        return
    for draft in drafts:
        if draft.entity.key != DEPUTY or draft.operation == "delete":
            continue
        new = draft.is_new or draft.operation == "restore"
        if draft.values.get("deputy") == work.ctx.actor.user and (
            new or any(draft.values.get(key) != draft.before.get(key) for key in STANDING_IN)
        ):
            draft.refuse("may_not_stand_in", "deputy")


def check_standing(work: Work, drafts: Sequence[Draft]) -> None:
    """Refuse, once all is written, rings of people and departments, and a tenant without a head."""
    moved = {key: [each.id for each in drafts if _climbs(each, key)] for key in TREES}
    lost = [draft for draft in drafts if _loses(work, draft)]
    if not lost and not any(moved.values()):
        return
    lock_standing(work.connection)
    for key, ids in moved.items():
        found = rings(work.connection, work.ctx.compiled, key, TREES[key], ids) if ids else ()
        for draft in drafts:
            if draft.id in found:
                draft.refuse("link_cycle", TREES[key])
    if lost and not administrators(work.connection, work.ctx.compiled):
        lost[0].refuse("nobody_administers", "" if lost[0].operation == "delete" else "roles")
    errors = [error for draft in drafts for error in draft.errors]
    if errors:
        raise RecordRefused(errors)


def _passed(work: Work, draft: Draft) -> set[str]:
    """Return the roles that somebody gets or loses by a write, by themselves or by a position."""
    after, before = _roles(draft.values), _roles(draft.before)
    if draft.entity.key == USER:
        after |= _roles_of_position(work, draft.values)
        before |= _roles_of_position(work, draft.before)
        if draft.operation == "restore" or not (draft.is_new or draft.before.get("active")):
            # Who could not act until now gets all of it.
            before = set() if draft.values.get("active") else after
    elif draft.operation == "restore":
        # Whoever held the position holds it again.
        before = set()
    return after ^ before


def _roles_of_position(work: Work, values: object) -> set[str]:
    position = cast(dict[str, object], values).get("position")
    if not isinstance(position, UUID):
        return set()
    column = work.entity(POSITION).fields["roles"].column
    row = work.read(POSITION, [position]).get(position)
    if row is None or row["sys_trashed_at"] is not None:
        return set()
    return set(row[column] or ())


def _loses(work: Work, draft: Draft) -> bool:
    """Return whether a write may take every right from somebody."""
    if draft.is_new or draft.operation == "restore" or not draft.entity.builtin:
        return False
    whole = all_rights_roles(work.model)
    gone = draft.operation == "delete"
    if draft.entity.key == POSITION:
        after = set() if gone else _roles(draft.values)
        return bool(_roles(draft.before) & whole) and not after & whole
    if draft.entity.key != USER or not draft.before.get("active"):
        return False
    before = _roles(draft.before) | _roles_of_position(work, draft.before)
    after = _roles(draft.values) | _roles_of_position(work, draft.values)
    stays = not gone and bool(draft.values.get("active")) and bool(after & whole)
    return bool(before & whole) and not stays


def _climbs(draft: Draft, key: str) -> bool:
    link = TREES[key]
    if draft.entity.key != key or not draft.entity.builtin or draft.operation == "delete":
        return False
    return draft.values.get(link) is not None and draft.values.get(link) != draft.before.get(link)


def _roles(values: object) -> set[str]:
    held = cast(dict[str, object], values).get("roles")
    return {str(role) for role in held} if isinstance(held, list | tuple) else set()
