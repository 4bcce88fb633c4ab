"""Who is at a record now, in whatever order what their browser tells arrives."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from boot.wiring import House
from engine.context import Context
from engine.desk import NEW
from engine.tenants.members import enrol
from tests.clock import on
from tests.conftest import TenantMaker

APP = """
format: 1
app: {name: desk, label: Desk, version: "1.0"}
entities:
  note: {label: Note, title: name, fields: {name: {type: text, required: true}}}
roles:
  member: {label: Member, rights: {note: {create: all, read: all, update: all}}}
"""

TYPED = {"fields": {"name": {"text": "Half", "title": "Half"}}, "grids": {}}

LATER = timedelta(seconds=1)


@pytest.fixture(scope="module")
def house(furnished: House) -> House:
    return furnished


@pytest.fixture(scope="module")
def system(tenant_of: TenantMaker) -> Context:
    return tenant_of(APP)


@pytest.fixture
def record(house: House, system: Context) -> UUID:
    return house.writer.create(system, "note", [{"name": uuid4().hex}]).ids[0]


def person(house: House, system: Context) -> Context:
    """Somebody new who works there."""
    account = house.accounts.create(
        f"{uuid4().hex[:10]}@example.com", name="Zhou Min", password="four words are enough"
    )
    enrol(house.accounts, house.writer, system, account, roles=("member",))
    return house.contexts.make(system.tenant.name, account.id, language="en", cause=system.cause)


def others(house: House, ctx: Context, record: UUID) -> list[bool]:
    """Whether each of the others who are there is editing."""
    entity = ctx.model.entities["note"]
    found = house.services.desk.look(ctx, entity, record, editing=False)
    return [each.editing for each in found]


def test_a_sign_of_a_visit_that_has_ended_does_not_bring_its_person_back(
    house: House, system: Context, record: UUID
) -> None:
    desk, at, watcher = house.services.desk, person(house, system), person(house, system)
    note = at.model.entities["note"]
    desk.look(at, note, record, editing=True, visit="one")
    assert others(house, watcher, record) == [True]

    desk.leave(at, note, record, visit="one")
    desk.look(on(at, at.now + LATER), note, record, editing=True, visit="one")
    assert others(house, on(watcher, at.now + LATER), record) == []

    desk.look(on(at, at.now + LATER), note, record, editing=False, visit="two")
    assert others(house, on(watcher, at.now + LATER), record) == [False]


def test_who_left_before_their_first_sign_arrived_was_never_there(
    house: House, system: Context, record: UUID
) -> None:
    desk, at, watcher = house.services.desk, person(house, system), person(house, system)
    note = at.model.entities["note"]

    desk.leave(at, note, record, visit="one")
    desk.look(on(at, at.now + LATER), note, record, editing=True, visit="one")

    assert others(house, on(watcher, at.now + LATER), record) == []


@pytest.mark.parametrize("new", [False, True], ids=["a record", "a new one"])
def test_what_was_typed_last_is_kept_although_it_arrives_after_the_form_was_left(
    house: House, system: Context, record: UUID, new: bool
) -> None:
    desk, at = house.services.desk, person(house, system)
    note, place = at.model.entities["note"], NEW if new else record

    desk.leave(at, note, place, visit="one")
    desk.keep(on(at, at.now + LATER), note, place, TYPED, None, "one")

    found = desk.draft(on(at, at.now + 2 * LATER), note, place)
    assert found is not None
    assert found.typed == TYPED
    assert not found.elsewhere


def test_leaving_leaves_nothing_behind_but_what_was_typed(house: House, system: Context) -> None:
    desk, at = house.services.desk, person(house, system)
    note, table = at.model.entities["note"], at.compiled.tables.of("sys_open_form")
    desk.keep(at, note, NEW, TYPED, None)
    for turn in range(3):
        desk.leave(on(at, at.now + timedelta(minutes=turn + 1)), note, uuid4())
    desk.leave(on(at, at.now + timedelta(minutes=9)), note, NEW)

    with house.database.reading(at) as connection:
        mine = table.select().where(table.c.person == at.actor.user)
        held = [row.record for row in connection.execute(mine)]

    assert held == [NEW]
