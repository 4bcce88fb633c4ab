"""Every field type keeps what it is sent on PostgreSQL, is found by it, and refuses the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from engine.access.policy import Policy
from engine.errors import RecordRefused
from engine.query.parse import parse_filter, parse_paths, parse_sort
from engine.query.reader import Records as Reading
from engine.query.spec import ListQuery
from engine.values.wire import entry_to_wire, record_to_wire, rows_to_wire
from metamodel.fieldtypes import FIELD_TYPES
from tests.conformance.fields import ASSIGNED, CASES, RELATED
from tests.conftest import Installation, TenantMaker
from tests.engine.records.shop import Shop


@dataclass(frozen=True, slots=True)
class Things:
    """A tenant with an entity for each field type, its field called `it`."""

    shop: Shop
    reader: Reading

    def get(self, name: str, id_: UUID) -> Any:
        record = self.reader.get(self.shop.ctx, name, [id_])[0]
        return record_to_wire(self.shop.ctx.model, record)["it"]

    def put(self, name: str, value: object) -> UUID:
        return self.shop.create(name, {"it": value})

    def listed(self, name: str, *, filter_: str = "", sort: str = "") -> list[dict[str, Any]]:
        ctx = self.shop.ctx
        query = ListQuery(
            name,
            parse_filter(ctx, name, filter_) if filter_ else None,
            sort=parse_sort(ctx, name, sort) if sort else (),
            paths=parse_paths(ctx, name, "it"),
            limit=500,
        )
        rows = self.reader.find(ctx, query).rows
        return rows_to_wire(ctx.model, ctx.model.entities[name], rows)


@pytest.fixture(scope="session")
def things(tenant_of: TenantMaker, installation: Installation) -> Things:
    entities = "\n".join(
        f"  {name}_thing: {{label: T, fields: {{it: {{type: {name}{case.more}}}}}}}"
        for name, case in CASES.items()
    )
    app = f"format: 1\napp: {{name: all, label: All}}\nentities:\n{entities}\n"
    shop = Shop.open(tenant_of(app), installation.database)
    return Things(shop, Reading(installation.database, Policy(installation.database), "secret"))


def test_every_field_type_has_its_case() -> None:
    assert set(FIELD_TYPES) == CASES.keys() | RELATED | ASSIGNED


@pytest.mark.parametrize("name", CASES)
def test_a_value_comes_back_as_it_was_meant_and_can_be_sent_again(
    things: Things, name: str
) -> None:
    entity = f"{name}_thing"

    for sent, expected in CASES[name].good:
        id_ = things.put(entity, sent)
        assert things.get(entity, id_) == expected
        again = things.put(entity, expected)
        assert things.get(entity, again) == expected


@pytest.mark.parametrize("name", CASES)
def test_a_value_that_does_not_fit_is_refused_and_leaves_nothing(things: Things, name: str) -> None:
    entity = f"{name}_thing"
    before = len(things.listed(entity))

    for sent, code in CASES[name].bad:
        with pytest.raises(RecordRefused) as refused:
            things.put(entity, sent)
        assert [error.code for error in refused.value.errors] == [code], repr(sent)[:80]
        assert refused.value.errors[0].path[0] == "it"

    assert len(things.listed(entity)) == before


@pytest.mark.parametrize("name", CASES)
def test_a_value_can_be_emptied_again(things: Things, name: str) -> None:
    entity = f"{name}_thing"
    id_ = things.put(entity, CASES[name].good[0][0])

    things.shop.update(entity, id_, {"it": None})

    assert things.get(entity, id_) is (False if name == "boolean" else None)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.finds])
def test_a_filter_finds_the_record_by_its_value(things: Things, name: str) -> None:
    entity, case = f"{name}_thing", CASES[name]
    wanted, other = (things.put(entity, sent) for sent, _ in case.good[:2])

    found = {row["id"] for row in things.listed(entity, filter_=case.finds)}

    assert str(wanted) in found
    assert str(other) not in found


def test_only_what_formulas_cannot_say_has_no_filter() -> None:
    assert {name for name, case in CASES.items() if not case.finds} == {"json", "time"}


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.sorts])
def test_a_list_is_sorted_by_the_value(things: Things, name: str) -> None:
    entity = f"{name}_thing"
    ids = [str(things.put(entity, sent)) for sent, _ in CASES[name].good[:2]]

    rows = [row["id"] for row in things.listed(entity, sort="it")]
    backwards = [row["id"] for row in things.listed(entity, sort="-it")]

    assert sorted(ids, key=rows.index) == sorted(ids, key=backwards.index, reverse=True)


@pytest.mark.parametrize("name", CASES)
def test_history_tells_the_value_as_the_wire_does(things: Things, name: str) -> None:
    entity, (first, second) = f"{name}_thing", CASES[name].good[:2]
    id_ = things.put(entity, first[0])

    things.shop.update(entity, id_, {"it": second[0]})

    entries = things.reader.history(things.shop.ctx, entity, id_)
    edit = next(each for each in entries if each.operation == "update")
    change = next(
        each
        for each in entry_to_wire(things.shop.ctx.model, edit)["changes"]  # type: ignore[attr-defined]
        if each["field"] == "it"
    )
    assert (change["before"], change["after"]) == (first[1], second[1])


def test_a_rule_compares_a_formatted_text_with_what_it_said_before(
    tenant_of: TenantMaker, installation: Installation
) -> None:
    rule = "{refuse_when: 'previous.story != story', message: Keep it}"
    app = f"""
    format: 1
    app: {{name: kept, label: Kept}}
    entities:
      note:
        label: Note
        fields: {{name: {{type: text}}, story: {{type: rich_text}}}}
        rules: {{kept: {rule}}}
    """
    shop = Shop.open(tenant_of(app), installation.database)
    note = shop.create("note", {"story": ""})
    shop.update("note", note, {"name": "a"})

    with pytest.raises(RecordRefused):
        shop.update("note", note, {"story": "<p>x</p>"})
    shop.update("note", note, {"name": "b"})
