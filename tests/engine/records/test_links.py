"""Links to many records: written, read, kept in order, hidden with the trash, summed up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest

from engine.access.policy import Policy
from engine.errors import RecordRefused
from engine.query.parse import parse_filter, parse_paths
from engine.query.reader import Records as Reading
from engine.query.spec import LinkValue, ListQuery
from engine.values.wire import record_to_wire
from tests.conftest import Installation, TenantMaker
from tests.engine.records.shop import Shop

APP = """
format: 1
app: {name: fair, label: Fair, version: "1.0", languages: [en, zh]}
entities:
  product:
    label: Product
    title: name
    fields:
      name: {type: text, required: true, search: true, unique: true}
      price: {type: money}
      shown_at: {type: integer, formula: "COUNT(stands)"}
      guests: {type: integer, formula: "SUM(stands.size)"}
  stand:
    label: Stand
    title: name
    owned: true
    fields:
      name: {type: text, required: true, search: true}
      size: {type: integer}
      products: {type: links, to: product, inverse: stands, filter: "price > 0"}
      staff: {type: users, visible_when: "size != 13", clear_when_hidden: true}
      worth: {type: money, formula: "SUM(products.price)"}
      many: {type: boolean, stored: false, formula: "COUNT(products) > 1"}
    rules:
      modest: {refuse_when: "worth > 1000", message: Too dear, at: products}
  talk:
    label: Talk
    title: name
    fields:
      name: {type: text}
      stands: {type: links, to: stand, required: true}
      seats: {type: integer, formula: "SUM(stands.size)"}
roles:
  visitor: {label: Visitor, rights: {stand: {read: all}, product: {read: {where: "price < 50"}}}}
  blind:
    label: Blind
    rights: {stand: {read: all, update: all}, product: {read: all}}
    fields: {stand: {products: none}}
"""


@dataclass(frozen=True, slots=True)
class Fair:
    """A tenant with many-to-many fields, written and read."""

    shop: Shop
    reader: Reading

    def as_(self, role: str) -> Fair:
        return replace(self, shop=self.shop.acting(roles=(role,), kind="person", user=uuid4()))

    def product(self, price: str) -> UUID:
        return self.shop.create("product", {"name": f"P{uuid4().hex}", "price": price})

    def stand(self, *products: UUID, **values: Any) -> UUID:
        payload = {"name": "Stand", "products": [str(each) for each in products], **values}
        return self.shop.create("stand", payload)

    def named(self, stand: UUID, field: str = "products", entity: str = "stand") -> list[UUID]:
        found = self.reader.get(self.shop.ctx, entity, [stand])[0].values[field]
        assert isinstance(found, tuple)
        return [each.id for each in found]

    def matching(self, entity: str, text: str) -> set[UUID]:
        typed = parse_filter(self.shop.ctx, entity, text)
        return {row.id for row in self.reader.find(self.shop.ctx, ListQuery(entity, typed)).rows}


@pytest.fixture(scope="session")
def fair(tenant_of: TenantMaker, installation: Installation) -> Fair:
    shop = Shop.open(tenant_of(APP), installation.database)
    policy = Policy(installation.database)
    return Fair(shop, Reading(installation.database, policy, "secret"))


def test_a_record_names_others_in_the_order_sent_and_sums_them_up(fair: Fair) -> None:
    one, two = fair.product("10.00"), fair.product("20.50")

    stand = fair.stand(two, one, size=3)

    assert fair.named(stand) == [two, one]
    assert fair.shop.get("stand", stand)["worth"] == Decimal("30.50")
    assert fair.shop.get("product", one)["shown_at"] == 1
    assert fair.shop.get("product", one)["guests"] == 3
    assert fair.shop.differences() == []


def test_a_list_replaces_what_was_there_and_keeps_its_own_order(fair: Fair) -> None:
    one, two, three = (fair.product("1.00") for _ in range(3))
    stand = fair.stand(one, two)

    fair.shop.update("stand", stand, {"products": [str(three), str(one)]})

    assert fair.named(stand) == [three, one]
    assert fair.shop.get("product", two)["shown_at"] == 0
    assert fair.shop.get("product", three)["shown_at"] == 1
    assert fair.shop.differences() == []


def test_add_and_remove_touch_only_what_they_name(fair: Fair) -> None:
    one, two, three = (fair.product("1.00") for _ in range(3))
    stand = fair.stand(one, two)
    edit = {"add": [str(three), str(one)], "remove": [str(two)]}

    fair.shop.update("stand", stand, {"products": edit})
    fair.shop.update("stand", stand, {"name": "Other"})

    assert fair.named(stand) == [one, three]
    assert fair.shop.get("stand", stand)["sys_version"] == 3


def test_records_are_named_by_a_unique_key_too(fair: Fair) -> None:
    one = fair.product("1.00")
    name = fair.shop.get("product", one)["name"]

    stand = fair.shop.create("stand", {"name": "S", "products": [{"name": name}, str(one)]})

    assert fair.named(stand) == [one]


@pytest.mark.parametrize(
    ("sent", "code", "path"),
    [
        (["x"], "invalid_id", ("products", 0)),
        ([str(UUID(int=5))], "link_missing", ("products",)),
        ("x", "invalid_list", ("products",)),
        ({"add": ["x"]}, "invalid_id", ("products", "add", 0)),
        ({"set": []}, "invalid_list", ("products",)),
        ([{"price": "1.00"}], "link_key_unknown", ("products", 0)),
        ([str(UUID(int=n)) for n in range(1, 1002)], "too_many_items", ("products",)),
    ],
)
def test_a_list_that_does_not_fit_is_refused_where_it_is_wrong(
    fair: Fair, sent: object, code: str, path: tuple[str | int, ...]
) -> None:
    with pytest.raises(RecordRefused) as refused:
        fair.shop.create("stand", {"name": "S", "products": sent})

    assert (refused.value.errors[0].code, refused.value.errors[0].path) == (code, path)


def test_what_a_filter_does_not_let_choose_is_refused(fair: Fair) -> None:
    free = fair.product("0.00")

    with pytest.raises(RecordRefused) as refused:
        fair.stand(free)

    assert refused.value.errors[0].code == "link_not_allowed"
    found = fair.reader.pick(fair.shop.ctx, "stand", "products", "", this={}, limit=100)
    assert free not in {hit.id for hit in found}


def test_rules_see_the_total_and_nothing_is_left_of_a_refused_write(fair: Fair) -> None:
    dear, cheap = fair.product("999.00"), fair.product("2.00")
    stand = fair.stand(dear)

    with pytest.raises(RecordRefused):
        fair.shop.update("stand", stand, {"products": {"add": [str(cheap)]}})

    assert fair.named(stand) == [dear]
    assert fair.shop.get("product", cheap)["shown_at"] == 0


def test_a_required_list_must_name_something(fair: Fair) -> None:
    stand = fair.stand(size=7)
    talk = fair.shop.create("talk", {"name": "T", "stands": [str(stand)]})

    fair.shop.update("talk", talk, {"name": "Other"})
    for payload in ({"name": "Empty"}, {"stands": []}):
        with pytest.raises(RecordRefused) as refused:
            if "name" in payload:
                fair.shop.create("talk", payload)
            else:
                fair.shop.update("talk", talk, payload)
        assert refused.value.errors[0].code == "required"

    assert fair.shop.get("talk", talk)["seats"] == 7


def test_a_price_changes_every_stand_that_shows_the_product(fair: Fair) -> None:
    one = fair.product("10.00")
    stands = [fair.stand(one) for _ in range(3)]

    fair.shop.update("product", one, {"price": "11.00"})

    assert {fair.shop.get("stand", each)["worth"] for each in stands} == {Decimal("11.00")}
    assert fair.shop.differences() == []


def test_what_goes_to_the_trash_is_hidden_and_comes_back(fair: Fair) -> None:
    one, two = fair.product("10.00"), fair.product("20.00")
    stand = fair.stand(one, two)

    fair.shop.records.delete(fair.shop.ctx, "product", [one])

    assert fair.named(stand) == [two]
    assert fair.shop.get("stand", stand)["worth"] == Decimal("20.00")
    fair.shop.update("stand", stand, {"products": [str(two)]})
    fair.shop.records.restore(fair.shop.ctx, "product", [one])
    assert set(fair.named(stand)) == {one, two}
    assert fair.shop.get("stand", stand)["worth"] == Decimal("30.00")
    assert fair.shop.differences() == []


def test_a_holder_in_the_trash_counts_nowhere(fair: Fair) -> None:
    one = fair.product("10.00")
    stand = fair.stand(one, size=4)

    fair.shop.records.delete(fair.shop.ctx, "stand", [stand])
    gone = fair.shop.get("product", one)
    fair.shop.records.restore(fair.shop.ctx, "stand", [stand])

    assert (gone["shown_at"], gone["guests"]) == (0, 0)
    assert fair.shop.get("product", one)["guests"] == 4
    assert fair.shop.differences() == []


def test_filters_ask_for_any_of_the_records_from_both_sides(fair: Fair) -> None:
    one, two = fair.product("31.00"), fair.product("32.00")
    first, second = fair.stand(one), fair.stand(one, two, size=77)

    assert fair.matching("stand", "ANY(products, price == 32)") == {second}
    assert fair.matching("stand", "ANY(products, price == 31)") == {first, second}
    assert fair.matching("product", "ANY(stands, size == 77)") == {one, two}
    assert {first, second} <= fair.matching("stand", "COUNT(products, price > 30) > 0")


def test_people_are_linked_like_records(fair: Fair) -> None:
    user = fair.shop.ctx.actor.user

    stand = fair.stand(staff=[str(user)])

    assert fair.named(stand, "staff") == [user]
    assert stand in fair.matching("stand", "ANY(staff, id == user.id)")


def test_the_answer_and_a_list_show_ids_and_titles(fair: Fair) -> None:
    one = fair.product("1.00")
    stand = fair.stand(one)
    ctx = fair.shop.ctx
    title = fair.shop.get("product", one)["name"]

    said = record_to_wire(ctx.model, fair.reader.get(ctx, "stand", [stand])[0])
    paths = parse_paths(ctx, "stand", "name,products")
    rows = fair.reader.find(ctx, ListQuery("stand", paths=paths, limit=500)).rows
    row = next(each for each in rows if each.id == stand)

    assert said["products"] == [{"id": str(one), "title": title}]
    assert said["staff"] == []
    assert row.values["products"] == (LinkValue("product", one, title),)


def test_history_tells_old_and_new_lists(fair: Fair) -> None:
    one, two = fair.product("1.00"), fair.product("1.00")
    stand = fair.stand(one)

    fair.shop.update("stand", stand, {"products": [str(two)]})

    entries = fair.reader.history(fair.shop.ctx, "stand", stand)
    edited = next(each for each in entries if each.operation == "update" and not each.computed)
    change = next(each for each in edited.changes if each.field == "products")
    assert [each.id for each in change.before] == [one]  # type: ignore[attr-defined]
    assert [each.id for each in change.after] == [two]  # type: ignore[attr-defined]


def test_titles_that_somebody_may_not_read_are_restricted_and_stay(fair: Fair) -> None:
    cheap, dear = fair.product("10.00"), fair.product("90.00")
    stand = fair.stand(cheap, dear)
    visitor = fair.as_("visitor")

    seen = visitor.reader.get(visitor.shop.ctx, "stand", [stand])[0].values["products"]

    assert [(each.id, each.restricted) for each in seen] == [(cheap, False), (dear, True)]  # type: ignore[attr-defined]
    assert visitor.matching("stand", "ANY(products, price == 90)") == set()


def test_a_field_that_is_hidden_from_somebody_is_unknown_to_them(fair: Fair) -> None:
    one = fair.product("10.00")
    stand = fair.stand(one)
    blind = fair.as_("blind")

    record = blind.reader.get(blind.shop.ctx, "stand", [stand])[0]

    assert "products" not in record.values
    assert "worth" not in record.values
    with pytest.raises(RecordRefused) as refused:
        blind.shop.update("stand", stand, {"products": []})
    assert refused.value.errors[0].code == "unknown_field"


def test_a_list_that_does_not_keep_its_value_when_hidden_is_emptied(fair: Fair) -> None:
    stand = fair.stand(staff=[str(fair.shop.ctx.actor.user)], size=12)

    fair.shop.update("stand", stand, {"size": 13})

    assert fair.named(stand, "staff") == []


def test_many_hands_on_the_same_lists_leave_totals_true(fair: Fair) -> None:
    products = [fair.product("1.00") for _ in range(6)]
    stands = [fair.stand(products[0]) for _ in range(3)]

    def act(seed: int) -> None:
        chance = Random(seed)
        for _ in range(8):
            stand, product = chance.choice(stands), chance.choice(products)
            edit = chance.choice(("add", "remove", "price", "whole"))
            if edit == "price":
                price = str(chance.randint(1, 20))
                fair.shop.update("product", product, {"price": price})
            elif edit == "whole":
                chosen = [str(each) for each in chance.sample(products, 3)]
                fair.shop.update("stand", stand, {"products": chosen})
            else:
                fair.shop.update("stand", stand, {"products": {edit: [str(product)]}})

    with ThreadPoolExecutor(6) as hands:
        list(hands.map(act, range(6)))

    assert fair.shop.differences() == []
    assert all(len(set(named)) == len(named) for named in map(fair.named, stands))
