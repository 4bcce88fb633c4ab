"""The figures of a widget as rows of a file."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from ui.viewmodels.dashboards.views import Figure, WidgetView

Cell = str | Decimal | None

Sheet = tuple[tuple[str, ...], list[tuple[Cell, ...]]]
"""Headings, and rows of names and numbers below them."""


def sheet_of(view: WidgetView) -> Sheet:
    """Return a widget's figures: names first, then numbers to the last digit."""
    if view.grid is not None:
        header = (*view.grid.corners, *view.grid.heads)
        return header, [
            (line.label, *line.names, *(_number(each) for each in line.figures))
            for line in view.grid.lines
        ]
    if view.steps:
        return ("", view.label), [(each.label, each.shown, *_notes(each.notes)) for each in
                                  view.steps]  # fmt: skip
    figure = view.figure
    rows: list[tuple[Cell, ...]] = [] if figure is None else [(view.label, _number(figure))]
    return ("", view.label), [*rows, *((each.words, None) for each in view.besides)]


def _notes(notes: tuple[Figure, ...]) -> Iterator[str]:
    for each in notes:
        yield each.shown


def _number(figure: Figure) -> Cell:
    try:
        return Decimal(figure.value) if figure.value else None
    except InvalidOperation:
        return figure.value
