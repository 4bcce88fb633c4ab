"""What views other than lists are drawn by (O-02, T-07): written, or taken from the fields."""

from __future__ import annotations

import pytest

from metamodel import DefinitionInvalid, load, read_text
from metamodel.views import Layout

APP = """
format: 1
app: {{name: club, label: Club, version: "1.0"}}
entities:
  visit:
    label: Visit
    title: name
    owned: true
    fields:
      name: {{type: text}}
      begins: {{type: datetime}}
      end: {{type: datetime}}
      whole: {{type: boolean}}
      kind: {{type: choice, options: {{first: {{label: First}}, next: {{label: Next}}}}}}
      hours: {{type: decimal}}
    pipelines:
      course: {{field: stage, stages: {{open: {{label: Open}}, done: {{label: Done, ends: done}}}}}}
    views:
      it: {view}
"""


def _layout(view: str) -> Layout:
    return load([read_text(APP.format(view=view), "app.yaml")]).entities["visit"].views["it"].layout


def _codes(view: str) -> list[str]:
    with pytest.raises(DefinitionInvalid) as raised:
        _layout(view)
    return [problem.code for problem in raised.value.problems]


def test_a_calendar_takes_its_dates_colour_and_owner_from_the_fields() -> None:
    layout = _layout("{type: calendar, columns: {name: {}, begins: {}}}")

    assert layout.start is not None and layout.start.text == "begins"
    assert layout.end is not None and layout.end.text == "end"
    assert layout.color is not None and layout.color.text == "kind"
    assert layout.mine is not None and layout.mine.text == "owner == user.id"


def test_what_a_calendar_says_of_itself_comes_first() -> None:
    layout = _layout("{type: timeline, start: end, all_day: whole, color: stage, mine: 'whole'}")

    assert layout.start is not None and layout.start.text == "end"
    assert layout.end is None
    assert layout.all_day is not None and layout.all_day.text == "whole"
    assert layout.mine is not None and layout.mine.text == "whole"


def test_a_pivot_has_groups_in_both_directions_and_measures() -> None:
    layout = _layout(
        "{type: pivot, rows: {kind: kind}, across: {month: 'STARTOF(begins, \"month\")'},"
        " measures: {hours: SUM(hours)}}"
    )

    assert list(layout.rows) == ["kind"] and list(layout.across) == ["month"]
    assert layout.measures["hours"].text == "SUM(hours)"


def test_a_board_keeps_the_most_records_of_a_stage_by_its_key() -> None:
    assert _layout("{type: kanban, limits: {open: 5}}").limits == {"open": 5}


@pytest.mark.parametrize(
    ("view", "code"),
    [
        ("{type: gallery}", "view_lacks_field"),
        ("{type: map}", "view_lacks_field"),
        ("{type: calendar, start: kind}", "view_lacks_field"),
        ("{type: calendar, start: nothing}", "unknown_path"),
        ("{type: kanban, limits: {closed: 3}}", "unknown_stage"),
        ("{type: pivot, measures: {hours: SUM(days)}}", "formula_unknown_name"),
    ],
)
def test_a_view_that_cannot_be_drawn_is_refused(view: str, code: str) -> None:
    assert _codes(view) == [code]
