"""Wiring what writes to people outside and is written to by them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from boot.errors import BootError
from boot.people import mail_server, sender_of, site_of
from boot.settings import Settings
from engine.context import Context
from engine.database import Database
from engine.documents.service import Documents
from engine.jobs import Task
from engine.mail import Smtp
from engine.outgoing.calls import Outgoing
from engine.sealing import MasterKey
from workflow.messages.channels import Cabinet, Robot
from workflow.messages.gateways import GatewayCarrier, read_gateways
from workflow.messages.mailing import MailCarrier, domain_of
from workflow.messages.outbox import TASK as SEND
from workflow.messages.outbox import Outbox
from workflow.messages.robots import RobotCarrier
from workflow.messages.sending import Carrier, SendMessage


def outbox(settings: Settings, key: MasterKey) -> Outbox:
    """Return what takes messages; on a channel without a carrier they are kept, and go nowhere."""
    carried = {"robot", *(("email",) if settings.smtp else ()), *_gateways(settings)}
    domain = domain_of(settings.address, settings.mail_from)
    return Outbox(frozenset(carried), domain, Cabinet(key))


def message_tasks(
    settings: Settings,
    database: Database,
    key: MasterKey,
    outgoing: Outgoing,
    documents: Documents,
    system: Callable[[str], Context],
) -> Mapping[str, Task]:
    """Return the tasks that carry messages, on the channels that are set up."""
    cabinet = Cabinet(key)

    def robots(ctx: Context) -> tuple[Robot, ...]:
        with database.reading(ctx) as connection:
            return cabinet.read(ctx, connection).robots

    def answers_to(ctx: Context) -> str:
        with database.reading(ctx) as connection:
            mailboxes = cabinet.read(ctx, connection).mailboxes
        return mailboxes[0].address if mailboxes else ""

    carriers: dict[str, Carrier] = {"robot": RobotCarrier(outgoing, robots)}
    server, site = mail_server(settings), site_of(settings)
    if server is not None:
        sender = Smtp(server, sender_of(settings, site))
        carriers["email"] = MailCarrier(sender, key, site, documents, answers_to)
    for channel, address in _gateways(settings).items():
        carriers[channel] = GatewayCarrier(address, key, outgoing, documents)
    return {SEND: SendMessage(database, system, carriers)}


def _gateways(settings: Settings) -> Mapping[str, str]:
    try:
        return read_gateways(settings.gateways)
    except ValueError as error:
        raise BootError(
            f"The setting gateways cannot be read: {error}. Write it as "
            "sms=https://sms.example.com/send, wechat=https://…"
        ) from None
