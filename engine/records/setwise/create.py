"""The order in which a batch of new records is made, the same as that of one record.

Rows that are wrong are told apart before anything is written, and refused with what the
one-by-one form says of them; the rest is written. What is found wrong afterwards sends the
whole batch through the one-by-one form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from psycopg.errors import UniqueViolation

from engine.changes import Change, RecordChange
from engine.database import RunAgain
from engine.errors import FieldError, Forbidden, RecordRefused
from engine.history.changes import history_request
from engine.records.affected import NewRows, discover_new
from engine.records.draft import STAMPS, Draft
from engine.records.followed import followed_rules
from engine.records.hooks import Hooks
from engine.records.numbers import written
from engine.records.plans import plan_of
from engine.records.references import trashed_request
from engine.records.sealing import seal_batch
from engine.records.settle import settle_following
from engine.records.setwise import filling, judging, staging, writing
from engine.records.setwise.batch import Batch, Columns, begin
from engine.records.setwise.fitting import NotSetwise
from engine.records.setwise.hooked import show
from engine.records.setwise.staging import Staged
from engine.records.telling import told_records
from engine.records.unique import checked_rules, refuse_taken, taken
from engine.records.work import Work
from engine.values.sealed import compared
from engine.values.sending import Request
from metamodel.model import Entity, Unique

Errors = Mapping[int, tuple[FieldError, ...]]
"""What is wrong with which payload."""

Explain = Callable[[Work, Sequence[int]], Errors]
"""Says in the one-by-one form what is wrong with payloads, and writes nothing."""

ROUNDS = 4
"""How often a batch looks what to lock before it begins anew."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A batch that is staged and of which nothing is wrong, as far as is known."""

    staged: Staged
    warnings: tuple[FieldError, ...]


@dataclass(slots=True)
class CreateMany:
    """One batch of new records; `refused` grows from run to run, as a unit may run again."""

    entity: Entity
    columns: Columns
    ids: Sequence[UUID]
    explain: Explain
    numbers: Mapping[str, Sequence[int]]
    hooks: Sequence[Hooks] = ()
    refused: dict[int, tuple[FieldError, ...]] = field(default_factory=dict)

    def run(self, work: Work, *, atomic: bool) -> Change | None:
        """Write what is not refused; None where an atomic batch is refused, or nothing is left.

        Raises `NotSetwise` where a row is found wrong after it was written.
        """
        self._check_right(work)
        self._refuse(work, self.columns.unreadable - self.refused.keys())
        staging.open_stage(work, self.entity)
        while not (atomic and self.refused):
            batch = begin(self.entity, self.columns, self.ids, self.refused)
            if not len(batch):
                break
            ready = self._prepare(work, batch)
            if ready is not None:
                followed = self._write(work, batch, ready.staged)
                self._check_and_remember(work, batch, followed)
                # What follows may bring batches of its own.
                staging.close_stage(work)
                show(work, batch, followed, self.hooks)
                return Change(work.change_set, work.ctx.revision, tuple(followed), ready.warnings)
        staging.close_stage(work)
        return None

    def _check_right(self, work: Work) -> None:
        verdict = work.policy.row_filter(work.ctx, self.entity.key, "create")
        if verdict is not None and verdict.text == "false":
            raise Forbidden(action="create", entity=self.entity.name)

    def _prepare(self, work: Work, batch: Batch) -> Ready | None:
        """Fill and stage a batch; None where rows had to be refused first."""
        wrong = judging.not_allowed(work, batch)
        found, lost = filling.look_up(work, batch)
        wrong |= lost
        filling.fill(work, batch, found)
        wrong |= seal_batch(work, batch)
        warned = judging.alike(work, batch)
        away = {draft.id for draft in warned if draft.errors}
        wrong |= {at for at, id_ in enumerate(batch.ids) if id_ in away} if away else set()
        wrong |= judging.wrong_before(work, batch)
        self._number(work, batch)
        staged = staging.fill_stage(work, batch)
        wrong |= judging.wrong_in_stage(work, batch)
        clashes = _clashes(work, batch, wrong)
        if self._refuse(work, _rows(batch, wrong), clashes):
            return None
        return Ready(staged, tuple(each for draft in warned for each in draft.warnings))

    def _refuse(
        self, work: Work, rows: Sequence[int] | set[int] | frozenset[int],
        also: Errors | None = None,
    ) -> bool:  # fmt: skip
        """Refuse payloads with what the one-by-one form says; return whether there were any."""
        also = also or {}
        if rows:
            said = self.explain(work, sorted(rows))
            if any(not said.get(row) and row not in also for row in rows):
                raise NotSetwise("rows are refused that the one-by-one form takes")
            self.refused.update(said)
        for row, errors in also.items():
            known = self.refused.get(row, ())
            self.refused[row] = (*known, *(each for each in errors if each not in known))
        return bool(rows or also)

    def _number(self, work: Work, batch: Batch) -> None:
        """Give records their numbers, in order."""
        for each in plan_of(work.ctx.compiled, self.entity).numbers:
            column = batch.values[each.key]
            due = [at for at, value in enumerate(column) if value is None]
            for at, number in zip(due, self.numbers[each.key], strict=False):
                column[at] = written(work.ctx, each, number)

    def _write(self, work: Work, batch: Batch, staged: Staged) -> list[RecordChange]:
        """Lock what will follow, write the rows, settle; return what followed."""
        follows = _locked(work, batch)
        try:
            writing.insert_rows(work, self.entity, staged)
        except UniqueViolation as error:
            raise NotSetwise("a unique value was taken meanwhile") from error
        return list(settle_following(work, follows.affected, follows.follows).values())

    def _check_and_remember(
        self, work: Work, batch: Batch, followed: Sequence[RecordChange]
    ) -> None:
        """Check what only the written rows tell, and keep the history."""
        rules = list(followed_rules(work, followed))
        kept = history_request(
            work.connection, work.ctx, work.change_set, followed, first=len(batch)
        )
        away = list(_trashed_targets(work, batch))
        requests = [*away, *(rule.request for rule in rules), kept]
        requests += [writing.history_request(work, batch), *writing.visits_request(work, batch)]
        answers = work.send(requests)
        broken = [error for rule, rows in zip(rules, answers[len(away) :], strict=False)
                  for error in rule.broken(rows)]  # fmt: skip
        if broken:
            raise RecordRefused(broken)
        if any(answers[: len(away)]) or judging.is_wrong_afterwards(work, batch):
            raise NotSetwise("rows were found wrong after they were written")
        self._check_created(work, batch)

    def _check_created(self, work: Work, batch: Batch) -> None:
        if work.policy.row_filter(work.ctx, self.entity.key, "create") is None:
            return
        ids = frozenset(batch.ids)
        permitted = work.policy.permitted(
            work.ctx, work.connection, ids, entity=self.entity.key, action="create"
        )
        if ids - permitted:
            raise Forbidden(action="create", entity=self.entity.name)


def _rows(batch: Batch, places: set[int]) -> set[int]:
    return {batch.rows[at] for at in places}


def _clashes(work: Work, batch: Batch, wrong: set[int]) -> dict[int, tuple[FieldError, ...]]:
    """Return payloads whose unique values are held by a record, or by a row before them."""
    rules = checked_rules(batch.entity)
    wanted = {
        rule: list(zip(*(map(compared, batch.values[key]) for key in rule.fields), strict=True))
        for rule in rules
    }
    holders = {
        rule: taken(work, batch.entity, rule, {values for values in found if None not in values})
        for rule, found in wanted.items()
    }
    others = {id_ for held in holders.values() for id_ in held.values()}
    seen = told_records(work, batch.entity.key, others)
    clashes: dict[int, tuple[FieldError, ...]] = {}
    for at in range(len(batch)) if rules else ():
        held = {rule: holders[rule].get(wanted[rule][at]) for rule in rules}
        hits = {rule: other for rule, other in held.items() if other is not None}
        if hits:
            named = {rule: each if each in seen else None for rule, each in hits.items()}
            clashes[batch.rows[at]] = _clash(work, batch, at, named)
        elif at not in wrong:
            for rule in rules:
                if None not in wanted[rule][at]:
                    holders[rule][wanted[rule][at]] = batch.ids[at]
    return clashes


def _clash(
    work: Work, batch: Batch, at: int, hits: Mapping[Unique, UUID | None]
) -> tuple[FieldError, ...]:
    keys = {key for rule in hits for key in rule.fields}
    draft = Draft(batch.entity, batch.ids[at], "create", values=batch.row(at, keys))
    for rule, other in hits.items():
        refuse_taken(work, draft, rule, other)
    return tuple(draft.errors)


def _links(batch: Batch) -> dict[tuple[str, str], set[UUID]]:
    """Return the ids that links hold, by field key and entity."""
    found: dict[tuple[str, str], set[UUID]] = {}
    for key, column in batch.values.items():
        link = batch.entity.fields[key].link
        if link is None or link.many or key in STAMPS:
            continue
        chosen = batch.targets.get(key)
        there = chosen or [""] * len(column)
        for target, value in set(zip(there, column, strict=True)):
            if isinstance(value, UUID):
                found.setdefault((key, target or link.to[0]), set()).add(value)
    return found


def _locked(work: Work, batch: Batch) -> NewRows:
    """Return what follows from a batch, all its rows locked and as they are now."""
    work.lock(work.hints)
    links = _links(batch)
    for _ in range(ROUNDS):
        follows = discover_new(work, batch.entity.key, links)
        wanted = follows.affected.rows - work.held
        weak = follows.affected.sources - work.held - work.shared
        if not wanted and not weak:
            return follows
        moved = not work.in_order(wanted) or work.lock(wanted, weak)
        if moved:
            break
        if not follows.affected.open_ended:
            return follows
    work.hints.update(wanted, work.held)
    raise RunAgain


def _trashed_targets(work: Work, batch: Batch) -> Iterator[Request]:
    """Yield for each link what finds records that went to the trash meanwhile."""
    safe = work.held | work.shared
    for (_, target), ids in _links(batch).items():
        loose = [id_ for id_ in ids if (target, id_) not in safe]
        if loose:
            yield trashed_request(work, target, loose)
