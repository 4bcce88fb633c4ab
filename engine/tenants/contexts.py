"""From a person and a tenant's name to a `Context` on the model that is published now."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import NoReturn, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from engine.accounts.errors import ProofNeeded, SecondFactorNeeded
from engine.accounts.unlogged import UNLOGGED
from engine.audit.event import Auditing, DoorLog, PersonEvent
from engine.audit.refusals import is_told, refusal
from engine.compiled import CompiledModel
from engine.context import NO_RINGS, NOWHERE, Actor, Cause, Context, Origin, Rings, Tenant
from engine.database import GONE, PREVIEW, Database, sqlstate
from engine.errors import EngineError, ModelChanged, NotFound
from engine.schema.revisions import newest_question, read_newest
from engine.store import ModelStore, Published
from engine.tenants.errors import TenantClosed
from engine.tenants.identity import SignedIn
from engine.tenants.lately import Lately
from engine.tenants.people import ADMINISTRATOR, SYSTEM, actor_of, actor_sentence
from engine.tenants.registry import TenantRegistry
from engine.tenants.standing import Standing, standing_of
from engine.tenants.tables import membership, tenant
from engine.tenants.visits import Visits
from engine.values.sending import said
from formula.backends.contract import Moment
from metamodel.model import Model

T = TypeVar("T")

OVERTAKEN = 3
"""How often work that publishes overtook is run again before its caller hears of it."""

Membership = tuple[Standing, UUID, frozenset[str], datetime | None]
"""How a tenant stands, the row of a person there, the roles that it asks for two proofs, and
before when what the person has proved does not count any more.
"""


class Contexts:
    """Makes contexts, for people of a tenant and for the system itself.

    Model and rights are those of now; who is a member of which tenant is known for a moment.
    """

    def __init__(
        self,
        database: Database,
        store: ModelStore,
        audit: Auditing,
        rings: Rings = NO_RINGS,
        doors: DoorLog = UNLOGGED,
    ) -> None:
        self._database = database
        self._store = store
        self._audit = audit
        self._doors = doors
        self._rings = rings
        self._registry = TenantRegistry(database)
        self._members: Lately[tuple[str, UUID], Membership] = Lately()
        self._places: Lately[str, Tenant] = Lately()
        self._visits = Visits(database)

    def make(
        self,
        name: str,
        account: UUID,
        *,
        language: str,
        cause: Cause,
        origin: Origin = NOWHERE,
        session: SignedIn | None = None,
    ) -> Context:
        """Return a person's context; raise `NotFound` where the tenant is not theirs.

        `TenantClosed` is raised where it is theirs and nobody, or not they, may enter it now.
        With a `session`, by which they are here, `SecondFactorNeeded` is raised where the tenant
        asks the person for two proofs and one was given, `ProofNeeded` where it was given before
        the tenant's administrators ended the person's sign-ins.
        """
        try:
            standing, user, asked, ended = self._membership(name, account)
        except NotFound:
            self.turn_away(name, account, origin)
        if standing.closed:
            raise TenantClosed(tenant=name, reason=standing.closed)
        try:
            published, actor = self._seat(standing.tenant, user)
        except (DBAPIError, psycopg.Error) as error:
            if sqlstate(error) not in GONE:
                raise
            self._members.forget()
            standing, user, asked, ended = self._membership(name, account)
            published, actor = self._seat(standing.tenant, user)
        if standing.for_administrators and ADMINISTRATOR not in actor.roles:
            raise TenantClosed(tenant=name, reason=standing.tenant.frozen)
        place = standing.tenant
        if session is not None:
            asks = "*" in asked or not asked.isdisjoint(actor.roles)
            _require_proof(session, name, ended, twice=asks)
            self._visits.note(session.id, name)
        made = context_of(place, published.compiled, published.revision, actor, language, cause)
        return replace(made, origin=origin, rings=self._rings)

    def turn_away(self, name: str, account: UUID, origin: Origin) -> NoReturn:
        """Raise `NotFound` for a tenant that is not a person's; their attempt is told of."""
        told = {"what": "tenant"}
        self._doors.note(PersonEvent("refused", account, "", name, origin, told))
        raise NotFound(tenant=name)

    def system(self, name: str, *, language: str = "en", cause: Cause) -> Context:
        """Return the context in which the system itself acts in a tenant."""
        return self._alone(self._registry.get(name).tenant, language, cause)

    def place(self, name: str) -> Tenant:
        """Return a tenant as it stood a moment ago; raise `TenantUnknown`."""
        found = self._places.get(name, lambda: self._registry.get(name).tenant)
        return self._registry.get(name).tenant if found is None else found

    def at_work(self, name: str, *, cause: Cause) -> Context:
        """Return what `system` does, for one of very many jobs: the tenant as it stood lately."""
        try:
            return self._alone(self.place(name), "en", cause)
        except (DBAPIError, psycopg.Error) as error:
            if sqlstate(error) not in GONE:
                raise
            self._places.forget()
            return self._alone(self.place(name), "en", cause)

    def _alone(self, place: Tenant, language: str, cause: Cause) -> Context:
        """Return the system's own context, on the model that is published now."""
        with self._database.glance(place, newest_question(place)) as (_, answer):
            published = self._store.known(*read_newest(place, answer))
        if published is None:
            published = self._store.current(place)
        made = context_of(place, published.compiled, published.revision, SYSTEM, language, cause)
        return replace(made, rings=self._rings)

    def run(self, ctx: Context, work: Callable[[Context], T]) -> T:
        """Run `work`, again on a fresh context where the tenant was reshaped meanwhile.

        What is refused for want of rights goes into the audit log.
        """
        try:
            for _ in range(OVERTAKEN):
                with suppress(ModelChanged):
                    return work(ctx)
                ctx = self._refreshed(ctx)
            return work(ctx)
        except EngineError as error:
            if is_told(error):
                self._audit.note(ctx, refusal(ctx, error))
            raise

    def forget(self) -> None:
        """Forget who is a member of what: a tenant's rules, or its people, were changed."""
        self._members.forget()
        self._places.forget()

    def _refreshed(self, ctx: Context) -> Context:
        # It may have been moved meanwhile; and what froze it since holds, but for a preview.
        found = self._registry.get(ctx.tenant.name).tenant
        frozen = "" if ctx.tenant.frozen == PREVIEW else ctx.tenant.frozen
        place = replace(found, frozen=found.frozen or frozen)
        published = self._store.current(place)
        return replace(ctx, tenant=place, compiled=published.compiled, revision=published.revision)

    def _seat(self, place: Tenant, user: UUID) -> tuple[Published, Actor]:
        """Return the published model and the person, read in one transaction."""
        while True:
            with self._database.glance(place, newest_question(place)) as (driver, answer):
                published = self._store.known(*read_newest(place, answer))
                if published is not None:
                    who = said(actor_sentence(published.compiled), place, {"who": user})
                    rows = driver.execute(*who).fetchall()
                    break
            self._store.current(place)
        actor = actor_of(user, rows)
        if actor is None:
            raise NotFound(tenant=place.name)
        return published, actor

    def _membership(self, name: str, account: UUID) -> Membership:
        found = self._members.get((name, account), lambda: self._member(name, account))
        if found is None:
            raise NotFound(tenant=name)
        return found

    def _member(self, name: str, account: UUID) -> Membership | None:
        with self._database.registry() as connection:
            row = connection.execute(
                select(tenant, membership.c.user, membership.c.ended_at)
                .join(membership, membership.c.tenant == tenant.c.name)
                .where(
                    tenant.c.name == name,
                    membership.c.account == account,
                )
            ).one_or_none()
        standing = None if row is None else standing_of(row, datetime.now(UTC).date())
        if row is None or standing is None:
            return None
        return standing, row.user, frozenset(row.second_factor), row.ended_at


def _require_proof(session: SignedIn, name: str, ended: datetime | None, *, twice: bool) -> None:
    """Raise where what was proved with a session does not suffice in a tenant."""
    if ended is not None and session.proved_at < ended:
        raise ProofNeeded(tenant=name)
    if twice and not session.strong:
        raise SecondFactorNeeded(tenant=name)


def context_of(
    place: Tenant,
    compiled: CompiledModel,
    revision: int,
    actor: Actor,
    language: str,
    cause: Cause,
) -> Context:
    """Return a context for now, in the tenant's own zone."""
    return Context(
        tenant=place,
        compiled=compiled,
        revision=revision,
        actor=actor,
        moment=moment_of(compiled.model),
        language=language or compiled.model.app.languages[0],
        cause=cause,
    )


def moment_of(model: Model, *, now: datetime | None = None) -> Moment:
    """Return the instant, and the day it is in the app's zone."""
    instant = now or datetime.now(UTC)
    zone = model.app.timezone
    return Moment(now=instant, today=instant.astimezone(ZoneInfo(zone)).date(), zone=zone)
