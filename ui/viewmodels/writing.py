"""The form in which somebody writes a mail from a record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from engine.query.spec import LinkValue, ListQuery, Record
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.conditions import one_of

MOST_LINKED = 8
"""Linked records whose addresses are offered."""


@dataclass(frozen=True, slots=True)
class MailDialog:
    """A mail to be written; `addresses` are those of the record and of what it is linked to."""

    heading: str
    url: str
    to: str
    addresses: tuple[tuple[str, str], ...]
    subject: str
    sends: bool


def mail_url(screen: Screen, entity: Entity, record: UUID) -> str:
    """Return where a mail is written from a record."""
    return screen.record_url(entity.name, record, "mail")


def mail_dialog(screen: Screen, entity: Entity, record: Record) -> MailDialog:
    """Return the form, filled with the first address that is known."""
    known = tuple(dict(_addresses(screen, entity, record)).items())
    return MailDialog(
        heading=screen.words.say("Write a mail"),
        url=mail_url(screen, entity, record.id),
        to=known[0][0] if known else "",
        addresses=known,
        subject=record.title,
        sends=screen.services.people.letters.are_sent,
    )


def _addresses(screen: Screen, entity: Entity, record: Record) -> Iterator[tuple[str, str]]:
    """Yield addresses that the person may read, with whose they are."""
    hidden = screen.services.access.masked(screen.ctx, entity.key)
    for key, value in record.values.items():
        field = entity.fields[key]
        if field.type == "email" and key not in hidden and isinstance(value, str):
            yield value, f"{record.title} · {screen.field_label(field)}"
    links = [each for each in record.values.values() if isinstance(each, LinkValue)]
    for link in links[:MOST_LINKED]:
        target = screen.ctx.model.entities[link.entity]
        yield from _linked(screen, target, link)


def _linked(screen: Screen, target: Entity, link: LinkValue) -> Iterator[tuple[str, str]]:
    hidden = screen.services.access.masked(screen.ctx, target.key)
    names = [
        each.name
        for each in target.fields.values()
        if each.type == "email" and not each.retired and each.key not in hidden
    ]
    if not names or target.key == "user":
        return
    query = ListQuery(target.key, filter=one_of(screen, target.key, [link.id]), limit=1)
    for row in screen.services.reader.find(screen.ctx, query).rows:
        (found,) = screen.services.reader.get(screen.ctx, target.key, [row.id])
        for field in target.fields.values():
            value = found.values.get(field.key)
            if field.name in names and isinstance(value, str) and value:
                yield value, f"{screen.entity_label(target)} · {found.title}"
