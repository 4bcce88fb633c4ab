"""P-28, P-29: packs stand beside each other on one app; modules go together or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metamodel import DefinitionInvalid, Layer, Model, bundle, load, read_app, read_text
from metamodel.diff import diff

APPS = Path(__file__).parents[2] / "apps"

BASE = """
format: 1
app: {name: base, label: Base, version: "1"}
entities:
  thing:
    label: Thing
    title: name
    fields: {name: {type: text, required: true}, kind: {type: choice, options: {a: {label: A}}}}
roles: {seller: {label: Seller, rights: {thing: {read: all}}, dashboards: []}}
"""


def _pack(name: str, said: str, extends: str = "base") -> Layer:
    head = f"format: 1\napp: {{name: {name}, label: {name}, extends: {extends}, kind: pack}}\n"
    return read_text(head + said, f"{name}.yaml")


def _load(*packs: Layer) -> Model:
    return load([read_text(BASE, "base.yaml"), *packs])


def test_two_packs_add_to_one_entity_and_the_app_stays_the_one_they_stand_on() -> None:
    left = _pack("left", "entities: {thing: {fields: {weight: {type: integer}}}}")
    right = _pack("right", "entities: {thing: {fields: {length: {type: integer}}}}")

    model = _load(left, right)

    assert {"weight", "length"} <= set(model.entities["thing"].fields)
    assert model.app.name == "base"
    assert list(model.packs) == ["left", "right"]
    assert not diff(model, _load(right, left)).under("entities", "thing", "fields")


@pytest.mark.parametrize(
    ("left", "right", "path"),
    [
        ("label: Item", "label: Good", "label"),
        ("fields: {kind: {$retire: true}}", "fields: {kind: {help: Which}}", "fields.kind.help"),
        ("fields: {kind: {help: Which}}", "fields: {kind: {$retire: true}}", "fields.kind.$retire"),
        ("fields: {x: {type: text}}", "fields: {x: {type: date}}", "fields.x.type"),
        ("label: Item", "label: {en: Item}", "label.en"),
    ],
    ids=["a leaf", "a retired element", "an element in use", "a new element", "a leaf and a map"],
)  # fmt: skip
def test_packs_that_write_the_same_leaf_otherwise_are_both_named(
    left: str, right: str, path: str
) -> None:
    packs = [
        _pack(name, f"entities: {{thing: {{{said}}}}}")
        for name, said in (("left", left), ("right", right))
    ]

    with pytest.raises(DefinitionInvalid) as refused:
        _load(*packs)

    (problem,) = [each for each in refused.value.problems if each.code == "packs_disagree"]
    assert ".".join(problem.place.path) == f"entities.thing.{path}"
    assert "`left`" in problem.sentence
    assert "`right`" in problem.sentence
    assert problem.place.file == "right.yaml"


@given(st.lists(st.sampled_from(["label: Item", "icon: box", "help: One"]), unique=True))
def test_packs_that_say_the_same_agree(said: list[str]) -> None:
    text = f"entities: {{thing: {{{', '.join(said)}}}}}"

    assert list(_load(_pack("left", text), _pack("right", text)).packs) == ["left", "right"]


def test_packs_may_each_add_to_a_list_and_not_take_what_another_adds() -> None:
    adds = [_pack(name, f"roles: {{seller: {{gives: {{$add: [{role}]}}}}}}")
            for name, role in (("left", "seller"), ("right", "seller"))]  # fmt: skip
    drops = _pack("right", "roles: {seller: {gives: {$drop: [seller]}}}")

    assert _load(*adds).roles["seller"].gives == ("seller",)
    with pytest.raises(DefinitionInvalid) as refused:
        _load(adds[0], drops)
    assert {each.code for each in refused.value.problems} == {"packs_disagree"}


def test_a_pack_whose_app_is_not_below_it_is_refused() -> None:
    with pytest.raises(DefinitionInvalid) as refused:
        _load(_pack("left", "", extends="other"))

    assert [each.code for each in refused.value.problems] == ["pack_misplaced"]
    assert "`other`" in refused.value.problems[0].sentence


def test_a_module_that_one_in_use_requires_cannot_be_off() -> None:
    modules = "modules: {a: {enabled: false}, b: {requires: [a]}, c: {requires: [nowhere]}}"

    with pytest.raises(DefinitionInvalid) as refused:
        _load(read_text(modules, "own.yaml"))

    assert {each.code for each in refused.value.problems} == {"module_needed", "unknown_module"}


def test_the_packs_that_come_along_combine_on_every_app_that_does() -> None:
    crm = read_app(APPS / "crm_template.yaml")
    packs = [read_app(path) for path in sorted((APPS / "packs").glob("*.yaml"))]
    industry = read_app(APPS / "industries" / "training.yaml")

    model = load([crm, industry, *packs])

    assert list(model.packs) == ["projects", "stock"]
    assert {"project_count", "taken_out"} <= set(model.entities["sales_order"].fields)
    assert model.app.name == "training"


@pytest.mark.soak
def test_an_industry_flattened_is_the_same_app() -> None:
    layers = [
        read_app(APPS / "crm_template.yaml"),
        read_app(APPS / "industries" / "equipment.yaml"),
    ]

    flat = load([read_text(bundle(layers), "flat.yaml")])

    found = [each for each in diff(load(layers), flat).differences if each.path[0] != "app"]
    assert not found
