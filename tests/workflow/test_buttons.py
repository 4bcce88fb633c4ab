"""Buttons: who may press them and when, what they ask, what they do."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from engine.errors import Forbidden, RecordRefused
from engine.messages import title
from tests.workflow.conftest import APP, Yard, Yards
from workflow.buttons import Buttons

PRESSED = """
automations:
  after:
    label: After
    trigger: {on: button, entity: delivery, button: receive}
    steps: {note: {create: note, set: {about: '"after " & input.by_whom'}}}
"""

BUTTON = """
    buttons:
      receive:
        label: Receive
        visible_when: 'status == "sent"'
        input:
          by_whom: {type: text, required: true}
          minutes: {type: integer, min: 1, default_formula: "COUNT(lines) + 5"}
          helper: {type: user}
        steps:
          mark: {set: {status: '"received"', note: input.by_whom}}
          job: {create: job, set: {name: code, minutes: input.minutes, worker: input.helper}}
"""


@pytest.fixture
def yard(yard_with: Yards) -> Yard:
    where = "  delivery_line:\n"
    assert APP.count(where) == 1
    return yard_with(PRESSED, APP.replace(where, BUTTON.lstrip("\n") + where))


def press(yard: Yard, record: UUID, **sent: Any) -> Any:
    buttons = Buttons(yard.house.database, yard.house.reader, yard.house.runner)
    return buttons.press(yard.ctx, yard.ctx.model.entities["delivery"], record, "receive", sent)


def test_a_button_does_what_it_says_with_what_it_asked(yard: Yard) -> None:
    """Requirement P-06."""
    delivery = yard.create("delivery", {"code": "D-1"})

    run = press(yard, delivery, by_whom="Li")
    yard.work()

    assert run.state == "done"
    held = yard.get("delivery", delivery)
    assert (held["status"], held["note"]) == ("received", "Li")
    assert yard.rows("job", "name", "minutes") == [("D-1", 5)]
    assert yard.rows("note", "about") == [("after Li",)]


def test_what_a_button_asks_is_checked_all_at_once_and_nothing_is_done(yard: Yard) -> None:
    delivery = yard.create("delivery", {"code": "D-1"})

    with pytest.raises(RecordRefused) as refused:
        press(yard, delivery, minutes=0, helper=str(delivery), what="x")

    assert {(each.code, each.path) for each in refused.value.errors} == {
        ("unknown_field", ("input", "what")),
        ("out_of_range", ("input", "minutes")),
        ("link_missing", ("input", "helper")),
    }
    with pytest.raises(RecordRefused) as refused:
        press(yard, delivery)
    assert [each.code for each in refused.value.errors] == ["required"]
    # It is told of what was asked for, which was not to save the record.
    assert refused.value.code == "button_refused"
    assert title(refused.value.code, "zh") == "操作未完成"
    assert yard.get("delivery", delivery)["status"] == "sent"


def test_a_button_that_does_not_stand_there_cannot_be_pressed(yard: Yard) -> None:
    delivery = yard.create("delivery", {"code": "D-1"})
    press(yard, delivery, by_whom="Li")

    with pytest.raises(Forbidden):
        press(yard, delivery, by_whom="Wang")

    entity = yard.ctx.model.entities["delivery"]
    buttons = Buttons(yard.house.database, yard.house.reader, yard.house.runner)
    assert buttons.offered(yard.ctx, entity, delivery) == ()
