"""A batch of new records as hooks see it: as the change that it is, before it commits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.changes import Change, RecordChange
from engine.errors import RecordRefused
from engine.records.draft import STAMPS, blank
from engine.records.hooks import Hooks
from engine.records.setwise.batch import Batch
from engine.records.setwise.fitting import NotSetwise
from engine.records.work import Work


def show(
    work: Work, batch: Batch, followed: Sequence[RecordChange], hooks: Sequence[Hooks]
) -> None:
    """Let hooks see a batch that is written; raises `NotSetwise` where they refuse it.

    One by one, those are told that have a reason of their own to be refused.
    """
    concerned = [each for each in hooks if each.concerns(work.ctx, batch.entity.key)]
    if not concerned:
        return
    change = Change(work.change_set, work.ctx.revision, (*_created(batch), *followed))
    try:
        for hook in concerned:
            hook.before_commit(work.ctx, work.connection, change, ())
    except RecordRefused as error:
        raise NotSetwise("what would follow from a record refuses it") from error


def _created(batch: Batch) -> Iterator[RecordChange]:
    """Yield new records with what was entered of them, as history keeps it."""
    fields = batch.entity.fields
    columns = [
        (key, column, blank(fields[key]))
        for key, column in batch.values.items()
        if key not in STAMPS and key != "id"
    ]
    for at, id_ in enumerate(batch.ids):
        after = {key: column[at] for key, column, none in columns if column[at] != none}
        yield RecordChange(batch.entity.key, id_, "create", {}, after)
