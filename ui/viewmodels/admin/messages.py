"""The log of messages, and what a tenant has set up to write and be written to by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from engine.query.spec import ListQuery
from ui.screen import Screen
from ui.viewmodels.conditions import one_of
from ui.viewmodels.narrowing import FilterView
from ui.viewmodels.shell import Shell, shell
from workflow.arriving.asking import PATH as FORMS
from workflow.messages.book import AGAIN, Asked
from workflow.messages.channels import Channels, ChannelsClosed
from workflow.messages.message import Message

CHANNELS: Mapping[str, tuple[str, str]] = {
    "email": ("Mail", "mail"),
    "sms": ("Text message", "message"),
    "wechat": ("WeChat", "brand-wechat"),
    "voice": ("Voice", "phone"),
    "fax": ("Fax", "printer"),
    "robot": ("Group robot", "robot"),
}
"""What each channel is called, and its picture."""

STATES: Mapping[str, tuple[str, str]] = {
    "waiting": ("Waiting to be sent", "blue"),
    "sent": ("Sent", "green"),
    "logged": ("Kept here only", "gray"),
    "held": ("Held back", "orange"),
    "failed": ("Could not be sent", "red"),
    "bounced": ("Came back", "red"),
    "received": ("Received", "teal"),
    "ignored": ("Written by a program", "gray"),
    "refused": ("Not taken", "red"),
}
"""What each state is called, and its colour."""

REASONS: Mapping[str, str] = {
    "tenant_quiet": "This workspace is kept quiet and writes to nobody.",
    "unsubscribed": "This address wants no more mail.",
    "bounced": "Mail to this address came back before.",
    "withdrawn": "Somebody stopped it before it went.",
    "too_often": "This customer was written to as often as the app allows.",
    "too_many": "This address was written to too often within an hour.",
    "automatic": "A program wrote it: nothing answers it.",
    "bulk": "It went to many: nothing answers it.",
    "spam": "A filter calls it spam.",
    "no_sender": "It does not say whom it is from.",
    "bounce": "It says that a mail of ours was not delivered.",
    "unreadable": "It is no mail that can be read.",
    "mail_too_large": "It is too large to be taken.",
    "mail_failed": "The mail server did not take it; it is tried again.",
    "message_not_carried": "It could not be handed over; it is tried again.",
    "robot_gone": "This robot is not set up any more.",
    "tenant_copied": "It waited when this copy was made: the original sends it.",
    "tenant_restored": "It waited when the backup was made: nobody knows whether it went.",
    "person_erased": "The person that it was about has been erased.",
}
"""Why a message is where it is, by the code that is kept with it."""

LOOKS: Mapping[str, str] = {
    "": "All is well",
    "sign_in_refused": "The server does not take this name and password.",
    "no_answer": "The server does not answer.",
    "refused": "The server refuses. Does the folder exist?",
    "outgoing_refused": "This server is inside the network and is not allowed.",
    "outgoing_unknown_host": "There is no server of this name.",
}
"""How the last look into a mailbox ended."""

REFUSED = LOOKS["refused"]
"""What is said of whatever else went wrong."""


TYPED = ("address", "host", "port", "user", "folder", "name", "kind")
"""What is typed into the forms, but for secrets."""


@dataclass(frozen=True, slots=True)
class MessagesAsked:
    """What the log is narrowed to, as the address says it."""

    text: str = ""
    channel: str = ""
    state: str = ""
    direction: str = ""
    since: str = ""
    until: str = ""
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message; `again` is where it is sent once more."""

    when: str
    iso: str
    incoming: bool
    icon: str
    channel: str
    address: str
    subject: str
    body: str
    state: str
    tone: str
    about: str
    about_url: str
    facts: tuple[tuple[str, str], ...]
    again: str


@dataclass(frozen=True, slots=True)
class MessageRows:
    """One page of messages, and where the next is."""

    lines: tuple[MessageLine, ...]
    more_url: str


@dataclass(frozen=True, slots=True)
class MessagesPage:
    """The log of messages, narrowed."""

    shell: Shell
    heading: str
    rows: MessageRows
    asked: MessagesAsked
    filters: tuple[FilterView, ...]
    url: str
    set_up_url: str


@dataclass(frozen=True, slots=True)
class MailboxLine:
    """One mailbox and how the last look into it ended."""

    address: str
    server: str
    looked: str
    state: str
    well: bool
    remove: str


@dataclass(frozen=True, slots=True)
class DoorLine:
    """One address that programs or people come to; `secret` signs calls."""

    label: str
    url: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ChannelsPage:
    """All that messages go and come by. `entered` is what was typed into a form that is wrong."""

    shell: Shell
    heading: str
    url: str
    log_url: str
    mail: str
    mailboxes: tuple[MailboxLine, ...]
    robots: tuple[tuple[str, str, str], ...]
    webhooks: tuple[DoorLine, ...]
    forms: tuple[DoorLine, ...]
    problem: str
    entered: Mapping[str, str]


def messages_page(screen: Screen, asked: MessagesAsked) -> MessagesPage:
    """Return the first page of the log."""
    say, here = screen.words.say, screen.url("admin", "messages")
    heading = say("Mail and messages")
    ways = (("out", say("To people"), asked.direction == "out"),
            ("in", say("From people"), asked.direction == "in"))  # fmt: skip
    channels = tuple(
        (code, say(word), code == asked.channel) for code, (word, _) in CHANNELS.items()
    )
    states = tuple((code, say(word), code == asked.state) for code, (word, _) in STATES.items())
    return MessagesPage(
        shell=shell(screen, heading, here),
        heading=heading,
        rows=message_rows(screen, asked),
        asked=asked,
        filters=(
            FilterView("direction", say("To and from"), ways),
            FilterView("channel", say("All ways"), channels),
            FilterView("state", say("All states"), states),
        ),
        url=here,
        set_up_url=screen.url("admin", "messages", "channels"),
    )


def message_rows(screen: Screen, asked: MessagesAsked) -> MessageRows:
    """Return one page of messages."""
    found = screen.services.message_book.page(screen.ctx, _question(screen, asked), asked.cursor)
    more = ""
    if found.cursor:
        more = screen.url("admin", "messages", **{**_query(asked), "cursor": found.cursor})
    titles = _titles(screen, found.messages)
    return MessageRows(tuple(_line(screen, each, titles) for each in found.messages), more)


def channels_page(
    screen: Screen, host: str, *, problem: str = "", entered: Mapping[str, str] | None = None
) -> ChannelsPage:
    """Return what the tenant has set up; what is sealed under another key is said to be so.

    `host` is where this page was found: addresses begin with it where the site has no other.
    """
    say, here = screen.words.say, screen.url("admin", "messages", "channels")
    heading = say("Mailboxes and addresses")
    try:
        channels = screen.services.message_book.channels(screen.ctx)
    except ChannelsClosed:
        channels = Channels()
        problem = problem or say(
            "The passwords of mailboxes and robots were kept under another master key. "
            "Enter them again."
        )
    sends = screen.services.people.letters.are_sent
    site = screen.services.people.site or host.rstrip("/")
    return ChannelsPage(
        shell=shell(screen, heading, screen.url("admin", "messages")),
        heading=heading,
        url=here,
        log_url=screen.url("admin", "messages"),
        mail=say("Mail goes out through the mail server of this installation.")
        if sends
        else say("No mail server is set up: what is written is kept in the log, and goes nowhere."),
        mailboxes=_mailboxes(screen, channels, here),
        robots=tuple(
            (each.name, "企业微信" if each.kind == "wecom" else "钉钉",
             f"{here}/robots/{at}/remove")
            for at, each in enumerate(channels.robots)
        ),
        webhooks=_webhooks(screen, site),
        forms=_forms(screen, site),
        problem=problem,
        entered={**dict.fromkeys(TYPED, ""), **(entered or {})},
    )  # fmt: skip


def _mailboxes(screen: Screen, channels: Channels, here: str) -> tuple[MailboxLine, ...]:
    say = screen.words.say
    looks = screen.services.message_book.last_looks(screen.ctx, channels.mailboxes)
    return tuple(
        MailboxLine(
            address=each.address,
            server=f"{each.user} @ {each.host}:{each.port}",
            looked=screen.formats.instant(look.at) if look is not None else "",
            state=say(LOOKS.get(look.why, REFUSED)) if look else say("Not looked yet"),
            well=look is None or not look.why,
            remove=f"{here}/mailboxes/{at}/remove",
        )
        for at, (each, look) in enumerate(zip(channels.mailboxes, looks, strict=True))
    )


def _webhooks(screen: Screen, site: str) -> tuple[DoorLine, ...]:
    return tuple(
        DoorLine(screen.label(each.label, each.name), site + path, secret)
        for each, path, secret in screen.services.webhooks_in.offered(screen.ctx)
    )


def _forms(screen: Screen, site: str) -> tuple[DoorLine, ...]:
    tenant = screen.ctx.tenant.name
    return tuple(
        DoorLine(screen.label(each.label, each.name), f"{site}{FORMS}/{tenant}/{each.name}")
        for each in screen.ctx.model.public_forms.values()
        # One about a record is opened by the links in mail alone.
        if each.active and not each.about
    )


def _question(screen: Screen, asked: MessagesAsked) -> Asked:
    until = _day(screen, asked.until)
    return Asked(
        text=asked.text,
        channel=asked.channel if asked.channel in CHANNELS else "",
        state=asked.state if asked.state in STATES else "",
        direction=asked.direction if asked.direction in ("in", "out") else "",
        since=_day(screen, asked.since),
        until=until + timedelta(days=1) if until is not None else None,
    )


def _query(asked: MessagesAsked) -> dict[str, str]:
    return {
        "q": asked.text, "channel": asked.channel, "state": asked.state,
        "direction": asked.direction, "since": asked.since, "until": asked.until,
    }  # fmt: skip


def _day(screen: Screen, text: str) -> datetime | None:
    try:
        zone = ZoneInfo(screen.ctx.moment.zone)
        return datetime.combine(date.fromisoformat(text), time(), zone) if text else None
    except ValueError:
        return None


def _titles(screen: Screen, messages: Sequence[Message]) -> Mapping[UUID, str]:
    """Return what the records are called that messages are about."""
    wanted: dict[str, set[UUID]] = {}
    for each in messages:
        if each.record is not None and each.entity in screen.ctx.model.entities:
            wanted.setdefault(each.entity, set()).add(each.record)
    found: dict[UUID, str] = {}
    for entity, ids in wanted.items():
        query = ListQuery(entity, filter=one_of(screen, entity, list(ids)), limit=len(ids))
        rows = screen.services.reader.find(screen.ctx, query).rows
        found |= {row.id: row.title for row in rows}
    return found


def _line(screen: Screen, message: Message, titles: Mapping[UUID, str]) -> MessageLine:
    say = screen.words.say
    word, icon = CHANNELS[message.channel]
    state, tone = STATES[message.state]
    is_spam = message.state == "ignored" and message.error == "spam"
    entity = screen.ctx.model.entities.get(message.entity)
    title = titles.get(message.record, "") if message.record is not None else ""
    url = ""
    if entity is not None and message.record is not None and title:
        url = screen.record_url(entity.name, message.record)
    label = screen.entity_label(entity) if entity is not None else ""
    return MessageLine(
        when=screen.formats.instant(message.at),
        iso=message.at.isoformat(),
        incoming=message.direction == "in",
        icon=icon,
        channel=say(word),
        address=message.address,
        subject=message.subject,
        body=message.body,
        state=say("Spam") if is_spam else say(state),
        tone=tone,
        about=f"{label} · {title}" if title else label,
        about_url=url,
        facts=_facts(screen, message),
        again=screen.url("admin", "messages", str(message.id), "again")
        if message.state in AGAIN
        else "",
    )


def _facts(screen: Screen, message: Message) -> tuple[tuple[str, str], ...]:
    say = screen.words.say
    automation = screen.ctx.model.automations.get(message.automation)
    reason = REASONS.get(message.error)
    why = say(reason) if reason else message.error
    if message.state == "bounced" and not reason:
        why = f"{say('This address takes no mail: look whether it is right.')} {why}".strip()
    files = ", ".join(each.name for each in message.files)
    left_out = message.detail.get("left_out") or 0
    facts = (
        (say("Why"), why),
        (say("Automation"), screen.label(automation.label, automation.name) if automation else ""),
        (say("Attempts"), str(message.attempts or "")),
        (say("Files"), files),
        (say("Files left out"), str(left_out or "")),
        (say("Files not taken"), ", ".join(message.detail.get("files_refused", ()))),
        (say("Copies to"), ", ".join(message.detail.get("copies", ()))),
    )
    return tuple((label, text) for label, text in facts if text)
