"""What an approval tells: what is to change, and all that was done, with what was put to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine.access.grants import FILE
from engine.query.spec import FileValue, LinkValue
from engine.values.wire import file_to_wire
from metamodel.fields import Field
from ui.screen import Screen
from ui.viewmodels.cells import BLANK, Cell, Part, cell, file_part
from ui.viewmodels.history import read_kept
from workflow.approvals.course import Course, Entry, Stage
from workflow.approvals.disclosing import sides_shown
from workflow.approvals.keeping import Case
from workflow.runs import as_given

People = Mapping[UUID, LinkValue]


@dataclass(frozen=True, slots=True)
class Changed:
    """One value that waits for the approval, as it was when it was submitted and as it becomes."""

    label: str
    before: Cell
    after: Cell


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that was done: what was said, filled in and put to it."""

    text: str
    comment: str
    at: str
    values: tuple[tuple[str, Cell], ...] = ()
    files: tuple[Part, ...] = ()


def changed_lines(screen: Screen, case: Case) -> tuple[Changed, ...]:
    """Return what waits for the approval, as far as the person may read it."""
    found = sides_shown(screen.ctx, screen.services.access, case)
    return tuple(
        Changed(screen.field_label(field), _kept(screen, field, was), _kept(screen, field, becomes))
        for field, was, becomes in found
    )


def said_lines(screen: Screen, case: Case, people: People) -> tuple[Said, ...]:
    """Return everything that was done, the latest first."""
    files: Mapping[UUID, FileValue] = {}
    if any(each.files for each in case.course.log):
        attached = screen.services.files.attached(screen.ctx, case.entity, case.record)
        files = {each.id: each for each in attached}
    asked = _asked_for(screen, case)
    return tuple(
        Said(
            text=_sentence(screen, case.course, entry, people),
            comment=entry.comment,
            at=screen.formats.instant(entry.at),
            values=tuple(_given(screen, asked, entry)),
            files=tuple(
                file_part(screen, file_to_wire(files[each])) for each in entry.files
                if each in files
            ),
        )
        for entry in reversed(case.course.log)
    )  # fmt: skip


def name_of(people: People, person: UUID | None) -> str:
    """Return what somebody is called; whom the person may not see stays unnamed."""
    found = people.get(person) if person is not None else None
    return (found.title if found is not None else None) or "•••"


def comma(screen: Screen) -> str:
    """Return what stands between names."""
    return "、" if screen.language == "zh" else ", "


def stage_label(screen: Screen, stage: Stage) -> str:
    """Return what a step is called; one that was added is named so."""
    said = stage.label.get(screen.language) or next(iter(stage.label.values()), "")
    return said or screen.words.say("Also asked")


def _sentence(screen: Screen, course: Course, entry: Entry, people: People) -> str:
    """Return what was done, as a sentence."""
    say = screen.words.say
    step = next((each for each in course.stages if entry.place and each.key == entry.place), None)
    if entry.by is None and entry.what in ("approved", "rejected"):
        agreed = say("Agreed to by itself: the time is up")
        return agreed if entry.what == "approved" else say("Rejected by itself: the time is up")
    who = name_of(people, entry.by) if entry.by is not None else say("Time")
    to = comma(screen).join(name_of(people, each) for each in entry.to)
    told: Mapping[str, str] = {
        "submitted": say("{who} submitted it", who=who),
        "approved": say("{who} agreed", who=who),
        "rejected": say("{who} disagreed", who=who),
        "returned": say("{who} returned it to {step}", who=who, step=stage_label(screen, step))
        if step is not None
        else say("{who} returned it", who=who),
        "transferred": say("{who} handed it on to {to}", who=who, to=to),
        "added_before": say("{who} asked {to} first", who=who, to=to),
        "added_after": say("{who} asked {to} as well", who=who, to=to),
        "withdrawn": say("{who} withdrew it", who=who),
        "urged": say("{who} urged {to}", who=who, to=to),
        "copied": say("{who} sent {to} a copy", who=who, to=to),
        "commented": say("{who} said", who=who),
        "replaced": say("{to} decides instead", to=to),
        "reminded": say("{to} was reminded: the time is up", to=to),
        "escalated": say("{to} decides now: the time is up", to=to),
        "replanned": say("{who} moved it to the present course", who=who),
    }
    text = told[entry.what]
    if entry.instead_of is None:
        return text
    return f"{text} · {say('for {name}', name=name_of(people, entry.instead_of))}"


def _asked_for(screen: Screen, case: Case) -> Mapping[str, Mapping[str, Field]]:
    """Return what each step asks for, by its key."""
    approval = screen.ctx.model.approvals.get(case.approval)
    return {each.key: each.input for each in approval.steps} if approval is not None else {}


def _given(
    screen: Screen, asked: Mapping[str, Mapping[str, Field]], entry: Entry
) -> Iterator[tuple[str, Cell]]:
    """Yield what somebody filled in, by what it is called; files are shown by themselves."""
    fields = asked.get(entry.stage, {})
    for name, kept in entry.given.items():
        field = fields.get(name)
        if field is None or kept is None or (field.link is not None and field.link.to == (FILE,)):
            continue
        yield screen.field_label(field), _valued(screen, field, as_given(kept))


def _kept(screen: Screen, field: Field, kept: Any) -> Cell:  # Any: JSON of every shape
    """Return a value as history keeps it, drawn."""
    return BLANK if kept is None else _valued(screen, field, read_kept(field, kept))


def _valued(screen: Screen, field: Field, value: Any) -> Cell:  # Any: of every type
    if value is None:
        return BLANK
    if field.link is None:
        return cell(screen, field, value)
    linked = tuple(_linked(screen, field, value))
    if not linked:
        return BLANK
    return cell(screen, field, linked if field.link.many else linked[0])


def _linked(screen: Screen, field: Field, value: Any) -> Iterator[LinkValue]:
    """Yield records that a value names by id; those that are not there any more are left out."""
    named = value if isinstance(value, tuple | list) else (value,)
    ids = [UUID(str(each)) for each in named]
    for target in field.link.to if field.link is not None else ():
        yield from screen.services.approval_boxes.links(screen.ctx, target, ids).values()
