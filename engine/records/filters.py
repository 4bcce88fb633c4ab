"""Whether what a link points to may be chosen: the same question as the picker's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from uuid import UUID

from engine.query.pick import choosable
from engine.records.draft import Draft
from engine.records.work import Work
from metamodel.model import Field

Choice = tuple[tuple[str, object], ...]
"""What a filter reads of the record, by field key, and of its parent by `<link>.<key>`."""


def check_filters(work: Work, drafts: Sequence[Draft], coming: Collection[UUID]) -> None:
    """Refuse links outside of their filter, where the link or what its filter reads changed.

    `coming` are records that this write makes or takes out of the trash: they cannot be found yet.
    """
    asked: dict[tuple[str, str, Choice], list[tuple[Draft, UUID]]] = {}
    for draft in drafts:
        for each, reads in _filtered(draft):
            values = _entered(draft, each)
            if not values or not {each.key, *reads} & set(draft.changed()):
                continue
            choice = (*((key, draft.values.get(key)) for key in reads), *_of_parent(draft, each))
            place = (draft.entity.key, each.key, choice)
            asked.setdefault(place, []).extend((draft, value) for value in values)
    for (entity, key, choice), links in asked.items():
        field = work.entity(entity).fields[key]
        ids = {value for _, value in links if value not in coming}
        if not ids:
            continue
        fine = choosable(work.ctx, work.policy, work.connection, field, ids, this=dict(choice))
        for draft, value in links:
            if value in ids and value not in fine and not _is_refused(draft, field):
                draft.refuse("link_not_allowed", key, value=str(value))


def _entered(draft: Draft, each: Field) -> tuple[UUID, ...]:
    """Return what a link holds; of many, those that are new to it."""
    value = draft.values.get(each.key)
    if isinstance(value, tuple):
        before = draft.before.get(each.key)
        return tuple(id_ for id_ in value if not isinstance(before, tuple) or id_ not in before)
    return (value,) if isinstance(value, UUID) else ()


def _filtered(draft: Draft) -> Iterator[tuple[Field, tuple[str, ...]]]:
    """Yield the links that have a filter, and the fields of the record that it reads."""
    for each in draft.entity.fields.values():
        if each.filter is not None and not each.retired:
            outer = each.filter.dependencies.outer
            yield each, tuple(sorted({chain[0].field for chain in outer}))


def _of_parent(draft: Draft, each: Field) -> Iterator[tuple[str, object]]:
    """Yield what a line's filter reads of its parent as the parent is about to be written."""
    if draft.parent is None or each.filter is None:
        return
    seconds = {tuple(step.field for step in chain[:2]) for chain in each.filter.dependencies.outer}
    for link, *rest in sorted(seconds):
        if rest and rest[0] in draft.parent.values and draft.values.get(link) == draft.parent.id:
            yield f"{link}.{rest[0]}", draft.parent.values[rest[0]]


def _is_refused(draft: Draft, field: Field) -> bool:
    return any(error.path == (*draft.path, field.name) for error in draft.errors)
