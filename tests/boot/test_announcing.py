"""Whoever began long work is told of its end (T-19)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from boot.announcing import announced, backup_ended, publish_ended
from boot.wiring import House
from engine.context import Cause
from engine.jobs import Job, Payload
from engine.notices import Asked
from engine.tenants.members import enrol
from tests.conftest import TenantMaker

APP = """
format: 1
app: {name: works, label: Works, version: "1.0", languages: [en, zh]}
entities:
  key: {label: Key, title: name, fields: {name: {type: text}}}
"""


@dataclass(frozen=True, slots=True)
class Nothing:
    """A task that is done at once."""

    attempts: int = 1

    def run(self, job: Job) -> None:
        """Do nothing."""


def job(tenant: str, payload: Payload) -> Job:
    return Job(1, tenant, payload, 1, lambda done, total, note: None)


def test_who_asked_for_a_backup_is_told_and_for_those_of_the_night_nobody(
    furnished: House, tenant_of: TenantMaker
) -> None:
    ctx = tenant_of(APP)
    account = furnished.accounts.create(
        f"{uuid4().hex[:10]}@example.com", name="Zhou Min", password="four words are enough"
    )
    user = enrol(furnished.accounts, furnished.writer, ctx, account, roles=("administrator",))
    task = announced(furnished, Nothing(), backup_ended)

    task.run(job(ctx.tenant.name, {"file": "a.backup", "person": str(user)}))
    task.run(job(ctx.tenant.name, {}))

    own = furnished.contexts.make(ctx.tenant.name, account.id, language="en", cause=Cause("form"))
    told = furnished.services.notices.page(own, Asked())
    assert [(each.kind, each.words["name"]) for each in told] == [("finished", "a.backup")]


def test_a_publish_of_which_nothing_is_known_tells_nobody(
    furnished: House, tenant_of: TenantMaker
) -> None:
    ctx = tenant_of(APP)
    account = furnished.accounts.create(
        f"{uuid4().hex[:10]}@example.com", name="Zhou Min", password="four words are enough"
    )
    enrol(furnished.accounts, furnished.writer, ctx, account, roles=("administrator",))

    found = publish_ended(furnished, job(ctx.tenant.name, {"account": str(account.id)}))

    assert found is None
