"""A real mail server that keeps what it takes, and a house that sends through it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from socket import socket
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select, text

from boot.messaging import message_tasks, outbox
from boot.settings import read_settings
from boot.wiring import House, acting_writer
from engine.context import Context
from engine.jobs import Job, Task
from engine.notices.tables import columns_of
from engine.outgoing.allowance import Allowance
from engine.outgoing.calls import Outgoing
from tests.workflow.conftest import Yard, silent
from workflow.messages.message import Message, message_of
from workflow.messages.outbox import TASK
from workflow.queueing import later
from workflow.webhooks import Silent


@dataclass
class Post:
    """A mail server: takes all, but what `refused` names, with the answer that stands there.

    `raw` is what it took as it came, `taken` as programs read it.
    """

    address: str = ""
    taken: list[EmailMessage] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    away: int = 0
    raw: list[bytes] = field(default_factory=list)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.away:
            self.away -= 1
            return "451 Come again"
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.raw.append(envelope.original_content or b"")
        found = message_from_bytes(envelope.content or b"", policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.taken.append(found)
        return "250 OK"


@contextmanager
def mail_server() -> Iterator[Post]:
    """Run a mail server on this machine."""
    post = Post()
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(post, hostname="127.0.0.1", port=port)
    controller.start()
    post.address = f"smtp://127.0.0.1:{port}"
    yield post
    controller.stop()


@dataclass(frozen=True, slots=True)
class Writing:
    """A yard that writes mail through a real server."""

    yard: Yard
    post: Post
    task: Task

    def send(self) -> list[str]:
        """Carry what waits, as a worker does; return the errors that it met."""
        met = []
        for job in queued(self.yard):
            try:
                self.task.run(job)
            except Exception as error:  # noqa: BLE001 - as the worker does
                met.append(str(getattr(error, "code", error)))
        return met


def writing(yard: Yard, post: Post, **more: Any) -> Writing:
    """Return a yard whose automations write through a mail server."""
    house = yard.house
    settings = replace(
        read_settings({}), smtp=post.address, address="https://crm.example.com",
        mail_from="Yard <yard@crm.example.com>", outgoing_allowed="127.0.0.1",
        **more,
    )  # fmt: skip
    writer, runner = acting_writer(
        house.database, house.access, later, Silent(), outbox(settings, house.master_key)
    )
    known = message_tasks(
        settings, house.database, house.master_key, Outgoing(Allowance.of("127.0.0.1")),
        house.services.documents, lambda name: yard.ctx,
    )  # fmt: skip
    made: House = replace(house, settings=settings, writer=writer, runner=runner)
    return Writing(replace(yard, house=made), post, known[TASK])


def queued(yard: Yard, task: str = TASK) -> list[Job]:
    """Return the jobs (of messages) that wait in the queue, as a worker is given them."""
    with yard.house.database.queue(yard.ctx.tenant.database) as connection:
        rows = connection.execute(text(
            "SELECT id, args->'payload' FROM joinery.procrastinate_jobs "
            "WHERE task_name = :task AND args->>'tenant' = :tenant ORDER BY id"
        ), {"task": task, "tenant": yard.ctx.tenant.role})  # fmt: skip
        return [Job(row[0], yard.ctx.tenant.name, row[1], 1, silent) for row in rows]


def log_of(ctx: Context, house: House) -> list[Message]:
    """Return all messages of a tenant, the oldest first."""
    table, column = columns_of(ctx, "sys_message")
    with house.database.reading(ctx) as connection:
        rows = connection.execute(select(table).order_by(column["id"]))
        return [message_of(column, row) for row in rows]
