"""Merging layers by name."""

from __future__ import annotations

from textwrap import dedent

from hypothesis import given
from hypothesis import strategies as st

from metamodel import Layer, read_text
from metamodel.layers import Merged, merge


def _layer(text: str, name: str) -> Layer:
    return read_text(dedent(text), name)


def _merged(base: str, over: str) -> Merged:
    return merge([_layer(base, "base.yaml"), _layer(over, "over.yaml")])


BASE = """
    entities:
      a:
        label: A
        fields: {x: {type: text}, y: {type: text, help: before}, z: {type: text}}
        unique: {one: [x, y]}
"""


def _fields(merged: Merged) -> dict[str, object]:
    return merged.document["entities"]["a"]["fields"]  # type: ignore[index,no-any-return]


def test_maps_merge_by_key_and_scalars_replace() -> None:
    merged = _merged(BASE, "entities: {a: {fields: {y: {help: after}, w: {type: date}}}}")

    assert list(_fields(merged)) == ["x", "y", "z", "w"]
    assert _fields(merged)["y"] == {"type": "text", "help": "after"}


def test_every_leaf_knows_which_layer_wrote_it() -> None:
    merged = _merged(BASE, "entities: {a: {fields: {y: {help: after}}}}")

    path = ("entities", "a", "fields", "y")
    assert merged.origin((*path, "type")).layer == "base.yaml"
    assert merged.origin((*path, "help")).layer == "over.yaml"
    assert merged.origin((*path, "help")).file == "over.yaml"


def test_elements_are_placed_after_before_and_first() -> None:
    over = """
        entities:
          a:
            fields:
              p: {type: text, $after: x}
              q: {type: text, $before: z}
              z: {$first: true}
    """

    assert list(_fields(_merged(BASE, over))) == ["z", "x", "p", "y", "q"] or list(
        _fields(_merged(BASE, over))
    ) == ["z", "x", "p", "q", "y"]


def test_a_place_beside_nothing_is_a_problem_with_the_nearest_name() -> None:
    merged = _merged(BASE, "entities: {a: {fields: {p: {type: text, $after: yy}}}}")

    (problem,) = merged.problems
    assert problem.code == "place_unknown"


def test_lists_change_by_add_and_drop() -> None:
    merged = _merged(BASE, "entities: {a: {unique: {one: {$add: [z], $drop: [x]}}}}")

    assert merged.document["entities"]["a"]["unique"]["one"] == ["y", "z"]  # type: ignore[index]


def test_dropping_what_is_not_there_is_a_problem() -> None:
    merged = _merged(BASE, "entities: {a: {unique: {one: {$drop: [q]}}}}")

    assert [problem.code for problem in merged.problems] == ["drop_unknown"]


def test_null_takes_an_inherited_leaf_back() -> None:
    merged = _merged(BASE, "entities: {a: {fields: {y: {help: null}}}}")

    assert _fields(merged)["y"] == {"type": "text"}


def test_a_retired_element_keeps_its_definition_and_comes_back_when_written_again() -> None:
    retired = _layer("entities: {a: {fields: {y: {$retire: true}}}}", "mid.yaml")
    again = _layer("entities: {a: {fields: {y: {type: text}}}}", "top.yaml")
    base = _layer(BASE, "base.yaml")

    assert _fields(merge([base, retired]))["y"] == {
        "type": "text",
        "help": "before",
        "$retire": True,
    }
    assert _fields(merge([base, retired, again]))["y"] == {"type": "text", "help": "before"}


def test_a_rename_keeps_key_place_definition_and_origin() -> None:
    merged = _merged(BASE, "entities: {a: {fields: {why: {renamed_from: y}}}}")

    assert list(_fields(merged)) == ["x", "why", "z"]
    assert _fields(merged)["why"] == {
        "type": "text",
        "help": "before",
        "key": "y",
        "renamed_from": ["y"],
    }
    assert merged.origin(("entities", "a", "fields", "why", "help")).layer == "base.yaml"


def test_renames_add_up_over_layers() -> None:
    layers = [
        _layer(BASE, "base.yaml"),
        _layer("entities: {a: {fields: {why: {renamed_from: y}}}}", "mid.yaml"),
        _layer("entities: {a: {fields: {reason: {renamed_from: why}}}}", "top.yaml"),
    ]

    reason = _fields(merge(layers))["reason"]

    assert reason["key"] == "y"  # type: ignore[index]
    assert reason["renamed_from"] == ["why", "y"]  # type: ignore[index]


def test_a_file_that_names_a_field_by_its_old_name_still_means_it() -> None:
    layers = [
        _layer(
            "entities: {a: {fields: {why: {type: text, key: y, renamed_from: [y]}}}}", "base.yaml"
        ),
        _layer("entities: {a: {fields: {y: {help: mine}}}}", "tenant.yaml"),
    ]

    assert _fields(merge(layers)) == {
        "why": {"type": "text", "key": "y", "renamed_from": ["y"], "help": "mine"}
    }


_names = st.sampled_from(["a", "b", "c", "d"])
_leaves = st.one_of(
    st.integers(), st.text(max_size=3), st.booleans(), st.lists(st.integers(), max_size=2)
)
_documents = st.dictionaries(
    _names,
    st.recursive(_leaves, lambda inner: st.dictionaries(_names, inner, max_size=3), max_leaves=8),
    max_size=4,
)


def _plain(document: dict[str, object], name: str) -> Layer:
    return Layer(name, document)


def _overlay(base: object, over: object) -> object:
    """The law of merging, as short as it can be said."""
    if isinstance(base, dict) and isinstance(over, dict):
        return {
            k: _overlay(base[k], over[k]) if k in base and k in over else {**base, **over}[k]
            for k in (*base, *(k for k in over if k not in base))
        }
    return over


@given(_documents, _documents)
def test_merging_is_overlaying_leaf_by_leaf(
    base: dict[str, object], over: dict[str, object]
) -> None:
    merged = merge([_plain(base, "base"), _plain(over, "over")])

    assert merged.document == _overlay(base, over)
    assert list(merged.document) == list(_overlay(base, over))  # type: ignore[call-overload]


@given(_documents, _documents)
def test_merging_the_same_layer_twice_changes_nothing(
    base: dict[str, object], over: dict[str, object]
) -> None:
    once = merge([_plain(base, "base"), _plain(over, "over")])
    twice = merge([_plain(base, "base"), _plain(over, "over"), _plain(over, "over")])

    assert once.document == twice.document


@given(_documents)
def test_merging_leaves_what_was_read_unchanged(document: dict[str, object]) -> None:
    before = repr(document)

    merge([_plain(document, "base"), _plain({"a": {"b": 1}}, "over")])

    assert repr(document) == before


def test_a_field_that_nobody_placed_is_taken_off_a_written_form() -> None:
    base = """
        entities:
          a:
            fields: {x: {type: text}, y: {type: text}}
            forms: {default: {tabs: {main: {sections: {basic: {items: {x: {}}}}}}}}
    """
    items = "forms: {default: {tabs: {main: {sections: {basic: {items: {%s: {$retire: true}}}}}}}}"

    hidden = _merged(base, "entities: {a: {" + items % "y" + "}}")
    misspelt = _merged(base, "entities: {a: {" + items % "yy" + "}}")

    assert hidden.problems == []
    assert [problem.code for problem in misspelt.problems] == ["retire_unknown"]
