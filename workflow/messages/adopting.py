"""Records that are made from mail: the conversation and the files of the mail become theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import Connection, update

from engine.access.grants import FILE
from engine.context import Context
from engine.notices.tables import columns_of
from workflow.messages.message import MESSAGE, Message
from workflow.runs import Done, Run

MAIL = "$mail"
"""Under what a run knows the mail that set it off; no formula can name it."""


def adopt(ctx: Context, connection: Connection, run: Run) -> None:
    """Have the first record that a run made of a mail answer for it from now on."""
    mail, made = run.stand.given.get(MAIL), next(_made(run.steps), None)
    if not isinstance(mail, str) or made is None:
        return
    table, column = columns_of(ctx, MESSAGE)
    mine = (column["id"] == UUID(mail), column["record"].is_(None))
    found = connection.execute(
        update(table)
        .where(*mine)
        .values({column["entity"].name: made[0], column["record"].name: made[1]})
        .returning(column["detail"])
    ).one_or_none()
    if found is not None:
        files = [UUID(each["id"]) for each in (found[0] or {}).get("files", ())]
        _attach(ctx, connection, files, made)


def put_files(ctx: Context, connection: Connection, message: Message, to: tuple[str, UUID]) -> None:
    """Attach the files that came with a message to a record, or to the message itself."""
    _attach(ctx, connection, [each.id for each in message.files], to)


def _made(steps: Sequence[Done]) -> Iterator[tuple[str, UUID]]:
    for each in steps:
        made = each.words.get("made")
        for entity, record in made if isinstance(made, list) else ():
            yield entity, UUID(record)


def _attach(
    ctx: Context, connection: Connection, files: Sequence[UUID], to: tuple[str, UUID]
) -> None:
    if files:
        table = ctx.compiled.tables.of(FILE)
        there = update(table).where(table.c.id.in_(files))
        connection.execute(there.values(entity=to[0], record=to[1]))
