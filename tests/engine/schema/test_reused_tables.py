"""Tables that serve on from one model to the next are those that would be declared anew."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.context import Tenant
from engine.schema.structure import structure_steps
from engine.schema.tables import Tables, build_tables
from metamodel import DefinitionInvalid, load, read_text
from tests.budget import examples
from tests.reshaping.models import BASE, changed, layer

TENANT = Tenant("t", "tenant_t", "role_t")


def _statements(tables: Tables) -> list[tuple[str, ...]]:
    """Return all SQL that makes tables where there are none."""
    return [step.sql for step in structure_steps(TENANT, tables, {})]


@settings(max_examples=examples(6), deadline=None)
@given(st.randoms(use_true_random=False))
def test_tables_that_serve_on_are_those_that_would_be_declared_anew(dice: Random) -> None:
    state, tables = dict[str, Any](), None
    for number in range(6):
        state = changed(state, dice, number)
        try:
            model = load([read_text(BASE, "base"), read_text(layer(state), "own")])
        except DefinitionInvalid:
            continue

        tables = build_tables(model, tables)

        anew = build_tables(model)
        assert _statements(tables) == _statements(anew)
        assert tables.unique == anew.unique


def test_a_table_serves_on_as_the_same_object_unless_something_of_it_changed() -> None:
    base = read_text(BASE, "base")
    more = "entities: {city: {fields: {size: {type: integer}}}}"
    before = build_tables(load([base]))

    after = build_tables(load([base, read_text(more, "own")]), before)

    assert after.of("customer") is before.of("customer")
    assert after.of("city") is not before.of("city")
