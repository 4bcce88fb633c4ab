"""A run while it goes on: whose hands it has, where it stands, what its steps are told by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection

from engine.access.policy import Policy
from engine.context import Cause, Context
from engine.documents.service import Worded
from engine.query.spec import FileValue
from engine.records.formed import Key, Stand, values_here
from engine.records.work import Work
from engine.records.writer import Records
from formula.typed import Typed
from metamodel.outward import Document
from workflow.messages.outbox import Outbox
from workflow.runs import Place, Run
from workflow.webhooks import Caller

Words = Mapping[str, object]
"""What tells of a step, as JSON values."""


class Later(Protocol):
    """Has runs gone on with after the transaction, each at the earliest when it is due.

    For `bulk` ones nobody waits.
    """

    def __call__(
        self, connection: Connection, runs: Sequence[Run], *, bulk: bool = False
    ) -> None: ...


class Papers(Protocol):
    """Makes documents inside a transaction."""

    def keep(self, ctx: Context, document: Document, record: UUID) -> FileValue:
        """Attach a document to its record, as it is now."""
        ...


class Writing(Protocol):
    """Returns the door to records inside a unit, which a `whole` one has no parts of."""

    def __call__(self, connection: Connection, *, whole: bool = False) -> Records:
        """Return the door."""
        ...


@dataclass(frozen=True, slots=True)
class Hands:
    """The doors that steps go through; `writing` is the one to records, inside a transaction.

    Without `papers` no document is made: nothing is printed in a rehearsal.
    """

    policy: Policy
    worded: Worded
    writing: Writing
    later: Later
    caller: Caller
    outbox: Outbox
    papers: Callable[[Connection], Papers] | None = None


@dataclass(frozen=True, slots=True)
class Here:
    """One step as it is about to run: the run, where formulas stand, the keys that lead to it.

    `name` is what later steps know by what it makes.
    """

    ctx: Context
    connection: Connection
    work: Work
    hands: Hands
    run: Run
    stand: Stand
    path: Place
    name: str = ""

    @property
    def writer(self) -> Records:
        """The door to writing inside the run\'s own transaction."""
        return self.hands.writing(self.connection)

    @property
    def key(self) -> Key:
        """Under what this step\'s statements are kept with the model."""
        return ("step", *self.path)

    def value(self, typed: Typed, name: str) -> Any:
        """Return the value of one formula of the step. Any: of every type."""
        return self.values([typed], name)[0]

    def values(self, formulas: Sequence[Typed], name: str) -> Sequence[Any]:
        """Return the values of formulas of the step on the record at hand. Any: of every type."""
        return values_here(self.fresh(), self.stand, formulas, (*self.key, name))

    def fresh(self) -> Work:
        """Return a unit that has read nothing yet: steps before may have written anything."""
        return Work.begin(self.ctx, self.connection, self.hands.policy)

    def inside(self, key: str, stand: Stand | None = None, name: str = "") -> Here:
        """Return the place of a step within this one."""
        return replace(self, path=(*self.path, key), stand=stand or self.stand, name=name)

    def member(self, entity: str, record: UUID) -> Stand:
        """Return where formulas stand on a member of a collection of the record at hand."""
        outside = self.stand
        this = (outside.entity, outside.record) if outside.record is not None else None
        return Stand(entity, record, this, outside.given)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step did: words that tell of it, and what later steps may read as `input`."""

    words: Words = field(default_factory=dict)
    given: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pause:
    """A run goes on at `place`, at the earliest when it is `due`, with what was `given` there.

    With `parked` it goes on when somebody wakes it.
    """

    due: datetime | None
    place: Place = ()
    given: Mapping[str, object] = field(default_factory=dict)
    parked: bool = False


Perform = Callable[[Here, Any], Outcome]
"""Does what an act of one kind says. Any: acts of that kind."""


def acting(ctx: Context, run: Run) -> Context:
    """Return the context in which a run writes: for whoever set it off, under no one\'s limits."""
    actor = replace(ctx.actor, kind="system", scopes=None)
    cause = Cause("automation", run.automation, run.chain, run.root)
    return replace(ctx, actor=actor, cause=cause, once=None)
