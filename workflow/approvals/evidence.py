"""Files that somebody puts to an approval: they are kept with its record from then on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select, update

from engine.access.grants import FILE
from engine.errors import FieldError, RecordRefused
from engine.records.work import Work
from metamodel.fields import Field
from workflow.approvals.deciding import refuse
from workflow.approvals.keeping import Case

MOST_FILES = 20
"""Files that are put to an approval at once."""


def files_given(asked: Mapping[str, Field], given: Mapping[str, object]) -> Iterator[UUID]:
    """Yield the files among the values that a step asked for, signatures too."""
    for name, field in asked.items():
        value = given.get(name)
        if field.link is not None and field.link.to == (FILE,) and isinstance(value, tuple):
            yield from (each for each in value if isinstance(each, UUID))


def put_to(work: Work, case: Case, files: Sequence[UUID]) -> tuple[UUID, ...]:
    """Keep files that the person has just uploaded with the record of an approval.

    Raises `RecordRefused` for files of somebody else, and those that belong elsewhere already.
    """
    wanted = tuple(dict.fromkeys(files))
    if not wanted:
        return ()
    if len(wanted) > MOST_FILES:
        refuse("too_many_items", max=MOST_FILES, count=len(wanted))
    table = work.ctx.compiled.tables.of(FILE)
    place = (case.entity, case.record)
    rows = work.connection.execute(
        select(table.c.id, table.c.uploader, table.c.entity, table.c.record)
        .where(table.c.id.in_(wanted))
        .with_for_update()
    )
    free = {
        row.id for row in rows
        if row.uploader == work.ctx.actor.user and (row.entity, row.record) in (place, (None, None))
    }  # fmt: skip
    errors = [
        FieldError("link_missing", ("files",), {"value": str(each)})
        for each in wanted
        if each not in free
    ]
    if errors:
        raise RecordRefused(errors)
    work.connection.execute(
        update(table).where(table.c.id.in_(wanted)).values(entity=place[0], record=place[1])
    )
    return wanted
