"""What approvals under way keep from being changed of a record, why, and where they are seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.approvals import approval_label
from ui.viewmodels.inputs import enterable
from workflow.approvals.keeping import Case
from workflow.approvals.locks import closed


@dataclass(frozen=True, slots=True)
class Locked:
    """What the person may not change now: fields by key, collections by name.

    `whole` where nothing is left to be changed, `kept` where the record is not thrown away; `why`
    says so in words, and the approval is seen at `url`.
    """

    names: frozenset[str] = frozenset()
    whole: bool = False
    kept: bool = False
    why: str = ""
    url: str = ""


def locked_of(screen: Screen, entity: Entity, record: UUID) -> Locked:
    """Return what approvals keep of a record that is about to be entered."""
    cases = screen.services.approvals.of_record(screen.ctx, entity, record)
    return locked_by(screen, entity, cases)


def locked_by(screen: Screen, entity: Entity, cases: Sequence[Case]) -> Locked:
    """Return what some approvals of a record keep from the person."""
    running = [each for each in cases if each.course.state == "running"]
    names = frozenset[str]().union(*(closed(screen.ctx, each) for each in running))
    if not running:
        return Locked()
    case = next((each for each in running if closed(screen.ctx, each)), running[0])
    anchor = f"#approval-{case.id}"
    return Locked(
        names=names,
        whole=names.issuperset(_enterable(screen, entity)),
        kept=True,
        why=_why(screen, case) if names else "",
        url=screen.record_url(entity.name, case.record) + anchor,
    )


def _enterable(screen: Screen, entity: Entity) -> Iterator[str]:
    """Yield whatever the person could enter of a record that nothing locks."""
    writable = screen.services.access.writable(screen.ctx, entity.key)
    yield from (key for key, field in entity.fields.items() if enterable(field, writable))
    yield from (name for name, each in entity.collections.items() if each.children)


def _why(screen: Screen, case: Case) -> str:
    name = approval_label(screen, case.approval)
    return screen.words.say("Locked while “{approval}” is under way", approval=name)
