"""Takes mail that came in: into the log, into its conversation, and to what waits for mail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from io import BytesIO

from sqlalchemy import Connection, func, select

from engine.context import Context
from engine.database import Database, RunAgain
from engine.files.refusals import FileRefused
from engine.files.uploads import Files
from engine.notices.tables import columns_of
from engine.records.formed import Stand, values_here
from engine.records.work import Work
from engine.values.identity import new_id
from metamodel.automation import Automation
from workflow.messages.addresses import note_bounce, plain
from workflow.messages.adopting import MAIL, put_files
from workflow.messages.judging import Returned, returned, why_ignored
from workflow.messages.message import MESSAGE, Message, change, keep, known
from workflow.messages.parsing import CameAlong, Incoming, Unreadable, incoming, read_mail
from workflow.runner import Runner
from workflow.runs import begin
from workflow.runs import keep as keep_runs

MOST_AN_HOUR = 60
"""Mails of one address within an hour that set automations off."""

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Read:
    """A mail with what became clear of it; `ignored` says why it sets nothing off."""

    mail: Incoming
    ignored: str
    back: tuple[Returned, ...]


def read(raw: bytes) -> Read:
    """Return what a mail says and is; raise `Unreadable`."""
    try:
        parsed = read_mail(raw)
        return Read(incoming(parsed, raw), why_ignored(parsed), returned(parsed))
    except RecursionError as error:
        raise Unreadable from error


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes mail for a tenant, each once, however often it is brought."""

    database: Database
    runner: Runner
    files: Files

    def take(self, ctx: Context, to: str, raw: bytes) -> Message | None:
        """Take a mail to one of the tenant's addresses; None where it was taken before."""
        try:
            found = read(raw)
        except Unreadable:
            return self.refuse(ctx, to, f"unreadable-{new_id(ctx.now).hex}", "unreadable")
        mail = found.mail
        if self._is_known(ctx, mail):
            return None
        kept = [] if found.ignored else [*self._keep_files(ctx, mail.files)]

        def unit(connection: Connection) -> Message | None:
            return self._take(ctx, connection, found, (plain(to), kept))

        return self.database.unit(ctx, unit)

    def refuse(self, ctx: Context, to: str, message_id: str, why: str) -> Message | None:
        """Keep that a mail came which is not taken, once."""
        message = Message(
            new_id(ctx.now), "in", "email", "refused", "", message_id, ctx.now,
            done_at=ctx.now, error=why, detail={"to": [plain(to)]},
        )  # fmt: skip
        new = self.database.unit(ctx, lambda connection: keep(connection, ctx, message))
        return message if new else None

    def _is_known(self, ctx: Context, mail: Incoming) -> bool:
        with self.database.reading(ctx) as connection:
            return _known_as(connection, ctx, mail) is None

    def _keep_files(self, ctx: Context, files: Sequence[CameAlong]) -> Iterator[dict[str, str]]:
        """Keep the files of a mail, which go again by themselves where nothing names them."""
        for each in files:
            try:
                kept = self.files.upload(ctx, each.name, BytesIO(each.content))
            except FileRefused as error:
                yield {"name": each.name, "refused": error.code}
            else:
                yield {"id": str(kept.id), "name": kept.name}

    def _take(
        self,
        ctx: Context,
        connection: Connection,
        found: Read,
        arrived: tuple[str, list[dict[str, str]]],
    ) -> Message | None:
        to, files = arrived
        mail, known_as = found.mail, _known_as(connection, ctx, found.mail)
        if known_as is None:
            return None
        work = Work.begin(ctx, connection, self.runner.hands.policy)
        before = _thread(work, mail)
        ignored = found.ignored or self._too_many(ctx, connection, mail.sender)
        message = Message(
            new_id(ctx.now), "in", "email", "ignored" if ignored else "received", mail.sender,
            known_as, ctx.now, subject=mail.subject, body=mail.text,
            whom=before.whom if before else None, entity=before.entity if before else "",
            record=before.record if before else None,
            thread=before.thread if before and before.thread else known_as,
            done_at=ctx.now, error="bounce" if found.back else ignored,
            detail={
                "to": list(dict.fromkeys([to, *mail.to]))[:50], "name": mail.name,
                "files": [each for each in files if "id" in each],
                "files_refused": [each["name"] for each in files if "refused" in each],
                "left_out": mail.left_out, "dated": mail.dated,
            },
        )  # fmt: skip
        if not keep(connection, ctx, message):
            # Somebody keeps another one by this id: looked at again, once that is done.
            raise RunAgain
        self._note_returned(ctx, connection, found.back)
        place = (message.entity, message.record) if message.record else (MESSAGE, message.id)
        put_files(ctx, connection, message, place)
        if not ignored:
            self._set_off(work, message, mail)
        return message

    def _too_many(self, ctx: Context, connection: Connection, sender: str) -> str:
        table, column = columns_of(ctx, MESSAGE)
        theirs = (column["direction"] == "in", column["address"] == sender)
        lately = column["at"] > ctx.now - HOUR
        statement = select(func.count()).select_from(table).where(*theirs, lately)
        count = int(connection.execute(statement).scalar_one())
        return "too_many" if count >= MOST_AN_HOUR else ""

    def _note_returned(
        self, ctx: Context, connection: Connection, back: Sequence[Returned]
    ) -> None:
        for each in back:
            for message in known(connection, ctx, [each.message_id], "out"):
                if message.address != each.address:
                    continue
                bounced = replace(message, state="bounced", error=each.said, done_at=ctx.now)
                change(connection, ctx, bounced)
                if each.for_good:
                    # Only of our own mail: nobody keeps others from being written to.
                    note_bounce(connection, ctx, each.address, each.said)

    def _set_off(self, work: Work, message: Message, mail: Incoming) -> None:
        given = {
            "sender": mail.sender, "subject": mail.subject, "text": mail.fresh,
            MAIL: str(message.id),
        }  # fmt: skip
        runs = []
        for each in waiting_for_mail(work.ctx, message):
            about = message.record if each.trigger.entity else None
            stand = Stand(each.trigger.entity, about, given=given)
            key = ("mail", each.key)
            if each.when is None or values_here(work, stand, [each.when], key)[0]:
                runs.append(begin(work.ctx, each.key, stand))
        keep_runs(work.connection, work.ctx, runs)
        self.runner.hands.later(work.connection, runs)


def _known_as(connection: Connection, ctx: Context, mail: Incoming) -> str | None:
    """Return what a mail is to be known by; None where it was taken, or is one of our own."""
    for id_ in (mail.message_id, mail.other_id):
        held = known(connection, ctx, [id_])
        if not held:
            return id_
        if any(_is_the_same(each, mail) for each in held):
            return None
    return None


def _is_the_same(message: Message, mail: Incoming) -> bool:
    if message.direction == "out":
        return True
    dated = message.detail.get("dated", "")
    redated = bool(dated and mail.dated) and dated != mail.dated
    return message.address == mail.sender and not redated


def _thread(work: Work, mail: Incoming) -> Message | None:
    """Return the last message of the conversation that a mail belongs to.

    It is about no record where that lies in the trash, in which nobody would look for an answer.
    """
    found = known(work.connection, work.ctx, list(mail.answers))
    about = (each for each in found if _is_there(work, each))
    return next(about, replace(found[0], entity="", record=None) if found else None)


def _is_there(work: Work, message: Message) -> bool:
    if message.record is None or message.entity not in work.model.entities:
        return False
    row = work.read(message.entity, [message.record]).get(message.record)
    return row is not None and row["sys_trashed_at"] is None


def waiting_for_mail(ctx: Context, message: Message) -> Iterator[Automation]:
    """Yield the automations that a mail sets off.

    Those over an entity wait for what is written about one of its records, others for what
    begins a conversation.
    """
    reached = set(message.detail["to"])
    for each in ctx.model.automations.values():
        trigger = each.trigger
        if not each.active or trigger.on != "email" or plain(trigger.address) not in reached:
            continue
        if trigger.entity == (message.entity if message.record is not None else ""):
            yield each
