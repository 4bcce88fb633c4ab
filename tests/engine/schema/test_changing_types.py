"""Fields change their types under records: links are found and widened, nothing entered is lost.

Requirements P-03, P-30.
"""

from __future__ import annotations

from typing import Any

import pytest

from engine.access.policy import Policy
from engine.doors import Edit
from engine.errors import PlanBlocked
from engine.records.writer import Records

PLACES = """
entities:
  city:
    label: City
    title: name
    fields: {name: {type: text}, code: {type: text, unique: true}}
  customer:
    fields:
      %s
"""


def field(text: str) -> str:
    """Return a layer in which customers have this field beside their own."""
    return PLACES % text


TEXT = field("place: {type: text}")
LINK = field("place: {type: link, to: city}")
LINKS = field("place: {type: links, to: city}")


def records(shop: Any) -> Records:
    """Return the door to writing."""
    return Records(shop.database, Policy(shop.database))


def create(shop: Any, entity: str, **values: object) -> Any:
    """Create a record as people do; return its id."""
    return records(shop).create(shop.ctx(), entity, [values]).ids[0]


def change(shop: Any, record: Any, **values: object) -> None:
    """Change a customer as people do."""
    records(shop).update(shop.ctx(), "customer", [Edit(record, values)])


def stored(shop: Any, name: str = "place") -> dict[Any, Any]:
    """Return a field's stored values by the customers' names; links to many as sets."""
    ctx = shop.ctx()
    table, fields = ctx.compiled.tables.of("customer"), ctx.model.entities["customer"].fields
    chosen = fields[name]
    with shop.database.reading(ctx) as connection:
        rows = connection.execute(table.select()).mappings().all()
        if chosen.link is None or not chosen.link.many:
            return {row[fields["name"].column]: row[chosen.column] for row in rows}
        pairs = ctx.compiled.tables.of(chosen.link.through)
        held = connection.execute(pairs.select()).mappings().all()
    names = {row["id"]: row[fields["name"].column] for row in rows}
    found: dict[Any, set[Any]] = {name: set() for name in names.values()}
    for pair in held:
        found[names[pair["holder"]]].add(pair["member"])
    return found


def effects(shop: Any, layer: str) -> dict[str, tuple[int, tuple[str, ...]]]:
    """Return what a layer would do to the data: code, rows, samples."""
    plan = shop.publisher.propose(shop.tenant, shop.layered(layer)).plan
    return {each.code: (each.rows, each.samples) for each in plan.effects}


@pytest.fixture
def cities(shop: Any) -> dict[str, Any]:
    """Return the ids of three cities, two of them called the same; customers have a text."""
    shop.publish(TEXT)
    return {
        code: create(shop, "city", name=name, code=code)
        for code, name in {"J": "Jena", "F1": "Frankfurt", "F2": "Frankfurt"}.items()
    }


def test_a_text_becomes_a_link_where_it_names_one_record_and_comes_back(
    shop: Any, cities: dict[str, Any]
) -> None:
    texts = {"Ada": "jena ", "Bo": "F2", "Cy": "Frankfurt", "Di": None, "Ed": str(cities["F1"])}
    ids = {name: create(shop, "customer", name=name, place=text) for name, text in texts.items()}

    assert effects(shop, LINK)["not_converted"] == (1, ("Frankfurt",))
    shop.publish(LINK, allow_loss=True)

    assert stored(shop) == {
        "Ada": cities["J"], "Bo": cities["F2"], "Cy": None, "Di": None, "Ed": cities["F1"],
    }  # fmt: skip
    change(shop, ids["Di"], place=str(cities["J"]))
    change(shop, ids["Bo"], place=str(cities["F1"]))
    shop.publish(TEXT, allow_loss=True)

    assert stored(shop) == {
        "Ada": "jena", "Bo": "Frankfurt", "Cy": "Frankfurt", "Di": "Jena",
        "Ed": str(cities["F1"]),
    }  # fmt: skip


def test_a_text_of_several_names_becomes_links_all_or_none(
    shop: Any, cities: dict[str, Any]
) -> None:
    for name, text in {"Ada": "Jena, F1；J", "Bo": "Jena, Nowhere", "Cy": None}.items():
        create(shop, "customer", name=name, place=text)

    assert effects(shop, LINKS)["not_converted"] == (1, ("Jena, Nowhere",))
    shop.publish(LINKS, allow_loss=True)
    assert stored(shop) == {"Ada": {cities["J"], cities["F1"]}, "Bo": set(), "Cy": set()}

    shop.publish(TEXT, allow_loss=True)
    assert stored(shop) == {"Ada": "Jena, F1；J", "Bo": "Jena, Nowhere", "Cy": None}


def test_a_link_is_widened_to_many_and_narrowed_again_where_one_is_left(
    shop: Any, cities: dict[str, Any]
) -> None:
    shop.publish(LINK)
    ids = {
        name: create(shop, "customer", name=name, place=place and str(cities[place]))
        for name, place in {"Ada": "J", "Bo": "F1", "Cy": None}.items()
    }

    assert effects(shop, LINKS) == {}
    shop.publish(LINKS)
    assert stored(shop) == {"Ada": {cities["J"]}, "Bo": {cities["F1"]}, "Cy": set()}
    change(shop, ids["Ada"], place={"add": [str(cities["F2"])]})
    change(shop, ids["Cy"], place=[str(cities["F2"])])

    assert effects(shop, LINK)["not_converted"] == (1, ("Jena, Frankfurt",))
    shop.publish(LINK, allow_loss=True)

    assert stored(shop) == {"Ada": None, "Bo": cities["F1"], "Cy": cities["F2"]}
    change(shop, ids["Bo"], place=None)
    shop.publish(LINKS, allow_loss=True)
    assert stored(shop) == {
        "Ada": {cities["J"], cities["F2"]}, "Bo": set(), "Cy": {cities["F2"]},
    }  # fmt: skip


def test_one_to_one_becomes_one_to_many_without_a_rewrite(
    shop: Any, cities: dict[str, Any]
) -> None:
    shop.publish(field("place: {type: link, to: city, unique: true}"))
    create(shop, "customer", name="Ada", place=str(cities["J"]))

    plan = shop.publisher.propose(shop.tenant, shop.layered(LINK)).plan
    shop.publish(LINK)

    assert {step.cost for step in plan.steps} == {"instant"}
    create(shop, "customer", name="Bo", place=str(cities["J"]))
    assert set(stored(shop).values()) == {cities["J"]}


def test_a_link_to_more_kinds_keeps_what_it_names(shop: Any, cities: dict[str, Any]) -> None:
    shop.publish(LINK)
    create(shop, "customer", name="Ada", place=str(cities["J"]))
    wide = field("place: {type: link, to: [city, invoice]}")

    assert effects(shop, wide) == {}
    shop.publish(wide)
    shop.publish(LINK)

    assert stored(shop) == {"Ada": cities["J"]}


def test_what_no_value_can_become_is_refused_with_the_way_round(
    shop: Any, cities: dict[str, Any]
) -> None:
    shop.publish(field("place: {type: date}"))
    create(shop, "customer", name="Ada", place="2026-03-01")
    layer = field("place: {type: location}")

    assert effects(shop, layer) == {"no_conversion": (1, ())}
    with pytest.raises(PlanBlocked):
        shop.publish(layer, allow_loss=True)


@pytest.mark.parametrize("other", ["text", "choice, options: {a: {label: A}}"])
def test_a_link_to_several_kinds_is_refused_another_type_while_it_has_values(
    shop: Any, cities: dict[str, Any], other: str
) -> None:
    shop.publish(field("place: {type: link, to: [city, invoice]}"))
    where = {"entity": "city", "id": str(cities["J"])}
    ada = create(shop, "customer", name="Ada", place=where)
    layer = field(f"place: {{type: {other}}}")

    assert effects(shop, layer) == {"no_conversion": (1, ())}
    with pytest.raises(PlanBlocked):
        shop.publish(layer, allow_loss=True)
    change(shop, ada, place=None)
    shop.publish(layer)


def test_a_refused_change_of_a_field_without_values_is_published(
    shop: Any, cities: dict[str, Any]
) -> None:
    shop.publish(field("place: {type: date}"))
    create(shop, "customer", name="Ada")

    shop.publish(field("place: {type: location}"))

    assert stored(shop) == {"Ada": None}


@pytest.mark.parametrize("other", ["invoice", "customer"])
def test_links_to_records_of_another_kind_are_refused(
    shop: Any, cities: dict[str, Any], other: str
) -> None:
    shop.publish(LINKS)
    create(shop, "customer", name="Ada", place=[str(cities["J"])])

    assert "no_conversion" in effects(shop, field(f"place: {{type: links, to: {other}}}"))


def test_what_was_entered_comes_back_when_a_field_is_no_longer_computed(shop: Any) -> None:
    ada = create(shop, "customer", name="Ada", budget="5")
    create(shop, "customer", name="Bo")
    computed = 'entities: {customer: {fields: {budget: {formula: "IF(vip, 1, 2)"}}}}'

    assert effects(shop, computed) == {"now_computed": (1, ())}
    shop.publish(computed, allow_loss=True)
    assert {name: str(each) for name, each in stored(shop, "budget").items()} == {
        "Ada": "2.00", "Bo": "2.00",
    }  # fmt: skip
    change(shop, ada, vip=True)
    create(shop, "customer", name="Cy")
    shop.publish("")

    assert {name: each and str(each) for name, each in stored(shop, "budget").items()} == {
        "Ada": "5.00", "Bo": None, "Cy": "2.00",
    }  # fmt: skip


def test_formatted_text_is_written_and_read_without_its_tags(shop: Any) -> None:
    create(shop, "customer", name="Ada", note="a < b")
    create(shop, "customer", name="Bo")
    rich = "entities: {customer: {fields: {note: {type: rich_text}}}}"

    shop.publish(rich)
    assert stored(shop, "note") == {"Ada": "<p>a &lt; b</p>", "Bo": None}
    ctx = shop.ctx()
    plain = ctx.model.entities["customer"].fields["note"].plain_column
    with shop.database.reading(ctx) as connection:
        table = ctx.compiled.tables.of("customer")
        assert set(connection.scalars(table.select().with_only_columns(table.c[plain]))) == {
            "a < b", None,
        }  # fmt: skip

    create(shop, "customer", name="Cy", note="<p>x<b>y</b></p>")
    shop.publish("")
    assert stored(shop, "note") == {"Ada": "a < b", "Bo": None, "Cy": "xy"}
