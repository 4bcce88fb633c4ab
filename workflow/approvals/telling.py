"""Whom an approval tells of what: those who are asked, its author, those who get a copy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection, or_, select

from engine.context import Context
from engine.notices import News, tell
from engine.notices.tables import columns_of
from engine.tenants.people import SYSTEM
from workflow.approvals.course import Course, waiting
from workflow.approvals.keeping import Case, copy_case

Topic = Literal["asked", "urged", "reminded", "copied", "approved", "rejected", "returned",
                "withdrawn", "commented"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Word:
    """One thing that people are told of an approval."""

    topic: Topic
    people: tuple[UUID, ...]


def words_of(before: Course | None, after: Course) -> Iterator[Word]:
    """Yield what an act changed, as far as it concerns anybody."""
    asked = frozenset(waiting(before)) if before is not None else frozenset()
    fresh = tuple(each for each in waiting(after) if each not in asked)
    if fresh:
        yield Word("asked", fresh)
    passed = after.stages[before.at if before is not None else 0 : after.at]
    copies = tuple(dict.fromkeys(each for stage in passed for each in stage.copies))
    if copies:
        yield Word("copied", copies)
    for entry in after.log[len(before.log) if before is not None else 0 :]:
        match entry.what:
            case "urged" | "reminded" | "copied" as topic:
                yield Word(topic, entry.to)
            case "commented":
                yield Word("commented", (after.author, *waiting(after)))
            case "withdrawn":
                yield Word("withdrawn", tuple(asked))
            case _:
                pass
    if after.state in ("approved", "rejected", "returned"):
        yield Word(after.state, (after.author,))


def tell_of(ctx: Context, connection: Connection, before: Case | None, after: Case) -> None:
    """Tell people of what became of an approval; copies are put among theirs."""
    approval = ctx.model.approvals.get(after.approval)
    label = dict(approval.label.texts) if approval is not None else {"": after.approval}
    teller = ctx if ctx.actor.kind == "person" else replace(ctx, actor=SYSTEM)
    for word in words_of(before.course if before is not None else None, after.course):
        people = word.people
        if word.topic == "copied":
            people = copy_case(ctx, connection, after, people)
        elif word.topic in ("asked", "urged", "reminded"):
            people = (*people, *_deputies(ctx, connection, people))
        words = {"what": word.topic, "approval": label, "case": str(after.id)}
        news = News("approval", after.entity, after.record, words)
        tell(teller, connection, people, news)


def _deputies(ctx: Context, connection: Connection, people: tuple[UUID, ...]) -> list[UUID]:
    """Return who stands in for some people today."""
    table, column = columns_of(ctx, "deputy")
    today = ctx.moment.today
    rows = connection.execute(
        select(column["deputy"]).where(
            column["person"].in_(people),
            table.c.sys_trashed_at.is_(None),
            or_(column["from"].is_(None), column["from"] <= today),
            or_(column["until"].is_(None), column["until"] >= today),
        )
    )
    return [row[0] for row in rows]
