"""The smallest layer merges to what was wanted, order and all, and says nothing besides (P-03)."""

from __future__ import annotations

from copy import deepcopy

from hypothesis import given, settings

from metamodel import Layer
from metamodel.editing import smallest
from metamodel.layers import merge
from tests.budget import examples
from tests.metamodel.editing.documents import DOCUMENTS, document


def _merged(*documents: dict[str, object]) -> dict[str, object]:
    return merge([Layer(f"l{i}", each) for i, each in enumerate(documents)]).document


def _ordered(value: object, *, elements: bool = True) -> object:
    """Return a value in which order counts where a layer can say it: among elements."""
    if isinstance(value, dict):
        items = [
            (key, _ordered(each, elements=key in ("fields", "options")))
            for key, each in value.items()
        ]
        return items if elements else sorted(items, key=lambda item: item[0])
    return value


@settings(max_examples=examples(80))
@given(DOCUMENTS, DOCUMENTS)
def test_the_smallest_layer_gives_what_was_wanted(
    base: dict[str, object], wanted: dict[str, object]
) -> None:
    layer = smallest(base, wanted)

    assert _ordered(_merged(base, layer), elements=False) == _ordered(wanted, elements=False)


@settings(max_examples=examples(50))
@given(DOCUMENTS, DOCUMENTS)
def test_the_smallest_layer_of_what_it_gives_is_itself(
    base: dict[str, object], wanted: dict[str, object]
) -> None:
    layer = smallest(base, wanted)

    assert smallest(base, _merged(base, deepcopy(layer))) == layer


@given(DOCUMENTS)
def test_wanting_what_is_there_needs_no_layer(there: dict[str, object]) -> None:
    assert smallest(there, there) == {}


def test_one_moved_element_is_one_statement() -> None:
    base = document({name: {"type": "text"} for name in "abcdef"})
    wanted = document({name: {"type": "text"} for name in "eabcdf"})

    assert smallest(base, wanted) == document({"e": {"$first": True}})


def test_what_is_added_at_the_end_says_no_place() -> None:
    base = document({"a": {"type": "text"}})
    wanted = document({"a": {"type": "text"}, "b": {"type": "text"}})

    assert smallest(base, wanted) == document({"b": {"type": "text"}})


def test_a_set_says_what_joins_and_what_leaves() -> None:
    base = document({"a": {"type": "link", "to": ["x", "y"]}})
    wanted = document({"a": {"type": "link", "to": ["y", "z"]}})

    assert smallest(base, wanted) == document({"a": {"to": {"$drop": ["x"], "$add": ["z"]}}})


def test_a_rename_says_only_the_former_name() -> None:
    base = document({"a": {"type": "text"}})
    wanted = document({"z": {"type": "text", "key": "a", "renamed_from": ["a"]}})

    assert smallest(base, wanted) == document({"z": {"renamed_from": ["a"]}})
