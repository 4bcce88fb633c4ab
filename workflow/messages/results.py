"""What a record shows of a message that was written from it: how far it is, when, why not, cost."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection, select

from engine.context import Context
from engine.database import Database
from engine.doors import Edit
from engine.errors import NotFound
from engine.jobs import Job
from engine.records.writer import Records
from engine.values.richtext import html_of, plain_text
from metamodel.actions import Shown
from metamodel.fields import Field
from workflow.messages.message import Message, State, one

NO_ADDRESS = "no_address"
"""Why nothing was written to nobody."""

WITHDRAWN = "withdrawn"
"""Why a message is not sent that somebody stopped."""

OPTIONS: Mapping[State, str] = {
    "waiting": "queued",
    "sent": "sent",
    "logged": "sent",
    "held": "suppressed",
    "failed": "failed",
    "bounced": "failed",
}
"""The option that shows each state of a message."""


FOLLOWED = frozenset({"opened", "clicked", "opens", "clicks"})
"""What a record shows of a mail that is followed, beside its state."""

Shows = Mapping[str, Any]
"""What a record shows by now: `state` and what `FOLLOWED` names. Any: of every type."""


GAP = re.compile(r"\{(?=[{%])")
"""What begins a gap in words."""

JOINER = "\u2060"
"""A sign that is not seen, between two that mean something side by side."""


def shown_now(
    ctx: Context, connection: Connection, record: UUID, shown: Mapping[str, str]
) -> Shows | None:
    """Return what a record shows of a mail, locked; None where it is gone or thrown away."""
    entity = ctx.model.entities.get(shown["entity"])
    if entity is None or shown["state"] not in entity.fields:
        return None
    table = ctx.compiled.tables.of(entity.key)
    known = {
        name: entity.fields[shown[name]]
        for name in ("state", *sorted(FOLLOWED))
        if shown.get(name) in entity.fields
    }
    there = (table.c.id == record, table.c.sys_trashed_at.is_(None))
    columns = [table.c[each.column].label(name) for name, each in known.items()]
    found = connection.execute(select(*columns).where(*there).with_for_update()).one_or_none()
    if found is None:
        return None
    shows = dict(found._mapping)
    option = known["state"].options.get(shows["state"])
    return {**shows, "state": option.name if option is not None else ""}


def reached(state: Field, told: str, shows: Shows) -> str:
    """Return the option for a mail: of one that went, the furthest that it was seen to get."""
    if told != OPTIONS["sent"]:
        return told
    known = {each.name for each in state.options.values()}
    further = (each for each in ("clicked", "opened") if shows.get(each) and each in known)
    return next(further, told)


class Writing(Protocol):
    """Returns the door to records inside a unit."""

    def __call__(self, connection: Connection, *, whole: bool = False) -> Records:
        """Return the door."""
        ...


def kept_of(shown: Shown | None) -> Mapping[str, str]:
    """Return which fields show a message, as they are kept with it."""
    return {name: key for name, key in asdict(shown).items() if key} if shown is not None else {}


def edit_of(ctx: Context, record: UUID, shown: Mapping[str, str], message: Message | None) -> Edit:
    """Return what a record shows of a message; of none: that there is nowhere to write to."""
    entity = ctx.model.entities[shown["entity"]]
    option = OPTIONS[message.state] if message is not None else "failed"
    values: dict[str, object] = {entity.fields[shown["state"]].name: option}
    if "at" in shown and message is not None and option == "sent":
        values[entity.fields[shown["at"]].name] = (message.done_at or message.at).isoformat()
    if "why" in shown:
        field = entity.fields[shown["why"]]
        why = message.error if message is not None else NO_ADDRESS
        known = {each.name for each in field.options.values()}
        values[field.name] = why if why in known and option != "sent" else None
    cost = _cost(message)
    if "cost" in shown and cost is not None:
        values[entity.fields[shown["cost"]].name] = str(cost)
    return Edit(record, values)


def said_of(
    ctx: Context, connection: Connection, shown: Mapping[str, str], message: Message | None
) -> Mapping[str, str]:
    """Return what a record shows of the words of a message that is written from it.

    What was filled in is not read for gaps when it is written from the record once more.
    """
    if message is None:
        return {}
    entity, values = ctx.model.entities[shown["entity"]], dict[str, str]()
    for name, said in (("subject", message.subject), ("text", message.body)):
        field = entity.fields.get(shown.get(name, ""))
        if field is None or not said:
            continue
        text = GAP.sub(f"{{{JOINER}", said)[: field.max_length]
        if field.type != "rich_text":
            values[field.name] = text
        elif text != words_of(ctx, connection, field, message.record):
            # One without gaps stays formatted.
            values[field.name] = html_of(text)
    return values


def words_of(ctx: Context, connection: Connection, field: Field, record: UUID | None) -> str:
    """Return what a formatted text of a record reads as, with the addresses that it leads to."""
    table = ctx.compiled.tables.of(field.entity)
    statement = select(table.c[field.column]).where(table.c.id == record)
    return plain_text(connection.execute(statement).scalar_one_or_none() or "", links=True)


def is_withdrawn(ctx: Context, connection: Connection, message: Message) -> str:
    """Return why a message is not sent that its record shows as held back; blank where it may go.

    Whoever stops what has not gone yet says so there. One that is asked for once more goes.
    """
    shown = message.detail.get("result")
    if not shown or message.record is None or message.detail.get("again"):
        return ""
    entity = ctx.model.entities[shown["entity"]]
    field, table = entity.fields[shown["state"]], ctx.compiled.tables.of(entity.key)
    statement = select(table.c[field.column]).where(table.c.id == message.record)
    found = connection.execute(statement).scalar_one_or_none()
    option = field.options.get(found) if found is not None else None
    return WITHDRAWN if option is not None and option.name == OPTIONS["held"] else ""


def _cost(message: Message | None) -> Decimal | None:
    """Return what a gateway says that a message cost, where that can be a cost."""
    try:
        cost = Decimal(str(message.detail["cost"])) if message is not None else None
    except (KeyError, InvalidOperation):
        return None
    return cost if cost is not None and cost.is_finite() and cost >= 0 else None


def _kept_further(ctx: Context, connection: Connection, edit: Edit, message: Message) -> Edit:
    """Return an edit that does not take back how far a mail was seen to get."""
    shown = message.detail["result"]
    shows = shown_now(ctx, connection, edit.id, shown)
    state = ctx.model.entities[shown["entity"]].fields[shown["state"]]
    told = reached(state, OPTIONS[message.state], shows or {})
    return replace(edit, values={**edit.values, state.name: told})


@dataclass(frozen=True, slots=True)
class KeepResult:
    """Has a record show what has become of its message by now; a `jobs.Task`."""

    database: Database
    writing: Writing
    system: Callable[[str], Context]
    attempts: int = 5

    def run(self, job: Job) -> None:
        """Write it into the record; one that is gone shows nothing any more."""
        ctx, id_ = self.system(job.tenant), UUID(job.payload["message"])

        def unit(connection: Connection) -> None:
            message = one(connection, ctx, id_)
            shown = message.detail.get("result") if message is not None else None
            if message is None or message.record is None or not shown:
                return
            edit = edit_of(ctx, message.record, shown, message)
            if not FOLLOWED.isdisjoint(shown):
                edit = _kept_further(ctx, connection, edit, message)
            self.writing(connection).update(ctx, shown["entity"], [edit])

        try:
            self.database.unit(ctx, unit)
        except NotFound:
            return
