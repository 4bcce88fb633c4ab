"""Publishing: a tenant's first model and every change of it, as numbered revisions.

A publish expands (additive, invisible to the model that serves), switches (one short
transaction under the tenant's lock, in which the new revision appears) and settles. Until
the switch a failure leaves the old revision serving; what was expanded is found again by
the next attempt.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Protocol
from uuid import UUID

import psycopg
from sqlalchemy import Connection

from engine.access.standing import keep_administered
from engine.audit.event import Auditing, Event
from engine.compiled import CompiledModel
from engine.context import Cause, Context, Tenant
from engine.database import Database, lock_key
from engine.errors import DataLoss, EngineError, ModelChanged, NotFound, PlanBlocked
from engine.schema.answers import listed
from engine.schema.apply import (
    PATIENCE,
    UNHURRIED,
    Fill,
    Mark,
    Progress,
    Run,
    patiently,
    run_statement,
)
from engine.schema.create import create_tables
from engine.schema.lost_tokens import with_tokens
from engine.schema.mending import free, mend
from engine.schema.new_starters import planted_by
from engine.schema.plan import make_plan
from engine.schema.previews import clear_previews, drop_previews
from engine.schema.revisions import (
    Author,
    Document,
    Revision,
    create_revision_tables,
    documents_of,
    history,
    newest,
    write_revision,
)
from engine.schema.running import (
    Begun,
    Journal,
    Publication,
    holding,
    left_behind,
    publications,
)
from engine.schema.shadows import shadowed
from engine.schema.steps import Effect, Plan, Sample, Step
from engine.schema.tables import Tables
from engine.store import ModelStore, Published
from engine.tenants.contexts import context_of
from engine.tenants.people import SYSTEM
from engine.tenants.registry import TenantRegistry
from engine.values.refusals import remark
from metamodel.diff import said


class Filler(Protocol):
    """Fills what a plan cannot write as one statement."""

    def fill(
        self,
        connection: Connection,
        ctx: Context,
        step: Step,
        ids: Sequence[UUID],
        *,
        whole: bool = False,
    ) -> None:
        """Fill a step's fields for these records of its entity, on the model of `ctx`.

        They are in order; `whole` where they are all there are from the first to the last.
        """
        ...


Planting = Callable[[Context, Collection[str]], None]
"""Plants starter records by key, in the name of a context; harmless when asked again."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a publish would publish, over which revision, and the plan to get there.

    `red` are scenarios that fail on it and that it is published in spite of.
    """

    over: int
    documents: tuple[Document, ...]
    old: CompiledModel
    new: CompiledModel
    plan: Plan
    red: tuple[str, ...] = ()


class Publisher:
    """Plans and publishes models of one database's tenants."""

    def __init__(
        self,
        database: Database,
        store: ModelStore,
        filler: Filler,
        audit: Auditing,
        planting: Planting | None = None,
    ) -> None:
        """Publish by these; without `planting` no newer version brings starter records along."""
        self._database = database
        self._planting = planting
        self._audit = audit
        self._store = store
        self._filler = filler

    def propose(self, tenant: Tenant, documents: Sequence[Document]) -> Proposal:
        """Return what publishing `documents` would do; raises `DefinitionInvalid`."""
        new = self._store.compiled(documents)
        old, over = self._store.current(tenant)
        with self._database.owner(tenant) as connection:
            run_statement(connection, "SET TRANSACTION READ ONLY")
            plan = make_plan(connection, _acting(tenant, new, over + 1), old, documents)
        plan = with_tokens(plan, self._database, tenant, (old.model, new.model))
        return Proposal(over, tuple(documents), old, new, plan)

    def publish(
        self,
        tenant: Tenant,
        proposal: Proposal,
        *,
        author: Author,
        message: str = "",
        allow_loss: bool = False,
        progress: Progress | None = None,
    ) -> Published:
        """Make a proposal the tenant's next revision; without a difference nothing happens.

        Raises `DataLoss` where the plan loses data and that was not allowed, `PlanBlocked`
        where data stands against it, `NobodyAdministers` where all who hold every right would
        lose it, `ModelChanged` where somebody else published meanwhile.
        """
        published = self._store.current(tenant)
        if published.compiled is proposal.new and not proposal.plan.steps:
            return published
        refuse(proposal.plan, allow_loss=allow_loss)
        message = remark("message", message)
        if published.revision != proposal.over:
            raise ModelChanged(tenant=tenant.name)
        revision = _revision(
            proposal.over + 1, proposal.documents, proposal.new, author=author, message=message
        )
        revision = replace(revision, summary=proposal.plan.summary())
        with holding(self._database, tenant):
            if self._store.current(tenant).revision != proposal.over:
                raise ModelChanged(tenant=tenant.name)
            clear_previews(self._database, tenant)
            self._mend(tenant, published, proposal.new.tables)
            return self._publish(tenant, proposal, revision, progress)

    def _publish(
        self, tenant: Tenant, proposal: Proposal, revision: Revision, progress: Progress | None
    ) -> Published:
        """Run a plan: expand, switch, settle; write down how far it is."""
        begun = Begun(revision.number, revision.author.name, revision.message, proposal.plan)
        journal = Journal.begin(self._database, tenant, begun)
        run = self._run(tenant, proposal, journal, progress)
        try:
            run.expand()
            patiently(partial(self._switch, run, proposal, revision, journal))
        except psycopg.IntegrityError as error:
            # What the plan counted on was changed since: it is told as it is now.
            journal.end("failed", str(error).splitlines()[0])
            free(self._database, tenant, proposal.plan, proposal.old.tables)
            raise PlanBlocked(
                effects=self.propose(tenant, proposal.documents).plan.effects
            ) from error
        except Exception as error:
            with suppress(EngineError):
                journal.end("failed", type(error).__name__)
                free(self._database, tenant, proposal.plan, proposal.old.tables)
            raise
        # It is published whatever happens now: what is left over is taken up by whoever mends.
        with suppress(EngineError, psycopg.Error):
            run.settle()
            self._plant(tenant, Published(proposal.new, revision.number), revision.author)
            if proposal.new.model.app.version != proposal.old.model.app.version:
                self._note(tenant, proposal.new)
            journal.end("done")
        return Published(proposal.new, revision.number)

    def publications(self, tenant: Tenant) -> tuple[Publication, ...]:
        """Return the publishes of a tenant that are remembered, one that runs now first."""
        with self._database.reading_tenant(tenant) as connection:
            return publications(connection, tenant)

    def mend(self, tenant: Tenant) -> int:
        """Finish or undo what publishes left whose process died; return how many.

        Raises `PublishRunning` where somebody is publishing.
        """
        with self._database.reading_tenant(tenant) as connection:
            if not left_behind(connection, tenant):
                return 0
        with holding(self._database, tenant):
            serving = self._store.current(tenant)
            done = self._mend(tenant, serving, serving.compiled.tables)
            self._note(tenant, serving.compiled)
            return done

    def _mend(self, tenant: Tenant, serving: Published, wanted: Tables) -> int:
        """Finish or undo what was left; what the last publish brings along is planted first."""
        with self._database.owner(tenant) as connection:
            left = left_behind(connection, tenant)
        if any((e.revision, e.state) == (serving.revision, "switched") for e in left):
            self._plant(tenant, serving, self.revisions(tenant)[0].author)
        return mend(self._database, tenant, serving.compiled, wanted)

    def _plant(self, tenant: Tenant, published: Published, author: Author) -> None:
        """Plant what a revision's plan said, as its author; it is asked until it is done."""
        if self._planting is None:
            return
        with self._database.reading_tenant(tenant) as connection:
            keys = planted_by(connection, tenant, published.revision)
        if keys:
            acting = _acting(tenant, published.compiled, published.revision)
            who = replace(SYSTEM, user=author.user or SYSTEM.user, name=author.name)
            self._planting(replace(acting, actor=who, cause=Cause("cli")), keys)

    def offenders(self, tenant: Tenant, effect: Effect) -> Iterator[Sample]:
        """Yield every record that an effect of a plan is about, as they are read."""
        if effect.listing is None:
            return
        with self._database.owner(tenant) as connection:
            run_statement(connection, "SET TRANSACTION READ ONLY")
            yield from listed(connection, effect.listing)

    def revisions(self, tenant: Tenant) -> tuple[Revision, ...]:
        """Return every revision of a tenant, the newest first."""
        with self._database.reading_tenant(tenant) as connection:
            return history(connection)

    def documents(self, tenant: Tenant, number: int | None = None) -> tuple[Document, ...]:
        """Return what a revision was linked from, by default the published one."""
        with self._database.reading_tenant(tenant) as connection:
            if number is None:
                return documents_of(connection, newest(connection, tenant)[1])
            for revision in history(connection):
                if revision.number == number:
                    return documents_of(connection, revision.documents)
        raise NotFound(f"There is no revision {number} of {tenant.name}.", revision=number)

    def _note(self, tenant: Tenant, serving: CompiledModel) -> None:
        """Write down among all tenants in which version this one's app is.

        Maybe in another database, so not with the switch; whoever finishes a publish does it, too.
        """
        TenantRegistry(self._database).set_template(tenant.name, serving.model.app.version)

    def _run(
        self, tenant: Tenant, proposal: Proposal, journal: Journal, progress: Progress | None
    ) -> Run:
        """Return the plan's run: before the switch on the model whose columns do not serve yet."""
        interim = shadowed(proposal.new, proposal.plan.shadows)

        def tell(mark: Mark) -> None:
            journal.mark(mark)
            if progress is not None:
                progress(mark)

        return Run(
            self._database,
            tenant,
            proposal.plan,
            interim,
            ahead=self._fill(tenant, interim, proposal.over + 1),
            fill=self._fill(tenant, proposal.new, proposal.over + 1),
            progress=tell,
        )

    def _fill(self, tenant: Tenant, compiled: CompiledModel, revision: int) -> Fill:
        """Return the filler, bound to a model."""
        ctx = _acting(tenant, compiled, revision)

        def fill(
            connection: Connection, step: Step, ids: Sequence[UUID], *, whole: bool = False
        ) -> None:
            self._filler.fill(connection, ctx, step, ids, whole=whole)

        return fill

    def _switch(self, run: Run, proposal: Proposal, revision: Revision, journal: Journal) -> None:
        tenant = run.tenant
        with self._database.owner(tenant) as connection:
            run_statement(connection, PATIENCE)
            run_statement(connection, UNHURRIED)
            run_statement(connection, f"SELECT pg_advisory_xact_lock({lock_key(tenant)})")
            drop_previews(connection, tenant)
            if newest(connection, tenant)[0] != proposal.over:
                raise ModelChanged(tenant=tenant.name)
            keep_administered(connection, proposal.old, proposal.new)
            run.switch(connection)
            write_revision(connection, revision, proposal.documents)
            acting = _publishing(tenant, proposal, revision)
            self._audit.within(connection, acting, _published(proposal, revision))
            journal.switched(connection, proposal.plan)


def found(
    database: Database,
    store: ModelStore,
    tenant: Tenant,
    documents: Sequence[Document],
    *,
    author: Author,
    message: str = "",
) -> Published:
    """Create a new tenant's tables in its empty schema and publish revision 1.

    `documents` are the template's, lowest first, and last the tenant's own layer, which
    may be blank. Role and schema are there already. Raises `DefinitionInvalid`.
    """
    compiled = store.compiled(documents)
    revision = _revision(1, documents, compiled, author=author, message=message)
    with database.owner(tenant) as connection:
        create_revision_tables(connection, tenant)
        create_tables(connection, tenant, compiled.tables)
        write_revision(connection, revision, documents)
    return Published(compiled, 1)


def refuse(plan: Plan, *, allow_loss: bool) -> None:
    """Raise what stands against running a plan, if anything does."""
    if plan.risk == "blocked":
        raise PlanBlocked(effects=plan.effects)
    if plan.risk == "loses" and not allow_loss:
        raise DataLoss(effects=plan.effects)


def _publishing(tenant: Tenant, proposal: Proposal, revision: Revision) -> Context:
    """Return the context in which the audit log is told of a publish: as its author."""
    acting = _acting(tenant, proposal.new, revision.number)
    author = revision.author
    who = replace(SYSTEM, user=author.user or SYSTEM.user, name=author.name)
    return replace(acting, actor=who, origin=author.origin)


def _published(proposal: Proposal, revision: Revision) -> list[Event]:
    """Return what the audit log is told: the publish, and which roles it changed."""
    steps: dict[str, object] = {
        "message": revision.message,
        "steps": len(proposal.plan.steps),
        "effects": [each.code for each in proposal.plan.effects],
        **({"despite_red": list(proposal.red)} if proposal.red else {}),
    }
    numbers = {"revision": proposal.over}, {"revision": revision.number}
    events = [Event("published", before=numbers[0], after=numbers[1], detail=steps)]
    old, new = proposal.old.model.roles, proposal.new.model.roles
    changed = sorted(name for name in {*old, *new} if said(old.get(name)) != said(new.get(name)))
    if changed:
        events.append(Event("roles_changed", "", None, *numbers, detail={"roles": tuple(changed)}))
    return events


def _acting(tenant: Tenant, compiled: CompiledModel, revision: int) -> Context:
    """Return the context in which the system itself acts on a model before it is published."""
    return context_of(tenant, compiled, revision, SYSTEM, "", Cause("publish", str(revision)))


def _revision(
    number: int,
    documents: Sequence[Document],
    compiled: CompiledModel,
    *,
    author: Author,
    message: str,
) -> Revision:
    app = compiled.model.app
    return Revision(
        number=number,
        at=datetime.now(UTC),
        author=author,
        message=message,
        documents=tuple(document.digest for document in documents),
        template=app.name,
        template_version=app.version,
    )
