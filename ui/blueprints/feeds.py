"""Calendars for other programs: a private address to subscribe at, and invitations by mail."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from functools import partial
from html import escape
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, Response, jsonify, request

from engine.agenda import Entry, calendar_text, invitation_text
from engine.agenda.feed import Method
from engine.context import Cause
from engine.errors import EngineError, NotFound
from engine.mail import INVITES, Attached, Mail
from engine.tenants import tokens
from metamodel.model import Entity
from ui.blueprints.page import Site, language_of, theme_of
from ui.blueprints.records import RECORD, with_entity
from ui.blueprints.routing import Route, add_pages
from ui.screen import Screen
from ui.services import SignedIn
from ui.session import origin_of
from ui.viewmodels.invitations import Invitation, feed_entries, feed_page, invitation
from ui.viewmodels.own import ShownOncePage

CALENDAR = "text/calendar; charset=utf-8"

LABEL = "iCalendar"


def create_feeds(site: Site) -> Blueprint:
    """Return the routes that other calendars are given."""
    blueprint = Blueprint("feeds", __name__)
    # The secret is a part of the query: paths are told in logs.
    blueprint.add_url_rule("/feeds/calendar.ics", "feed", partial(_feed, site))
    pages: tuple[Route, ...] = (
        ("GET", "/<tenant>/calendar/feed", _offer),
        ("POST", "/<tenant>/calendar/feed", _make),
    )
    of_records: tuple[Route, ...] = (
        ("GET", f"{RECORD}/invitation.ics", _file),
        ("POST", f"{RECORD}/invite", _invite),
    )
    add_pages(blueprint, site, pages)
    add_pages(blueprint, site, of_records, with_entity)
    return blueprint


def _feed(site: Site) -> Response:
    """Answer the calendar of a private address; a revoked one is told plainly."""
    bearer = site.services.accounts.bearer(request.args.get("key", ""))
    if bearer is None or tokens.CALENDAR not in bearer.scopes:
        return _gone()
    try:
        ctx = site.services.contexts.make(
            bearer.tenant,
            bearer.account.id,
            language=bearer.account.language or language_of(),
            cause=Cause("api"),
            origin=origin_of(request, bearer.start),
        )
        screen = site.screen(ctx, SignedIn(bearer.account, "", ""))
        entries = list(feed_entries(screen, _address(site)))
    except EngineError:
        return _gone()
    response = Response(calendar_text(screen.words.say("Calendar"), entries), content_type=CALENDAR)
    response.headers["Cache-Control"] = "private, max-age=300"
    return response


def _gone() -> Response:
    said = "This calendar address does not work any more. 此日历地址已失效。\n"
    return Response(said, status=404, mimetype="text/plain")


def _address(site: Site) -> str:
    return site.services.people.site or request.host_url.rstrip("/")


def _offer(site: Site, screen: Screen) -> Response:
    return site.show("pages/feed.html", feed_page(screen), language=screen.language)


def _make(site: Site, screen: Screen) -> Response:
    """Make a private address and show it, once."""
    made = tokens.issue(
        site.services.people.ledger,
        screen.ctx.tenant.name,
        screen.signed_in.account.id,
        [tokens.CALENDAR],
        terms=tokens.Terms(LABEL),
        origin=screen.ctx.origin,
    )
    lead = screen.words.say(
        "Whoever has this address can read your calendar. It is shown only now; take it away "
        "again on your account's page."
    )
    view = ShownOncePage(
        language=screen.language,
        theme=theme_of(),
        title=screen.words.say("Your calendar's address"),
        lead=lead,
        values=(f"{_address(site)}/feeds/calendar.ics?key={made}",),
        back=screen.url("calendar"),
    )
    return site.show("pages/shown_once.html", view, language=screen.language)


def _file(site: Site, screen: Screen, entity: Entity, record: UUID) -> Response:
    """Answer an invitation as a file, to be passed on by hand."""
    found = _invitation(site, screen, entity, record)
    response = Response(invitation_text(found.entry, "REQUEST"), content_type=CALENDAR)
    response.headers["Content-Disposition"] = 'attachment; filename="invitation.ics"'
    return response


def _invite(site: Site, screen: Screen, entity: Entity, record: UUID) -> Response:
    """Send an invitation to everybody who takes part, or the word that it is off."""
    decision = screen.services.access.decide(screen.ctx, "update", entity=entity.key, record=record)
    if not decision.allowed:
        raise NotFound(record=str(record))
    found = _invitation(site, screen, entity, record)
    people = site.services.people
    say = screen.words.say
    if not people.letters.are_sent:
        return jsonify({"message": say("This installation sends no mail: pass the file on.")})
    if screen.ctx.tenant.quiet:
        return jsonify({"message": say("This workspace is kept quiet: pass the file on.")})
    method = "CANCEL" if request.args.get("method") == "CANCEL" else "REQUEST"
    with people.ledger.change() as connection:
        for party in found.to:
            people.post.drop(
                connection, _letter(screen, found.entry, cast("Method", method), party.email)
            )
    done = say("Sent to {count} people", count=len(found.to))
    where = screen.record_url(entity.name, record)
    return jsonify({"location": where, "message": done})


def _invitation(site: Site, screen: Screen, entity: Entity, record: UUID) -> Invitation:
    whole = screen.services.reader.get(screen.ctx, entity.key, [record])[0]
    return invitation(screen, entity, whole, _address(site))


def _letter(screen: Screen, entry: Entry, method: Method, to: str) -> Mail:
    say: Any = screen.words.say
    begins, formats = entry.begins, screen.formats
    when = formats.instant(begins) if isinstance(begins, datetime) else formats.date(begins)
    name = screen.ctx.actor.name
    if method == "CANCEL":
        subject = say("Called off: {title}", title=entry.title)
    else:
        subject = say("Invitation: {title}", title=entry.title)
    words = say("{name} · {when} ({zone})", name=name, when=when, zone=screen.formats.zone)
    file = Attached(
        "invitation.ics",
        f"{INVITES}{method}",
        b64encode(invitation_text(entry, method).encode()).decode(),
    )
    page = f"<p><b>{escape(entry.title)}</b></p><p>{escape(words)}</p>"
    return Mail(to, subject, f"{entry.title}\n\n{words}\n", page, (file,))
