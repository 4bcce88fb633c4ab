"""Nightly backups are written and the oldest dropped; tenants that were deleted go when due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from engine.context import Context, Tenant
from engine.errors import EngineError, NotFound
from engine.jobs import Job
from engine.schema.revisions import Document
from engine.tenants.errors import TenantUnknown
from engine.tenants.provision import NewTenant
from engine.transfer.schedule import BACK_UP, BackUp, BackUpAll
from engine.transfer.shelf import Shelf, called
from tests.engine.house import APP, House
from tests.engine.transfer.conftest import Estate, quiet


def test_a_nightly_backup_is_whole_and_the_oldest_is_dropped(
    estate: Estate, furnished: House, tmp_path: Path
) -> None:
    """A-12."""
    folder = tmp_path / furnished.tenant.schema
    folder.mkdir()
    for day in ("2020-01-01", "2020-01-02"):
        (folder / f"{day}.backup").write_bytes(b"old")
    task = BackUp(estate.backups, estate.system, Shelf(tmp_path.as_uri(), kept=2))
    steps: list[tuple[int, int]] = []
    job = Job(
        1, furnished.tenant.name, {}, 1, lambda done, total, note: steps.append((done, total))
    )

    task.run(job)
    task.run(job)

    today = f"{datetime.now(UTC):%Y-%m-%d}.backup"
    assert sorted(path.name for path in folder.iterdir()) == ["2020-01-02.backup", today]
    assert steps
    name = f"night{uuid4().hex[:6]}"
    with (folder / today).open("rb") as file:
        estate.restoring.restore(file, name=name, progress=quiet)
    estate.farewell.at_once(name)


def test_each_tenants_backup_waits_in_its_own_queue_and_once_whatever_breaks_in_another(
    estate: Estate, furnished: House
) -> None:
    name = furnished.tenant.name

    def system(tenant: str) -> Context:
        if tenant == "broken":
            raise ZeroDivisionError
        return estate.system(tenant)

    nightly = BackUpAll(estate.database, lambda: ["broken", name], system)

    for _ in range(2):
        nightly.tick(datetime.now(UTC))

    query = text(
        "SELECT count(*) FROM joinery.procrastinate_jobs "
        "WHERE task_name = :task AND args ->> 'tenant' = :role"
    )
    binds = {"task": BACK_UP, "role": furnished.tenant.role}
    with estate.database.queue(furnished.tenant.database) as connection:
        assert connection.execute(query, binds).scalar_one() == 1
        connection.execute(text("SET LOCAL search_path TO joinery, pg_catalog"))
        connection.execute(
            text(
                "DELETE FROM joinery.procrastinate_jobs WHERE task_name = :task "
                "AND args ->> 'tenant' = :role"
            ),
            binds,
        )


def test_a_tenant_that_was_archived_comes_back_as_archived(estate: Estate) -> None:
    name = f"kept{uuid4().hex[:6]}"
    documents = (Document("house", APP), Document("tenant", ""))
    estate.provisioning.create(NewTenant(name, documents), author="Tester")
    estate.registry.set_state(name, "archived")
    estate.farewell.later(name)
    estate.farewell.later(name)

    assert estate.farewell.back(name) == "archived"

    record = estate.registry.get(name)
    assert (record.state, record.leaving_at) == ("archived", None)
    estate.farewell.at_once(name)


def test_a_deleted_tenant_goes_when_its_days_are_over_and_not_before(estate: Estate) -> None:
    name = f"leaver{uuid4().hex[:6]}"
    documents = (Document("house", APP), Document("tenant", ""))
    estate.provisioning.create(NewTenant(name, documents), author="Tester")

    due = estate.farewell.later(name)
    estate.farewell.tick(due - timedelta(minutes=1))
    assert estate.registry.get(name).state == "leaving"
    estate.farewell.back(name)
    with pytest.raises(EngineError):
        estate.farewell.back(name)
    estate.farewell.tick(due + timedelta(minutes=1))
    assert estate.registry.get(name).state == "live"
    due = estate.farewell.later(name)
    estate.farewell.tick(due + timedelta(minutes=1))

    with pytest.raises(TenantUnknown):
        estate.registry.get(name)


def test_a_deleted_tenant_that_cannot_go_keeps_no_other_from_going(
    estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"leaver{uuid4().hex[:6]}" for _ in range(2)]
    for name in names:
        documents = (Document("house", APP), Document("tenant", ""))
        estate.provisioning.create(NewTenant(name, documents), author="Tester")
        estate.farewell.later(name)
    first, last = sorted(names)
    remove_all = estate.storage.remove_all

    def barred(self: object, place: Tenant) -> None:
        if place.name == first:
            raise PermissionError
        remove_all(place)

    monkeypatch.setattr(type(estate.storage), "remove_all", barred)
    estate.farewell.tick(datetime.now(UTC) + timedelta(days=31))
    monkeypatch.undo()

    assert estate.registry.get(first).state == "leaving"
    with pytest.raises(TenantUnknown):
        estate.registry.get(last)
    estate.farewell.at_once(first)


def test_backups_that_were_asked_for_do_not_push_nightly_ones_off_the_shelf(
    furnished: House, tmp_path: Path
) -> None:
    """A-12."""
    shelf, place = Shelf((tmp_path / "shelf").as_uri(), kept=2), furnished.tenant
    source = tmp_path / "made"
    source.write_bytes(b"12345")
    nights = [datetime(2026, 3, day, 1, 30, tzinfo=UTC) for day in (1, 2, 3)]
    asked = [datetime(2026, 3, 3, hour, tzinfo=UTC) for hour in (9, 10, 11)]

    for night in nights:
        shelf.put(place, source, called(night))
    for at in asked:
        shelf.put(place, source, called(at, asked=True))

    kept = shelf.all(place)
    assert [each.at for each in kept] == [asked[2], asked[1], None, None]
    assert [each.day.day for each in kept] == [3, 3, 3, 2]
    assert {each.size for each in kept} == {5}


@pytest.mark.parametrize("name", ["../../master.key", "2026-03-01.backup", "made", ""])
def test_nothing_but_a_backup_that_is_there_is_taken_off_the_shelf(
    furnished: House, tmp_path: Path, name: str
) -> None:
    shelf = Shelf(tmp_path.as_uri(), kept=2)
    folder = tmp_path / furnished.tenant.schema
    folder.mkdir()
    (folder / "made").write_bytes(b"other")

    with pytest.raises(NotFound):
        shelf.open(furnished.tenant, name)
