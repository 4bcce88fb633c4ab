"""A course that is for some records only: shown, asked for and begun by those alone (V-13)."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from boot.wiring import House
from tests.conftest import TenantMaker
from tests.ui.conftest import Visitor, visits

APP = """
format: 1
app: {name: garage, label: {zh: 车间, en: Garage}, version: "1", languages: [zh, en]}
entities:
  visit:
    label: {zh: 到店, en: Visit}
    title: name
    fields:
      name: {type: text, required: true}
      kind: {type: choice, options: {wash: {label: Wash}, mend: {label: Mend}, wax: {label: Wax}},
             default: wash}
    pipelines:
      handling:
        field: stage
        stages: {open: {label: Open}, shut: {label: Shut, ends: done}}
      mending:
        field: mending
        when: 'kind == "mend"'
        stages: {found: {label: Found}, mended: {label: Mended, ends: done}}
      washing:
        field: wash
        when: 'kind == "wash"'
        stages: {wet: {label: Wet}, dry: {label: Dry, ends: done}}
      waxing:
        field: wash
        when: 'kind == "wax"'
        stages: {waxed: {label: Waxed}}
"""


@pytest.fixture(scope="module")
def visitor(serving: House, tenant_of: TenantMaker) -> Visitor:
    """An administrator of an app with courses for some kinds."""
    return visits(serving, tenant_of(APP))("administrator")


def courses(visitor: Visitor, visit: str) -> list[str]:
    """Return the current stage of each course that the record's page shows."""
    page = visitor.get(f"/records/visit/{visit}").text
    current = r'class="stage is-current[^>]*>.*?<(?:span|button)[^>]*>([^<]*)'
    return [each.strip() for each in re.findall(current, page, re.DOTALL)]


def stages(visitor: Visitor, visit: str) -> tuple[Any, ...]:
    record = visitor.house.services.reader.get(visitor.ctx, "visit", [UUID(visit)])[0]
    return tuple(record.values.get(key) for key in ("stage", "mending", "wash"))


def test_a_record_is_on_the_courses_that_are_for_it_and_shows_no_other(visitor: Visitor) -> None:
    wash = visitor.create("visit", name="A", kind="wash")
    mend = visitor.create("visit", name="B", kind="mend")
    wax = visitor.create("visit", name="C", kind="wax")

    assert stages(visitor, wash) == ("open", None, "wet")
    assert stages(visitor, mend) == ("open", "found", None)
    assert stages(visitor, wax) == ("open", None, "waxed")
    assert courses(visitor, wash) == ["Open", "Wet"]
    assert courses(visitor, mend) == ["Open", "Found"]
    assert courses(visitor, wax) == ["Open", "Waxed"]


def test_a_record_that_becomes_another_kind_begins_that_course_and_keeps_what_it_was_in(
    visitor: Visitor,
) -> None:
    visit = visitor.create("visit", name="D", kind="wash")

    changed = visitor.send(f"/records/visit/{visit}", {"values": {"kind": "mend"}, "version": 1})

    assert changed.status_code == 200, changed.text
    assert stages(visitor, visit) == ("open", "found", "wet")
    assert courses(visitor, visit) == ["Open", "Found"]


def test_the_form_leaves_the_stage_of_a_course_open_that_may_not_be_the_record_s(
    visitor: Visitor,
) -> None:
    form = visitor.get("/records/visit/new").text

    shown = {name: re.search(rf'data-field="{name}".*?</div>', form, re.DOTALL) for name in
             ("stage", "mending", "wash")}  # fmt: skip
    chosen = {name: "selected" in found[0] for name, found in shown.items() if found}
    assert chosen == {"stage": True, "mending": False, "wash": False}
    for name in ("mending", "wash"):
        assert re.search(rf'data-field="{name}"[^>]*data-visible-when', form)
    assert not re.search(r'data-field="stage"[^>]*data-visible-when', form)
