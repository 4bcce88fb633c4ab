"""Edits of a role as it is written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from metamodel.role_edits import RoleEdit, edited

NAMES = st.sampled_from(["customer", "quote", "read", "update", "phone"])

PATHS = st.one_of(
    st.tuples(st.sampled_from(["rights", "deny", "fields"]), NAMES, NAMES),
    st.tuples(st.just("moves"), NAMES),
    st.tuples(st.sampled_from(["menu", "dashboards", "see_sql"])),
)


def test_a_scope_for_a_whole_entity_is_spelt_out_when_one_action_differs() -> None:
    role = {"rights": {"customer": "own"}}

    changed = edited(role, [RoleEdit(("rights", "customer", "read"), "all")])

    assert changed["rights"] == {
        "customer": {"create": "own", "read": "all", "update": "own", "delete": "own",
                     "export": "own"}
    }  # fmt: skip


def test_an_entity_that_differs_from_all_others_keeps_the_rest_of_what_all_have() -> None:
    role = {"rights": {"*": {"read": "all", "export": "own"}}}

    changed = edited(role, [RoleEdit(("rights", "customer", "read"), "own")])

    assert changed["rights"] == {
        "*": {"read": "all", "export": "own"},
        "customer": {"read": "own", "export": "own"},
    }


def test_what_is_taken_away_leaves_no_empty_part() -> None:
    role = {"label": {"en": "Sales"}, "fields": {"customer": {"phone": "mask"}}}

    assert edited(role, [RoleEdit(("fields", "customer", "phone"), None)]) == {
        "label": {"en": "Sales"}
    }


@given(st.lists(st.tuples(PATHS, st.sampled_from(["own", "all", "none"])), max_size=8))
def test_taking_away_what_was_put_gives_the_role_back(
    puts: list[tuple[tuple[str, ...], str]],
) -> None:
    made = edited({}, [RoleEdit(path, value) for path, value in puts])

    assert edited(made, [RoleEdit(path, None) for path, _ in puts]) == {}
    for path, value in dict(puts).items():
        found: object = made
        for name in path:
            assert isinstance(found, dict)
            found = found[name]
        assert found == value
