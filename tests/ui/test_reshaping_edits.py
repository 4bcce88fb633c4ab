"""What a form about forms sends becomes the fewest edits (P-30)."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from metamodel.editing import Move
from metamodel.label import Label
from tests.budget import examples
from ui.reshaping.layout import neighbour
from ui.reshaping.options import listed, new_options
from ui.reshaping.sent import label_changes, leaf_changes, moves

NAMES = st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=7, unique=True)


def moved(order: list[str], edit: Move) -> list[str]:
    """What a map's order becomes by a move."""
    name = edit.path[-1]
    rest = [each for each in order if each != name]
    at = 0 if edit.first else rest.index(edit.after) + 1
    return [*rest[:at], name, *rest[at:]]


@settings(max_examples=examples(60), deadline=None)
@given(NAMES.flatmap(lambda names: st.tuples(st.just(names), st.permutations(names))))
def test_moves_bring_any_order_about_and_none_is_made_for_the_same(
    orders: tuple[list[str], list[str]],
) -> None:
    now, wanted = orders

    edits = [each for each in moves(("options",), now, wanted) if isinstance(each, Move)]

    for edit in edits:
        now = moved(now, edit)
    assert now == wanted
    assert list(moves(("options",), wanted, wanted)) == []


@settings(max_examples=examples(60), deadline=None)
@given(NAMES, st.data())
def test_going_up_and_down_again_is_where_it_was(names: list[str], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(names))
    at = names.index(name)

    after = neighbour(names, name, "up")
    up = moved(names, Move(("x", name), after=after, first=not after))
    again = neighbour(up, name, "down")
    back = moved(up, Move(("x", name), after=again, first=not again))

    assert up.index(name) == max(at - 1, 0)
    assert back == names or at == 0


def test_only_leaves_that_differ_are_changed() -> None:
    document = {"fields": {"phone": {"required": True, "type": "text", "unique": False}}}
    wanted = {"required": False, "type": "text", "unique": False, "default": None, "search": True}

    edits = list(leaf_changes(document, ("fields", "phone"), wanted))

    assert [(each.path[-1], each.value) for each in edits] == [("required", None), ("search", True)]  # type: ignore[union-attr]


def test_a_label_keeps_the_languages_that_were_not_touched() -> None:
    old = Label({"en": "Phone", "zh": "电话"})

    same = list(label_changes(("f",), "label", old, {"en": "Phone", "zh": "电话"}))
    other = list(label_changes(("f",), "label", old, {"en": "Mobile", "zh": "电话"}))
    fewer = list(label_changes(("f",), "label", old, {"zh": "电话"}))

    assert same == []
    assert [each.value for each in other] == [{"en": "Mobile", "zh": "电话"}]  # type: ignore[union-attr]
    assert [each.value for each in fewer] == [{"en": None, "zh": "电话"}]  # type: ignore[union-attr]


def test_new_options_get_names_from_what_they_are_called() -> None:
    sent = {"options": [{"label": "高"}, {"label": "High", "color": "red"}, {"label": ""}, "odd"]}

    assert new_options(listed(sent), "zh") == {
        "gao": {"label": {"zh": "高"}},
        "high": {"label": {"zh": "High"}, "color": "red"},
    }
