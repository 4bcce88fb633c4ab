"""Mail that somebody writes from a record, as a dialog of its page."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, jsonify

from metamodel.model import Entity
from ui.blueprints.admin.people import values
from ui.blueprints.page import Site
from ui.blueprints.records import RECORD, with_entity
from ui.blueprints.routing import Route, add_pages
from ui.screen import Screen
from ui.viewmodels.writing import mail_dialog
from workflow.messages.writing import Draft


def create_mail(site: Site) -> Blueprint:
    """Return the routes of mail from records."""
    blueprint = Blueprint("mail", __name__)
    routes: tuple[Route, ...] = (
        ("GET", f"{RECORD}/mail", _begin),
        ("POST", f"{RECORD}/mail", _send),
    )
    add_pages(blueprint, site, routes, with_entity)
    return blueprint


def _begin(site: Site, screen: Screen, entity: Entity, record: UUID) -> Response:
    """Show the form of a mail."""
    (found,) = screen.services.reader.get(screen.ctx, entity.key, [record])
    dialog = mail_dialog(screen, entity, found)
    return site.show("dialogs/mail.html", dialog, language=screen.language)


def _send(site: Site, screen: Screen, entity: Entity, record: UUID) -> Response:
    """Send a mail; what is wrong with it is said beside what was typed."""
    sent = values()
    draft = Draft(*(str(sent.get(name) or "") for name in ("to", "subject", "text")))
    message = screen.services.correspondence.write(screen.ctx, entity.key, record, draft)
    say = screen.words.say
    said = say("Kept in the log") if message.state == "logged" else say("On its way")
    return jsonify({"location": screen.record_url(entity.name, record), "message": said})
