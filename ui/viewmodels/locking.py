"""What approvals under way keep from being changed of a record, why, and where they are seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.approvals import approval_label
from ui.viewmodels.inputs import Guarding, enterable
from workflow.approvals.keeping import Case
from workflow.approvals.locks import closed


@dataclass(frozen=True, slots=True)
class Locked:
    """What the person may not change now: fields by key, collections by name.

    `whole` where nothing is left to be changed, `kept` where the record is not thrown away; `why`
    says so in words, and the approval is seen at `url`. `guards` are fields, by key, that are
    changed through an approval.
    """

    names: frozenset[str] = frozenset()
    whole: bool = False
    kept: bool = False
    why: str = ""
    url: str = ""
    guards: Mapping[str, Guarding] = field(default_factory=dict)

    @property
    def closed(self) -> frozenset[str]:
        """What is not entered in a form: what is locked, and what only an approval changes."""
        return self.names.union(key for key, each in self.guards.items() if each.closed)


def locked_of(screen: Screen, entity: Entity, record: UUID) -> Locked:
    """Return what approvals keep of a record that is about to be entered."""
    cases = screen.services.approvals.of_record(screen.ctx, entity, record)
    return replace(locked_by(screen, entity, cases), guards=_guards(screen, entity, record, cases))


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


def _guards(
    screen: Screen, entity: Entity, record: UUID, cases: Sequence[Case]
) -> Mapping[str, Guarding]:
    """Return how fields of a record are changed through approvals; the first that is sure leads."""
    found: dict[str, Guarding] = {}
    known = screen.services.approvals.guards(screen.ctx, entity, record, cases)
    for each in sorted(known, key=lambda guard: not guard.certain):
        approval = each.approval
        url = screen.record_url(entity.name, record, "approvals", approval.name, "submit")
        made = Guarding(
            _guarded_why(screen, approval.key, certain=each.certain),
            url if each.open else "",
            each.certain,
        )
        for key in approval.changes:
            found.setdefault(key, made)
    return found


def _guarded_why(screen: Screen, approval: str, *, certain: bool) -> str:
    say, name = screen.words.say, approval_label(screen, approval)
    if certain:
        return say("Changed through “{approval}” only", approval=name)
    return say("A change may need “{approval}”", approval=name)
