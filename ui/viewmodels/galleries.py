"""A gallery, and a split view: records as cards with a picture, or beside the one that is open."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.errors import CursorStale
from engine.query.spec import ListQuery, Page, Row
from metamodel.model import Entity
from metamodel.views import FieldPath, View
from ui.screen import Screen
from ui.viewmodels.asked import Asked, whole_filter
from ui.viewmodels.cells import path_cell
from ui.viewmodels.frames import Card, ViewFrame, card, drawn, shown_paths, tone_of
from ui.viewmodels.shell import Shell

PAGE = 60


@dataclass(frozen=True, slots=True)
class Cards:
    """Some cards, and where the next ones are."""

    cards: tuple[Card, ...]
    more_url: str
    pictures: bool


@dataclass(frozen=True, slots=True)
class CardsPage:
    """A gallery or a split view as a whole."""

    frame: ViewFrame
    part: Cards

    @property
    def shell(self) -> Shell:
        return self.frame.shell


def cards_page(screen: Screen, entity: Entity, view: View, asked: Asked) -> CardsPage:
    """Return the first cards of a view; an unusable filter is only said."""
    frame, part = drawn(screen, entity, view, asked, lambda a: cards_of(screen, entity, view, a))
    return CardsPage(frame, part)


def cards_of(screen: Screen, entity: Entity, view: View, asked: Asked) -> Cards:
    """Return the cards behind a cursor, the first ones without; none where it went stale."""
    layout = view.layout
    extra = tuple(path for path in (layout.picture, layout.color) if path is not None)
    named = (*view.card, *(column.path for column in view.columns))
    shown = shown_paths(screen, entity, tuple({path.text: path for path in named}.values()))
    readable = shown_paths(screen, entity, extra)
    query = ListQuery(
        entity=entity.key,
        filter=whole_filter(screen, entity, view, asked),
        search=asked.text,
        sort=view.sort,
        paths=tuple({path.text: path for path in (*shown, *readable)}.values()),
        limit=PAGE,
        cursor=asked.cursor or None,
    )
    try:
        page = screen.services.reader.find(screen.ctx, query)
    except CursorStale:
        page = Page((), None)
    picture = layout.picture if layout.picture in readable else None
    color = layout.color if layout.color in readable else None
    return Cards(
        cards=tuple(
            replace(
                card(screen, entity, tuple(p for p in shown if p != picture), row),
                picture=_picture(screen, picture, row),
                tone=tone_of(screen, color, row),
            )
            for row in page.rows
        ),
        more_url=screen.url(
            "records", entity.name, "cards", view=view.name, q=asked.text, filter=asked.filter,
            of=asked.of, cursor=page.next,
        ) if page.next else "",
        pictures=view.type == "gallery",
    )  # fmt: skip


def _picture(screen: Screen, path: FieldPath | None, row: Row) -> str:
    """Return the address of the first picture that a record holds."""
    if path is None:
        return ""
    parts = path_cell(screen, path, row.values.get(path.text)).parts
    return next((part.picture for part in parts if part.picture), "")
