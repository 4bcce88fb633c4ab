"""What does not convert is kept beside its record: seen, found, mended, and let go on purpose.

Requirement P-30.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.access.policy import Policy
from engine.audit.log import AuditLog
from engine.conversions import Conversions, Said
from engine.doors import Edit
from engine.errors import RecordRefused
from engine.personal.overwriting import overwrite_people
from engine.query.cursors import Cursors
from engine.query.find import find
from engine.query.kept import Kept, kept_beside
from engine.query.spec import ListQuery
from engine.records.writer import Records
from engine.schema.live import read_live

pytestmark = pytest.mark.usefixtures("either_size")

NUMBER = "entities: {customer: {fields: {note: {type: decimal}}}}"
BOOLEAN = "entities: {customer: {fields: {note: {type: boolean}}}}"


@pytest.fixture
def spoken(shop: Any) -> dict[str, Any]:
    """Return the ids of customers whose notes are numbers, words, or blank."""
    notes = {"Ada": "12", "Bo": "12 months", "Cy": "a year", "Di": "12 months", "Ed": None}
    return {
        name: records(shop).create(shop.ctx(), "customer", [{"name": name, "note": note}]).ids[0]
        for name, note in notes.items()
    }


def records(shop: Any) -> Records:
    """Return the door to writing."""
    return Records(shop.database, Policy(shop.database))


def conversions(shop: Any) -> Conversions:
    """Return what is done about conversions."""
    return Conversions(shop.database, records(shop), AuditLog(shop.database))


def beside(shop: Any, record: Any) -> tuple[Kept, ...]:
    """Return what is kept beside a customer."""
    ctx = shop.ctx()
    with shop.database.reading(ctx) as connection:
        entity = ctx.model.entities["customer"]
        return tuple(kept_beside(ctx, connection, entity, [record]).get(record, ()))


def found(shop: Any) -> set[str]:
    """Return the names of customers whose notes did not convert, as a list finds them."""
    ctx = shop.ctx()
    query = ListQuery("customer", unconverted="note", count="exact")
    with shop.database.reading(ctx) as connection:
        policy = Policy(shop.database)
        page = find(ctx, policy, connection, query, cursors=Cursors("secret"))
    assert page.total == len(page.rows)
    return {row.title for row in page.rows}


def columns(shop: Any) -> set[str]:
    """Return the columns that the customers' table has."""
    with shop.database.owner(shop.tenant) as connection:
        return set(read_live(connection, shop.tenant)["customer"].columns)


def test_what_did_not_convert_is_seen_and_found_until_it_is_mended(
    shop: Any, spoken: dict[str, Any]
) -> None:
    shop.publish(NUMBER, allow_loss=True)

    assert beside(shop, spoken["Bo"]) == (Kept("note", "12 months", "text"),)
    assert beside(shop, spoken["Ada"]) == beside(shop, spoken["Ed"]) == ()
    assert found(shop) == {"Bo", "Cy", "Di"}
    records(shop).update(shop.ctx(), "customer", [Edit(spoken["Bo"], {"note": "12"})])

    assert beside(shop, spoken["Bo"]) == ()
    assert found(shop) == {"Cy", "Di"}


def test_one_value_is_given_to_all_that_said_the_same(shop: Any, spoken: dict[str, Any]) -> None:
    shop.publish(NUMBER, allow_loss=True)
    [opened] = conversions(shop).of(shop.ctx())
    assert (opened.field, opened.from_type, opened.to_type, opened.kept) == (
        "note", "text", "decimal", 3,
    )  # fmt: skip
    assert conversions(shop).texts(shop.ctx(), opened.id) == (
        Said("12 months", 2), Said("a year", 1),
    )  # fmt: skip

    mended = conversions(shop).mend(shop.ctx(), opened.id, "12 months", "12")
    refused = conversions(shop).mend(shop.ctx(), opened.id, "a year", "twelve")

    assert (mended.done, mended.refused) == (2, ())
    assert (refused.done, [each.code for each in refused.refused]) == (0, ["invalid_number"])
    assert [(each, text) for each, text in conversions(shop).rows(shop.ctx(), opened.id)] == [
        (spoken["Cy"], "a year")
    ]


def test_a_conversion_is_closed_on_purpose_and_takes_the_old_column_along(
    shop: Any, spoken: dict[str, Any]
) -> None:
    before = columns(shop)
    shop.publish(NUMBER, allow_loss=True)
    [opened] = conversions(shop).of(shop.ctx())
    assert before < columns(shop)

    with pytest.raises(RecordRefused):
        conversions(shop).close(shop.ctx(), opened.id, kept=1)
    conversions(shop).close(shop.ctx(), opened.id, kept=3)

    assert len(columns(shop)) == len(before)
    assert conversions(shop).of(shop.ctx()) == ()
    assert found(shop) == set()
    shop.publish("", allow_loss=True)
    assert found(shop) == set()


def test_going_back_ends_the_conversion_and_forgets_what_it_kept(
    shop: Any, spoken: dict[str, Any]
) -> None:
    shop.publish(NUMBER, allow_loss=True)
    shop.publish("", allow_loss=True)

    [opened] = conversions(shop).of(shop.ctx())
    assert (opened.from_type, opened.to_type, opened.kept) == ("decimal", "text", 0)
    assert found(shop) == set()


def test_a_no_that_was_read_is_told_from_one_that_was_not(
    shop: Any, spoken: dict[str, Any]
) -> None:
    records(shop).update(shop.ctx(), "customer", [Edit(spoken["Ada"], {"note": "no"})])

    shop.publish(BOOLEAN, allow_loss=True)

    assert found(shop) == {"Bo", "Cy", "Di"}
    [opened] = conversions(shop).of(shop.ctx())
    assert conversions(shop).mend(shop.ctx(), opened.id, "12 months", False).done == 2
    assert found(shop) == {"Cy"}


def test_whoever_may_not_administer_neither_sees_nor_closes_conversions(shop: Any) -> None:
    ctx = shop.ctx()
    clerk = replace(ctx, actor=replace(ctx.actor, roles=()))

    with pytest.raises(Exception, match="forbidden"):
        conversions(shop).of(clerk)


def test_erasing_a_person_takes_what_former_types_kept_of_them(shop: Any) -> None:
    layer = "entities: {{customer: {{fields: {{note: {{type: {kind}, personal_data: true}}}}}}}}"
    shop.publish(layer.format(kind="text"))
    [record] = records(shop).create(shop.ctx(), "customer", [{"name": "A", "note": "Ada L."}]).ids
    shop.publish(layer.format(kind="decimal"), allow_loss=True)
    assert beside(shop, record)

    ctx = shop.ctx()
    policy = Policy(shop.database)
    shop.database.unit(
        ctx, lambda c: overwrite_people(ctx, c, policy, ("customer", [record]), "Somebody")
    )

    assert beside(shop, record) == ()
    with shop.database.owner(shop.tenant) as connection:
        rows = connection.exec_driver_sql(f"SELECT * FROM {shop.tenant.schema}.customer").all()
    assert "Ada" not in str(rows)
