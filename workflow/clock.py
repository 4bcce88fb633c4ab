"""What time sets off: schedules, and days and instants of records, each of them once.

For each automation it is kept up to when time was looked at; what lies between that and now is
set off in the transaction that moves it on. What no worker was there for is made up for when
one is, a schedule once; a clock that was set back sets nothing off again. A schedule strikes no
more while workers are still at what it set off before.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from croniter import croniter
from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from engine.compiled import CompiledModel
from engine.context import Context
from engine.database import Database
from engine.errors import EngineError
from engine.notices.tables import columns_of
from engine.records.formed import Stand, values_here
from engine.records.work import Work
from engine.values.identity import new_id
from engine.walking import in_each
from metamodel.automation import Automation
from workflow.due import Window
from workflow.patience import still_waiting
from workflow.runner import Runner
from workflow.runs import Run, begin, due_now, is_in_hand, keep, postpone
from workflow.spreading import begun_due, begun_over
from workflow.waiting import AGAIN

CLOCK = "automation.clock"

COUNTER = "sys_counter"

AT_A_TIME = 1_000
"""Runs that are woken in one transaction."""

HELD_AT_MOST = timedelta(days=2)
"""How long what a schedule set off before keeps it from striking again."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Clock:
    """Looks at the time in every tenant; a `jobs.Recurring`."""

    database: Database
    runner: Runner
    tenants: Callable[[], Sequence[str]]
    system: Callable[[str], Context]

    @property
    def cron(self) -> str:
        """When it is looked at the time: each minute."""
        return "* * * * *"

    def tick(self, at: datetime) -> None:
        """Set off what is due in each tenant; one that cannot be reached keeps nobody waiting."""
        in_each(self.tenants(), self.system, self.look, (_LOG, "Time was not looked at"))

    def look(self, ctx: Context) -> int:
        """Set off what is due in one tenant; return how many runs that is."""
        if ctx.tenant.frozen:
            return 0
        self._wake(ctx)
        return sum(self._tried(ctx, each) for each in timed(ctx.compiled))

    def _wake(self, ctx: Context) -> None:
        """Have runs gone on with whose time has come."""

        def unit(connection: Connection) -> int:
            _forget_others(ctx, connection)
            runs = due_now(connection, ctx, AT_A_TIME)
            left = self._in_vain(ctx, connection, runs)
            postpone(connection, ctx, left, ctx.now + AGAIN)
            self.runner.hands.later(connection, [run for run in runs if run.id not in left])
            return len(runs)

        while self.database.unit(ctx, unit) == AT_A_TIME:
            pass

    def _in_vain(
        self, ctx: Context, connection: Connection, runs: Sequence[Run]
    ) -> frozenset[UUID]:
        """Return the runs whose condition does not hold yet; where it cannot be asked, none."""
        work = Work.begin(ctx, connection, self.runner.hands.policy)
        try:
            with connection.begin_nested():
                return still_waiting(work, runs)
        except (EngineError, DBAPIError):
            return frozenset()

    def _tried(self, ctx: Context, automation: Automation) -> int:
        """Look at one automation; what breaks in it holds none of the others up."""
        try:
            return self._look_at(ctx, automation)
        except Exception as error:
            said = (ctx.tenant.name, automation.key, type(error).__name__)
            _LOG.warning("Time was not looked at in %s for %s: %s", *said)
            return 0

    def _look_at(self, ctx: Context, automation: Automation) -> int:
        def unit(connection: Connection) -> int:
            return self._set_off(ctx, connection, automation)

        return self.database.unit(ctx, unit)

    def _set_off(self, ctx: Context, connection: Connection, automation: Automation) -> int:
        window = _not_looked_at(ctx, connection, automation)
        if window is None or _is_held(ctx, connection, automation, window):
            return 0
        _move_on(ctx, connection, automation, window)
        work = Work.begin(ctx, connection, self.runner.hands.policy)
        runs = _due(work, automation, window)
        keep(connection, ctx, runs)
        self.runner.hands.later(connection, runs)
        return len(runs)


def timed(compiled: CompiledModel) -> tuple[Automation, ...]:
    """Return the automations that time sets off, kept with the model."""
    return compiled.keep(
        "timed",
        lambda: tuple(
            each
            for each in compiled.model.automations.values()
            if each.active and each.trigger.on in ("date", "schedule")
        ),
    )


def _forget_others(ctx: Context, connection: Connection) -> None:
    """Forget when time was looked at for what is off, or gone.

    Once that is on again it begins then: greetings of months are not sent at once.
    """
    table, column = columns_of(ctx, COUNTER)
    there = [each.key for each in timed(ctx.compiled)]
    others = (column["name"] == CLOCK, column["period"].not_in(there))
    connection.execute(delete(table).where(*others))


def _due(work: Work, automation: Automation, window: Window) -> list[Run]:
    """Return runs that are due within a window."""
    trigger, when, ctx = automation.trigger, automation.when, work.ctx
    entity, key = trigger.entity, ("timed", automation.key)
    if trigger.on == "date":
        return begun_due(work, automation, window)
    if not _struck(trigger.cron, window, ctx):
        return []
    if entity:
        return begun_over(work, automation)
    if when is not None and not values_here(work, Stand(), [when], key)[0]:
        return []
    return [begin(ctx, automation.key, Stand())]


def _struck(cron: str, window: Window, ctx: Context) -> bool:
    """Return whether a schedule, in the zone of the app, has a time within a window."""
    zone = ZoneInfo(ctx.model.app.timezone)
    coming = croniter(cron, window.after.astimezone(zone))
    found = coming.get_next(datetime).astimezone(zone)
    while found.fold and "*" not in cron.split()[1]:
        # The hour that clocks are set back by comes twice; what has its hour was set off before.
        found = coming.get_next(datetime).astimezone(zone)
    return bool(found.astimezone(UTC) <= window.until)


def _is_held(ctx: Context, connection: Connection, automation: Automation, window: Window) -> bool:
    """Return whether a schedule strikes while what it set off before is still being worked off.

    It strikes once that is done, however often its time came: it would heap up for ever what takes
    longer than it has, and do to records again what was about to be done to them.
    """
    trigger = automation.trigger
    if trigger.on != "schedule" or not _struck(trigger.cron, window, ctx):
        return False
    return is_in_hand(connection, ctx, automation.key, ctx.now - HELD_AT_MOST)


def _not_looked_at(ctx: Context, connection: Connection, automation: Automation) -> Window | None:
    """Return what time an automation was not looked at for yet, which nobody else looks at then.

    It ends with a whole second, which is what is noted: what comes within the next one is left to
    the next look, or both would find it. None where nothing was looked at before, as what was then
    is not made up for, and where the clock was set back.
    """
    table, column = columns_of(ctx, COUNTER)
    until = int(ctx.now.timestamp())
    row = {"id": new_id(ctx.now), "name": CLOCK, "period": automation.key, "value": until}
    named = {column[key].name: value for key, value in row.items()}
    made = connection.execute(
        insert(table).values(named).on_conflict_do_nothing().returning(column["id"])
    ).one_or_none()
    if made is not None:
        return None
    mine = (column["name"] == CLOCK, column["period"] == automation.key)
    held = connection.execute(select(column["value"]).where(*mine).with_for_update())
    last = int(held.scalar_one())
    if last >= until:
        return None
    return Window(datetime.fromtimestamp(last, UTC), datetime.fromtimestamp(until, UTC))


def _move_on(ctx: Context, connection: Connection, automation: Automation, window: Window) -> None:
    """Note that time was looked at up to the end of a window."""
    table, column = columns_of(ctx, COUNTER)
    mine = (column["name"] == CLOCK, column["period"] == automation.key)
    until = {column["value"].name: int(window.until.timestamp())}
    connection.execute(update(table).where(*mine).values(until))
