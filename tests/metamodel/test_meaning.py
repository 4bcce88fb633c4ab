"""What a layer says means after a merge what it meant before (P-05, P-30)."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

from formula.typed import Typed
from metamodel import Layer, Model, load, read_text
from metamodel.editing.document import at
from metamodel.rebase import Stack, rebased, with_answers
from metamodel.upgrading import upgraded

Document = Mapping[str, object]

BASE = """
    format: 1
    app: {name: shop, label: Shop, version: "1"}
    entities:
      customer:
        label: Customer
        fields:
          name: {type: text}
          level: {type: integer}
          state: {type: choice, options: {open: {}, closed: {}}}
          size: {type: integer, formula: "level + 1"}
      order:
        label: Order
        fields:
          customer: {type: link, to: customer, inverse: orders}
          amount: {type: decimal}
"""


def _layer(text: str, name: str = "shop") -> Layer:
    return read_text(dedent(text), name)


def _fields(customer: str, order: str = "") -> str:
    text = f"entities:\n  customer:\n    fields:\n{_indented(customer)}"
    return text + (f"  order:\n    fields:\n{_indented(order)}" if order else "")


def _indented(text: str) -> str:
    return "".join(f"      {line}\n" for line in dedent(text).strip().splitlines())


def _over(fields: str) -> Layer:
    lines = dedent(BASE).splitlines()
    index = lines.index("      name: {type: text}")
    more = [f"      {line}" for line in dedent(fields).strip().splitlines()]
    return _layer("\n".join([*lines[: index + 1], *more, *lines[index + 1 :]]))


def _formula(model: Model, entity: str, field: str) -> Typed:
    found = model.entities[entity].fields[field].formula
    assert found is not None
    return found


OURS = """
    x: {type: integer, key: ours, label: Ours}
    twice: {type: integer, formula: "x * 2  + level"}
"""

ORDER = """
    worth: {type: decimal, formula: "amount * customer.x"}
"""


def _moved(template: Layer, own: str) -> Model:
    moved = rebased(Stack([_layer(BASE)], {}), Stack([template], {}), _layer(own, "own").document)
    return load([template, Layer("own", moved.layer)])


def test_formulas_follow_a_field_that_is_called_otherwise_as_theirs_has_its_name() -> None:
    template = _over('x: {type: integer, key: theirs}\nhalf: {type: decimal, formula: "x / 2"}')

    model = _moved(template, _fields(OURS, ORDER))

    customer = model.entities["customer"].fields
    assert (customer["ours"].name, customer["theirs"].name) == ("x_2", "x")
    assert _formula(model, "customer", "twice").text == "x_2 * 2 + level"
    assert _formula(model, "order", "worth").text == "amount * customer.x_2"
    assert _formula(model, "customer", "half").text == "x / 2"


def test_only_the_name_is_written_otherwise() -> None:
    template = _over("x: {type: integer, key: theirs}")

    moved = rebased(
        Stack([_layer(BASE)], {}),
        Stack([template], {}),
        _layer(_fields(OURS), "own").document,
    )

    formula = at(moved.layer, ("entities", "customer", "fields", "twice", "formula"))
    assert formula == "x_2 * 2  + level"


def test_the_question_shows_both_names() -> None:
    template = _over("x: {type: integer, key: theirs}")
    own = _layer(_fields(OURS), "own").document

    moved = rebased(Stack([_layer(BASE)], {}), Stack([template], {}), own)

    (question,) = moved.questions
    assert question.kind == "both_added"
    assert (question.theirs, question.ours) == ("x", "x_2")
    gone = with_answers([template], moved.layer, moved.questions, {question.path: "theirs"})
    assert at(gone.layer, ("entities", "customer", "fields", "x_2")) is None


def test_views_rules_and_options_follow_too() -> None:
    template = _over("x: {type: integer, key: theirs}")
    own = """
        entities:
          customer:
            fields:
              x: {type: integer, key: ours, label: Ours}
              y: {type: integer, visible_when: "x > 3"}
            views:
              mine: {type: list, columns: {name: {}, x: {}}, sort: [-x], filter: "x > 1"}
            rules:
              small: {refuse_when: "x > 9", message: No, at: x}
            forms:
              default: {tabs: {main: {sections: {basic: {items: {level: {$after: x}}}}}}}
          order:
            views:
              all: {columns: {customer.x: {width: 9}}}
    """

    model = _moved(template, dedent(own))

    customer = model.entities["customer"]
    mine = customer.views["mine"]
    assert [column.path.text for column in mine.columns] == ["name", "x_2"]
    assert [sort.path.text for sort in mine.sort] == ["x_2"]
    assert mine.filter is not None and mine.filter.text == "x_2 > 1"
    assert customer.rules["small"].at == "ours"
    items = [item.field for item in customer.forms["default"].tabs[0].sections[0].items]
    assert items[items.index("ours") + 1] == "level"
    columns = [column.path.text for column in model.entities["order"].views["all"].columns]
    assert "customer.x_2" in columns


def test_what_ours_says_is_written_by_the_names_that_theirs_gave() -> None:
    template = _layer(
        BASE.replace("level: {type: integer}", "rank: {type: integer, renamed_from: level}")
        .replace("{open: {}, closed: {}}", "{active: {renamed_from: open}, closed: {}}")
        .replace("level + 1", "rank + 1")
    )
    own = _fields(
        """
        size: {formula: "level + 2"}
        big: {type: boolean, formula: "level > 5 and state == 'open'"}
        """.replace("'open'", '\\"open\\"'),
        'worth: {type: decimal, formula: "amount * customer.level"}',
    )

    moved = rebased(Stack([_layer(BASE)], {}), Stack([template], {}), _layer(own, "own").document)

    model = load([template, Layer("own", moved.layer)])
    assert moved.questions == ()
    assert _formula(model, "customer", "size").text == "rank + 2"
    said = at(moved.layer, ("entities", "customer", "fields", "big", "formula"))
    assert said == 'rank > 5 and state == "active"'
    assert _formula(model, "order", "worth").text == "amount * customer.rank"


def test_a_template_that_gives_a_name_to_another_field_is_matched_by_key() -> None:
    template = _layer(
        BASE.replace(
            "level: {type: integer}",
            "rank: {type: integer, renamed_from: level}\n"
            "          level: {type: text, key: level2}",
        ).replace("level + 1", "rank + 1")
    )
    own = _fields('level: {label: Grade}\ntwice: {type: integer, formula: "level * 2"}')

    model = _moved(template, own)

    customer = model.entities["customer"].fields
    assert (customer["level"].name, customer["level"].label.text("en")) == ("rank", "Grade")
    assert (customer["level2"].name, customer["level2"].type) == ("level", "text")
    assert _formula(model, "customer", "twice").text == "rank * 2"


def test_a_tenants_field_keeps_its_key_beside_a_new_one_of_its_name() -> None:
    """The key is where its values are: `x` was published, the template's is new."""
    template = _over('x: {type: text}\nsame: {type: text, formula: "x"}')
    own = _layer(_fields('x: {type: integer}\nmore: {type: integer, formula: "x + 1"}'), "own")
    path = ("entities", "customer", "fields", "x")

    done = upgraded([_layer(BASE)], [template], own, {path: "both"})

    model = load([template, Layer("own", done.layer)])
    fields = model.entities["customer"].fields
    assert (fields["x"].name, fields["x"].type, fields["x_3"].name) == ("x_2", "integer", "x")
    assert _formula(model, "customer", "more").text == "x_2 + 1"
    assert _formula(model, "customer", "same").text == "x"


def test_a_draft_whose_field_goes_beside_anothers_says_its_own() -> None:
    """Decided later: what others published goes on meaning theirs."""
    below = [_layer(BASE)]
    mine = _layer(_fields('x: {type: integer}\nmore: {type: integer, formula: "x + 1"}')).document
    theirs = _layer(
        _fields('x: {type: integer, label: T}\nless: {type: integer, formula: "x - 1"}')
    ).document
    moved = rebased(Stack(below, {}), Stack(below, theirs), mine)
    (question,) = moved.questions

    done = with_answers(below, moved.layer, moved.questions, {question.path: "both"}, theirs=theirs)

    model = load([*below, Layer("own", done.layer)])
    assert _formula(model, "customer", "more").text == "x_2 + 1"
    assert _formula(model, "customer", "less").text == "x - 1"


def test_a_formula_over_members_and_this_follows() -> None:
    template = _layer(
        BASE.replace(
            "amount: {type: decimal}", "amount: {type: decimal}\n          x: {type: integer}"
        )
        .replace("level: {type: integer}", "rank: {type: integer, renamed_from: level}")
        .replace("level + 1", "rank + 1")
    )
    own = _fields(
        """
        amount: {type: decimal}
        all: {type: decimal, formula: "SUM(orders.amount, amount > this.level)"}
        """
    )

    model = _moved(template, own)

    said = _formula(model, "customer", "all").text
    assert said == "SUM(orders.amount, amount > this.rank)"
