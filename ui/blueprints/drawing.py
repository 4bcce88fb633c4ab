"""Which page draws a view of which type; what is not here is a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import unquote

from flask import Response, request

from metamodel.model import Entity
from metamodel.views import View
from ui.blueprints.page import Site
from ui.screen import Screen
from ui.viewmodels.asked import Asked
from ui.viewmodels.boards import COOKIE as FOLDED
from ui.viewmodels.boards import board_page
from ui.viewmodels.calendars import calendar_page
from ui.viewmodels.galleries import cards_page
from ui.viewmodels.maps import map_page
from ui.viewmodels.pivots import pivot_page

Draw = Callable[[Screen, Entity, View, Asked], object]


def _board(screen: Screen, entity: Entity, view: View, asked: Asked) -> object:
    return board_page(screen, entity, view, asked, unquote(request.cookies.get(FOLDED, "")))


def _pivot(screen: Screen, entity: Entity, view: View, asked: Asked) -> object:
    return pivot_page(screen, entity, view, asked, request.args.get("measure", ""))


PAGES: Mapping[str, tuple[str, Draw]] = MappingProxyType(
    {
        "kanban": ("pages/board.html", _board),
        "calendar": ("pages/calendar_view.html", calendar_page),
        "timeline": ("pages/calendar_view.html", calendar_page),
        "gallery": ("pages/gallery.html", cards_page),
        "map": ("pages/map.html", map_page),
        "pivot": ("pages/pivot.html", _pivot),
        "split": ("pages/split.html", cards_page),
    }
)
"""The template and view model of each type of view that is no list."""


def drawn_page(screen: Screen, entity: Entity, view: View, asked: Asked) -> object | None:
    """Return a view that is drawn in its own way; None for one that is a list."""
    found = PAGES.get(view.type)
    return None if found is None else found[1](screen, entity, view, asked)


def show_view(
    site: Site, screen: Screen, entity: Entity, view: View, asked: Asked
) -> Response | None:
    """Answer a view that is drawn in its own way; None for one that is a list."""
    found = PAGES.get(view.type)
    if found is None:
        return None
    template, draw = found
    return site.show(template, draw(screen, entity, view, asked), language=screen.language)
