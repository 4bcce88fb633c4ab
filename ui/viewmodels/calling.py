"""Who calls: from a number to the caller's record, and what somebody at the phone needs of it.

What is shown is the form named `call` of an entity; whoever is found by their number leads there
by a link, as a contact leads to its customer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from engine.query.spec import Hit, LinkValue, Record
from metamodel.model import Entity
from metamodel.views import Form
from ui.screen import Screen
from ui.viewmodels.fitting import fitting_form
from ui.viewmodels.forms import TabView, form_of, form_tabs
from ui.viewmodels.record import Figure, figures_of
from ui.viewmodels.related import RelatedTab, RelatedView, related_tabs
from ui.viewmodels.shell import Shell, shell

CALL = "call"
"""The form that says what is shown of a caller."""

MOST = 12

COUNTRY = re.compile(r"^(?:\+|00)(?:86)?")


@dataclass(frozen=True, slots=True)
class CallerLine:
    """Somebody who may be calling."""

    title: str
    kind: str
    detail: str
    url: str
    page_url: str


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing to make for a row of a list, with the row chosen in it."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller's record; `offers` are by the id of a row."""

    title: str
    url: str
    who: str
    figures: tuple[Figure, ...]
    tabs: tuple[TabView, ...]
    related: tuple[RelatedTab, ...]
    offers: Mapping[UUID, tuple[Offer, ...]]


@dataclass(frozen=True, slots=True)
class CallPage:
    """The screen of somebody at the phone."""

    shell: Shell
    heading: str
    number: str
    lines: tuple[CallerLine, ...]
    caller: Caller | None


def call_page(screen: Screen, number: str, chosen: UUID | None) -> CallPage:
    """Return who may be calling from a number, and the record of the only or the chosen one."""
    hits = _found(screen, number) if number.strip() else ()
    lines = tuple(_line(screen, number, hit) for hit in hits)
    found = next((hit for hit in hits if hit.id == chosen), None)
    if found is None and len(hits) == 1:
        found = hits[0]
    heading = screen.words.say("Who is calling?")
    return CallPage(
        shell=shell(screen, heading, screen.url("call")),
        heading=heading,
        number=number,
        lines=lines,
        caller=_caller(screen, found) if found is not None else None,
    )


def _found(screen: Screen, number: str) -> tuple[Hit, ...]:
    """Return records with a phone number like this, by their name where it is none."""
    entities = tuple(_with_numbers(screen))
    digits = re.sub(r"[^\d+]", "", number)
    tried = [COUNTRY.sub("", digits), digits] if len(digits) >= 5 else []
    for text in (*tried, number.strip()):
        if text:
            hits = screen.services.reader.search(screen.ctx, text, entities=entities, limit=MOST)
            if hits:
                return tuple(hits)
    return ()


def _with_numbers(screen: Screen) -> Iterator[str]:
    """Yield the entities whose records are called, or lead to one that is."""
    for entity in screen.ctx.model.entities.values():
        numbers = any(each.type == "phone" for each in entity.fields.values())
        called = CALL in entity.forms or _way(screen, entity) is not None
        if numbers and called and not (entity.system or entity.retired):
            yield entity.key


def _way(screen: Screen, entity: Entity) -> str | None:
    """Return the link field, by key, that leads from an entity to one that is called."""
    for field in entity.fields.values():
        if field.link is None or field.link.many or len(field.link.to) != 1 or field.retired:
            continue
        if CALL in screen.ctx.model.entities[field.link.to[0]].forms:
            return field.key
    return None


def _line(screen: Screen, number: str, hit: Hit) -> CallerLine:
    entity = screen.ctx.model.entities[_key(screen, hit.entity)]
    return CallerLine(
        title=hit.title,
        kind=screen.entity_label(entity),
        detail=hit.detail,
        url=screen.url("call", number=number, of=str(hit.id)),
        page_url=screen.record_url(entity.name, hit.id),
    )


def _key(screen: Screen, name: str) -> str:
    found = screen.ctx.model.entity_named(name)
    return name if name in screen.ctx.model.entities else (found.key if found else name)


def _caller(screen: Screen, hit: Hit) -> Caller | None:
    entity = screen.ctx.model.entities[_key(screen, hit.entity)]
    record = screen.services.reader.get(screen.ctx, entity.key, [hit.id])[0]
    who = ""
    if CALL not in entity.forms:
        way = _way(screen, entity)
        link = record.values.get(way) if way else None
        if not isinstance(link, LinkValue) or link.restricted:
            return None
        who = f"{screen.entity_label(entity)} {record.title}"
        target = screen.ctx.model.entities[_key(screen, link.entity)]
        entity, record = target, screen.services.reader.get(screen.ctx, target.key, [link.id])[0]
    form = fitting_form(screen, entity, form_of(screen, entity, CALL), record)
    return _shown(screen, entity, record, form, who)


def _shown(screen: Screen, entity: Entity, record: Record, form: Form, who: str) -> Caller:
    related = related_tabs(screen, entity, form, record)
    lists = [each for tab in related for each in tab.lists]
    return Caller(
        title=record.title,
        url=screen.record_url(entity.name, record.id),
        who=who,
        figures=figures_of(screen, entity, record, form.figures),
        tabs=form_tabs(screen, entity, form, record),
        related=related,
        offers={
            row.id: offers
            for each in lists
            for row in each.page.rows
            if (offers := tuple(_offers(screen, each, row.id, lists)))
        },
    )


def _offers(
    screen: Screen, shown: RelatedView, row: UUID, lists: list[RelatedView]
) -> Iterator[Offer]:
    """Yield what else on the screen can be made for a row: a ticket for a machine."""
    for other in lists:
        made = screen.ctx.model.entities[other.member]
        for field in made.fields.values():
            leads = field.link is not None and field.link.to == (shown.member,)
            if other.new_url and leads and other.member != shown.member and not field.retired:
                label = screen.words.say("New {name}", name=screen.entity_label(made))
                yield Offer(label, f"{other.new_url}&{field.name}={row}")
                break
