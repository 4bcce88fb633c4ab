"""What is out of use is found in the layers of versions, and comes back as it was (P-03, P-30)."""

from __future__ import annotations

from textwrap import dedent

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.retired.finding import Gone, gone, restoring
from metamodel import Layer, read_text
from metamodel.editing import edited
from metamodel.layers import merge
from tests.budget import examples

BASE = """
    format: 1
    app: {name: shop, label: Shop, version: "1", languages: [en]}
    entities:
      customer:
        label: Customer
        title: name
        fields:
          name: {type: text, label: Name}
          level: {type: choice, label: Level, options: {a: {label: A}, b: {label: B}}}
        forms: {default: {tabs: {main: {sections: {basic: {items: {name: {}, level: {}}}}}}}}
"""

FIELDS = ("entities", "customer", "fields")


def layer(text: str) -> Layer:
    return read_text(dedent(text), "tenant")


def found(*versions: str) -> tuple[Gone, ...]:
    """What is out of use after these own layers were published, the first as version 1."""
    own = [layer(text) for text in versions]
    serving = merge([layer(BASE), own[-1]]).document
    numbered = [(number, each.document) for number, each in enumerate(own, 1)]
    return gone(serving, numbered[::-1])


def test_what_a_layer_retires_is_out_of_use_since_that_version() -> None:
    retired = "entities: {customer: {fields: {level: {$retire: true}}}}"

    (each,) = found("", "", retired, retired)

    assert each.path == (*FIELDS, "level")
    assert (each.since, each.bygone) == (3, False)


def test_what_going_back_took_away_is_found_in_the_layer_before() -> None:
    with_phone = """
        entities:
          customer:
            fields: {phone: {type: phone, label: Phone, $after: name}}
            forms: {default: {tabs: {main: {sections: {basic: {items: {phone: {$after: name}}}}}}}}
    """

    (each,) = found("", with_phone, "")

    assert each.path == (*FIELDS, "phone")
    assert (each.since, each.bygone) == (3, True)
    own = edited([layer(BASE)], {}, restoring(each, merge([layer(BASE)]).document))
    assert own == layer(with_phone).document


def test_a_change_of_something_that_is_there_is_not_out_of_use() -> None:
    assert found("entities: {customer: {fields: {name: {label: Called}}}}", "") == ()


def test_what_has_another_name_now_is_in_use() -> None:
    before = "entities: {customer: {fields: {phone: {type: phone, label: Phone}}}}"
    now = """
        entities:
          customer: {fields: {mobile: {key: phone, renamed_from: [phone], type: phone}}}
    """

    assert found(before, now) == ()


def test_what_was_renamed_before_it_went_is_found_once_and_what_is_in_use_again_is_not() -> None:
    before = "entities: {customer: {fields: {phone: {type: phone, label: Phone}}}}"
    renamed = """
        entities:
          customer: {fields: {mobile: {renamed_from: phone, type: phone}}}
    """
    called = """
        entities:
          client: {renamed_from: customer}
    """

    assert found(before, renamed, before) == ()
    (each,) = found(before, renamed, "")
    assert (each.path, each.since) == ((*FIELDS, "mobile"), 3)
    (each,) = found(before, renamed, "", called)
    assert each.path == ("entities", "client", "fields", "mobile")


def test_options_and_whole_kinds_of_records_are_found_once() -> None:
    more = """
        entities:
          customer: {fields: {level: {options: {c: {label: C}}}}}
          visit: {label: Visit, title: place, fields: {place: {type: text}}}
    """

    paths = {each.path for each in found(more, "")}

    assert paths == {(*FIELDS, "level", "options", "c"), ("entities", "visit")}


@settings(max_examples=examples(30), deadline=None)
@given(st.lists(st.sampled_from(["phone", "email", "site"]), min_size=1, max_size=3, unique=True))
def test_everything_that_went_comes_back_as_it_was(names: list[str]) -> None:
    own = {
        "entities": {
            "customer": {"fields": {each: {"type": "text", "label": each} for each in names}}
        }
    }
    base = layer(BASE)
    serving = merge([base]).document

    took = gone(serving, [(2, {}), (1, own)])
    edits = [edit for each in took for edit in restoring(each, serving)]

    assert merge([base, Layer("tenant", edited([base], {}, edits))]).document == (
        merge([base, Layer("tenant", own)]).document
    )
