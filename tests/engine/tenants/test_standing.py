"""A tenant that is archived, leaving or past its last day says so; seats are not overbooked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.access.policy import Policy
from engine.audit.log import AuditLog
from engine.context import Cause
from engine.database import Database
from engine.doors import Edit
from engine.errors import NotFound, RecordRefused
from engine.records.writer import Records as Writer
from engine.store import ModelStore
from engine.tenants.accounts import Accounts
from engine.tenants.contexts import Contexts
from engine.tenants.errors import TenantClosed, TenantMoving, TenantReading
from engine.tenants.members import enrol
from engine.tenants.registry import Subscription, TenantRegistry
from tests.conftest import Installation

APP = """
format: 1
app: {name: seats, label: Seats, version: "1.0", languages: [en]}
entities:
  thing: {label: Thing, title: name, fields: {name: {type: text}}}
roles:
  reader: {label: Reader, rights: {"*": {create: all, read: all, update: all}}}
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A tenant with an administrator and a reader, and who may enter it."""

    name: str
    registry: TenantRegistry
    contexts: Callable[[], Contexts]
    writer: Writer
    system: Any
    people: dict[str, UUID]

    def enter(self, who: str) -> Any:
        """Return the context of one of its people, as a process would that starts now."""
        return self.contexts().make(self.name, self.people[who], language="en", cause=Cause("api"))


@pytest.fixture
def place(installation: Installation, tenant_of: Any) -> Place:
    database: Database = installation.database
    system = tenant_of(APP)
    writer = Writer(database, Policy(database))
    accounts = Accounts(database)
    people = {}
    for role in ("administrator", "reader"):
        account = accounts.create(f"{role}-{system.tenant.name}@example.com")
        enrol(accounts, writer, system, account, roles=(role,))
        people[role] = account.id
    return Place(
        system.tenant.name,
        TenantRegistry(database),
        lambda: Contexts(database, ModelStore(database), AuditLog(database)),
        writer,
        system,
        people,
    )


def days(number: int) -> Subscription:
    """Return a subscription whose last day is so many days from today."""
    return Subscription(expires_on=datetime.now(UTC).date() + timedelta(days=number))


@pytest.mark.parametrize("state", ["archived", "leaving"])
def test_a_closed_tenant_tells_its_members_and_nobody_else(place: Place, state: Any) -> None:
    place.registry.set_state(place.name, state)

    with pytest.raises(TenantClosed):
        place.enter("administrator")
    with pytest.raises(NotFound):
        place.contexts().make(place.name, UUID(int=5), language="en", cause=Cause("api"))


@pytest.mark.parametrize("state", ["making", "restoring"])
def test_what_is_not_whole_yet_is_not_there(place: Place, state: Any) -> None:
    place.registry.set_state(place.name, state)

    with pytest.raises(NotFound):
        place.enter("administrator")


def test_until_its_last_day_a_tenant_is_written_to(place: Place) -> None:
    place.registry.subscribe(place.name, days(0))

    assert place.writer.create(place.enter("reader"), "thing", [{"name": "x"}]).ids


def test_after_its_last_day_a_tenant_is_read_and_not_changed(place: Place) -> None:
    """P-36."""
    place.registry.subscribe(place.name, days(-2))

    ctx = place.enter("reader")

    assert ctx.tenant.frozen == "expired"
    with pytest.raises(TenantReading):
        place.writer.create(ctx, "thing", [{"name": "x"}])
    assert place.writer.create(place.system, "thing", [{"name": "by the system"}]).ids


def test_after_its_grace_only_administrators_enter(place: Place) -> None:
    place.registry.subscribe(place.name, days(-40))

    assert place.enter("administrator").tenant.frozen == "expired"
    with pytest.raises(TenantClosed):
        place.enter("reader")


def test_while_it_is_moved_not_even_the_system_writes(place: Place) -> None:
    place.registry.set_state(place.name, "moving")
    system = place.contexts().system(place.name, cause=Cause("job"))

    for ctx in (place.enter("reader"), system):
        with pytest.raises(TenantMoving):
            place.writer.create(ctx, "thing", [{"name": "x"}])


def test_a_person_too_many_is_refused_and_a_seat_that_is_freed_is_taken(place: Place) -> None:
    """P-36."""
    system = replace(place.system, tenant=replace(place.system.tenant, seats=3))
    third = place.writer.create(system, "user", [person("third")]).ids[0]

    with pytest.raises(RecordRefused) as refused:
        place.writer.create(system, "user", [person("fourth")])
    idle = place.writer.create(system, "user", [{**person("fourth"), "active": False}]).ids[0]
    with pytest.raises(RecordRefused):
        place.writer.update(system, "user", [Edit(idle, {"active": True})])
    place.writer.update(system, "user", [Edit(third, {"active": False})])
    place.writer.update(system, "user", [Edit(idle, {"active": True})])

    assert [(each.code, each.path) for each in refused.value.errors] == [("no_seat", ("active",))]


def person(name: str) -> dict[str, object]:
    """Return somebody who is active."""
    return {"name": name, "email": f"{name}@example.com", "active": True, "roles": ["reader"]}
