"""What is known of a person: where it stands, the file of it, and how far its erasure is."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from engine.personal.erasing import Erasure
from engine.personal.subject import USER, Places, Subject
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.shell import Shell, shell

PLACES = ("people", "data")
"""Where these pages stand in the administration."""

COUNTED = {
    "records": "Records",
    "values": "Values",
    "comments": "Comments",
    "messages": "Mail and messages",
    "runs": "Runs of automations",
    "approvals": "Approvals",
    "history": "Entries of history",
}
"""What an erasure tells that it did."""


@dataclass(frozen=True, slots=True)
class PersonalPage:
    """Personal data of one person; `about` goes with them, `others` are people who stay.

    With `erasure` blank nothing was begun; else it says how far it is, and `counts` what it did.
    """

    shell: Shell
    heading: str
    record_url: str
    about: tuple[tuple[str, str], ...]
    others: tuple[tuple[str, str], ...]
    file_url: str
    erase_url: str
    erasable: bool
    erasure: str
    running: bool
    counts: tuple[tuple[str, str], ...]
    url: str


def personal_page(
    screen: Screen, entity: Entity, title: str, subject: Subject, erasure: Erasure | None
) -> PersonalPage:
    """Return what is known of a person, and the erasure that was begun, if any."""
    say, here = screen.words.say, personal_url(screen, entity, subject.record)
    running = erasure is not None and erasure.state != "done"
    return PersonalPage(
        shell=shell(screen, title, screen.url("records", entity.name)),
        heading=title,
        record_url=screen.record_url(entity.name, subject.record),
        about=_listed(screen, subject.about),
        others=_listed(screen, subject.others),
        file_url=f"{here}/file",
        erase_url=f"{here}/erase",
        erasable=not running and not (entity.key == USER and _active(screen, subject.record)),
        erasure="" if erasure is None else say("Being erased") if running else say("Erased"),
        running=running,
        counts=_counts(screen, erasure),
        url=f"{here}?erasure={erasure.id}" if erasure is not None else here,
    )


def personal_url(screen: Screen, entity: Entity, record: UUID) -> str:
    """Return the address of what is known of a person."""
    return screen.url("admin", *PLACES, entity.name, str(record))


def _active(screen: Screen, person: UUID) -> bool:
    """Whether a colleague still comes in: nobody is erased while they work here."""
    found = screen.services.reader.get(screen.ctx, USER, [person])[0]
    return found.values.get("active") is True


def _listed(screen: Screen, places: Places) -> tuple[tuple[str, str], ...]:
    return tuple(
        (
            screen.entity_label(screen.ctx.model.entities[key], plural=True),
            screen.formats.number(len(ids)),
        )
        for key, ids in places.items()
    )


def _counts(screen: Screen, erasure: Erasure | None) -> tuple[tuple[str, str], ...]:
    report = erasure.report if erasure is not None else {}
    return tuple(
        (screen.words.say(word), screen.formats.number(report[name]))
        for name, word in COUNTED.items()
        if name in report
    )
