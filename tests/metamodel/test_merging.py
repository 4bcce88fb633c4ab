"""Options and stages that go into others: chains are followed, and what leads nowhere is told."""

from __future__ import annotations

import pytest

from metamodel import DefinitionInvalid, load, read_text
from metamodel.model import Model

BASE = """
format: 1
app: {name: shop, label: Shop, version: "1"}
entities:
  deal:
    label: Deal
    title: name
    fields: {name: {type: text}, kind: {type: choice, options: {KINDS}}}
    pipelines:
      sales: {label: Sales, field: stage, when: 'kind == "a"', stages: {STAGES}}
      other: {label: Other, field: stage, stages: {begun: {label: Begun}, OTHER}}
"""
KINDS = "a: {label: A}, b: {label: B}"
STAGES = "lead: {label: Lead}, talks: {label: Talks}"


def model(
    kinds: str = KINDS, stages: str = STAGES, other: str = "ended: {label: E}", layer: str = ""
) -> Model:
    """Return the model of deals with these options and stages."""
    text = BASE.replace("KINDS", kinds).replace("STAGES", stages).replace("OTHER", other)
    layers = [read_text(text, "shop.yaml")]
    return load([*layers, read_text(layer, "tenant")] if layer else layers)


def test_a_chain_of_merges_ends_in_the_option_that_is_in_use() -> None:
    kinds = (
        "a: {label: A}, b: {label: B, $retire: true, into: c}, "
        "c: {label: C, $retire: true, into: last}, z: {label: Z, renamed_from: last}"
    )
    options = model(kinds=kinds).entities["deal"].fields["kind"].options

    assert {key: option.into for key, option in options.items()} == {
        "a": "", "b": "last", "c": "last", "last": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("stages", "code"),
    [
        ("lead: {label: L, $retire: true, into: nowhere}", "into_unknown"),
        ("lead: {label: L, into: talks}", "into_in_use"),
        ("lead: {label: L, $retire: true, into: lead}", "into_cycle"),
        ("lead: {label: L, $retire: true, into: b}, b: {label: B, $retire: true}", "into_retired"),
        (
            "lead: {label: L, $retire: true, into: b}, b: {label: B, $retire: true, into: lead}",
            "into_cycle",
        ),
    ],
)
def test_a_merge_that_leads_nowhere_is_refused(stages: str, code: str) -> None:
    with pytest.raises(DefinitionInvalid) as invalid:
        model(stages=f"{stages}, talks: {{label: Talks}}")

    assert {each.code for each in invalid.value.problems} == {code}


def test_pipelines_that_share_a_stage_send_its_records_to_the_same_place() -> None:
    stages = "lead: {label: Lead, $retire: true, into: talks}, talks: {label: Talks}"

    with pytest.raises(DefinitionInvalid) as invalid:
        model(stages=stages, other="lead: {label: Lead}")

    assert [each.code for each in invalid.value.problems] == ["into_shared"]


def test_restoring_a_merged_stage_forgets_where_it_went() -> None:
    stages = "lead: {label: Lead, $retire: true, into: talks}, talks: {label: Talks}"
    layer = "entities: {deal: {pipelines: {sales: {stages: {lead: {label: Lead again}}}}}}"

    stage = model(stages=stages, layer=layer).entities["deal"].pipelines["sales"].stages["lead"]

    assert (stage.retired, stage.into) == (False, "")
