"""What an administrator works on: their draft, the model it makes, and how much of it is new."""

from __future__ import annotations

from dataclasses import dataclass

from metamodel.diff import ModelDiff, diff
from ui.screen import Screen


@dataclass(frozen=True, slots=True)
class Drafted:
    """A screen over the model as it would be, and over the published one.

    `name` is the draft's, "" where nothing was changed yet; `undoable` says whether its last
    edit can be taken back.
    """

    screen: Screen
    published: Screen
    name: str = ""
    undoable: bool = False
    problems: tuple[str, ...] = ()
    questions: int = 0

    @property
    def changes(self) -> ModelDiff:
        """Return what the draft changes."""
        return diff(self.published.ctx.model, self.screen.ctx.model)


@dataclass(frozen=True, slots=True)
class DraftBar:
    """How many changes wait, and what can be done with them."""

    count: int
    words: str
    problems: tuple[str, ...]
    undoable: bool
    questions: int
    plan_url: str
    undo_url: str
    discard_url: str
    conflicts_url: str


def drafted(screen: Screen) -> Drafted:
    """Return the person's own draft, or the published model where they have none."""
    return Drafted(screen, screen)


def draft_bar(screen: Screen, made: Drafted) -> DraftBar:
    """Return the bar over every page on which a draft is made."""
    count = len(made.changes.differences) if made.name else 0
    say = screen.words.say
    return DraftBar(
        count=count,
        words=say("1 change, not yet published")
        if count == 1
        else say("{count} changes, not yet published", count=count),
        problems=made.problems,
        undoable=made.undoable,
        questions=made.questions,
        plan_url=screen.url("admin", "versions", "next"),
        undo_url=screen.url("admin", "versions", "next", "undo"),
        discard_url=screen.url("admin", "versions", "next", "discard"),
        conflicts_url=screen.url("admin", "versions", "next", "conflicts"),
    )
