"""What serves of a large table is written beside it, so that the switch only puts it in place.

P-03, P-04, P-30: whatever people save meanwhile, and wherever the process dies, each record has
its old value or its new one, and history tells of each move once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from engine.audit.log import AuditLog
from engine.conversions import Conversions
from engine.doors import Edit
from engine.errors import PublishRunning
from engine.schema.apply import Mark
from engine.schema.live import read_live
from engine.schema.retelling import MOVING
from engine.schema.revisions import Author
from engine.schema.steps import Plan
from formula.backends.contract import Moment
from tests.engine.schema.conftest import Shop, take_all_for_large
from tests.engine.schema.killing import publish_killed
from tests.engine.schema.test_large import _is_clean
from tests.engine.schema.test_merging import asked, create, edit, records, values

BEFORE = """
entities:
  customer:
    fields:
      size: {type: decimal, scale: 4}
      given: {type: money, formula: "budget + 1"}
      entered: {type: money}
      partner: {type: link, to: customer}
      worth: {type: money, formula: 'budget * 2 if level == "a" else budget'}
    pipelines:
      life:
        label: Life
        field: phase
        stages: {lead: {label: Lead}, talks: {label: Talks}, client: {label: Client, ends: won}}
"""

AFTER = (
    BEFORE.replace("scale: 4", "scale: 2")
    .replace('money, formula: "budget + 1"', "money")
    .replace("entered: {type: money}", 'entered: {type: money, formula: "budget + 2"}')
    .replace("partner: {type: link,", "partner: {type: links,")
    .replace("lead: {label: Lead}", "lead: {label: Lead, $retire: true, into: talks}")
    .replace(
        "    pipelines:",
        "      level: {options: {b: {$retire: true, into: a}}}\n      note: {type: decimal}\n"
        "    pipelines:",
    )
)

OLD = {"level": "b", "phase": "lead", "size": "1.2345", "note": "seven"}
NEW = {"level": "a", "phase": "talks", "size": "1.23", "note": None}


@pytest.fixture
def crowd(shop: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, UUID]:
    """Return customers of a table that is taken for a large one."""
    shop.publish(BEFORE)
    take_all_for_large(monkeypatch)
    made = {n: create(shop, name=n, budget="3", entered="5", **OLD) for n in ("Ada", "Bo", "Cy")}
    edit(shop, made["Ada"], partner=made["Bo"])
    return made


def test_a_switch_writes_no_rows_of_a_large_table(shop: Any, crowd: dict[str, UUID]) -> None:
    plan = _plan(shop)

    written = {step.code for step in plan.steps if step.table}
    assert written >= {
        "move_beside", "round_values", "keep_entered", "convert_values", "list_kept",
    }  # fmt: skip
    assert [step.code for step in plan.of("switch") if step.rows or step.table] == []
    assert {step.beside for step in plan.of("expand")} > {""}


def test_few_records_of_a_large_table_are_moved_in_the_switch_which_finds_them_by_an_index(
    shop: Any, crowd: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.schema.moving.FEW", 3)

    steps = _plan(shop).steps
    shop.publish(AFTER, allow_loss=True)

    found = [step for step in steps if "(id) WHERE" in "".join(step.sql)]
    assert {(step.code, step.alone, step.phase) for step in found} == {
        ("create_index", True, "expand")
    }
    assert len(found) == 2
    _is_told_once(shop, crowd)


def test_what_people_save_meanwhile_moves_along_and_what_they_moved_stays(
    shop: Any, crowd: dict[str, UUID]
) -> None:
    def save(mark: Mark) -> None:
        if (mark.step.code, mark.done) == ("move_beside", True) and len(crowd) == 3:
            edit(shop, crowd["Ada"], phase="client", level="a")
            crowd["Di"] = create(shop, name="Di", **OLD)
        if mark.step.code in ("move_stages", "move_options") and not mark.done:
            # By now all read the new model; only history is still to be told.
            late = datetime.now(UTC)
            ctx = replace(shop.ctx(), moment=Moment(late, late.date(), "UTC"))
            changed = {"phase": "client", "level": None}
            records(shop).update(ctx, "customer", [Edit(crowd["Bo"], changed)])

    _publish(shop, AFTER, save)

    assert values(shop, "phase") == {"Ada": "client", "Bo": "client", "Cy": "talks", "Di": "talks"}
    assert values(shop, "level") == {"Ada": "a", "Bo": None, "Cy": "a", "Di": "a"}
    visits = asked(
        shop,
        "SELECT stage, left_at IS NULL FROM {s}.sys_stage_visit "
        f"WHERE record = '{crowd['Bo']}' ORDER BY entered_at",
    )
    assert visits == [("lead", False), ("talks", False), ("client", True)]
    assert _told(shop, crowd["Ada"]) == []
    for name in ("Bo", "Cy", "Di"):
        assert _told(shop, crowd[name]) == [("b", "a"), ("lead", "talks")]
    shop.publish(BEFORE, allow_loss=True)
    assert values(shop, "phase") == {"Ada": "client", "Bo": "client", "Cy": "lead", "Di": "lead"}


def test_who_opened_a_form_before_is_told_from_who_opened_it_after(
    shop: Any, crowd: dict[str, UUID]
) -> None:
    """A move counts as a change of the record, as anybody's."""
    before = asked(shop, "SELECT min(sys_version) FROM {s}.customer")[0][0]

    shop.publish(AFTER, allow_loss=True)

    assert asked(shop, "SELECT min(sys_version) FROM {s}.customer")[0][0] > before


KILLED: dict[str, Callable[[Mark], bool]] = {
    "while it is written beside": lambda m: m.step.code == "move_beside" and m.done,
    "while entered values are kept": lambda m: m.step.code == "keep_entered" and m.done,
    "in the switch": lambda m: m.step.code == "begin_moves",
    "at the end of the switch": lambda m: m.step.code == "swap_column",
    "before anything is told": lambda m: m.step.code == "list_moves" and m.step.phase == "settle",
    "when a part is told": lambda m: m.step.code == "move_stages" and m.done,
    "before values that do not convert are listed": lambda m: (
        m.step.code == "list_kept" and not m.done
    ),
    "when the list is gone": lambda m: m.step.code == "end_moves" and m.done,
    "near the end": lambda m: m.step.code == "stop_noting" and m.done,
}
"""Where a publish is killed, by words."""


SELDOM = {
    "while entered values are kept",
    "at the end of the switch",
    "before values that do not convert are listed",
    "when the list is gone",
}


@pytest.mark.parametrize(
    "place",
    [pytest.param(e, marks=pytest.mark.thorough) if e in SELDOM else e for e in KILLED],
)
def test_a_publish_that_is_killed_leaves_old_or_new_values_and_is_told_once(
    shop: Any, crowd: dict[str, UUID], place: str
) -> None:
    before = shop.ctx().revision
    publish_killed(shop, AFTER, KILLED[place])

    published = shop.ctx().revision > before
    wanted = NEW if published else OLD
    assert published == (list(KILLED).index(place) > 3)
    for key, value in wanted.items():
        assert {_said(each) for each in values(shop, key).values()} == {value}
    assert shop.publisher.mend(shop.tenant) == 1
    if not published:
        shop.publish(AFTER, allow_loss=True)

    _is_told_once(shop, crowd)


def test_a_conversion_is_not_closed_before_its_values_are_listed(
    shop: Any, crowd: dict[str, UUID]
) -> None:
    publish_killed(shop, AFTER, KILLED["before values that do not convert are listed"])
    service = Conversions(shop.database, records(shop), AuditLog(shop.database))
    [opened] = [each for each in service.of(shop.ctx()) if each.field == _key(shop, "note")]

    with pytest.raises(PublishRunning):
        service.close(shop.ctx(), opened.id, kept=opened.kept)

    shop.publisher.mend(shop.tenant)
    [again] = [each for each in service.of(shop.ctx()) if each.id == opened.id]
    assert (opened.kept, again.kept) == (0, 3)


def _key(shop: Shop, name: str) -> str:
    return str(shop.ctx().model.entities["customer"].fields[name].key)


def _plan(shop: Shop) -> Plan:
    return shop.publisher.propose(shop.tenant, shop.layered(AFTER)).plan


def _publish(shop: Shop, layer: str, progress: Callable[[Mark], None]) -> None:
    proposal = shop.publisher.propose(shop.tenant, shop.layered(layer))
    shop.publisher.publish(
        shop.tenant, proposal, author=Author("Tester"), allow_loss=True, progress=progress
    )


def _said(value: object) -> str | None:
    """Return a value as a text, a number without zeros at its end."""
    if isinstance(value, Decimal):
        return str(value.normalize())
    return None if value is None else str(value)


def _told(shop: Any, record: UUID) -> list[tuple[Any, Any]]:
    """Return what history tells that publishes moved, by the fields' names."""
    rows = asked(
        shop,
        "SELECT c.before, c.after FROM {s}.sys_change c JOIN {s}.sys_change_set s "
        f"ON s.id = c.change_set WHERE s.door = 'publish' AND c.record = '{record}'",
    )
    return sorted((*was.values(), *now.values()) for was, now in rows)


def _is_told_once(shop: Any, crowd: dict[str, UUID]) -> None:
    """Each record has its new values, and one entry in history for each of its moves."""
    for key, value in NEW.items():
        assert {_said(each) for each in values(shop, key).values()} == {value}
    for record in crowd.values():
        assert _told(shop, record) == [("b", "a"), ("lead", "talks")]
        visits = asked(
            shop,
            "SELECT stage, left_at IS NULL FROM {s}.sys_stage_visit "
            f"WHERE record = '{record}' ORDER BY entered_at",
        )
        assert visits == [("lead", False), ("talks", True)]
    kept = asked(shop, "SELECT text FROM {s}.sys_kept WHERE text = 'seven'")
    assert len(kept) == len(crowd)
    assert _is_clean(shop)
    with shop.database.owner(shop.tenant) as connection:
        assert MOVING not in read_live(connection, shop.tenant)
