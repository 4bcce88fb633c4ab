"""Telling people of something in the transaction that does it: both are there, or neither."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Connection, func, insert, select

from engine.context import Context
from engine.jobs import defer
from engine.notices.preferences import DEVICE, NOTICES, muted
from engine.notices.tables import NOTICE, PREFERENCE, columns_of
from engine.values.identity import new_ids

PUSH = "notice.push"
"""The job that brings a notice to a device of whoever is told."""


@dataclass(frozen=True, slots=True)
class News:
    """What is told: one of `KINDS`, the record it is about, if any, and words to say it with.

    `entity` is a key; `words` are JSON values that a sentence of the kind names.
    """

    kind: str
    entity: str = ""
    record: UUID | None = None
    words: Mapping[str, object] = field(default_factory=dict)


def tell(ctx: Context, connection: Connection, people: Iterable[UUID], news: News) -> None:
    """Tell people, by their rows of `user`: active ones, who want to hear of this kind.

    Nobody is told of what they do themselves. Their devices are told after the transaction.
    """
    wanted = {each for each in people if each != ctx.actor.user}
    if not wanted:
        return
    devices = _listening(ctx, connection, wanted, news.kind)
    told = sorted(devices)
    if not told:
        return
    table, column = columns_of(ctx, NOTICE)
    common = {
        "kind": news.kind,
        "entity": news.entity or None,
        "record": news.record,
        "by": ctx.actor.user if ctx.actor.kind == "person" else None,
        "at": ctx.now,
        "words": dict(news.words),
    }
    named = {column[key].name: value for key, value in common.items()}
    rows = [
        {column["id"].name: id_, column["person"].name: person, **named}
        for id_, person in zip(new_ids(ctx.now, len(told)), told, strict=True)
    ]
    connection.execute(insert(table), rows)
    for row, person in zip(rows, told, strict=True):
        for device in devices[person]:
            payload = {"notice": str(row[column["id"].name]), "person": str(person)}
            defer(connection, PUSH, {**payload, "device": device}, queue="mail")


def _listening(
    ctx: Context, connection: Connection, people: Iterable[UUID], kind: str
) -> Mapping[UUID, Sequence[str]]:
    """Return those of some people who work here and have not turned a kind off.

    With each the devices on which they are told.
    """
    user, known = columns_of(ctx, "user")
    table, column = columns_of(ctx, PREFERENCE)
    mute = (column["person"] == known["id"]) & (column["name"] == NOTICES)
    other = table.alias()
    name = other.c[column["name"].name]
    devices = (
        select(func.array_agg(name))
        .where(other.c[column["person"].name] == known["id"], name.startswith(DEVICE))
        .scalar_subquery()
    )
    rows = connection.execute(
        select(known["id"], column["value"], devices)
        .select_from(user.outerjoin(table, mute))
        .where(
            known["id"].in_(list(people)),
            known["active"].is_(True),
            user.c.sys_trashed_at.is_(None),
        )
    )
    return {row[0]: row[2] or () for row in rows if kind not in muted(row[1])}
