"""Handing over: plan, start, run to the end however often it is interrupted, report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Connection, select

from engine.access.grants import require_everything
from engine.access.policy import Policy
from engine.audit.event import Auditing, Event
from engine.context import Cause, Context, Tenant
from engine.database import Database
from engine.doors import Edit
from engine.errors import RecordRefused
from engine.exchange.marks import mark_of
from engine.exchange.sinks import Format, write
from engine.jobs import Payload, defer
from engine.leaving.holdings import USER
from engine.leaving.journal import (
    HandoverState,
    handovers_of,
    note,
    open_handover,
    read_handover,
)
from engine.leaving.order import Order
from engine.leaving.passing import NIL, Passing, Step
from engine.leaving.planning import Plan, make_plan, remaining
from engine.leaving.report import REPORT, report_rows
from engine.leaving.shares import pass_shares
from engine.records.writer import Records
from engine.requests import claim, settle
from engine.schema.revisions import Document
from engine.tenants.contexts import moment_of
from engine.tenants.tables import membership

TASK = "handover"

T = TypeVar("T")

Progress = Callable[[HandoverState], None]


class Fresh(Protocol):
    """Runs work on a context that is made anew where the tenant was reshaped meanwhile."""

    def run(self, ctx: Context, work: Callable[[Context], T]) -> T: ...


class Documents(Protocol):
    """Where the texts of a tenant's app are found."""

    def documents(self, tenant: Tenant) -> tuple[Document, ...]: ...


class Access(Protocol):
    """The installation's side of a person: memberships, tokens, sessions."""

    def leave(self, account: UUID, tenant_name: str) -> None: ...

    def set_active(self, account: UUID, *, active: bool) -> None: ...

    def tenants_of(self, account: UUID) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Handovers:
    """Hand-overs of everything that somebody holds in a tenant, and the end of their access."""

    database: Database
    policy: Policy
    writer: Records
    accounts: Access
    documents: Documents
    fresh: Fresh
    audit: Auditing

    def plan(self, ctx: Context, order: Order) -> Plan:
        """Return what a hand-over would do; nothing is written.

        Raises `Forbidden` for whom may not, `NotFound` for nobody, `RecordRefused` for rules
        that cannot be followed. Records that no rule speaks of are in the plan.
        """
        require_everything(ctx, "handover")
        with self.database.reading(ctx) as connection:
            return self._planned(ctx, connection, order)

    def start(self, ctx: Context, order: Order, *, job: Payload | None) -> HandoverState:
        """Note a hand-over, end the person's access, and with `job` defer the rest.

        One that is under way already is taken up again as it was ordered. Raises what `plan`
        does, and `RecordRefused` where records would be nobody's or nobody could administer.
        """
        require_everything(ctx, "handover")

        def unit(connection: Connection) -> HandoverState:
            claim(ctx, connection)
            plan = self._planned(ctx, connection, order)
            running = [each for each in handovers_of(connection, ctx, order.person)
                       if each.state == "running"]  # fmt: skip
            if not running and (problems := plan.problems()):
                raise RecordRefused(problems)
            found = (plan.name, plan.total, plan.mentions)
            state = running[0] if running else open_handover(connection, ctx, plan.order, found)
            if order.disable:
                self._bar(ctx, connection, order.person)
            if job is not None:
                defer(connection, TASK, {**job, "handover": str(state.id)}, queue="bulk")
            settle(ctx, connection, state)
            return state

        state = self.database.unit(ctx, unit)
        self._end_access(ctx, state.order)
        return state

    def run(
        self, ctx: Context, identity: UUID, *, progress: Progress | None = None
    ) -> HandoverState:
        """Take a hand-over from where it stands to its end; safe to call again after a crash."""
        state = self.state(ctx, identity)
        if state.state != "running":
            return state
        self._end_access(ctx, state.order)
        handing = replace(ctx, cause=Cause("handover", str(identity)))
        for step in Passing(self.database, self.writer).steps(handing, state):
            for reached in self._taken(handing, step, state):
                state = reached
                if progress is not None:
                    progress(state)
        return self.fresh.run(_now(handing), partial(self._finish, state=state))

    def state(self, ctx: Context, identity: UUID) -> HandoverState:
        """Return how far a hand-over is."""
        require_everything(ctx, "handover")
        with self.database.reading(ctx) as connection:
            return read_handover(connection, ctx, identity)

    def of(self, ctx: Context, person: UUID | None = None) -> tuple[HandoverState, ...]:
        """Return hand-overs, of one person or of everybody, the latest first."""
        require_everything(ctx, "handover")
        with self.database.reading(ctx) as connection:
            return handovers_of(connection, ctx, person)

    def report(self, ctx: Context, identity: UUID, format_: Format) -> Iterator[bytes]:
        """Return every record that was given, by whom to whom, as a file."""
        state = self.state(ctx, identity)
        rows = report_rows(self.database, self.policy, ctx, state)
        return write(format_, REPORT, rows, mark_of(ctx, "handover"))

    def _planned(self, ctx: Context, connection: Connection, order: Order) -> Plan:
        mentions = tuple(_mentions(self.documents.documents(ctx.tenant), ctx, connection, order))
        return make_plan(ctx, self.policy, connection, order, mentions)

    def _taken(self, ctx: Context, step: Step, state: HandoverState) -> Iterator[HandoverState]:
        """Pass one step's records on, and yield how far the hand-over is after each batch."""
        passing, after = Passing(self.database, self.writer), NIL
        while True:
            take = partial(passing.take, step=step, state=state, after=after)
            reached = self.fresh.run(_now(ctx), take)
            if reached is None:
                return
            state, after = reached
            yield state

    def _bar(self, ctx: Context, connection: Connection, person: UUID) -> None:
        """End what a person may do here, in the unit that begins their hand-over."""
        edit = Edit(person, {ctx.model.entities[USER].fields["active"].name: False})
        # The request is answered by the hand-over, not by this part of it.
        self.writer.within(connection).update(replace(ctx, once=None), USER, [edit])

    def _end_access(self, ctx: Context, order: Order) -> None:
        """End membership and tokens here; without another tenant the account, and its sessions."""
        if not order.disable:
            return
        with self.database.registry() as connection:
            account = connection.execute(
                select(membership.c.account).where(
                    membership.c.tenant == ctx.tenant.name, membership.c.user == order.person
                )
            ).scalar()
        if account is None:
            return
        if set(self.accounts.tenants_of(account)) <= {ctx.tenant.name}:
            self.accounts.set_active(account, active=False)
        self.accounts.leave(account, ctx.tenant.name)

    def _finish(self, ctx: Context, *, state: HandoverState) -> HandoverState:
        """Pass shares on, count what is left, and tell the audit log."""

        def unit(connection: Connection) -> HandoverState:
            reached = state.with_(pass_shares(connection, ctx, state.order))
            for counted in remaining(ctx, connection, reached):
                reached = reached.with_(counted)
            left = sum(each.left for each in reached.given)
            ended = replace(reached, state="incomplete" if left else "done", finished_at=ctx.now)
            note(connection, ctx, ended)
            told = {"handover": str(ended.id), "done": ended.done, "left": left,
                    "total": ended.total}  # fmt: skip
            event = Event("handed_over", USER, ended.order.person, detail=told)
            self.audit.within(connection, ctx, [event])
            return ended

        return self.database.unit(ctx, unit)


def _now(ctx: Context) -> Context:
    """Return the context as of now: a hand-over takes its time."""
    return replace(ctx, moment=moment_of(ctx.model))


def _mentions(
    documents: Sequence[Document], ctx: Context, connection: Connection, order: Order
) -> Iterator[str]:
    """Yield where the texts of the app name the person, by id or address: file and line."""
    table, fields = ctx.compiled.tables.of(USER), ctx.model.entities[USER].fields
    email = table.c[fields["email"].column]
    address = connection.execute(select(email).where(table.c.id == order.person)).scalar()
    words = [each.lower() for each in (str(order.person), address or "") if each]
    for document in documents:
        for at, line in enumerate(document.text.lower().splitlines(), start=1):
            if any(word in line for word in words):
                yield f"{document.name}:{at}"
