"""What a line of time is made of."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from ui.viewmodels.cells import BLANK, Cell


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One field before and after."""

    label: str
    before: Cell
    after: Cell
    computed: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A stretch of what somebody said; `person`: it speaks to one."""

    text: str
    person: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """What one change set did to the record or a line of it, or what else became of it.

    `own_url` is where the person changes and takes back what they said themselves; `link` leads
    to a record that is told of here, by its `title`. `quoted` is what somebody's words repeat,
    `note` what is to be known of it.
    """

    id: UUID
    kind: str
    icon: str
    actor: str
    sentence: str
    at: str
    at_iso: str
    changes: tuple[ChangeLine, ...] = ()
    words: tuple[Said, ...] = ()
    quoted: str = ""
    note: str = ""
    files: Cell = BLANK
    own_url: str = ""
    link: str = ""
    title: str = ""
