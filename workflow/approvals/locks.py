"""What may not be changed while an approval runs, and what waits for one before it is changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from engine.access.policy import Policy
from engine.changes import Change
from engine.compiled import CompiledModel
from engine.context import Context
from engine.errors import FieldError, RecordRefused
from engine.records.conditions import hold, written
from engine.records.draft import Draft
from engine.records.work import Place, Work
from metamodel.approvals import Approval, lines_lock
from metamodel.model import Entity
from workflow.approvals.course import Course, waiting
from workflow.approvals.keeping import Case, cases_of

Guarded = Mapping[str, tuple[Approval, ...]]
"""Approvals in use, by the key of the entity that they are over."""


@dataclass(frozen=True, slots=True)
class Locks:
    """Refuses changes of what is being approved; a `Hooks`.

    The app itself may change anything: that is what its own steps are for.
    """

    policy: Policy

    def concerns(self, ctx: Context, entity: str) -> bool:
        """Return whether lines of this kind may belong to a record that is being approved.

        New records of the kind itself are approved by nobody yet.
        """
        return entity in _lines_of_guarded(ctx.compiled)

    def watches(self, ctx: Context, entity: str) -> bool:
        """Return the same of changes as of new records."""
        return self.concerns(ctx, entity)

    def before_commit(
        self, ctx: Context, connection: Connection, change: Change, records: Sequence[Draft]
    ) -> None:
        """Refuse what is locked, and what needs an approval before it is changed."""
        known = guarded(ctx.compiled)
        if ctx.actor.kind == "system" or not known or ctx.cause.reference.startswith("approval:"):
            return
        work = Work.begin(ctx, connection, self.policy)
        touched = _touched(work, records, known)
        for entity, drafts in touched.items():
            running = cases_of(ctx, connection, entity, list(drafts), running=True)
            errors = [error for case in running
                      for error in _locked(ctx, case, drafts[case.record])]  # fmt: skip
            if not errors:
                errors = list(self._waiting(ctx, connection, change, drafts, known[entity]))
            if errors:
                raise RecordRefused(errors)

    def _waiting(
        self, ctx: Context, connection: Connection, change: Change,
        drafts: Mapping[UUID, Sequence[Draft]], approvals: Sequence[Approval],
    ) -> Iterable[FieldError]:  # fmt: skip
        """Yield fields whose change waits for an approval, which was not asked for."""
        for approval in approvals:
            fields = set(approval.changes)
            own = [
                draft for group in drafts.values() for draft in group
                if draft.entity.key == approval.entity and draft.operation in ("update", "move")
                and fields.intersection(draft.changed())
            ]  # fmt: skip
            if not own:
                continue
            needing = _needing(ctx, connection, self.policy, approval, change, own)
            for draft in own:
                if draft.id in needing:
                    key = next(each for each in draft.changed() if each in fields)
                    params = {"approval": approval.label, "name": approval.name}
                    path = (*draft.path, draft.entity.fields[key].name)
                    yield FieldError("needs_approval", path, params)


def closed(ctx: Context, case: Case) -> frozenset[str]:
    """Return what the person may not change of a record while an approval of it runs.

    Fields by key, collections by name; nothing once it is decided.
    """
    if case.course.state != "running":
        return frozenset()
    entity = ctx.model.entities[case.entity]
    names = (*entity.fields, *entity.collections)
    free = _editable(ctx, case.course)
    return frozenset(
        name for name in names if name not in free and _is_locked(case.course, entity, name)
    )


def guarded(compiled: CompiledModel) -> Guarded:
    """Return the approvals in use by what they are over, kept with the model."""

    def find() -> Guarded:
        found: dict[str, list[Approval]] = {}
        for each in compiled.model.approvals.values():
            found.setdefault(each.entity, []).append(each)
        return {key: tuple(group) for key, group in found.items()}

    return compiled.keep("approvals", find)


def _lines_of_guarded(compiled: CompiledModel) -> frozenset[str]:
    """Return the entities of lines of what approvals are over, and of lines of those."""

    def find() -> frozenset[str]:
        known, entities = guarded(compiled), compiled.model.entities
        return frozenset(
            key for key in entities if any(each in known for each, _ in _holders(entities, key))
        )

    return compiled.keep("lines of approvals", find)


def _holders(entities: Mapping[str, Entity], line: str) -> Iterator[tuple[str, str]]:
    """Yield what holds records of an entity, the nearest first, with its own lines among them."""
    seen: set[str] = set()
    while line not in seen and (child := entities[line].child_of) is not None:
        seen.add(line)
        yield child.entity, line
        line = child.entity


def _touched(
    work: Work, records: Sequence[Draft], known: Guarded
) -> dict[str, dict[UUID, list[Draft]]]:
    """Return drafts by each record under which they may be under approval.

    That is themselves, and whatever holds them as lines, or held them before they were moved.
    """
    lines = _lines_of_guarded(work.ctx.compiled)
    found: dict[str, dict[UUID, list[Draft]]] = {}
    level = [(draft, (draft.entity.key, draft.id)) for draft in records if not draft.is_new]
    above = [(draft, place) for draft in records if draft.entity.key in lines
             for place in _holding(draft)]  # fmt: skip
    while level or above:
        for draft, (entity, id_) in level:
            if entity in known:
                group = found.setdefault(entity, {}).setdefault(id_, [])
                group += [draft] if draft not in group else []
        level, above = above, _further(work, [each for each in above if each[1][0] in lines])
    return found


def _holding(draft: Draft) -> Iterator[Place]:
    """Yield what holds a line, and what held it; a record that is new is approved by nobody."""
    child = draft.entity.child_of
    if child is None:
        return
    now = None if draft.parent is not None and draft.parent.is_new else draft.values.get(child.via)
    for each in {now, draft.before.get(child.via)}:
        if isinstance(each, UUID):
            yield child.entity, each


def _further(work: Work, below: Sequence[tuple[Draft, Place]]) -> list[tuple[Draft, Place]]:
    """Return what holds some lines in its turn."""
    ids: dict[str, set[UUID]] = {}
    for _, (entity, id_) in below:
        ids.setdefault(entity, set()).add(id_)
    rows = {entity: work.read(entity, wanted) for entity, wanted in ids.items()}
    found = []
    for draft, (entity, id_) in below:
        kind, row = work.entity(entity), rows[entity].get(id_)
        if row is not None and kind.child_of is not None:
            holder = row[kind.fields[kind.child_of.via].column]
            found.append((draft, (kind.child_of.entity, holder)))
    return found


def _locked(ctx: Context, case: Case, drafts: Sequence[Draft]) -> list[FieldError]:
    """Return what of some drafts is locked; approvers may change what their step lets them."""
    approval = ctx.model.approvals.get(case.approval)
    label: object = approval.label if approval is not None else case.approval
    free = _editable(ctx, case.course)
    entity = ctx.model.entities[case.entity]
    errors = []
    for draft in drafts:
        for name in _changed(ctx, entity, case.record, draft):
            if _is_locked(case.course, entity, name) and name not in free:
                field = entity.fields.get(name)
                path = (*draft.path, field.name) if field is not None else draft.path
                errors.append(FieldError("approval_locked", path, {"approval": label}))
    return errors


def _changed(ctx: Context, entity: Entity, record: UUID, draft: Draft) -> list[str]:
    """Return what a draft changes of its record: fields by key, or its lines as locks call them."""
    if draft.id != record:
        line = dict(_holders(ctx.model.entities, draft.entity.key)).get(entity.key, "")
        return [lines_lock(line)] if draft.changed() or draft.operation != "update" else []
    if draft.operation in ("delete", "restore"):
        return [""]
    return [key for key in draft.changed() if key in draft.given or key in draft.chosen]


def _is_locked(course: Course, entity: Entity, name: str) -> bool:
    """Return whether a field, by key, or lines, by what they are called in any way, are locked."""
    rules = course.rules
    # Approvals that began before locks knew lines by their entity call them by their collection.
    ways = ({key, lines_lock(each.entity)} for key, each in entity.collections.items())
    names = next((each for each in ways if name in each), {name})
    # A record that is being approved is not thrown away.
    return rules.locks_all or name == "" or not names.isdisjoint(rules.locks)


def _editable(ctx: Context, course: Course) -> frozenset[str]:
    """Return the fields that the person may change now, since the open step asks them."""
    stage = course.open
    if stage is None or not set(ctx.actor.acting_for).intersection(waiting(course)):
        return frozenset()
    return frozenset(stage.edits)


def _needing(
    ctx: Context, connection: Connection, policy: Policy, approval: Approval, change: Change,
    drafts: Sequence[Draft],
) -> frozenset[UUID]:  # fmt: skip
    """Return the records whose change needs the approval."""
    ids = frozenset(draft.id for draft in drafts)
    if approval.when is None or not approval.active:
        return ids if approval.active else frozenset()
    work = Work.begin(ctx, connection, policy)
    changes = [
        each
        for each in change.records
        if each.entity == approval.entity and each.id in ids and not each.computed
    ]
    records = written(work, changes, drafts)
    holds = hold(work, work.entity(approval.entity), {approval.key: approval.when}, records)
    return frozenset(id_ for id_, names in holds.items() if approval.key in names)
