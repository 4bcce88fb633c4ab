"""Keys by which an app acts, and lets others in or out: all are read, checked and linked."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest

from formula.types import RecordType
from metamodel import DefinitionInvalid, Layer, Model, load, read_text
from metamodel.actions import Act, Branch, CreateRecord, Each, Lapse, Notify, UpdateRecords, Wait
from metamodel.automation import Event
from metamodel.parts import AHEAD
from metamodel.texts import Choose, Hole, Repeat

FLOWS = Path(__file__).parent / "apps/flows.yaml"


@pytest.fixture(scope="module")
def acting(shop_layer: Layer) -> Model:
    return load([shop_layer, read_text(FLOWS.read_text("utf-8"), "flows.yaml")])


def _kinds(value: object) -> set[type]:
    """Return the class of every value inside a value."""
    if isinstance(value, dict):
        return set().union(*map(_kinds, value.values()))
    if isinstance(value, tuple):
        return set().union(*map(_kinds, value))
    if not is_dataclass(value):
        return set()
    inner = (_kinds(getattr(value, each.name)) for each in fields(value))
    return {type(value)}.union(*inner)


def test_every_trigger_and_every_act_is_read(acting: Model) -> None:
    quote = acting.entities["quote"]

    assert {each.trigger.on for each in acting.automations.values()} == set(get_args(Event))
    assert set(get_args(Act)) <= _kinds((acting.automations, quote.buttons))


def test_a_step_reads_the_record_that_an_earlier_one_made(acting: Model) -> None:
    steps = {step.name: step for step in acting.automations["big_quote"].steps}

    linked = steps["link"].act

    assert isinstance(linked, UpdateRecords)
    assert linked.where.text == "about == this.id and id != input.task"


def test_inside_each_names_mean_the_member_and_this_the_record_outside(acting: Model) -> None:
    steps = {step.name: step for step in acting.automations["big_quote"].steps}

    each = steps["lines"].act

    assert isinstance(each, Each)
    assert each.entity == "quote_line"
    note = each.steps[1].act
    assert isinstance(note, CreateRecord)
    assert note.values["about"].type == RecordType(("quote",))


def test_a_branch_ends_with_what_is_done_otherwise(acting: Model) -> None:
    steps = {step.name: step for step in acting.automations["big_quote"].steps}

    branch = steps["split"].act

    assert isinstance(branch, Branch)
    assert [(arm.name, arm.when is None) for arm in branch.arms] == [
        ("large", False),
        ("otherwise", True),
    ]
    assert branch.arms[1].steps[0].act == Wait(Lapse(3, "working_day"))


def test_the_value_before_a_change_is_known_to_an_automation(acting: Model) -> None:
    when = acting.automations["big_quote"].when

    assert when is not None
    assert when.dependencies.previous


def test_a_schedule_is_five_cron_fields_however_it_was_written(acting: Model) -> None:
    assert acting.automations["tidy"].trigger.cron == "30 2 * * *"
    assert acting.automations["nightly"].trigger.cron == "0 3 * * 1"


def test_a_date_trigger_counts_in_working_days_before_the_date(acting: Model) -> None:
    trigger = acting.automations["due"].trigger

    assert (trigger.date_field, trigger.offset, trigger.at) == (
        "valid_until",
        Lapse(-3, "working_day"),
        "09:00",
    )


def test_a_button_asks_before_it_acts(acting: Model) -> None:
    asked = acting.entities["quote"].buttons["send"].input

    assert list(asked) == ["address", "note"]
    assert asked["address"].required
    assert asked["address"].default_formula is not None
    assert asked["note"].visible_when is not None


def test_an_approval_says_who_decides_in_every_way(acting: Model) -> None:
    approval = acting.approvals["discount"]
    manager, finance, chiefs, legal, named = (step.approvers for step in approval.steps)

    assert (manager.manager, finance.role, legal.position) == (1, "finance", "Counsel")
    assert chiefs.chain is not None
    assert chiefs.chain.levels == 3
    assert named.who is not None
    assert [threshold.steps for threshold in approval.thresholds] == [
        ("manager",),
        ("manager", "finance", "chiefs"),
    ]
    assert approval.locks == ("tax_rate", "customer")
    assert (approval.skip_author, approval.skip_repeated, approval.withdraw) == (True, True, False)


def test_a_pool_takes_records_back_under_named_conditions(acting: Model) -> None:
    pool = acting.pools["public"]

    assert list(pool.returns) == ["no_quote"]
    assert (pool.hold_limit, pool.cool_down) == (50, Lapse(7, "day"))
    assert pool.masked == ("owing",)


def test_a_service_level_escalates_by_share_of_time_and_after_it(acting: Model) -> None:
    level = acting.service_levels["answer"]

    assert level.targets["fast"].within == Lapse(4, "working_hour")
    warn, late = level.escalation
    assert (warn.share, late.after) == (Decimal("0.8"), Lapse(1, "hour"))


def test_a_text_has_holes_repeats_and_choices(acting: Model) -> None:
    parts = acting.documents["offer_paper"].template.parts("en")

    kinds = [type(part) for part in parts]

    assert kinds == [str, Hole, str, Repeat, Choose]
    assert acting.messages["big"].text.parts("zh")[1] == "："


def test_a_person_of_a_portal_is_this_in_what_they_may_see(acting: Model) -> None:
    access = acting.portals["partners"].entities["quote"]

    assert access.where.text == "customer == this.customer"
    assert access.buttons == ("send",)


def test_a_step_tells_roles_and_people(acting: Model) -> None:
    told = acting.automations["left"].steps[0].act

    assert isinstance(told, Notify)
    assert told.roles == ("sales",)
    assert told.text.parts("en") == ("gone",)


def test_what_nothing_acts_on_yet_is_listed(acting: Model) -> None:
    assert {each.path[0] for each in acting.declared} == set(AHEAD)


@pytest.mark.parametrize("opening", ["{% if total > 0 %}", "{% each lines %}"])
def test_blocks_nested_without_end_are_one_problem(shop_layer: Layer, opening: str) -> None:
    text = f"messages: {{m: {{entity: quote, text: '{'{% if true %}' * 30 + opening * 3000}'}}}}"

    with pytest.raises(DefinitionInvalid) as raised:
        load([shop_layer, read_text(text, "t.yaml")])

    assert {problem.code for problem in raised.value.problems} == {"bad_template"}
    told = [p for p in raised.value.problems if "nested" in p.sentence]
    assert len(told) == 1


NEVER = {
    "drawn by lot": ("{on: schedule, cron: 'R R * * *'}", "{create: task}", "bad_schedule"),
    "a day worked out as it is read": (
        "{on: date, entity: quote, field: soon}", "{create: task}", "trigger_unstored",
    ),
    "a change of what is worked out": (
        "{on: updated, entity: quote, fields: [soon]}", "{create: task}", "trigger_unstored",
    ),
    "no host": ("{on: created, entity: quote}", "{webhook: {url: 'https://'}}", "wrong_value"),
    "no such port": (
        "{on: created, entity: quote}", "{webhook: {url: 'https://a.example:99999'}}",
        "wrong_value",
    ),
    "a gap in an address": (
        "{on: created, entity: quote}", "{webhook: {url: 'https://a.example/{{ number }}'}}",
        "wrong_value",
    ),
    "two lines in a header": (
        "{on: created, entity: quote}",
        '{webhook: {url: "https://a.example", headers: {X: "a\\r\\nb: c"}}}', "wrong_value",
    ),
    "Chinese in a header": (
        "{on: created, entity: quote}",
        '{webhook: {url: "https://a.example", headers: {X: 报价}}}', "wrong_value",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("trigger", "act", "code"), NEVER.values(), ids=NEVER)
def test_what_would_never_come_or_never_go_out_is_refused(
    shop_layer: Layer, trigger: str, act: str, code: str
) -> None:
    """Requirement P-05."""
    text = (
        "entities:\n"
        "  quote: {fields: {soon: {type: date, formula: 'TODAY() + 1'}}}\n"
        "  task: {label: Task, fields: {name: {type: text}}}\n"
        f"automations: {{a: {{trigger: {trigger}, steps: {{s: {act}}}}}}}\n"
    )

    with pytest.raises(DefinitionInvalid) as raised:
        load([shop_layer, read_text(text, "t.yaml")])

    assert [problem.code for problem in raised.value.problems] == [code]
