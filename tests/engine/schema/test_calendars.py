"""A published change of a calendar computes anew what is stored from it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from tests.engine.schema.conftest import APP

DELIVERIES = (
    APP
    + """
  delivery:
    label: Delivery
    title: code
    fields:
      code: {type: text}
      ordered: {type: date}
      due: {type: date, formula: "ADDWORKDAYS(ordered, 2, \\"office\\")", stored: true}
      late: {type: date, formula: "ADDWORKDAYS(due, 1, \\"office\\")", stored: true}
calendars:
  office: {label: Office, week: {mon-fri: "09:00-17:00"}}
  other: {label: Other, week: {mon-sun: "09:00-17:00"}}
"""
)


def test_a_holiday_moves_the_days_that_are_stored_from_it(make_shop: Any) -> None:
    shop = make_shop(DELIVERIES)
    _deliver(shop, ordered=date(2026, 4, 30))

    shop.publish("calendars: {office: {holidays: {2026-05-01/2026-05-05: May}}}")

    assert _stored(shop) == (date(2026, 5, 7), date(2026, 5, 8))


def test_another_calendar_that_changes_computes_nothing(make_shop: Any) -> None:
    shop = make_shop(DELIVERIES)
    _deliver(shop, ordered=date(2026, 4, 30))
    layered = shop.layered("calendars: {other: {holidays: {2026-05-01: May}}}")

    plan = shop.publisher.propose(shop.tenant, layered).plan

    assert [step.kind for step in plan.steps] == []


def test_working_days_of_a_tenant_are_counted_under_its_own_role(make_shop: Any) -> None:
    shop = make_shop(DELIVERIES)
    _deliver(shop, ordered=date(2026, 4, 30))
    shop.publish("calendars: {office: {workdays: {2026-05-02: true}}}")

    assert _stored(shop) == (date(2026, 5, 2), date(2026, 5, 4))


def _deliver(shop: Any, *, ordered: date) -> None:
    ctx = shop.ctx()
    fields = ctx.model.entities["delivery"].fields
    row = {
        "id": uuid4(),
        fields["ordered"].column: ordered,
        fields["due"].column: None,
        fields["late"].column: None,
    }
    table = ctx.compiled.tables.of("delivery")
    shop.database.unit(ctx, lambda connection: connection.execute(table.insert().values(row)))


def _stored(shop: Any) -> tuple[object, ...]:
    ctx = shop.ctx()
    fields = ctx.model.entities["delivery"].fields
    table = ctx.compiled.tables.of("delivery")
    columns = (table.c[fields[name].column] for name in ("due", "late"))
    with shop.database.reading(ctx) as connection:
        return tuple(connection.execute(table.select().with_only_columns(*columns)).one())
