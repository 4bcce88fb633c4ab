"""Files that records name: whether a field takes them, and what becomes of those let go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from engine.access.grants import FILE
from engine.files.uploads import defer_fate
from engine.records.draft import Draft
from engine.records.work import Work
from metamodel.model import MEMBER, Field

PICTURES = frozenset({"image", "signature"})
"""Field types that take nothing but pictures."""


def check_files(work: Work, drafts: Sequence[Draft]) -> None:
    """Refuse files that a field does not take: no picture where one is asked, or too many."""
    for draft in drafts:
        for each, names in _named(draft):
            if not each.multiple and len(names) > 1:
                draft.refuse("too_many_items", each.key, max=1, count=len(names))
            if each.type not in PICTURES:
                continue
            before = draft.before.get(each.key)
            fresh = [id_ for id_ in names if not isinstance(before, tuple) or id_ not in before]
            for row in work.read(FILE, fresh).values():
                if not row["picture"]:
                    draft.refuse("file_not_picture", each.key, name=row["name"])


def let_go(work: Work, drafts: Sequence[Draft]) -> None:
    """Have files looked at later that a record does not name any more."""
    for draft in drafts:
        pair, file = draft.entity.pair, draft.values.get(MEMBER)
        gone = pair is not None and pair.target == FILE and draft.operation == "delete"
        if gone and isinstance(file, UUID):
            defer_fate(work.connection, work.ctx, file)


def _named(draft: Draft) -> Iterator[tuple[Field, tuple[UUID, ...]]]:
    """Yield the fields of a draft that name files, with their ids."""
    for each in draft.entity.fields.values():
        value = draft.values.get(each.key)
        if each.link is not None and each.link.to == (FILE,) and isinstance(value, tuple):
            yield each, value
