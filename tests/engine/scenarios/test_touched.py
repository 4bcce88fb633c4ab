"""Which of the template's scenarios are played before a change is published."""

from __future__ import annotations

import pytest

from engine.scenarios.touched import touched_by
from metamodel import load, read_text
from metamodel.linking.memory import Memory
from tests import crm

VISIT = """
entities:
  visit:
    label: Visit
    module: sales
    title: place
    fields: {place: {type: text, required: true}}
"""


MEMORY = Memory()
"""What was linked of the template, so that each layer costs what it changes."""


@pytest.mark.parametrize(
    ("layer", "played"),
    [
        (VISIT, False),
        (VISIT + "roles: {risk: {rights: {visit: {read: all}}}}\n", False),
        ("roles: {sales: {rights: {customer: {update: all}}}}\n", True),
        ("entities: {customer: {fields: {name: {max_length: 40}}}}\n", True),
        ("entities: {customer: {fields: {name: {help: As on the seal}}}}\n", False),
        ("entities: {user: {unique: {by_name: [name]}}}\n", True),
        ("app: {name: mine, extends: crm, kind: industry, version: '1', label: Mine}\n", False),
        ("automations: {receivable_overdue: {active: false}}\n", True),
    ],
)
def test_only_what_a_change_can_touch_is_played(layer: str, played: bool) -> None:
    """Rights on a new form say nothing of what scenarios do with the others."""
    changed = load([crm.layer(), read_text(layer, "mine")], MEMORY)

    touches = touched_by(crm.model(), changed)
    assert any(touches(each) for each in changed.scenarios.values()) is played
