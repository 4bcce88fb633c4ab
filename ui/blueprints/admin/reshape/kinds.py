"""Every kind of record, and the page of one."""

from __future__ import annotations

from flask import Response

from engine.errors import NotFound
from metamodel.model import Entity
from ui.blueprints.page import Site
from ui.screen import Screen
from ui.viewmodels.admin.reshape.drafting import Drafted, drafted
from ui.viewmodels.admin.reshape.kind import kind_page
from ui.viewmodels.admin.reshape.kinds import changeable, kinds_page
from ui.viewmodels.admin.reshape.used import used_view


def _kinds(site: Site, screen: Screen) -> Response:
    page = kinds_page(screen, drafted(screen))
    return site.show("admin/reshape/kinds.html", page, language=screen.language)


def _kind(site: Site, screen: Screen, entity: str) -> Response:
    made = drafted(screen)
    page = kind_page(screen, made, kind_of(made, entity))
    return site.show("admin/reshape/kind.html", page, language=screen.language)


def _kind_used(site: Site, screen: Screen, entity: str) -> Response:
    made = drafted(screen)
    view = used_view(made.screen, kind_of(made, entity))
    return site.show("admin/reshape/used.html", view, language=screen.language)


KINDS = (
    ("GET", "/forms", _kinds),
    ("GET", "/forms/<entity>", _kind),
    ("GET", "/forms/<entity>/used", _kind_used),
)


def kind_of(made: Drafted, name: str) -> Entity:
    """Return the kind of record of a name, as the draft has it."""
    entity = made.screen.ctx.model.entity_named(name)
    if entity is None or not changeable(entity):
        raise NotFound(entity=name)
    return entity
