"""Edits of a tenant's layer are pure, small, and say the same as the edit itself."""

from __future__ import annotations

from textwrap import dedent

from hypothesis import given
from hypothesis import strategies as st

from metamodel import Layer, edits
from metamodel.layers import merge
from metamodel.source import read_source


def _document(text: str) -> dict[str, object]:
    return dict(read_source(dedent(text), "f.yaml").document)


def _merged(*documents: dict[str, object]) -> dict[str, object]:
    return merge([Layer(f"l{i}", document) for i, document in enumerate(documents)]).document


BASE = """
    entities:
      a:
        label: A
        fields: {x: {type: text, help: one}, y: {type: text}}
        unique: {u: [x, y]}
"""


def test_a_file_is_merged_into_the_layer_and_keeps_what_speaks_to_the_base() -> None:
    layer = _document("entities: {a: {fields: {x: {help: two}, z: {type: date, $after: x}}}}")
    partial = _document("entities: {a: {fields: {y: {$retire: true}, x: {required: true}}}}")

    assert edits.apply(layer, partial) == _document("""
        entities:
          a:
            fields:
              x: {help: two, required: true}
              z: {type: date, $after: x}
              y: {$retire: true}
    """)


def test_writing_a_retired_element_again_restores_it() -> None:
    layer = _document("entities: {a: {fields: {y: {$retire: true}}}}")
    partial = _document("entities: {a: {fields: {y: {type: text}}}}")

    assert edits.apply(layer, partial) == partial


def test_a_rename_moves_what_the_layer_said_under_the_old_name() -> None:
    layer = _document("entities: {a: {fields: {z: {type: date, help: mine}}}}")
    partial = _document("entities: {a: {fields: {zed: {renamed_from: z}}}}")

    edited = edits.apply(layer, partial)

    assert edited == _document("""
        entities: {a: {fields: {zed: {key: z, type: date, help: mine, renamed_from: [z]}}}}
    """)
    assert edits.apply(edited, partial) == edited


def test_changes_of_a_list_add_up() -> None:
    layer = _document("entities: {a: {unique: {u: {$add: [z]}}}}")
    partial = _document("entities: {a: {unique: {u: {$add: [w], $drop: [x]}}}}")

    edited = edits.apply(layer, partial)

    merged = _merged(_document(BASE), edited)
    assert merged["entities"]["a"]["unique"]["u"] == ["y", "z", "w"]  # type: ignore[index]


def test_resetting_a_leaf_lets_the_template_hold_again() -> None:
    layer = _document("entities: {a: {label: Mine, fields: {x: {help: two}}}}")

    assert edits.reset(layer, ("entities", "a", "fields", "x")) == {
        "entities": {"a": {"label": "Mine"}}
    }
    assert edits.reset(layer, ("entities", "nothing")) == layer


_lists = st.lists(st.integers(), max_size=2)
_leaves = st.dictionaries(
    st.sampled_from(["x", "y"]),
    st.one_of(st.integers(), st.text(max_size=3), st.booleans(), _lists),
    min_size=1,
)
_inner = st.dictionaries(st.sampled_from(["a", "b", "c"]), _leaves, min_size=1, max_size=3)
_documents = st.fixed_dictionaries({}, optional={"p": _inner, "q": _inner, "r": _leaves})


@given(_documents, _documents, _documents)
def test_merging_into_the_layer_is_merging_on_top_of_it(
    base: dict[str, object], layer: dict[str, object], partial: dict[str, object]
) -> None:
    assert _merged(base, edits.apply(layer, partial)) == _merged(base, layer, partial)
