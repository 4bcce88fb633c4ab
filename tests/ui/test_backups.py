"""Backups on the workspace page: asked for, made by a job, taken along with two fresh proofs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from boot.tasks import tasks
from boot.wiring import House
from engine.audit.asked import Question
from engine.jobs import Job, newest_of
from engine.tenants.tables import session
from engine.transfer.schedule import BACK_UP
from tests.conftest import TenantMaker
from tests.ui.conftest import Visiting, Visitor, visits

APP = """
format: 1
app: {name: cellar, label: {zh: 酒窖, en: Cellar}, version: "1", languages: [zh, en]}
entities:
  bottle: {label: {zh: 酒, en: Bottle}, title: name, fields: {name: {type: text}}}
roles:
  keeper: {label: {zh: 管家, en: Keeper}, rights: {bottle: {read: all}}}
"""


@pytest.fixture(scope="module")
def cellar(serving: House, tenant_of: TenantMaker) -> Visiting:
    return visits(serving, tenant_of(APP))


@pytest.fixture
def clerk(serving: House, tenant_of: TenantMaker) -> Iterator[Visitor]:
    """An administrator of a tenant whose backups go with the test."""
    ctx = tenant_of(APP)
    yield visits(serving, ctx)("administrator")
    shutil.rmtree(serving.settings.home / "backups" / ctx.tenant.schema)


@pytest.fixture
def admin(cellar: Visiting) -> Visitor:
    return cellar("administrator")


def prove(who: Visitor, at: datetime) -> None:
    """Make somebody's session one that two proofs were given for."""
    with who.house.database.registry() as connection:
        mine = session.c.csrf == who.csrf
        connection.execute(update(session).where(mine).values(strong=True, proved_at=at))
    who.house.accounts.forget()


def shelved(admin: Visitor) -> Path:
    """Return the one backup that is kept of a tenant."""
    [found] = (admin.house.settings.home / "backups" / admin.ctx.tenant.schema).iterdir()
    return found


def made(serving: House, admin: Visitor) -> str:
    """Ask for a backup, have it made, and return the address it is taken along from."""
    assert admin.send("/admin/workspace/backups", {}).status_code == 200
    deferred = newest_of(serving.database, admin.ctx.tenant, BACK_UP)
    assert deferred is not None
    asked = Question(kinds=("backed_up",))
    told = serving.services.audit_reader.page(admin.ctx, asked).entries[0].detail
    job = Job(deferred.id, admin.ctx.tenant.name, {"file": told["file"]}, 1, lambda *_: None)
    tasks(serving)[BACK_UP].run(job)
    return f"/admin/workspace/backups/{told['file']}"


def test_a_backup_is_asked_for_once_and_told_of(serving: House, cellar: Visiting) -> None:
    """A-12."""
    admin = cellar("administrator")

    first = admin.send("/admin/workspace/backups", {})
    second = admin.send("/admin/workspace/backups", {})

    assert first.get_json()["message"] == "The backup is being made"
    assert second.get_json()["message"] == "A backup is being made already"
    assert "<progress" in admin.get("/admin/workspace").text
    told = serving.services.audit_reader.page(admin.ctx, Question(kinds=("backed_up",))).entries
    assert [each.detail["state"] for each in told] == ["begun"]


def test_a_backup_is_taken_along_with_two_proofs_that_are_fresh(
    serving: House, clerk: Visitor
) -> None:
    """A-12."""
    address = made(serving, clerk)
    page = clerk.get("/admin/workspace").text

    weak = clerk.get(address)
    prove(clerk, datetime.now(UTC) - timedelta(hours=1))
    stale = clerk.get(address)
    prove(clerk, datetime.now(UTC))
    taken = clerk.get(address)

    assert clerk.path(address) in page
    assert re.search(r"joinery tenant restore \S+\.backup --as ", page)
    assert weak.location.startswith("/account/second/")
    assert stale.location.startswith("/account/confirm?second=1&next=")
    assert taken.status_code == 200
    assert taken.headers["Content-Disposition"].startswith("attachment")
    assert taken.data == shelved(clerk).read_bytes()
    told = serving.services.audit_reader.page(clerk.ctx, Question(kinds=("backed_up",))).entries
    assert [each.detail["state"] for each in told] == ["taken", "begun"]


@pytest.mark.parametrize("name", ["2020-01-01.backup", "..%2F..%2Fmaster.key", "nothing"])
def test_what_is_no_backup_is_not_found(admin: Visitor, name: str) -> None:
    prove(admin, datetime.now(UTC))

    assert admin.get(f"/admin/workspace/backups/{name}").status_code == 404


def test_backups_are_for_administrators(cellar: Visiting) -> None:
    keeper = cellar("keeper")

    assert keeper.send("/admin/workspace/backups", {}).status_code == 403
    assert keeper.get("/admin/workspace/backups/2026-01-01.backup").status_code == 403
