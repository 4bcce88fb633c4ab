"""Records are refused for what is wrong with them, and for nothing else."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from engine.doors import Edit
from engine.errors import Forbidden, NotFound, RecordRefused, VersionConflict
from tests.engine.records.shop import Shop


def test_a_unique_value_is_taken_once(shop: Shop) -> None:
    shop.create("customer", {"name": "A", "email": "one@example.com"})

    with pytest.raises(RecordRefused) as refused:
        shop.create("customer", {"name": "B", "email": "one@example.com"})

    assert [(e.code, e.path) for e in refused.value.errors] == [("unique", ("email",))]


def test_a_stale_version_is_a_conflict_and_lines_count_on_their_record(shop: Shop) -> None:
    _, quote, line = shop.quote_of_one("1.00")
    shop.update("quote_line", line, {"quantity": 2})

    with pytest.raises(VersionConflict) as conflict:
        shop.records.update(shop.ctx, "quote", [Edit(quote, {"reason": "x"}, version=1)])

    assert conflict.value.version == 2


def test_computed_values_change_no_version(shop: Shop) -> None:
    acme, _, line = shop.quote_of_one("1.00")
    version = shop.get("customer", acme)["sys_version"]

    shop.update("quote_line", line, {"quantity": 5})

    assert shop.get("customer", acme)["sys_version"] == version


def test_a_write_that_breaks_a_rule_of_another_record_is_refused(shop: Shop) -> None:
    acme, quote, line = shop.quote_of_one("100.00")
    shop.update("customer", acme, {"limit": "150"})

    with pytest.raises(RecordRefused) as refused:
        shop.update("quote_line", line, {"quantity": 2})

    assert refused.value.errors[0].code == "rule"
    assert shop.differences() == []


def test_an_offender_of_old_keeps_nobody_from_work(shop: Shop) -> None:
    acme, quote, line = shop.quote_of_one("100.00")
    shop.update("quote_line", line, {"quantity": 3})
    limited = shop.ctx.model.entities["customer"].fields["limit"].column
    table = shop.ctx.compiled.tables.of("customer")
    shop.database.unit(
        shop.ctx,
        lambda c: c.execute(table.update().where(table.c.id == acme).values({limited: 150})),
    )

    shop.update("quote_line", line, {"quantity": 2})

    assert shop.differences() == []


def test_a_link_outside_its_filter_is_refused(shop: Shop) -> None:
    acme, quote, _ = shop.quote_of_one("1.00")
    other = shop.create("customer", {"name": "Other"})
    ann = shop.create("contact", {"name": "Ann", "customer": str(other)})

    with pytest.raises(RecordRefused) as refused:
        shop.update("quote", quote, {"contact": str(ann)})

    assert [e.code for e in refused.value.errors] == ["link_not_allowed"]


def test_a_line_chooses_by_its_parent_also_while_both_are_new(shop: Shop) -> None:
    acme, other = (shop.create("customer", {"name": name}) for name in ("Acme", "Other"))
    product = shop.create("product", {"name": f"Pump {acme}"})
    wang, li = (
        shop.create("contact", {"name": name, "customer": str(at)})
        for name, at in (("Wang", acme), ("Li", other))
    )

    def quote(who: UUID) -> UUID:
        line = {"product": str(product), "wanted_by": str(who)}
        return shop.create("quote", {"customer": str(acme), "lines": [line]})

    made = quote(wang)
    with pytest.raises(RecordRefused) as refused:
        quote(li)
    line = {"product": str(product), "wanted_by": str(li)}
    shop.update("quote", made, {"customer": str(other), "lines": [line]})

    assert [(e.code, e.path) for e in refused.value.errors] == [
        ("link_not_allowed", ("lines", 0, "wanted_by"))
    ]
    assert [row["wanted_by"] for row in shop.get("quote", made)["lines"]] == [li]


def test_an_option_that_is_no_longer_offered_stays_where_it_is(shop: Shop) -> None:
    with pytest.raises(RecordRefused) as refused:
        shop.create("customer", {"name": "A", "industry": "gone"})

    assert [e.code for e in refused.value.errors] == ["inactive_choice"]


def test_computed_and_numbered_fields_cannot_be_entered(shop: Shop) -> None:
    acme = shop.create("customer", {"name": "A"})

    with pytest.raises(RecordRefused) as refused:
        shop.create("quote", {"customer": str(acme), "total": "1", "code": "Q-1", "id": "x"})

    assert {(e.code, e.path) for e in refused.value.errors} == {
        ("computed", ("total",)),
        ("readonly", ("code",)),
        ("unknown_field", ("id",)),
    }


def test_a_line_keeps_to_its_record(shop: Shop) -> None:
    _, _, line = shop.quote_of_one("1.00")
    _, other, _ = shop.quote_of_one("1.00")

    with pytest.raises(RecordRefused) as refused:
        shop.update("quote_line", line, {"quote": str(other)})

    assert [e.code for e in refused.value.errors] == ["parent_fixed"]


def test_a_person_writes_only_what_the_roles_allow(shop: Shop) -> None:
    mine, foreign = (
        shop.create("customer", {"name": "Mine"}),
        shop.create("customer", {"name": "No"}),
    )
    seller = shop.acting(kind="person", roles=("sales",))
    shop.update("customer", mine, {"owner": str(seller.ctx.actor.user)})

    seller.update("customer", mine, {"name": "Still mine"})
    with pytest.raises(NotFound):
        seller.update("customer", foreign, {"name": "Stolen"})
    with pytest.raises(Forbidden):
        seller.create("product", {"name": "Not mine to make"})
    with pytest.raises(RecordRefused) as refused:
        seller.update("customer", mine, {"limit": "5"})

    assert [e.code for e in refused.value.errors] == ["not_writable"]


def test_a_customer_of_somebody_else_cannot_be_linked(shop: Shop) -> None:
    foreign = shop.create("customer", {"name": "Foreign"})
    seller = shop.acting(kind="person", roles=("sales",))

    with pytest.raises(RecordRefused) as refused:
        seller.create("quote", {"customer": str(foreign)})

    assert [(e.code, e.path) for e in refused.value.errors] == [("link_missing", ("customer",))]


def test_a_new_record_belongs_to_whoever_makes_it(shop: Shop) -> None:
    seller = shop.acting(kind="person", roles=("sales",))

    made = seller.create("customer", {"name": "Mine"})

    assert shop.get("customer", made)["owner"] == seller.ctx.actor.user


def test_a_record_that_looks_like_another_is_refused(shop: Shop) -> None:
    shop.create("customer", {"name": "Müller & Co", "phone": "+49 1"})

    with pytest.raises(RecordRefused) as refused:
        shop.create("customer", {"name": "MULLER & CO", "phone": "+49 1"})
    shop.create("customer", {"name": "MULLER & CO", "phone": "+49 2"})

    assert [e.code for e in refused.value.errors] == ["duplicate"]


def test_a_record_that_may_be_another_is_written_with_a_warning(shop: Shop) -> None:
    shop.create("product", {"name": "Gear Box"})

    change = shop.records.create(shop.ctx, "product", [{"name": "GEAR BÖX"}])

    assert [warning.code for warning in change.warnings] == ["possible_duplicate"]
    assert shop.get("product", change.ids[0])["name"] == "GEAR BÖX"


def test_a_value_that_was_frozen_stays_as_it_was_then(shop: Shop) -> None:
    product = shop.create("product", {"name": "Frozen", "list_price": "5"})

    shop.update("product", product, {"list_price": "6"})

    assert shop.get("product", product)["first_price"] == 10


def test_what_follows_from_a_frozen_value_is_true_from_the_first_moment(shop: Shop) -> None:
    _, quote, line = shop.quote_of_one("5.00")
    product = shop.get("quote_line", line)["product"]

    made = shop.get("quote_line", line)
    shop.update("product", product, {"list_price": "8.00"})
    shop.update("quote_line", line, {"quantity": 4})

    found = shop.get("quote_line", line)
    assert (made["unit_cost"], made["cost"]) == (Decimal("2.50"), Decimal("2.50"))
    assert (found["unit_cost"], found["cost"]) == (Decimal("2.50"), Decimal("10.00"))
    assert shop.differences() == []


def test_a_rule_compares_a_total_with_what_it_was(shop: Shop) -> None:
    _, quote, line = shop.quote_of_one("100.00")
    for stage in ("sent", "won"):
        shop.records.move(shop.ctx, "quote", [quote], pipeline="sales", to=stage, values={})

    for entity, id_, values in (
        ("quote", quote, {"tax_rate": "0.06"}),
        ("quote", quote, {"lines": []}),
        ("quote_line", line, {"quantity": 2}),
    ):
        with pytest.raises(RecordRefused) as refused:
            shop.update(entity, id_, values)
        assert [e.code for e in refused.value.errors] == ["rule"]
    shop.update("quote", quote, {"reason": "No change of the total"})

    assert shop.get("quote", quote)["total"] == Decimal("113.00")


def test_a_record_is_named_once_in_a_request(shop: Shop) -> None:
    _, quote, line = shop.quote_of_one("1.00")

    with pytest.raises(RecordRefused) as refused:
        shop.update("quote", quote, {"lines": [{"id": str(line)}, {"id": str(line)}]})

    assert [(e.code, e.path) for e in refused.value.errors] == [("named_twice", ("lines", 1, "id"))]


def test_a_record_that_looks_like_one_of_another_entity_is_pointed_out(shop: Shop) -> None:
    name = f"Ärger {uuid4()} GmbH"
    acme = shop.create("customer", {"name": name})

    alike = shop.records.create(
        shop.ctx, "order", [{"about": name.upper().replace("Ä", "A"), "customer": str(acme)}]
    )
    own = shop.records.create(
        shop.ctx, "order", [{"about": f"Another {name}", "customer": str(acme)}] * 2
    )

    (warning,) = alike.warnings
    assert (warning.code, warning.path) == ("possible_duplicate", ("about",))
    assert warning.params == {"title": name, "other": str(acme)}
    assert own.warnings == ()
