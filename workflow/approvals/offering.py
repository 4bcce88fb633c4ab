"""What a record can be submitted to now, and what of it is changed through an approval only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from engine.records.formed import Stand, values_here
from engine.records.work import Work
from engine.schema.broken_rules import read_steps
from metamodel.approvals import Approval
from metamodel.model import Entity
from workflow.approvals.keeping import Case


@dataclass(frozen=True, slots=True)
class Guard:
    """An approval that fields of a record are changed through.

    `certain` where any change of them is; else the change says whether. `open` where it may be
    submitted now.
    """

    approval: Approval
    certain: bool
    open: bool


def fits(work: Work, approval: Approval, record: UUID, cases: Sequence[Case]) -> bool:
    """Return whether a record may be submitted now; one that was returned may be, again."""
    own = [each for each in cases if each.approval == approval.key]
    if own and own[0].course.state in ("running", "returned"):
        return own[0].course.state == "returned"
    when = None if _known_later(work.entity(approval.entity), approval) else approval.when
    asked = [each for each in (when, approval.submit_when) if each is not None]
    holds = values_here(work, Stand(approval.entity, record), asked, ("fits", approval.key))
    return all(holds)


def guards(
    work: Work, known: Sequence[Approval], record: UUID, cases: Sequence[Case]
) -> Iterator[Guard]:
    """Yield the approvals that changes of a record as it is now go through, or may."""
    for approval in known:
        certain = not _known_later(work.entity(approval.entity), approval)
        if certain and approval.when is not None:
            stand, key = Stand(approval.entity, record), ("guard", approval.key)
            if not values_here(work, stand, [approval.when], key)[0]:
                continue
        yield Guard(approval, certain, fits(work, approval, record, cases))


def _known_later(entity: Entity, approval: Approval) -> bool:
    """Return whether only a change itself tells if it needs an approval.

    So it is where the condition reads what is changed, what is computed from it, or how it was.
    """
    if not approval.changes or approval.when is None:
        return False
    own = {step.field for step in read_steps(approval.when) if step.entity == entity.key}
    computed = {key for key in own if entity.fields[key].formula is not None}
    told = own.intersection(approval.changes) or computed
    return bool(told or approval.when.dependencies.previous)
