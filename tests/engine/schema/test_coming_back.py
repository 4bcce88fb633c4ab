"""Going back brings back what fields held, whatever they were in between.

Requirements P-03, P-30.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from engine.audit.log import AuditLog
from engine.conversions import Conversions
from engine.errors import ModelChanged, PlanBlocked, Unavailable
from engine.query.kept import kept_beside
from engine.schema.apply import Mark
from engine.schema.previews import make_preview
from engine.schema.revisions import Author
from tests.engine.schema.test_changing_types import change, create, effects, field, records, stored

pytestmark = pytest.mark.usefixtures("either_size")

SCALED = "entities: {customer: {fields: {size: {type: decimal, scale: %d}}}}"


def said(shop: Any, name: str) -> dict[Any, Any]:
    """Return a field's stored values as texts."""
    return {key: each if each is None else str(each) for key, each in stored(shop, name).items()}


def numbers(shop: Any) -> dict[Any, float]:
    """Return the customers' sizes."""
    return {key: float(each) for key, each in stored(shop, "size").items()}


def test_decimals_come_back_over_several_roundings(shop: Any) -> None:
    shop.publish(SCALED % 4)
    create(shop, "customer", name="Ada", size="1.2345")
    bo = create(shop, "customer", name="Bo", size="1.2345")
    shop.publish(SCALED % 2, allow_loss=True)
    shop.publish(SCALED % 0, allow_loss=True)
    change(shop, bo, size="7")
    shop.publish(SCALED % 4)

    assert numbers(shop) == {"Ada": 1.2345, "Bo": 7}


def test_decimals_come_back_by_and_by(shop: Any) -> None:
    shop.publish(SCALED % 4)
    create(shop, "customer", name="Ada", size="1.2345")
    shop.publish(SCALED % 0, allow_loss=True)
    shop.publish(SCALED % 2)
    assert numbers(shop) == {"Ada": 1.23}
    shop.publish(SCALED % 4)
    assert numbers(shop) == {"Ada": 1.2345}


def test_a_value_entered_again_is_not_taken_for_one_that_was_rounded(shop: Any) -> None:
    shop.publish(SCALED % 4)
    ada = create(shop, "customer", name="Ada", size="1.2345")
    shop.publish(SCALED % 2, allow_loss=True)
    change(shop, ada, size="7")
    shop.publish(SCALED % 4)
    change(shop, ada, size="1.23")
    shop.publish(SCALED % 2, allow_loss=True)
    shop.publish(SCALED % 4)
    assert numbers(shop) == {"Ada": 1.23}


def test_a_blank_comes_back_blank_when_a_field_is_no_longer_computed(shop: Any) -> None:
    create(shop, "customer", name="Ada", budget="5")
    create(shop, "customer", name="Bo")
    computed = 'entities: {customer: {fields: {budget: {formula: "IF(vip, 1, 2)"}}}}'
    shop.publish(computed, allow_loss=True)
    create(shop, "customer", name="Cy")
    shop.publish("")
    assert said(shop, "budget") == {"Ada": "5.00", "Bo": None, "Cy": "2.00"}


def test_yes_and_no_come_back_when_a_field_is_no_longer_computed(shop: Any) -> None:
    create(shop, "customer", name="Ada", vip=True)
    create(shop, "customer", name="Bo")
    computed = 'entities: {customer: {fields: {vip: {formula: "name = \\"Bo\\""}}}}'
    shop.publish(computed, allow_loss=True)
    shop.publish("")
    assert stored(shop, "vip") == {"Ada": True, "Bo": False}


def test_a_unique_field_whose_values_become_the_same_is_told_before(shop: Any) -> None:
    shop.publish(field("place: {type: text, unique: true}"))
    create(shop, "customer", name="Ada", place="1")
    create(shop, "customer", name="Bo", place="1.0")
    layer = field("place: {type: decimal, unique: true}")
    assert "not_unique" in effects(shop, layer)
    with pytest.raises(PlanBlocked):
        shop.publish(layer, allow_loss=True)
    assert said(shop, "place") == {"Ada": "1", "Bo": "1.0"}


def test_going_back_over_two_conversions_ends_both(shop: Any) -> None:
    shop.publish(field("place: {type: text}"))
    ada = create(shop, "customer", name="Ada", place="12")
    shop.publish(field("place: {type: decimal}"), allow_loss=True)
    shop.publish(field("place: {type: choice, options: {a: {label: A}}}"), allow_loss=True)
    shop.publish(field("place: {type: text}"), allow_loss=True)
    change(shop, ada, place=None)
    ctx = shop.ctx()
    conversions = Conversions(shop.database, records(shop), AuditLog(shop.database))
    with shop.database.reading(ctx) as connection:
        kept = kept_beside(ctx, connection, ctx.model.entities["customer"], [ada])
    assert kept == {}
    assert {(each.from_type, each.kept) for each in conversions.of(ctx)} == {("choice", 0)}


WAYS = {
    "retired": ["{type: decimal}", "{type: decimal, $retire: true}", "{type: text, $retire: true}"],
    "changed while retired": ["{type: text, $retire: true}", "{type: decimal}"],
    "renamed": ["{type: decimal}", "{type: decimal, label: Spot}"],
    "computed at once": ['{type: decimal, formula: "LEN(name)"}'],
    "a text that is computed": ["{type: decimal}", '{type: text, formula: "UPPER(name)"}'],
    "computed later": ["{type: decimal}", '{type: decimal, formula: "LEN(name)"}'],
}


@pytest.mark.parametrize("way", WAYS)
def test_texts_come_back_whatever_the_field_was_in_between(shop: Any, way: str) -> None:
    shop.publish(field("place: {type: text}"))
    create(shop, "customer", name="Ada", place="12")
    create(shop, "customer", name="Bo", place="words")
    create(shop, "customer", name="Cy")

    for each in WAYS[way]:
        shop.publish(field(f"place: {each}"), allow_loss=True)
    shop.publish(field("place: {type: text}"), allow_loss=True)

    assert said(shop, "place") == {"Ada": "12", "Bo": "words", "Cy": None}


def test_what_was_entered_over_a_value_that_comes_back_is_kept_where_nothing_converts(
    shop: Any,
) -> None:
    """Found by a random walk: seed 110950646747450454954916519082423256381."""
    layer = "entities: {customer: {fields: {due: {type: %s}}}}"
    shop.publish(layer % "date")
    shop.publish(layer % "duration")
    ada, _ = (create(shop, "customer", name=name, due="60") for name in ("Ada", "Bo"))
    shop.publish(layer % "date", allow_loss=True)
    change(shop, ada, due="2026-03-01")

    told = effects(shop, layer % "duration")
    shop.publish(layer % "duration", allow_loss=True)

    assert told["not_converted"][0] == 1
    assert said(shop, "due") == {"Ada": None, "Bo": "0:01:00"}
    ctx = shop.ctx()
    with shop.database.reading(ctx) as connection:
        kept = kept_beside(ctx, connection, ctx.model.entities["customer"], [ada])
    assert [each.text for each in kept[ada]] == ["2026-03-01"]


def test_unique_numbers_that_would_be_rounded_to_the_same_are_told_before(shop: Any) -> None:
    scaled = "entities: {customer: {fields: {size: {type: decimal, scale: %d, unique: true}}}}"
    shop.publish(scaled % 2)
    create(shop, "customer", name="Ada", size="1.2")
    create(shop, "customer", name="Bo", size="1.4")
    found = effects(shop, scaled % 0)

    assert found["not_unique"] == (2, ("1",))


def test_unique_choices_that_would_be_merged_are_told_before(shop: Any) -> None:
    merged = "entities: {customer: {fields: {level: {%s options: {a: {$retire: true, into: b}}}}}}"
    shop.publish("entities: {customer: {fields: {level: {unique: true}}}}")
    create(shop, "customer", name="Ada", level="a")
    create(shop, "customer", name="Bo", level="b")

    assert effects(shop, merged % "unique: true,")["not_unique"] == (2, ("b",))
    assert "not_unique" not in effects(shop, merged % "unique: false,")


def test_links_are_of_what_was_saved_while_they_were_made(shop: Any) -> None:
    shop.publish(field("place: {type: text}"))
    jena, gera = (create(shop, "city", name=name, code=name[0]) for name in ("Jena", "Gera"))
    ada = create(shop, "customer", name="Ada", place="Jena")
    bo = create(shop, "customer", name="Bo", place="Jena, Gera")
    proposal = shop.publisher.propose(
        shop.tenant, shop.layered(field("place: {type: links, to: city}"))
    )

    def save(mark: Mark) -> None:
        if mark.step.code == "convert_values" and mark.step.phase == "expand" and mark.done:
            change(shop, ada, place="Gera")
            change(shop, bo, place="Nowhere")

    shop.publisher.publish(
        shop.tenant, proposal, author=Author("Tester"), allow_loss=True, progress=save
    )

    assert jena != gera
    assert stored(shop) == {"Ada": {gera}, "Bo": set()}


def test_what_was_closed_is_not_looked_for_in_what_a_failed_publish_left(shop: Any) -> None:
    text = field("place: {type: text}")
    shop.publish(text)
    create(shop, "customer", name="Ada", place="12")
    shop.publish(field("place: {type: decimal}"))
    conversions = Conversions(shop.database, records(shop), AuditLog(shop.database))
    [opened] = conversions.of(shop.ctx())
    conversions.close(shop.ctx(), opened.id, kept=0)

    def fail(mark: Mark) -> None:
        if mark.step.code == "add_column" and mark.done:
            raise Unavailable(reason="cut off")

    proposal = shop.publisher.propose(shop.tenant, shop.layered(text))
    with pytest.raises(Unavailable):
        shop.publisher.publish(
            shop.tenant, proposal, author=Author("Tester"), allow_loss=True, progress=fail
        )
    shop.publish(text, allow_loss=True)

    assert said(shop, "place") == {"Ada": "12"}


def test_a_conversion_is_not_closed_by_who_looked_before_somebody_went_back(shop: Any) -> None:
    """The former column serves again: closing would drop it with all its values."""
    text = field("place: {type: text}")
    shop.publish(text)
    create(shop, "customer", name="Ada", place="12")
    shop.publish(field("place: {type: decimal}"))
    conversions = Conversions(shop.database, records(shop), AuditLog(shop.database))
    before = shop.ctx()
    [opened] = conversions.of(before)
    one, place = opened, before.model.entities["customer"].fields["place"]
    shop.publish(text)
    served = shop.ctx().model.entities["customer"].fields["place"].column

    # As when the publish came between looking and dropping.
    with pytest.raises(ModelChanged):
        conversions._close(before, one, served)

    assert place.column != served
    assert said(shop, "place") == {"Ada": "12"}


def test_a_conversion_is_closed_while_somebody_looks_at_a_draft_that_goes_back(shop: Any) -> None:
    text = field("place: {type: text}")
    shop.publish(text)
    create(shop, "customer", name="Ada", place="12")
    shop.publish(field("place: {type: decimal}"))
    conversions = Conversions(shop.database, records(shop), AuditLog(shop.database))
    ctx = shop.ctx()
    back = shop.publisher.propose(shop.tenant, shop.layered(text))
    with shop.database.owner(shop.tenant) as connection:
        schema = f"p_{uuid4().hex[:12]}"
        told = f"{ctx.now.isoformat()} draft"
        make_preview(connection, shop.tenant, schema, (ctx.compiled, back.new), told)
    [opened] = conversions.of(ctx)

    conversions.close(ctx, opened.id, kept=0)

    assert conversions.of(ctx) == ()
