"""Tables are built from a model, and what PostgreSQL then has is exactly what was declared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from engine.compiled import compile_model
from engine.schema.columns import column_type
from engine.schema.ddl import DIALECT
from engine.schema.live import read_live
from engine.schema.plan import make_plan
from engine.schema.structure import canonical_type
from metamodel import load, read_text
from metamodel.fieldtypes import FIELD_TYPES, Options

EVERY_TYPE = """
format: 1
app: {{name: every, label: Every, version: "1", languages: [en]}}
entities:
  thing:
    label: Thing
    title: name
    fields:
      name: {{type: text}}
      it: {{type: {type}{more}}}
"""

MORE = {
    "choice": ", options: {a: {label: A}}",
    "multi_choice": ", options: {a: {label: A}}",
    "link": ", to: user",
    "links": ", to: user",
    "autonumber": ", pattern: 'N-{0000}'",
    "code": ", pattern: '[A-Z]+'",
}

SPELT_OUT = {"timestamptz": "timestamp with time zone", "time": "time without time zone"}


COLUMNS = [kind.name for kind in FIELD_TYPES.values() if kind.column in ("one", "per_target")]


@pytest.mark.parametrize("name", COLUMNS)
def test_a_fields_column_has_the_type_that_its_field_type_promises(name: str) -> None:
    model = load([read_text(EVERY_TYPE.format(type=name, more=MORE.get(name, "")), "every")])

    compiled = compile_model(model)

    field = model.entities["thing"].fields["it"]
    column = compiled.tables.column("thing", field.column or next(iter(field.columns.values())))
    promised = FIELD_TYPES[name].postgres(_options(field))
    assert canonical_type(column) == SPELT_OUT.get(promised, promised)
    assert column_type(field).compile(dialect=DIALECT) in column.type.compile(dialect=DIALECT)


def test_the_catalogue_holds_what_was_declared_and_nothing_is_left_to_do(shop: Any) -> None:
    ctx = shop.ctx()

    with shop.database.owner(shop.tenant) as connection:
        live = read_live(connection, shop.tenant)
        plan = make_plan(connection, ctx, ctx.compiled)

    for table in ctx.compiled.tables.by_entity.values():
        declared = {column.name: canonical_type(column) for column in table.columns}
        assert live[table.name].columns == declared
        assert set(live[table.name].indexes) == {index.name for index in table.indexes}
        assert all(live[table.name].indexes.values())
    assert plan.steps == ()
    assert plan.effects == ()


def test_a_unique_field_holds_among_live_records_only(shop: Any) -> None:
    code = shop.ctx().model.entities["invoice"].fields["code"].column
    insert = text(
        f'INSERT INTO "{shop.tenant.schema}".invoice (id, "{code}", sys_trashed_at) '
        "VALUES (gen_random_uuid(), 'A-1', :at)"
    )

    with shop.database.owner(shop.tenant) as connection:
        connection.execute(insert, {"at": "2026-01-01"})
        connection.execute(insert, {"at": None})

    with (
        pytest.raises(IntegrityError) as refused,
        shop.database.owner(shop.tenant) as connection,
    ):
        connection.execute(insert, {"at": None})
    name = refused.value.orig.diag.constraint_name  # type: ignore[union-attr]
    entity, rule = shop.ctx().compiled.tables.unique[name]
    assert (entity, rule.key) == ("invoice", "code")


def test_lines_have_a_position_and_records_have_none(make_shop: Callable[[], Any]) -> None:
    tables = make_shop().ctx().compiled.tables

    assert "sys_position" in tables.of("invoice_line").c
    assert "sys_position" not in tables.of("invoice").c


def _options(field: Any) -> Any:
    return Options(scale=field.scale, codes=tuple(field.options), targets=("user",))


def test_each_stage_has_its_first_rows_at_hand_in_the_order_of_its_board() -> None:
    app = """
format: 1
app: {name: deals, label: Deals, version: "1"}
entities:
  deal:
    label: Deal
    title: name
    fields: {name: {type: text}, amount: {type: money}}
    pipelines: {sales: {field: stage, stages: {open: {label: Open}, won: {label: Won}}}}
    views: {board: {type: kanban, pipeline: sales, sort: [-amount]}}
  call:
    label: Call
    title: name
    fields: {name: {type: text}}
    pipelines: {calls: {field: state, stages: {open: {label: Open}, done: {label: Done}}}}
"""
    tables = compile_model(load([read_text(app, "deals")])).tables

    def indexed(entity: str, *names: str) -> bool:
        found = [[column.name for column in each.columns] for each in tables.of(entity).indexes]
        wanted = list(names)
        return any(
            len(each) == len(wanted)
            and all(have.startswith(want) for have, want in zip(each, wanted, strict=True))
            for each in found
        )

    assert indexed("deal", "stage_", "amount_", "id")
    assert indexed("call", "state_", "id")
