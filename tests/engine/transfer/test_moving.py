"""A tenant moves to another database without losing a write, and without anybody reading less."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from threading import Event, Thread
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Insert, text

from engine.errors import EngineError, ModelChanged, PublishRunning
from engine.jobs import Job, defer, state_of
from engine.schema.revisions import Document
from engine.schema.running import Begun, Journal
from engine.schema.steps import Plan
from engine.tenants.errors import DatabaseUnknown, TenantError, TenantMoving
from engine.tenants.provision import NewTenant
from engine.worker import Worker
from tests.engine.house import APP
from tests.engine.transfer.conftest import Estate, Estates, dying, everything, quiet
from tests.killing import killed


@pytest.fixture
def name(estate: Estate) -> str:
    made = f"mover{uuid4().hex[:8]}"
    documents = (Document("house", APP), Document("tenant", ""))
    estate.provisioning.create(NewTenant(made, documents, database="default"), author="Tester")
    return made


class Noting:
    """A task that notes whom it ran for."""

    attempts = 1

    def __init__(self) -> None:
        self.ran: list[str] = []

    def run(self, job: Job) -> None:
        self.ran.append(job.tenant)


def test_a_moved_tenant_has_all_it_had_and_nothing_is_left_behind(
    estate: Estate, name: str
) -> None:
    old = estate.registry.get(name).tenant
    before = everything(estate, old)

    estate.moving.move(name, "two", progress=quiet)

    record = estate.registry.get(name)
    assert (record.state, record.tenant.database) == ("live", "two")
    after = everything(estate, record.tenant)
    assert len(after.pop("sys_revision")) == len(before.pop("sys_revision")) + 1
    assert after == before
    assert schemas(estate, "default", old.schema) == 0
    estate.farewell.at_once(name)


def test_a_write_is_either_moved_or_refused(estate: Estate, name: str) -> None:
    """Somebody writes all the time; what was told to be written is there at the end."""
    done, written, refused = Event(), [], []
    ctx = estate.system(name)
    table = ctx.compiled.tables.of("customer")
    column = ctx.model.entities["customer"].fields["name"].column

    def write() -> None:
        place = ctx
        while not done.is_set():
            id_ = uuid4()
            row = table.insert().values({"id": id_, column: "x"})
            try:
                estate.database.unit(place, partial(_execute, row))
                written.append(id_)
            except ModelChanged:
                place = estate.system(name)
            except TenantMoving as error:
                refused.append(error)
                place = estate.system(name)

    writer = Thread(target=write)
    writer.start()
    try:
        estate.moving.move(name, "two", progress=quiet)
    finally:
        done.set()
        writer.join()

    with estate.database.reading_tenant(estate.registry.get(name).tenant) as connection:
        kept = set(connection.execute(table.select().with_only_columns(table.c.id)).scalars())
    assert written
    assert refused
    assert kept == set(written)
    estate.farewell.at_once(name)


@pytest.mark.parametrize("at", [1, 10, 1000])
def test_a_move_that_was_killed_is_finished_by_starting_again(
    estate: Estate, estates: Estates, name: str, at: int
) -> None:
    killed(estate.database, lambda: estates.build().moving.move(name, "two", progress=dying(at)))
    record = estate.registry.get(name)
    assert (record.state, record.tenant.database) == ("moving", "default")
    before = everything(estate, record.tenant)

    estate.moving.move(name, "two", progress=quiet)

    moved = estate.registry.get(name).tenant
    assert moved.database == "two"
    assert everything(estate, moved) == before
    assert schemas(estate, "default", moved.schema) == 0
    estate.farewell.at_once(name)


def test_a_job_runs_in_the_queue_of_its_tenants_database_under_its_present_name(
    estate: Estate, name: str
) -> None:
    estate.moving.move(name, "two", progress=quiet)
    ctx = estate.system(name)
    job = estate.database.unit(ctx, lambda on: defer(on, "note_moved", {}))
    estate.registry.rename(name, f"{name}x")
    task = Noting()

    Worker(estate.database, {"note_moved": task}, databases=lambda: ("two",)).run_until_empty()

    assert task.ran == [f"{name}x"]
    assert job is not None
    state = state_of(estate.database, replace(ctx.tenant, name=f"{name}x"), job)
    assert state is not None
    assert state.status == "succeeded"
    estate.farewell.at_once(f"{name}x")


def test_a_tenant_is_not_moved_before_what_a_publish_has_to_do_yet(
    estate: Estate, name: str
) -> None:
    """Values that do not convert, and moves, are told after the switch: a copy would lack them."""
    tenant = estate.registry.get(name).tenant
    begun = Begun(2, "Tester", "", Plan(tenant.schema))
    journal = Journal.begin(estate.database, tenant, begun)
    with estate.database.owner(tenant) as connection:
        journal.switched(connection, begun.plan)

    with pytest.raises(PublishRunning):
        estate.moving.move(name, "two", progress=quiet)
    record = estate.registry.get(name)
    journal.end("done")
    estate.moving.move(name, "two", progress=quiet)

    assert (record.state, record.tenant.database) == ("live", "default")
    assert estate.registry.get(name).tenant.database == "two"


def test_a_move_to_nowhere_or_to_where_it_is_changes_nothing(estate: Estate, name: str) -> None:
    with pytest.raises(DatabaseUnknown):
        estate.moving.move(name, "nowhere", progress=quiet)
    with pytest.raises(TenantError):
        estate.moving.move(name, "default", progress=quiet)
    with pytest.raises(EngineError):
        estate.moving.move("nobody", "two", progress=quiet)

    assert estate.registry.get(name).state == "live"
    estate.farewell.at_once(name)


def _execute(statement: Insert, connection: Connection) -> None:
    connection.execute(statement)


def schemas(estate: Estate, database: str, schema: str) -> int:
    """Return whether a schema is in a database, 0 or 1."""
    query = text("SELECT count(*) FROM pg_namespace WHERE nspname = :schema")
    with estate.database.queue(database) as connection:
        return int(connection.execute(query, {"schema": schema}).scalar_one())
