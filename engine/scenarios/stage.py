"""The throw-away copy that scenarios are played on: a tenant of its own, swept between two."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex
from typing import Protocol
from uuid import UUID

from sqlalchemy import text

from engine.context import NO_RINGS, Actor, Cause, Context, Rings, Tenant
from engine.database import Database
from engine.doors import Reader, Writer
from engine.errors import NotFound
from engine.scenarios.cast import Cast
from engine.scenarios.player import Deed, Deeds, moment_of, play
from engine.scenarios.results import ScenarioResult
from engine.scenarios.values import Made
from engine.schema.names import quoted
from engine.schema.revisions import Document
from engine.store import Published
from engine.tenants.people import SYSTEM, seat_system
from engine.tenants.provision import NewTenant, Provisioning
from engine.tenants.starters import plant
from formula.backends.contract import Moment
from metamodel.model import Model
from metamodel.stories import Scenario

_CAUSE = Cause("scenario")

_WRITTEN = """
    SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname = :schema AND relkind = 'r' AND pg_relation_size(pg_class.oid) > 0
"""
"""Tables that anything was ever written to since they were made."""

STAGE = "rehearsal-"
"""How the names of throw-away tenants begin."""


class Aftermath(Protocol):
    """What an app does by itself, done at the moments of a scenario instead of by workers."""

    def settle(self, ctx: Context, *, passed: bool) -> None:
        """Do what is due now; with `passed`, also what time has set off since it was asked last."""
        ...


class Quiet:
    """An aftermath in which nothing happens by itself."""

    def settle(self, ctx: Context, *, passed: bool) -> None:
        """Do nothing."""


class Idle:
    """Deeds where nobody does anything but write records."""

    def do(self, ctx: Context, deed: Deed) -> None:
        """Raise `NotFound`: there is nothing of the kind."""
        raise NotFound(act=deed.act, name=deed.name)

    def approvals(self, ctx: Context, entity: str, record: UUID) -> Mapping[str, str]:
        """Return nothing."""
        return {}

    def told(self, ctx: Context, whom: UUID | str, since: datetime) -> Sequence[str]:
        """Return nothing."""
        return ()


@dataclass(frozen=True, slots=True)
class Doors:
    """How a stage is read and written, what people do there, what the app does by itself."""

    reader: Reader
    writer: Writer
    rings: Rings = NO_RINGS
    aftermath: Aftermath = field(default_factory=Quiet)
    deeds: Deeds = field(default_factory=Idle)


class Stage:
    """One throw-away tenant with its doors and the people who act there."""

    def __init__(
        self, database: Database, tenant: Tenant, published: Published, doors: Doors
    ) -> None:
        self._database = database
        self._tenant = tenant
        self._published = published
        self._doors = doors
        self.reader = doors.reader
        self.writer = doors.writer
        self.deeds = doors.deeds
        self.names: Mapping[str, Made] = {}
        self._cast = Cast(doors.writer)

    @property
    def model(self) -> Model:
        return self._published.compiled.model

    def sweep(self, scenario: Scenario) -> None:
        """Take away every record, and begin again with the starter records alone."""
        self._empty()
        seat_system(self._database, self._tenant, self._published.compiled)
        ctx = self._context(SYSTEM, moment_of(scenario.today, self.model.app.timezone, minutes=0))
        self._cast = Cast(self.writer)
        self._cast.engage(ctx, scenario)
        planted = plant(ctx, self.writer)
        entities = {starter.key: starter.entity for starter in self.model.starter_records}
        starters = {key: Made(entities[key], id) for key, id in planted.items()}
        self._doors.aftermath.settle(ctx, passed=True)
        self.names = starters | {name: Made("user", id) for name, id in self._cast.ids.items()}

    def _empty(self) -> None:
        """Delete every record, in one statement, so that none stays for a link to it.

        Emptying tables as files would be slower where there are hundreds, nearly all of them
        empty, and every connection would have to learn them anew.
        """
        known = {table.name for table in self._published.compiled.tables.by_entity.values()}
        schema = quoted(self._tenant.schema)
        with self._database.owner(self._tenant) as connection:
            written = connection.execute(text(_WRITTEN), {"schema": self._tenant.schema}).scalars()
            emptied = ", ".join(
                f"e{number} AS (DELETE FROM {schema}.{quoted(name)})"  # noqa: S608 - quoted
                for number, name in enumerate(sorted(known.intersection(written)))
            )
            if emptied:
                connection.execute(text(f"WITH {emptied} SELECT"))

    def context(self, roles: tuple[str, ...], moment: Moment) -> Context:
        """Return the context of somebody with these roles, at this moment."""
        actor = self._cast.somebody(self._context(SYSTEM, moment), roles)
        return self._context(actor, moment)

    def person(self, name: str, moment: Moment) -> Context:
        """Return the context of a person of the scenario, at this moment."""
        return self._context(self._cast.named(name), moment)

    def settle(self, moment: Moment, *, passed: bool = False) -> None:
        """Let the app do by itself what it does now, with `passed` what time sets off as well."""
        self._doors.aftermath.settle(self._context(SYSTEM, moment), passed=passed)

    def _context(self, actor: Actor, moment: Moment) -> Context:
        return Context(
            tenant=self._tenant,
            compiled=self._published.compiled,
            revision=self._published.revision,
            actor=actor,
            moment=moment,
            language=self.model.app.languages[0],
            cause=_CAUSE,
            rings=self._doors.rings,
        )


@contextmanager
def staged(
    database: Database, provisioning: Provisioning, documents: Sequence[Document], doors: Doors
) -> Iterator[Stage]:
    """Make a throw-away tenant of an app, and delete it at the end, whatever happens."""
    wanted = NewTenant(name=f"{STAGE}{token_hex(6)}", documents=documents)
    record, published = provisioning.create(wanted, author="scenarios")
    try:
        yield Stage(database, record.tenant, published, doors)
    finally:
        provisioning.delete(wanted.name)


def rehearse(
    stage: Stage, *, only: Callable[[Scenario], bool] = lambda _: True
) -> Iterator[ScenarioResult]:
    """Play the model's scenarios one after the other, each on a swept stage."""
    for scenario in stage.model.scenarios.values():
        if only(scenario):
            stage.sweep(scenario)
            yield play(scenario, stage)
