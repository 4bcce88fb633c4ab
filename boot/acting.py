"""Wiring what acts by itself, as far as people and programs meet it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypedDict

from engine.access.policy import Policy
from engine.context import Cause, Context
from engine.database import Database
from engine.errors import NotFound
from engine.failed_jobs import FailedJobs
from engine.pushing import Devices
from engine.query.reader import Records
from engine.sealing import MasterKey
from engine.tenants.contexts import Contexts
from engine.tenants.errors import TenantUnknown
from engine.tenants.registry import TenantRegistry, named_by_role
from workflow.approvals.boxes import Boxes
from workflow.approvals.renewing import Renewals
from workflow.approvals.service import Approvals
from workflow.approvals.standing import UnderWay
from workflow.arriving.forms import PublicForms
from workflow.arriving.webhooks import WebhooksIn
from workflow.buttons import Buttons
from workflow.messages.book import MessageBook
from workflow.messages.channels import Cabinet
from workflow.messages.following import Followings
from workflow.messages.leaving import Leavings
from workflow.messages.writing import Correspondence
from workflow.pools.service import Pools
from workflow.run_book import RunBook
from workflow.runner import Runner


class Acting(TypedDict):
    """The services of what acts by itself, by their names among all services."""

    approvals: Approvals
    approval_boxes: Boxes
    approvals_running: UnderWay
    renewals: Renewals
    runs: RunBook
    failed_jobs: FailedJobs
    buttons: Buttons
    pools: Pools
    webhooks_in: WebhooksIn
    public_forms: PublicForms
    leavings: Leavings
    followings: Followings
    message_book: MessageBook
    correspondence: Correspondence
    devices: Devices


def acting(
    database: Database,
    records: tuple[Records, Policy],
    runner: Runner,
    key: MasterKey,
    system: Callable[[str], Context],
) -> Acting:
    """Build them; `system` makes the context of a tenant that is there for people outside."""
    reader, access = records
    named = partial(named_by_role, database)
    approvals, running = Approvals(database, reader, runner), UnderWay(database, access)
    return Acting(
        approvals=approvals,
        approval_boxes=Boxes(database, access),
        approvals_running=running,
        renewals=Renewals(approvals, running),
        runs=RunBook(database, runner),
        failed_jobs=FailedJobs(database),
        buttons=Buttons(database, reader, runner),
        pools=Pools(database, reader, runner.hands),
        webhooks_in=WebhooksIn(database, runner, key, system),
        public_forms=PublicForms(database, runner, key, system),
        leavings=Leavings(database, key, system, named),
        followings=Followings(database, key, system, named),
        message_book=MessageBook(database, access, Cabinet(key)),
        correspondence=Correspondence(database, access, runner.hands.outbox),
        devices=Devices(database, key),
    )


def open_to_all(registry: TenantRegistry, contexts: Contexts) -> Callable[[str], Context]:
    """Return what makes the context of a tenant for whoever does not sign in.

    It raises `NotFound` for a tenant that is not there, or not open.
    """

    def system(tenant: str) -> Context:
        try:
            found = registry.get(tenant)
        except TenantUnknown:
            raise NotFound(tenant=tenant) from None
        if found.state != "live":
            raise NotFound(tenant=tenant)
        return contexts.system(tenant, cause=Cause("automation"))

    return system
