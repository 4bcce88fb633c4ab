"""The catalogue of what workers know how to do, by the name that jobs are deferred under."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from uuid import UUID

from boot.announcing import (
    announced,
    backup_ended,
    change_ended,
    handover_ended,
    import_ended,
    publish_ended,
    undo_ended,
)
from boot.mailboxes import fetch, fetch_all
from boot.messaging import message_tasks
from boot.people import post_tasks
from boot.pushing import push
from boot.transfers import transfers
from boot.wiring import House
from engine.context import Cause, Context, Tenant
from engine.delivering import TASK as DELIVER
from engine.delivering import DeliveryTask
from engine.errors import EngineError
from engine.exchange.changing import TASK as CHANGE_MANY
from engine.exchange.importing import TASK
from engine.exchange.stopping import Stopping
from engine.exchange.taking_back import TASK as TAKE_BACK
from engine.exchange.taking_back import TakeBackTask
from engine.exchange.task import JournalTask
from engine.files.fate import FileFate
from engine.files.uploads import FATE
from engine.going_live.service import TASK as GO_LIVE
from engine.going_live.task import GoLiveTask
from engine.jobs import Recurring, Task
from engine.leaving.service import TASK as HANDOVER
from engine.leaving.task import HandoverTask
from engine.mail import Post
from engine.notices.reminding import REMIND, Remind
from engine.notices.telling import PUSH
from engine.personal.erasing import TASK as ERASE
from engine.personal.task import ErasureTask
from engine.records.refresh import REFRESH, TURN, DayTurn, Refresh
from engine.resting import Resting, Silenced
from engine.scenarios.stage import STAGE
from engine.tending import TEND, TendPublishes
from engine.transfer.farewell import PURGE
from engine.transfer.schedule import BACK_UP, BACK_UP_ALL, BackUp, BackUpAll
from ui.bundle import read_bundle
from ui.figure_papers import FigurePapers
from ui.rendering import create_renderer
from ui.wording import day_written
from workflow.approvals.lapsing import LAPSES, Lapses
from workflow.clock import CLOCK, Clock
from workflow.messages.fetching import EVERY as FETCH_ALL
from workflow.messages.fetching import TASK as FETCH
from workflow.messages.following import TASK as SEEN
from workflow.messages.message import RESULT
from workflow.messages.results import KeepResult
from workflow.messages.seen import NoteSeen
from workflow.own_reminders import OWN_REMINDERS, OwnReminders
from workflow.pools.returning import POOLS, Returns
from workflow.queueing import TASK as AUTOMATION
from workflow.service_levels.ticking import LEVELS, LookAgain, Ticking
from workflow.service_levels.ticking import TASK as AGAIN
from workflow.service_levels.timekeeper import Timekeeper
from workflow.task import RunTask
from workflow.told_calls import ToldCalls
from workflow.webhooks import TASK as CALL
from workflow.webhooks import CallTask


def tasks(house: House) -> Mapping[str, Task]:
    """Return every task, on the services of a house."""

    def person(tenant: str, account: UUID, language: str, cause: Cause) -> Context:
        return house.contexts.make(tenant, account, language=language, cause=cause)

    def system(tenant: str) -> Context:
        return house.contexts.at_work(tenant, cause=Cause("job"))

    backups = BackUp(transfers(house).backups, system, house.shelf)
    services = house.services
    papers = FigurePapers(services, create_renderer(read_bundle()), services.press)
    stopping = Stopping(house.database)
    imports = JournalTask(services.importer, person, "import", stopping, system)
    changes = JournalTask(services.changing, person, "change", stopping, system)
    backs = TakeBackTask(services.taking_back, person, system)
    return {
        REFRESH: Refresh(house.database, system),
        TASK: announced(house, imports, import_ended),
        CHANGE_MANY: announced(house, changes, change_ended),
        TAKE_BACK: announced(house, backs, undo_ended),
        GO_LIVE: announced(house, GoLiveTask(house.services.going_live, person), publish_ended),
        HANDOVER: announced(house, HandoverTask(services.handovers, system), handover_ended),
        ERASE: ErasureTask(house.services.erasures, system),
        FATE: FileFate(house.database, house.storage, system),
        BACK_UP: announced(house, backups, backup_ended),
        AGAIN: LookAgain(house.database, Timekeeper(house.runner.hands), system),
        FETCH: fetch(house, system),
        **{
            name: Silenced(each, house.contexts.place)
            for name, each in post_tasks(house.settings, house.services.people).items()
        },
        DELIVER: Resting(
            DeliveryTask(house.deliveries, papers, person, partial(address_of, house), system),
            house.contexts.place,
        ),
        **{
            name: Resting(each, house.contexts.place)
            for name, each in _acting(house, system).items()
        },
    }


def _acting(house: House, system: Callable[[str], Context]) -> Mapping[str, Task]:
    """Return the tasks by which a tenant acts, and writes to the world outside."""
    return {
        AUTOMATION: RunTask(house.database, house.runner, system, colleague(house)),
        CALL: Silenced(
            CallTask(
                Post(house.master_key),
                house.master_key,
                house.outgoing,
                ToldCalls(house.database, system),
            ),
            house.contexts.place,
        ),
        PUSH: push(house, system, partial(acting_as, house)),
        **message_tasks(
            house.settings,
            house.database,
            house.master_key,
            house.outgoing,
            house.services.documents,
            system,
        ),
        RESULT: KeepResult(house.database, house.runner.hands.writing, system),
        SEEN: NoteSeen(house.database, house.runner.hands.writing, system),
    }


def colleague(house: House) -> Callable[[str, UUID], Context | None]:
    """Return what finds the context of a person of a tenant, None for who cannot act there."""
    return partial(acting_as, house)


def address_of(house: House, ctx: Context) -> str:
    """Return where the acting person is written to; blank where nowhere."""
    account = house.accounts.works_as(ctx.tenant.name, ctx.actor.user)
    return account.email if account is not None else ""


def acting_as(house: House, tenant: str, user: UUID, language: str = "") -> Context | None:
    """Return the context of a person of a tenant, None for who cannot act there."""
    account = house.accounts.works_as(tenant, user)
    if account is None:
        return None
    try:
        return house.contexts.make(tenant, account.id, language=language, cause=Cause("job"))
    except EngineError:
        return None


def recurring(house: House) -> Mapping[str, Recurring]:
    """Return what workers look after again and again, on the services of a house."""

    def tenants() -> Sequence[str]:
        return [
            each.tenant.name
            for each in house.registry.all()
            if each.state == "live" and not each.tenant.name.startswith(STAGE)
        ]

    def places() -> Sequence[Tenant]:
        return [each.tenant for each in house.registry.all() if each.state == "live"]

    def system(tenant: str) -> Context:
        return house.contexts.system(tenant, cause=Cause("job"))

    notices = house.services.notices
    copies = transfers(house)
    nightly = {BACK_UP_ALL: BackUpAll(house.database, tenants, system)}
    return {
        TURN: DayTurn(house.database, tenants, system),
        PURGE: copies.farewell,
        TEND: TendPublishes(house.publisher, places),
        FETCH_ALL: fetch_all(house, tenants, system),
        CLOCK: Clock(house.database, house.runner, tenants, system),
        POOLS: Returns(house.database, house.runner.hands, tenants, system),
        LEVELS: Ticking(house.database, Timekeeper(house.runner.hands), tenants, system),
        LAPSES: Lapses(house.database, house.runner, tenants, system),
        REMIND: Remind(house.reader, notices, tenants, system, colleague(house)),
        OWN_REMINDERS: OwnReminders(
            house.database,
            house.reader,
            house.access,
            house.runner.hands.outbox,
            tenants,
            system,
            colleague(house),
            partial(address_of, house),
            day_written,
            house.services.people.site,
        ),
        **(nightly if house.settings.backups else {}),
    }
