"""Acts that write to people outside, and what else a message that people are told goes by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from engine.context import Actor
from engine.tenants.people import SYSTEM
from formula.typed import Typed
from formula.types import ListType, TextType
from metamodel.actions import Notify, SendEmail
from metamodel.outward import Message as Written
from workflow.acts.records import at_hand
from workflow.doing import Here, Outcome
from workflow.letters import Letter, enclosed, letter
from workflow.messages.message import Channel, Message
from workflow.messages.outbox import Wanted
from workflow.messages.results import FOLLOWED, edit_of, kept_of, said_of
from workflow.messages.writing import is_address
from workflow.recipients import contact_of, recipients

MOST = 100
"""Addresses that one step writes to."""

NUMBER = re.compile(r"\+?[0-9][0-9 ()\-]{3,24}")
"""What a number of a phone looks like."""

NAME = re.compile(r"\S{1,100}")
"""What somebody is called in WeChat, or their number."""

_BETWEEN = re.compile(r"[,;，；\s]+")

_BETWEEN_NUMBERS = re.compile(r"[,;，；\n]+")

PERSONAL: Mapping[str, tuple[Channel, str]] = {
    "email": ("email", "email"),
    "sms": ("sms", "phone"),
    "wechat": ("wechat", "phone"),
}
"""Channels of a message that reach people one by one, and the field that says where."""


@dataclass(frozen=True, slots=True)
class _Receiver:
    """An address, and who reads what is sent there: a person, or somebody outside."""

    address: str
    actor: Actor
    language: str


def write(here: Here, act: SendEmail) -> Outcome:
    """Write to people and addresses, each in a message of their own, after the transaction."""
    known = _written(here, act.message)
    whom = here.value(act.whom, "whom") if act.whom is not None else None
    copies = [each.address for each in _receivers(here, act.cc, "cc", act.channel)]
    files, kept = enclosed(here, act.files), kept_of(act.result)
    tracked = not FOLLOWED.isdisjoint(kept) and (
        act.tracked is None or here.value(act.tracked, "tracked") is True
    )
    told: list[Message] = []
    for to in _receivers(here, act.to, "to", act.channel):
        said = letter(here, act.message, act.text, to.actor, to.language)
        if said is None:
            continue
        if known is None:
            said = replace(said, subject=_subject(here, act, to))
        wanted = replace(
            _wanted(here, act.channel, to.address, said, known),
            whom=whom if isinstance(whom, UUID) else None,
            language=to.language,
            # Whoever reads along has it once.
            copies=() if told else copies,
            attach=act.attach,
            files=files,
            # A record shows one message: the first.
            result={} if told else kept,
            tracked=tracked and not told,
        )
        told.append(here.hands.outbox.put(here.ctx, here.connection, wanted))
    if kept:
        first = told[0] if told else None
        edit = edit_of(here.ctx, at_hand(here), kept, first)
        values = {**edit.values, **said_of(here.ctx, here.connection, kept, first)}
        here.writer.update(here.ctx, kept["entity"], [replace(edit, values=values)])
    return Outcome(_words(told))


def is_told_here(here: Here, message: str) -> bool:
    """Return whether a message is told inside the product; one without a name always is.

    What is told there is told on the devices of whoever wants that, too.
    """
    known = _written(here, message)
    return known is None or not {"app", "push"}.isdisjoint(known.channels)


def along(here: Here, act: Notify, people: Sequence[tuple[Actor, str]]) -> Mapping[str, object]:
    """Send a message that people are told by its other channels, too; return what tells of it."""
    known = _written(here, act.message)
    if known is None:
        return {}
    told: list[Message] = []
    for actor, language in people:
        said = letter(here, act.message, act.text, actor, language)
        for name in known.channels if said is not None else ():
            if name not in PERSONAL or said is None:
                continue
            channel, field = PERSONAL[name]
            address = contact_of(here, actor.user, field)
            if address:
                wanted = _wanted(here, channel, address, said, known)
                told.append(here.hands.outbox.put(here.ctx, here.connection, wanted))
    if "robot" in known.channels:
        told += _to_groups(here, act, known)
    return _words(told) if told else {}


def _to_groups(here: Here, act: Notify, known: Written) -> Iterator[Message]:
    """Send a message to the groups that have a robot of ours."""
    language = here.ctx.model.app.languages[0]
    said = letter(here, act.message, act.text, SYSTEM, language)
    if said is None:
        return
    for name in here.hands.outbox.robots(here.ctx, here.connection):
        wanted = _wanted(here, "robot", name, said, known)
        yield here.hands.outbox.put(here.ctx, here.connection, wanted)


def _wanted(
    here: Here, channel: Channel, address: str, said: Letter, known: Written | None
) -> Wanted:
    return Wanted(
        channel,
        address,
        said.subject or (known.label.text(here.ctx.language) if known is not None else ""),
        said.words,
        entity=here.stand.entity if here.stand.record is not None else "",
        record=here.stand.record,
        automation=here.run.automation,
        promotional=known is not None and known.promotional,
        form=known.form if known is not None else "",
    )


def _written(here: Here, name: str) -> Written | None:
    return next((each for each in here.ctx.model.messages.values() if each.name == name), None)


def _subject(here: Here, act: SendEmail, to: _Receiver) -> str:
    found = letter(here, "", act.subject, to.actor, to.language)
    return found.words if found is not None else ""


def _receivers(here: Here, to: Typed | None, name: str, channel: Channel) -> Sequence[_Receiver]:
    """Return whom a formula means: people by their addresses, or addresses as they are written."""
    if to is None:
        return ()
    kind = to.type.item if isinstance(to.type, ListType) else to.type
    if isinstance(kind, TextType):
        value = here.value(to, name)
        written = value if isinstance(value, list | tuple) else [value]
        language = here.ctx.model.app.languages[0]
        between = _BETWEEN if channel == "email" else _BETWEEN_NUMBERS
        parts = [part.strip() for each in written if each for part in between.split(str(each))]
        good = [each for each in dict.fromkeys(parts) if _fits(each, channel)]
        return [_Receiver(each, SYSTEM, language) for each in good[:MOST]]
    field = "email" if channel == "email" else "phone"
    people = [
        (contact_of(here, actor.user, field), actor, language)
        for actor, language in recipients(here, to, (), name)
    ]
    return [_Receiver(*each) for each in people if _fits(each[0], channel)]


def _fits(text: str, channel: Channel) -> bool:
    """Return whether a text looks like an address of a channel."""
    if channel == "email":
        return is_address(text)
    pattern = NAME if channel == "wechat" else NUMBER
    return pattern.fullmatch(text) is not None


def _words(told: Sequence[Message]) -> Mapping[str, object]:
    return {
        "sent": [[each.channel, str(each.id), each.state] for each in told],
        "count": len(told),
    }
