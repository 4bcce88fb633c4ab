"""The runs of a tenant as those who look after it read them, and have them done again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Connection, func, select

from engine.access.grants import administers
from engine.context import Context
from engine.database import Database
from engine.errors import EngineError, Forbidden, NotFound
from engine.requests import claim, settle
from metamodel.scripts import steps_of
from workflow.runner import Runner
from workflow.runs import FROM, Place, Run, State, asked, begin, keep, one, several
from workflow.spreading import from_first, is_spread

ENDED: frozenset[State] = frozenset({"done", "failed", "stopped"})
"""States in which nothing more happens."""


class RunUnderWay(EngineError):
    """A run that has not ended cannot be done again."""

    code = "run_under_way"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which runs are asked for; blanks narrow nothing. `before` is the last one seen."""

    automation: str = ""
    state: State | None = None
    entity: str = ""
    record: UUID | None = None
    root: UUID | None = None
    before: UUID | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class RunBook:
    """The door to what automations did, for those who look after a tenant."""

    database: Database
    runner: Runner

    def page(self, ctx: Context, question: Asked) -> tuple[Run, ...]:
        """Return runs, the latest first; fewer than `limit` says that there are no more."""
        _require(ctx)
        wanted = {
            name: value
            for name in ("automation", "state", "entity", "record", "root")
            if (value := getattr(question, name))
        }
        with self.database.reading(ctx) as connection:
            return asked(connection, ctx, wanted, question.before, question.limit)

    def one(self, ctx: Context, run: UUID) -> Run:
        """Return a run; raise `NotFound` where there is none of this id."""
        _require(ctx)
        with self.database.reading(ctx) as connection:
            return _there(connection, ctx, run)

    def several(self, ctx: Context, runs: Collection[UUID]) -> Mapping[UUID, Run]:
        """Return those of some runs that are there, by their ids."""
        _require(ctx)
        with self.database.reading(ctx) as connection:
            return {run.id: run for run in several(connection, ctx, runs)}

    def counts(self, ctx: Context) -> Mapping[str, Mapping[str, int]]:
        """Return how many runs each automation has had in each state."""
        _require(ctx)
        table = ctx.compiled.tables.of("sys_run")
        fields = ctx.model.entities["sys_run"].fields
        automation, state = (table.c[fields[key].column] for key in ("automation", "state"))
        found: dict[str, dict[str, int]] = {}
        with self.database.reading(ctx) as connection:
            grouped = select(automation, state, func.count()).group_by(automation, state)
            for name, each, count in connection.execute(grouped):
                found.setdefault(name, {})[each] = int(count)
        return found

    def again(self, ctx: Context, run: UUID, *, from_step: str = "") -> UUID:
        """Do an ended run again as a new one, from its beginning or from a step; return its id.

        The step at which the run had waited goes on there. Raises `RunUnderWay`, and `NotFound`
        for what the app does not have any more.
        """
        _require(ctx)

        def unit(connection: Connection) -> UUID:
            claim(ctx, connection)
            former = _there(connection, ctx, run)
            if former.state not in ENDED:
                raise RunUnderWay
            fresh = replace(
                begin(ctx, former.automation, former.stand),
                by=former.by, chain=former.chain, root=former.root,
                place=_place(ctx, former, from_step),
            )  # fmt: skip
            keep(connection, ctx, [fresh])
            self.runner.hands.later(connection, [fresh])
            settle(ctx, connection, fresh.id)
            return fresh.id

        return self.database.unit(ctx, unit)


def _place(ctx: Context, former: Run, step: str) -> Place:
    """Return where a run begins that is done again."""
    known = steps_of(ctx.model, former.automation)
    if known is None:
        raise NotFound(automation=former.automation)
    if not step:
        return from_first(former.place) if is_spread(former.place) else ()
    if former.place[:1] == (step,):
        return former.place
    key = next((each.key for each in known if step in (each.name, each.key)), None)
    if key is None:
        raise NotFound(step=step)
    return (FROM, key)


def _there(connection: Connection, ctx: Context, run: UUID) -> Run:
    found = one(connection, ctx, run)
    if found is None:
        raise NotFound(run=str(run))
    return found


def _require(ctx: Context) -> None:
    if not administers(ctx):
        raise Forbidden
