"""The dialogs of approvals: submit a record with the map before it, decide, hand on, say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.query.spec import Record
from metamodel.approvals import Approval
from metamodel.fields import Field
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.approval_told import Changed, changed_lines, stage_label
from ui.viewmodels.approvals import (
    Station,
    act_label,
    approval_label,
    people_of,
    stations,
)
from ui.viewmodels.cells import BLANK, Cell, files_url
from ui.viewmodels.inputs import Input, InputMaker, inputs_of
from workflow.approvals.course import Course, waiting
from workflow.approvals.keeping import Case

CHOSEN = ("transfer", "add_before", "add_after", "copy", "hand_over")
"""Acts that somebody is chosen for."""

ASKED = "input_"
"""What stands before the names of what a step asks for, apart from the dialog's own."""

WITH_FILES = ("approve", "reject", "return", "comment")
"""Acts that files are put to."""


@dataclass(frozen=True, slots=True)
class SubmitDialog:
    """Submitting a record, or a change of it: who will be asked, and a word to them."""

    heading: str
    title: str
    url: str
    stations: tuple[Station, ...]
    inputs: tuple[Input, ...]
    changes: bool


@dataclass(frozen=True, slots=True)
class ActDialog:
    """Doing something with an approval; `places` are the steps it can be returned to.

    `facts` are the record's key figures, `asked` is what its author said, `changes` what waits for
    it; `stations` is the map as it would be, and `files` where files are put to it.
    """

    heading: str
    title: str
    act: str
    label: str
    url: str
    inputs: tuple[Input, ...]
    person: Input | None
    places: tuple[tuple[str, str], ...]
    gone: tuple[tuple[str, str], ...]
    comment: bool
    danger: bool
    note: str
    facts: tuple[tuple[str, Cell], ...] = ()
    asked: str = ""
    changes: tuple[Changed, ...] = ()
    stations: tuple[Station, ...] = ()
    files: Input | None = None


def submit_dialog(
    screen: Screen, entity: Entity, record: Record, approval: Approval, course: Course
) -> SubmitDialog:
    """Return the dialog that submits a record."""
    found = inputs_of(screen, entity, approval.changes, record)
    return SubmitDialog(
        heading=screen.label(approval.label, approval.name),
        title=record.title,
        url=screen.record_url(entity.name, record.id, "approvals", approval.name, "submit"),
        stations=stations(screen, course, people_of(screen, course)),
        inputs=tuple(each for each in found if not each.readonly),
        changes=bool(approval.changes),
    )


def act_dialog(
    screen: Screen, case: Case, act: str, title: str, facts: tuple[tuple[str, Cell], ...] = ()
) -> ActDialog:
    """Return the dialog of an act; whoever decides sees the `facts` of the record."""
    say = screen.words.say
    notes = {
        "withdraw": say("Nobody is asked any more. You may submit it again later."),
        "urge": say("Those who are asked are told again."),
        "add_before": say("It waits until this person has agreed, and then comes back to you."),
        "add_after": say("This person is asked once this step is passed."),
        "return": say("It goes back, and is decided anew from there."),
        "hand_over": say("Use this where somebody is away or has left."),
        "replan": say("Who agreed at a step that is still there has agreed; others are asked."),
    }
    chosen, decides = act in CHOSEN, act in ("approve", "reject", "return")
    return ActDialog(
        heading=f"{act_label(screen, act)} · {approval_label(screen, case.approval)}",
        title=title,
        act=act,
        label=act_label(screen, act),
        url=screen.url("approvals", str(case.id), act),
        inputs=tuple(_asked(screen, case)) if act == "approve" else (),
        person=person_input(screen) if chosen else None,
        places=tuple(_places(screen, case)) if act == "return" else (),
        gone=tuple(_gone(screen, case)) if act == "hand_over" else (),
        comment=act != "hand_over",
        danger=act in ("reject", "withdraw"),
        note=notes.get(act, ""),
        facts=facts if decides else (),
        asked=case.course.log[0].comment if decides else "",
        changes=changed_lines(screen, case) if decides else (),
        stations=_moved(screen, case) if act == "replan" else (),
        files=_files(screen) if act in WITH_FILES else None,
    )


def _moved(screen: Screen, case: Case) -> tuple[Station, ...]:
    """Return the map as it would be by the present course."""
    course = screen.services.approvals.rehearse(screen.ctx, case.id)
    return stations(screen, course, people_of(screen, course))


def _files(screen: Screen) -> Input:
    """Return an input that takes files, under the name `files`."""
    return Input(
        name="files", label=screen.words.say("Files"), template="files", type="file", help="",
        entered="", shown=BLANK, required=False, readonly=False, width=2, live=False, empty=False,
        align="start", many=True, upload_url=files_url(screen),
    )  # fmt: skip


def person_input(screen: Screen) -> Input:
    """Return an input that chooses a colleague, under the name `to`."""
    found = inputs_of(screen, screen.ctx.model.entities["user"], ("manager",), None)[0]
    return replace(
        found, name="to", label=screen.words.say("Person"), required=True, readonly=False,
        empty=False, copies=(), help="",
    )  # fmt: skip


def asked_input(screen: Screen, entity: Entity, name: str, field: Field) -> Input:
    """Return an input of something that is asked for about a record, and is none of its fields."""
    if field.link is not None and field.link.to == ("user",):
        chosen, label = person_input(screen), screen.field_label(field)
        return replace(chosen, name=name, label=label, required=field.required)
    maker = InputMaker(screen, entity, None, {}, frozenset(), frozenset({field.key}))
    return replace(maker.input(field), name=name, empty=False)


def _asked(screen: Screen, case: Case) -> Iterator[Input]:
    """Yield inputs for what the open step asks of whoever agrees."""
    stage, approval = case.course.open, screen.ctx.model.approvals.get(case.approval)
    if stage is None or approval is None:
        return
    step = next((each for each in approval.steps if each.key == stage.key), None)
    entity = screen.ctx.model.entities[case.entity]
    for name, field in (step.input if step is not None else {}).items():
        yield asked_input(screen, entity, f"{ASKED}{name}", field)


def _places(screen: Screen, case: Case) -> Iterator[tuple[str, str]]:
    """Yield where it can be returned to: its author, and the steps before."""
    yield "", screen.words.say("to whoever submitted it")
    for stage in case.course.stages[: case.course.at]:
        yield stage.key, stage_label(screen, stage)


def _gone(screen: Screen, case: Case) -> Iterator[tuple[str, str]]:
    people = people_of(screen, case.course)
    for each in waiting(case.course):
        found = people.get(each)
        yield str(each), (found.title if found is not None else None) or "•••"
