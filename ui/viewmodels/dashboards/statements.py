"""The statements behind a widget or a list, and what each cost, for whoever may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.query.explaining import Explained
from engine.query.spec import ListQuery
from ui.screen import Screen
from ui.viewmodels.dashboards.views import Query, WidgetView


@dataclass(frozen=True, slots=True)
class StatementView:
    """One statement with its values, what it cost in words, and PostgreSQL's own plan."""

    sql: str
    cost: tuple[tuple[str, str], ...]
    plan: str


@dataclass(frozen=True, slots=True)
class Statements:
    """All that a figure or a list ran."""

    label: str
    statements: tuple[StatementView, ...]


def statements(screen: Screen, view: WidgetView) -> Statements:
    """Return what a widget ran, each statement once."""
    return explained(screen, view.label, view.queries)


def explained(screen: Screen, label: str, queries: Sequence[Query | ListQuery]) -> Statements:
    """Run questions once more and return their statements with what they cost."""
    costs = screen.services.costs
    found: dict[str, Explained] = {}
    for each in queries:
        told = costs.explain(screen.ctx, each)
        found.setdefault(told.sql, told)
    return Statements(label, tuple(_view(screen, each) for each in found.values()))


def _view(screen: Screen, told: Explained) -> StatementView:
    say, formats = screen.words.say, screen.formats
    return StatementView(
        sql=told.sql,
        cost=(
            (say("Time"), f"{told.milliseconds:.1f} ms"),
            (say("Rows returned"), formats.number(told.rows)),
            (say("Rows read"), formats.number(told.scanned)),
            (say("Cost as planned"), formats.number(round(told.cost))),
        ),
        plan=told.plan,
    )
