"""Takes what is personal out of everything that is kept beside records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, update

from engine.context import Context
from engine.database import driver_of
from engine.files.fate import taken_away
from engine.personal.about import about, texts_of, written_with
from engine.personal.subject import Subject, personal_fields
from engine.schema.ddl import qualified
from engine.values.sealed import MARK
from metamodel.model import HOLDER, MEMBER

FILES = "sys_file"
COMMENTS = "sys_comment"
REQUESTS = "sys_request"
PARTS = "sys_import_part"
OPEN = "sys_open_form"
CHANGES = "sys_change"
MESSAGES = "sys_message"
ADDRESSES = "sys_address"


def clear_comments(ctx: Context, subject: Subject, connection: Connection) -> int:
    """Take the words out of comments on a person's records; that there were some stays."""
    table = ctx.compiled.tables.of(COMMENTS)
    done = connection.execute(
        update(table)
        .where(about(table, subject), table.c.body != MARK)
        .values(body=MARK, mentions=None)
    )
    return done.rowcount


def clear_messages(ctx: Context, subject: Subject, connection: Connection) -> int:
    """Take what was written to a person and by them out of the log of messages.

    That there were messages, when, and what became of them stays; one that waits is not sent
    any more. What came with one that is about no record is attached to the person, with whose
    files it goes.
    """
    table, known = ctx.compiled.tables.of(MESSAGES), ctx.compiled.tables.of(ADDRESSES)
    texts = texts_of(ctx, subject, connection)
    theirs = (written_with(table, subject, texts), table.c.address != MARK)
    taken = {"address": MARK, "subject": MARK, "body": MARK, "detail": {}}
    unsent = table.c.state.in_(("waiting", "failed"))
    stopped = {"state": "held", "error": "person_erased", "done_at": ctx.now}
    connection.execute(update(table).where(*theirs, unsent).values(**stopped))
    done = connection.execute(
        update(table).where(*theirs).values(**taken).returning(table.c.id)
    ).scalars().all()  # fmt: skip
    files = ctx.compiled.tables.of(FILES)
    loose = (files.c.entity == MESSAGES, files.c.record.in_(done))
    connection.execute(
        update(files).where(*loose).values(entity=subject.entity, record=subject.record)
    )
    connection.execute(delete(known).where(known.c.address.in_({each.lower() for each in texts})))
    return len(done)


def clear_drafts(ctx: Context, subject: Subject, connection: Connection) -> int:
    """Forget what anybody typed into the forms of a person's records and did not save."""
    table = ctx.compiled.tables.of(OPEN)
    return connection.execute(delete(table).where(about(table, subject))).rowcount


def clear_answers(ctx: Context, subject: Subject, connection: Connection) -> int:
    """Forget kept answers that tell of a person's records."""
    table = ctx.compiled.tables.of(REQUESTS)
    ids = [id_ for ids in subject.about.values() for id_ in ids]
    done = 0
    for id_ in ids:
        done += connection.execute(delete(table).where(table.c.body.contains(str(id_)))).rowcount
    return done


def forget_rejected(ctx: Context, subject: Subject, connection: Connection) -> int:
    """Forget rejected rows of imports that hold a value of the person."""
    table = ctx.compiled.tables.of(PARTS)
    done = 0
    for value in sorted(texts_of(ctx, subject, connection)):
        holds = (table.c.kind == "rejected", table.c.body.contains(value, autoescape=True))
        done += connection.execute(delete(table).where(*holds)).rowcount
    return done


def detach_files(ctx: Context, subject: Subject, connection: Connection) -> list[UUID]:
    """Take files off a person's records, attached ones and those of personal fields."""
    found: list[UUID] = []
    for pairs, ids in _personal_pairs(ctx, subject):
        gone = delete(pairs).where(pairs.c[HOLDER].in_(ids)).returning(pairs.c[MEMBER])
        found += connection.execute(gone).scalars()
    table = ctx.compiled.tables.of(FILES)
    attached = update(table).where(about(table, subject)).values(entity=None, record=None)
    found += connection.execute(attached.returning(table.c.id)).scalars()
    return found


def remove_file(ctx: Context, file: UUID, connection: Connection) -> bool:
    """Delete what is known of a file, unless another record names it; return whether it is gone."""
    return taken_away(ctx, connection, file)


def _personal_pairs(ctx: Context, subject: Subject) -> Iterator[tuple[Any, Sequence[UUID]]]:
    """Yield the link tables through which personal fields name files, with the records of each."""
    for entity, ids in subject.about.items():
        for each in personal_fields(ctx.model.entities[entity]):
            if each.link is not None and each.link.many and each.link.to == (FILES,):
                yield ctx.compiled.tables.of(each.link.through), ids


def clear_history(
    ctx: Context,
    connection: Connection,
    subject: Subject,
    followed: Mapping[str, Mapping[str, Sequence[str]]],
) -> int:
    """Take personal values, and texts computed from them, out of the history of records."""
    done = 0
    for entity, ids in subject.about.items():
        keys = [each.key for each in personal_fields(ctx.model.entities[entity])]
        done += _scrub(ctx, connection, (entity, ids), keys)
    for entity, told in followed.items():
        records = [UUID(each) for each in told["records"]]
        done += _scrub(ctx, connection, (entity, records), list(told["fields"]))
    return done


def _scrub(
    ctx: Context, connection: Connection, at: tuple[str, Sequence[UUID]], keys: list[str]
) -> int:
    table = qualified(ctx.tenant.schema, CHANGES)
    sides = ", ".join(f'"{side}" = {_scrubbed(side)}' for side in ("before", "after"))
    holds = " OR ".join(
        f'EXISTS (SELECT FROM jsonb_each_text("{side}") e(k, v)'  # noqa: S608 - one of two names
        " WHERE k = ANY(%(keys)s::text[]) AND v <> %(mark)s)"
        for side in ("before", "after")
    )
    statement = (
        f"UPDATE {table} SET {sides}"  # noqa: S608 - names of the engine's own
        f" WHERE entity = %(entity)s AND record = ANY(%(ids)s::uuid[]) AND ({holds})"
    )
    values = {"entity": at[0], "ids": list(at[1]), "keys": keys, "mark": MARK}
    return driver_of(connection).execute(statement.encode(), values).rowcount


def _scrubbed(side: str) -> str:
    """Return the JSON of one side of a change with marks in place of values under some keys."""
    marked = (
        "CASE WHEN k = ANY(%(keys)s::text[]) AND v <> 'null'::jsonb"
        " THEN to_jsonb(%(mark)s::text) ELSE v END"
    )
    whole = f'(SELECT jsonb_object_agg(k, {marked}) FROM jsonb_each("{side}") e(k, v))'  # noqa: S608 - one of two words of ours
    return f"coalesce({whole}, '{{}}'::jsonb)"
