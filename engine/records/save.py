"""The order in which a unit of work happens, the same for every use case.

Drafts are built and checked, everything that may change with them is found and locked in one
order, built again if somebody else was faster, then written; computed values settle, what
reads them is checked, and history is kept. Nothing is written before all locks are held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from psycopg.errors import UniqueViolation

from engine.changes import Change, RecordChange
from engine.database import Rows, RunAgain
from engine.errors import RecordRefused
from engine.history.changes import history_request
from engine.records.affected import Affected, discover
from engine.records.assigned import tell_assigned
from engine.records.checks import check_early, late_checks
from engine.records.draft import STAMPS, Draft, blank
from engine.records.duplicates import check_duplicates
from engine.records.fill import fill
from engine.records.filters import check_filters
from engine.records.followed import followed_rules
from engine.records.holding import check_holding
from engine.records.hooks import Hooks
from engine.records.lines import place_lines, touched_parents
from engine.records.named_files import check_files, let_go
from engine.records.numbers import assign_numbers, note_due
from engine.records.pairs import pair_drafts
from engine.records.people import check_deputies, check_giving, check_standing
from engine.records.plans import plan_of
from engine.records.references import link_checks
from engine.records.rights import check_created, check_rights
from engine.records.sealing import seal_drafts
from engine.records.seats import check_seats
from engine.records.settle import write_and_settle
from engine.records.stages import check_moves, visit_requests
from engine.records.told import audit_requests
from engine.records.unique import check_unique, refuse_collision
from engine.records.work import Place, Work
from engine.values.sending import Request

Build = Callable[[Work], list[Draft]]
"""Makes drafts from what was asked and the rows as they are; may be called again."""

Start = Callable[[Work], None]
"""Locks, before anything is read, what is sure to be written."""

MOST_ROUNDS = 4
"""How often drafts are built in one run before it gives its locks back and begins anew."""


class Noting(Protocol):
    """A check that SQL answers, which notes what is wrong on the drafts it speaks of."""

    @property
    def request(self) -> Request: ...

    def note(self, rows: Rows) -> None:
        """Note what the answer says."""
        ...


@dataclass(frozen=True, slots=True)
class Saved:
    """What a unit wrote."""

    drafts: tuple[Draft, ...]
    change: Change


def save(work: Work, build: Build, start: Start, hooks: Sequence[Hooks] = ()) -> Saved:
    """Build drafts and write them with everything that follows; raises all refusals at once."""
    drafts, affected = _locked(work, build, start)
    if not drafts:
        return Saved((), Change(work.change_set, work.ctx.revision, ()))
    if len(drafts) > 1 or drafts[0].errors:
        check_unique(work, drafts)
    raise_errors(drafts)
    assign_numbers(work, drafts)
    place_lines(work, drafts)
    try:
        followed = write_and_settle(work, drafts, affected)
    except UniqueViolation as error:
        if not refuse_collision(work, drafts, error):
            raise
        raise_errors(drafts)
        raise
    let_go(work, drafts)
    warnings = tuple(warning for draft in drafts for warning in draft.warnings)
    records = (*_entered(drafts), *followed.values())
    change = Change(work.change_set, work.ctx.revision, records, warnings)
    _check_and_remember(work, drafts, change)
    check_standing(work, drafts)
    check_seats(work, drafts)
    tell_assigned(work, drafts)
    for hook in hooks:
        hook.before_commit(work.ctx, work.connection, change, drafts)
    return Saved(tuple(drafts), change)


def overwrite(work: Work, build: Build) -> tuple[list[Draft], dict[Place, RecordChange]]:
    """Write drafts whatever the app's rules say of them; return them, and what followed.

    For values that must go: computed values settle as always. What history is told is the
    caller's to decide.
    """
    drafts, affected = _locked(work, build, lambda work: None)
    for draft in drafts:
        draft.errors.clear()
    return drafts, write_and_settle(work, drafts, affected)


def raise_errors(drafts: Iterable[Draft]) -> None:
    """Raise everything that was noted on any draft."""
    errors = [error for draft in drafts for error in draft.errors]
    if errors:
        raise RecordRefused(errors)


def _locked(work: Work, build: Build, start: Start) -> tuple[list[Draft], Affected]:
    """Return drafts and what follows from them, all their rows locked and as they are now."""
    work.lock(work.hints)
    if not work.hints:
        start(work)
    for _ in range(MOST_ROUNDS):
        drafts, affected = prepared(work, build)
        wanted = (_places(drafts) | affected.rows) - work.held
        weak = affected.sources - work.held - work.shared
        if not wanted and not weak:
            return drafts, affected
        if not work.in_order(wanted):
            break
        moved = work.lock(wanted, weak, _leaving(drafts))
        if not moved and not affected.open_ended:
            return drafts, affected
    # The next run begins by locking what this one found, in the one order.
    work.hints.update(wanted, work.held)
    raise RunAgain


def prepared(work: Work, build: Build) -> tuple[list[Draft], Affected]:
    """Return drafts with everything known before writing, and what may follow from them."""
    drafts = build(work)
    _refuse_twice(drafts)
    check_rights(work, drafts)
    drafts += touched_parents(work, drafts)
    entered = [draft for draft in drafts if draft.operation not in ("delete", "restore")]
    fill(work, entered)
    seal_drafts(work, entered)
    note_due(work, entered)
    drafts += pair_drafts(work, entered)
    check_files(work, entered)
    check_moves(work, entered)
    check_giving(work, drafts)
    check_deputies(work, drafts)
    check_holding(work, entered)
    coming = {draft.id for draft in drafts if draft.operation in ("create", "restore")}
    check_filters(work, entered, coming)
    check_duplicates(work, entered)
    for key, group in _by_entity(entered).items():
        check_early(work, group, plan_of(work.ctx.compiled, work.entity(key)).early)
    affected = discover(work, drafts)
    changed = (draft.parent is not None and not draft.parent.is_new for draft in drafts)
    leaving = any(draft.operation == "delete" for draft in drafts)
    affected.open_ended = affected.open_ended or leaving or any(changed)
    return drafts, affected


def _check_and_remember(work: Work, drafts: Sequence[Draft], change: Change) -> None:
    """Check what only the written rows tell, and keep the history, in one round trip."""
    entered = [draft for draft in drafts if draft.operation not in ("delete", "restore")]
    noting: list[Noting] = []
    for key, group in _by_entity(entered).items():
        found = late_checks(work, group, plan_of(work.ctx.compiled, work.entity(key)).late)
        noting += [found] if found else []
    noting += link_checks(work, entered)
    own = {(draft.entity.key, draft.id) for draft in entered if not draft.along}
    rules = list(followed_rules(work, [each for each in change.records if each.computed and
                                       (each.entity, each.id) not in own]))  # fmt: skip
    history = history_request(work.connection, work.ctx, work.change_set, change.records)
    requests = [*(each.request for each in noting), *(rule.request for rule in rules)]
    told = audit_requests(work, change.records)
    answers = work.send([*requests, *visit_requests(work, drafts), history, *told])
    for each, rows in zip(noting, answers, strict=False):
        each.note(rows)
    check_created(work, drafts)
    raise_errors(drafts)
    after = zip(rules, answers[len(noting) :], strict=False)
    broken = [error for rule, rows in after for error in rule.broken(rows)]
    if broken:
        raise RecordRefused(broken)


def _refuse_twice(drafts: Iterable[Draft]) -> None:
    """Refuse records that are named more than once: which of their values is meant?"""
    seen: set[Place] = set()
    for draft in drafts:
        if (draft.entity.key, draft.id) in seen:
            draft.refuse("named_twice", "id")
        seen.add((draft.entity.key, draft.id))


def _leaving(drafts: Iterable[Draft]) -> set[Place]:
    return {(draft.entity.key, draft.id) for draft in drafts if draft.operation == "delete"}


def _places(drafts: Iterable[Draft]) -> set[Place]:
    return {(draft.entity.key, draft.id) for draft in drafts if not draft.is_new}


def _by_entity(drafts: Iterable[Draft]) -> dict[str, list[Draft]]:
    groups: dict[str, list[Draft]] = {}
    for draft in drafts:
        groups.setdefault(draft.entity.key, []).append(draft)
    return groups


def _entered(drafts: Iterable[Draft]) -> Iterable[RecordChange]:
    """Yield what was entered, record by record; a line that only moved changed nothing.

    What a link table holds is told with the record that has the field.
    """
    # What was named comes first, so that the first ids are those of the records asked for.
    for draft in sorted(drafts, key=lambda each: each.parent is not None or each.along):
        fields = draft.entity.fields
        if draft.entity.pair is not None:
            continue
        if draft.is_new:
            after = {
                key: value
                for key, value in draft.values.items()
                if key not in STAMPS and key != "id" and value != blank(fields[key])
            }
            yield RecordChange(draft.entity.key, draft.id, "create", {}, after)
        elif draft.operation in ("delete", "restore"):
            yield RecordChange(draft.entity.key, draft.id, draft.operation)
        else:
            changed = [key for key in draft.changed() if key not in draft.followed]
            before = {key: draft.before.get(key) for key in changed}
            after = {key: draft.values[key] for key in changed}
            if changed or (draft.touched and not draft.along):
                yield RecordChange(draft.entity.key, draft.id, draft.operation, before, after)
