"""Takes what is personal out of what the app did about a person: approvals, runs, notices.

That it was done, by whom and when stays.
"""

from __future__ import annotations

from sqlalchemy import Connection, or_, select, update

from engine.context import Context
from engine.personal.about import about, holding_any, texts_of
from engine.personal.subject import Subject
from engine.values.sealed import MARK

APPROVALS = "sys_approval"
RUNS = "sys_run"
HOLDINGS = "sys_holding"
NOTICES = "sys_notice"

SAID = frozenset({"subject", "text"})
"""What is said in so many words in a notice; all else in it names things."""

NAME = 2
"""Letters of the shortest text that is looked for in what runs have read."""

ERASED = {"code": "person_erased"}
"""Why a run goes no further."""


def clear_approvals(ctx: Context, subject: Subject, connection: Connection) -> int:
    """Take what was said, and what was decided on, out of approvals of a person's records."""
    table = ctx.compiled.tables.of(APPROVALS)
    done = 0
    for row in connection.execute(select(table).where(about(table, subject))).all():
        course = dict(row.course)
        log = [
            {**{name: each[name] for name in each if name != "given"},
             **({"comment": MARK} if each.get("comment") else {})}
            for each in course["log"]
        ]  # fmt: skip
        kept = {"course": {**course, "log": log}, "snapshot": {}, "changes": None}
        connection.execute(update(table).where(table.c.id == row.id).values(**kept))
        done += 1
    return done


def clear_runs(ctx: Context, subject: Subject, connection: Connection) -> int:
    """Take what was brought along and what was read out of runs that tell of a person.

    Those are the runs on the person's records, and those on none or on others' that hold a text
    of theirs. A run that still waits would go on with such values: it is stopped.
    """
    table = ctx.compiled.tables.of(RUNS)
    texts = texts_of(ctx, subject, connection, NAME)
    told = or_(
        about(table, subject), holding_any(table.c.given, texts), holding_any(table.c.steps, texts)
    )
    rows = connection.execute(select(table).where(told).with_for_update()).all()
    for row in rows:
        steps = [{**each, "words": {}} for each in row.steps or ()]
        kept: dict[str, object] = {"given": {}, "steps": steps}
        if row.state in ("waiting", "parked"):
            kept |= {"state": "stopped", "due": None, "ended_at": ctx.now, "error": ERASED}
        connection.execute(update(table).where(table.c.id == row.id).values(**kept))
    return len(rows)


def clear_holdings(ctx: Context, subject: Subject, connection: Connection) -> int:
    """Take out what people wrote when a person's record changed hands."""
    table = ctx.compiled.tables.of(HOLDINGS)
    written = (table.c.note.is_not(None), table.c.note.not_in(("", MARK)))
    return connection.execute(
        update(table).where(about(table, subject), *written).values(note=MARK)
    ).rowcount


def clear_notices(ctx: Context, subject: Subject, connection: Connection) -> int:
    """Take what colleagues were told in words out of notices that tell of a person."""
    table = ctx.compiled.tables.of(NOTICES)
    texts = texts_of(ctx, subject, connection, NAME)
    told = or_(about(table, subject), holding_any(table.c.words, texts))
    done = 0
    for row in connection.execute(select(table.c.id, table.c.words).where(told)).all():
        kept = {name: each for name, each in (row.words or {}).items() if name not in SAID}
        if kept != row.words:
            connection.execute(update(table).where(table.c.id == row.id).values(words=kept))
            done += 1
    return done
