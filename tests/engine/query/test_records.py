"""Whole records, their lines, and what became of them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from engine.errors import NotFound
from engine.query.spec import FieldChange, LinkValue
from tests.engine.house import NOW, House


def test_records_come_back_in_the_order_asked_with_lines_in_theirs(house: House) -> None:
    keys = list(house.rows["quote"])[:5][::-1]

    records = house.reader.get(house.ctx(), "quote", keys)

    assert [record.id for record in records] == keys
    for record in records:
        lines = [r for r in house.rows["quote_line"].values() if r["quote"] == record.id]
        in_order = sorted(lines, key=lambda row: row["sys_position"])
        assert [line.id for line in record.lines["lines"]] == [row["id"] for row in in_order]
        amounts = [line.values["amount"] for line in record.lines["lines"]]
        assert amounts == [row["amount"] for row in in_order]
        assert record.values["total"] == sum(amounts)  # type: ignore[arg-type]


def test_a_record_has_what_the_person_may_read_and_nothing_else(house: House) -> None:
    key = next(k for k, r in house.rows["customer"].items() if not r["sys_trashed_at"])

    [whole] = house.reader.get(house.ctx(), "customer", [key])
    [part] = house.reader.get(house.ctx("masked"), "customer", [key])

    assert whole.title == part.title == house.rows["customer"][key]["name"]
    assert set(whole.values) - set(part.values) == {"credit", "worth"}
    assert "*" in str(part.values["phone"])


def test_an_unstored_figure_is_computed_over_all_rows(house: House) -> None:
    key = next(
        r["customer"]
        for r in house.rows["quote"].values()
        if r["open"]
        and r["customer"]
        and not house.rows["customer"][r["customer"]]["sys_trashed_at"]
    )

    [record] = house.reader.get(house.ctx(), "customer", [key])

    mine = [r for r in house.rows["quote"].values() if r["customer"] == key and r["open"]]
    assert record.values["owing"] == sum(row["total"] for row in mine)


def test_the_trash_opens_only_on_request(house: House) -> None:
    key = next(k for k, r in house.rows["customer"].items() if r["sys_trashed_at"])
    ctx = house.ctx()

    with pytest.raises(NotFound):
        house.reader.get(ctx, "customer", [key])

    [record] = house.reader.get(ctx, "customer", [key], trashed=True)
    assert record.trashed_at == NOW


def test_one_record_that_is_not_there_refuses_the_whole_call(house: House) -> None:
    keys = [next(iter(house.rows["quote"])), uuid4()]

    with pytest.raises(NotFound) as refused:
        house.reader.get(house.ctx(), "quote", keys)

    assert refused.value.params["id"] == str(keys[1])


def test_history_tells_who_changed_what_in_the_fields_one_may_read(house: House) -> None:
    actor = list(house.rows["user"])[1]
    key = next(k for k, r in house.rows["customer"].items() if not r["sys_trashed_at"])
    before = {"name": "Old", "phone": "13800000000", "credit": "1.00", "owner": str(actor)}
    after = {"name": "New", "phone": "13811111111", "credit": "2.00", "owner": None}
    change_set = house.put("sys_change_set", at=NOW, actor=actor, door="form", revision=1)
    house.put(
        "sys_change",
        change_set=change_set,
        seq=0,
        entity="customer",
        record=key,
        operation="update",
        computed=False,
        before=before,
        after=after,
    )

    [whole] = house.reader.history(house.ctx(), "customer", key)
    [part] = house.reader.history(house.ctx("masked"), "customer", key)

    person = LinkValue("user", actor, "P1")
    assert (whole.actor, whole.at, whole.door) == (person, NOW, "form")
    assert FieldChange("name", "Old", "New") in whole.changes
    assert FieldChange("owner", person, None) in whole.changes
    assert FieldChange("phone", "138****0000", "138****1111") in part.changes
    assert {change.field for change in part.changes} == {"name", "phone", "owner"}


def test_the_history_of_a_record_one_may_not_read_is_not_there(house: House) -> None:
    key = next(iter(house.rows["customer"]))

    with pytest.raises(NotFound):
        house.reader.history(house.ctx("quotes_only"), "customer", key)


def test_the_history_of_lines_belongs_to_their_record(house: House) -> None:
    key, line = next((r["quote"], k) for k, r in house.rows["quote_line"].items())
    sets = [house.put("sys_change_set", at=NOW, door="api") for _ in range(2)]
    for change_set in sets:
        house.put(
            "sys_change",
            change_set=change_set,
            seq=1,
            entity="quote_line",
            record=line,
            operation="create",
            computed=False,
            after={"amount": "5.00"},
        )
    ctx = house.ctx()

    found = house.reader.history(ctx, "quote", key)
    first = house.reader.history(ctx, "quote", key, limit=1)
    rest = house.reader.history(ctx, "quote", key, before=first[-1].change_set)

    assert [entry.change_set for entry in found] == sorted(sets, reverse=True)
    assert {entry.record for entry in found} == {line}
    assert first + rest == found
