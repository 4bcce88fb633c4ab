"""What was written to people outside about a record, and by them, in its line of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from engine.query.spec import ListQuery
from ui.screen import Screen
from ui.viewmodels.admin.messages import REASONS
from ui.viewmodels.conditions import one_of
from ui.viewmodels.events import Event, Said
from workflow.messages.message import Message
from workflow.messages.parsing import without_earlier

LONGEST = 2_000
"""Characters of a message that a line of time tells."""

DONE = {
    "waiting": "is about to write to {address}: {subject}",
    "sent": "wrote to {address}: {subject}",
    "logged": "would have written to {address}: {subject}",
    "held": "did not write to {address}: {subject}",
    "failed": "could not write to {address}: {subject}",
    "bounced": "wrote to {address}, and it came back: {subject}",
    "received": "wrote: {subject}",
    "ignored": "wrote, by a program: {subject}",
    "refused": "wrote: {subject}",
}
"""What became of a message, by its state."""


def message_events(
    screen: Screen, about: tuple[str, UUID], before: UUID | None, limit: int
) -> list[Event]:
    """Return the messages about a record (entity by key, id) as events, the latest first."""
    found = screen.services.message_book.latest(screen.ctx, about, before, limit)
    people = _writers(screen, found)
    return [_event(screen, each, people) for each in found]


def _writers(screen: Screen, messages: Sequence[Message]) -> Mapping[UUID, str]:
    """Return the names of those who wrote themselves; what automations wrote is the system's."""
    ids = {each.by for each in messages if each.by is not None and not each.automation}
    if not ids:
        return {}
    query = ListQuery("user", filter=one_of(screen, "user", list(ids)), limit=len(ids))
    return {row.id: row.title for row in screen.services.reader.find(screen.ctx, query).rows}


def _event(screen: Screen, message: Message, people: Mapping[UUID, str]) -> Event:
    say = screen.words.say
    subject = message.subject or say("(without a subject)")
    done = say(DONE[message.state], address=message.address, subject=subject)
    incoming = message.direction == "in"
    name = str(message.detail.get("name") or message.address)
    said, quoted = _parted(message.body[:LONGEST]) if incoming else (message.body[:LONGEST], "")
    return Event(
        id=message.id,
        kind="message",
        icon="mail-down" if incoming else "mail-up",
        actor=name if incoming else people.get(message.by or message.id, say("The system")),
        sentence=done,
        at=screen.formats.instant(message.at),
        at_iso=message.at.isoformat(),
        words=(Said(said),) if said else (),
        quoted=quoted,
        note=_note(screen, message),
    )


def _parted(text: str) -> tuple[str, str]:
    """Return what was written now, and the mails before it that stand below."""
    whole, fresh = text.strip(), without_earlier(text)
    if not fresh or not whole.startswith(fresh):
        return whole, ""
    return fresh, whole.removeprefix(fresh).strip()


def _note(screen: Screen, message: Message) -> str:
    """Return what somebody should know of a message that is not all there, or did not arrive."""
    say, refused = screen.words.say, message.detail.get("files_refused")
    if message.state == "bounced":
        return say("This address takes no mail: look whether it is right.")
    if message.state in ("held", "failed") and message.error in REASONS:
        return say(REASONS[message.error])
    if refused:
        return say("Files that were not taken: {names}", names=", ".join(refused))
    return ""
