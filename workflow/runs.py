"""Runs of automations as they are kept: what set one off, how far it is, what it did."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Column, Connection, Row, Table, bindparam, func, insert, select, update

from engine.context import Context
from engine.history.changes import json_value
from engine.records.formed import Stand
from engine.values.identity import new_id

RUN = "sys_run"

State = Literal["waiting", "parked", "done", "failed", "stopped"]
"""A `parked` run waits for something that is no time: whoever ends that wakes it."""

Place = tuple[str, ...]
"""Where a run stands: names of steps, and of the arms of branches, from the outside in."""

FROM = ""
"""A place that begins with this is a step from which a run is done again."""

ALL, DUE = "*", "*due"
"""A place that begins with one of these is how far a run is that begins those of many records:
of all that a schedule is over, or of those whose day came between the two instants after it."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one step: done, skipped (its condition did not hold), or failed.

    `words` are JSON values that tell what it did, `took` is how many milliseconds it did so. The
    first of a run tells that it `begun`, and which values its condition read.
    """

    step: str
    what: Literal["begun", "done", "skipped", "failed", "waits"]
    words: Mapping[str, object] = field(default_factory=dict)
    took: int = 0

    def wire(self) -> dict[str, object]:
        return {
            "step": self.step, "what": self.what, "words": dict(self.words), "took": self.took
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """One run of an automation, by its key, on a record or on none.

    `chain` are the automations that led to it, itself the last; `root` is the first run of the
    chain. `place` is where it goes on, empty at the beginning.
    """

    id: UUID
    automation: str
    revision: int
    stand: Stand
    by: UUID
    chain: tuple[str, ...]
    root: UUID
    at: datetime
    state: State = "waiting"
    due: datetime | None = None
    ended_at: datetime | None = None
    place: Place = ()
    steps: tuple[Done, ...] = ()
    error: Mapping[str, object] | None = None


def begin(ctx: Context, automation: str, stand: Stand) -> Run:
    """Return a run that whoever acts sets off now; one of a chain goes on with it."""
    id_, cause = new_id(ctx.now), ctx.cause
    root = cause.run if stand.record is None else cause.roots.get(stand.record, cause.run)
    return Run(
        id=id_,
        automation=automation,
        revision=ctx.revision,
        stand=stand,
        by=ctx.actor.user,
        chain=(*ctx.cause.chain, automation),
        root=root or id_,
        at=ctx.now,
    )


def keep(connection: Connection, ctx: Context, runs: Sequence[Run]) -> None:
    """Keep new runs."""
    if runs:
        table, column = _table(ctx)
        rows = [{column[key].name: value for key, value in _row(run).items()} for run in runs]
        connection.execute(insert(table), rows)


def change(connection: Connection, ctx: Context, run: Run) -> None:
    """Keep how far a run is."""
    table, column = _table(ctx)
    row = {column[key].name: value for key, value in _row(run).items() if key != "id"}
    connection.execute(update(table).where(column["id"] == run.id).values(**row))


def end_all(connection: Connection, ctx: Context, runs: Sequence[Run]) -> None:
    """Keep what runs have done that are over."""
    table, column = _table(ctx)
    told = ("state", "ended_at", "place", "steps", "error")
    rows = [{f"kept_{key}": value for key, value in _row(run).items()} for run in runs]
    statement = (
        update(table)
        .where(column["id"] == bindparam("kept_id"))
        .values({column[key].name: bindparam(f"kept_{key}") for key in told})
    )
    if rows:
        needed = {"id", *told}
        connection.execute(
            statement,
            [{name: row[name] for name in row if name[5:] in needed} for row in rows],
        )


def retell(
    connection: Connection,
    ctx: Context,
    run: UUID,
    told: Callable[[Mapping[str, Any]], Mapping[str, Any]],
) -> None:
    """Have the steps of a run tell something else, whatever it is at. Any: JSON of every shape."""
    table, column = _table(ctx)
    steps, here = column["steps"], column["id"] == run
    # Held only where there is something new to tell: workers pass over a run that somebody holds.
    for statement in (select(steps).where(here), select(steps).where(here).with_for_update()):
        kept = connection.execute(statement).scalar_one_or_none() or []
        fresh = [{**each, "words": told(each["words"])} for each in kept]
        if fresh == kept:
            return
    connection.execute(update(table).where(here).values({steps.name: fresh}))


def several(connection: Connection, ctx: Context, runs: Collection[UUID]) -> tuple[Run, ...]:
    """Return those of some runs that are there."""
    table, column = _table(ctx)
    statement = select(table).where(column["id"].in_(list(runs)))
    return tuple(_run(ctx, row) for row in connection.execute(statement))


def take(connection: Connection, ctx: Context, run: UUID) -> Run | None:
    """Return a run that waits, locked; None where it is done, or somebody else is at it."""
    table, column = _table(ctx)
    statement = (
        select(table)
        .where(column["id"] == run, column["state"] == "waiting")
        .with_for_update(skip_locked=True)
    )
    row = connection.execute(statement).one_or_none()
    return None if row is None else _run(ctx, row)


def take_all(connection: Connection, ctx: Context, runs: Sequence[UUID]) -> list[Run]:
    """Return those of some runs that wait and are due, locked, in the order they are named."""
    table, column = _table(ctx)
    due = column["due"].is_(None) | (column["due"] <= ctx.now)
    statement = (
        select(table)
        .where(column["id"].in_(runs), column["state"] == "waiting", due)
        .order_by(column["id"])
        .with_for_update(skip_locked=True)
    )
    found = {row[0]: row for row in connection.execute(statement)}
    return [_run(ctx, found[each]) for each in runs if each in found]


def wake(connection: Connection, ctx: Context, run: UUID) -> Run | None:
    """Return a parked run, which waits its turn from now on; None where it is not parked."""
    table, column = _table(ctx)
    statement = (
        update(table)
        .where(column["id"] == run, column["state"] == "parked")
        .values({column["state"].name: "waiting", column["due"].name: None})
        .returning(table)
    )
    row = connection.execute(statement).one_or_none()
    return None if row is None else _run(ctx, row)


def due_now(connection: Connection, ctx: Context, limit: int) -> list[Run]:
    """Return runs whose time has come, which wait for nothing but their turn from now on."""
    table, column = _table(ctx)
    found = (
        select(column["id"])
        .where(column["state"] == "waiting", column["due"] <= ctx.now)
        .order_by(column["due"])
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    woken = (
        update(table)
        .where(column["id"].in_(found.scalar_subquery()))
        .values({column["due"].name: None})
        .returning(table)
    )
    return [_run(ctx, row) for row in connection.execute(woken)]


def postpone(connection: Connection, ctx: Context, runs: Collection[UUID], due: datetime) -> None:
    """Have runs go on no earlier than that."""
    table, column = _table(ctx)
    if runs:
        later = update(table).where(column["id"].in_(list(runs)))
        connection.execute(later.values({column["due"].name: due}))


def waiting(connection: Connection, ctx: Context) -> list[UUID]:
    """Return the runs that wait and whose time has come, in the order they began."""
    table, column = _table(ctx)
    due = column["due"].is_(None) | (column["due"] <= ctx.now)
    statement = select(column["id"]).where(column["state"] == "waiting", due)
    return [row[0] for row in connection.execute(statement.order_by(column["at"], column["id"]))]


def is_in_hand(connection: Connection, ctx: Context, automation: str, since: datetime) -> bool:
    """Return whether workers are to go on with a run of an automation that began since then.

    One that waits for a time, or for somebody, is in nobody's hands.
    """
    table, column = _table(ctx)
    mine = (column["automation"] == automation, column["at"] > since)
    found = select(column["id"]).where(*mine, column["state"] == "waiting", column["due"].is_(None))
    return connection.execute(found.limit(1)).first() is not None


def of_chains(
    connection: Connection, ctx: Context, roots: Collection[UUID], deeper: int
) -> Mapping[UUID, int]:
    """Return how many runs deeper than so many automations chains have had, by their first run."""
    table, column = _table(ctx)
    root, depth = column["root"], func.jsonb_array_length(column["chain"])
    counted = select(root, func.count()).where(root.in_(list(roots)), depth > deeper)
    statement = counted.group_by(root)
    return {row[0]: int(row[1]) for row in connection.execute(statement)}


def of_record(connection: Connection, ctx: Context, entity: str, record: UUID) -> list[Run]:
    """Return the runs on a record, the oldest first."""
    table, column = _table(ctx)
    here = (column["entity"] == entity, column["record"] == record)
    return [_run(ctx, row) for row in connection.execute(
        select(table).where(*here).order_by(column["id"])
    )]  # fmt: skip


def newest(connection: Connection, ctx: Context, automation: str, limit: int = 50) -> list[Run]:
    """Return the last runs of an automation, or of all with "", the latest first."""
    table, column = _table(ctx)
    statement = select(table).order_by(column["id"].desc()).limit(limit)
    if automation:
        statement = statement.where(column["automation"] == automation)
    return [_run(ctx, row) for row in connection.execute(statement)]


def one(connection: Connection, ctx: Context, run: UUID) -> Run | None:
    """Return a run, None where there is none of this id."""
    table, column = _table(ctx)
    row = connection.execute(select(table).where(column["id"] == run)).one_or_none()
    return None if row is None else _run(ctx, row)


def asked(
    connection: Connection, ctx: Context, wanted: Mapping[str, object], before: UUID | None,
    limit: int,
) -> tuple[Run, ...]:  # fmt: skip
    """Return runs whose fields, by key, have the values that are wanted, the latest first."""
    table, column = _table(ctx)
    where = [column[key] == value for key, value in wanted.items()]
    where += [column["id"] < before] if before is not None else []
    statement = select(table).where(*where).order_by(column["id"].desc()).limit(limit)
    return tuple(_run(ctx, row) for row in connection.execute(statement))


def ended(run: Run, now: datetime, state: State, error: Mapping[str, object] | None = None) -> Run:
    """Return a run that is over."""
    return replace(run, state=state, ended_at=now, due=None, error=error)


def _table(ctx: Context) -> tuple[Table, Mapping[str, Column[Any]]]:
    """Return the table of runs, and its columns by field key. Any: columns of every type."""
    table = ctx.compiled.tables.of(RUN)
    fields = ctx.model.entities[RUN].fields
    return table, {key: table.c[each.column] for key, each in fields.items()}


def _row(run: Run) -> dict[str, object]:
    stand = run.stand
    this = [stand.this[0], str(stand.this[1])] if stand.this else None
    return {
        "id": run.id,
        "automation": run.automation,
        "revision": run.revision,
        "entity": stand.entity or None,
        "record": stand.record,
        "this": this,
        "given": {name: as_kept(value) for name, value in stand.given.items()},
        "by": run.by,
        "chain": list(run.chain),
        "root": run.root,
        "state": run.state,
        "at": run.at,
        "due": run.due,
        "ended_at": run.ended_at,
        "place": list(run.place),
        "steps": [each.wire() for each in run.steps],
        "error": None if run.error is None else dict(run.error),
    }


def as_kept(value: object) -> object:
    """Return a value as JSON that says what it is, so that it comes back as it was."""
    match value:
        case UUID():
            return {"id": str(value)}
        case Decimal():
            return {"number": str(value)}
        case datetime():
            return {"at": value.isoformat()}
        case _:
            return json_value(value)


def as_given(value: Any) -> object:  # Any: JSON of every shape
    """Return a value from JSON as it was before it was kept."""
    match value:
        case {"id": str(id_)}:
            return UUID(id_)
        case {"number": str(number)}:
            return Decimal(number)
        case {"at": str(at)}:
            return datetime.fromisoformat(at)
        case _:
            return value


def _run(ctx: Context, row: Row[Any]) -> Run:
    _, column = _table(ctx)
    held = {key: row._mapping[each.name] for key, each in column.items()}
    this = (held["this"][0], UUID(held["this"][1])) if held["this"] else None
    given = {name: as_given(value) for name, value in (held["given"] or {}).items()}
    return Run(
        id=held["id"],
        automation=held["automation"],
        revision=int(held["revision"]),
        stand=Stand(held["entity"] or "", held["record"], this, given),
        by=held["by"],
        chain=tuple(held["chain"]),
        root=held["root"],
        at=held["at"],
        state=held["state"],
        due=held["due"],
        ended_at=held["ended_at"],
        place=tuple(held["place"] or ()),
        steps=tuple(
            Done(each["step"], each["what"], each["words"], each.get("took", 0))
            for each in held["steps"] or ()
        ),
        error=held["error"],
    )
