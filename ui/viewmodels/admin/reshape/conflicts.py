"""A draft that somebody else's publish met: each value that both changed, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.drafts import Draft
from metamodel.dump import dump
from metamodel.places import place_text
from metamodel.threeway import Question
from ui.screen import Screen
from ui.viewmodels.shell import Shell, shell


@dataclass(frozen=True, slots=True)
class Conflict:
    """One place: what stood there, what somebody published, what the draft says.

    `path` is how the answer names it; `proposal` is what is chosen unless somebody says other.
    """

    path: str
    what: str
    why: str
    base: str
    theirs: str
    ours: str
    proposal: str
    both: bool


@dataclass(frozen=True, slots=True)
class ConflictsPage:
    """Everything that has to be decided before a draft can be published."""

    shell: Shell
    heading: str
    above: tuple[str, str]
    title: str
    lead: str
    theirs: str
    conflicts: tuple[Conflict, ...]
    url: str


def conflicts_page(screen: Screen, draft: Draft) -> ConflictsPage:
    """Return what is undecided in a draft."""
    say = screen.words.say
    heading, versions = say("Decide what holds"), screen.url("admin", "versions")
    return ConflictsPage(
        shell=shell(screen, heading, versions),
        heading=heading,
        above=(say("Versions"), versions),
        title=draft.title,
        lead=say(
            "The new version and you changed the same things. Choose what holds; everything else "
            "is put together already."
        )
        if draft.below
        else say(
            "While you were working, somebody else published. Where both of you changed the same "
            "thing, choose what holds; everything else is put together already."
        ),
        theirs=say("The new version") if draft.below else say("Published meanwhile"),
        conflicts=tuple(_conflict(screen, each) for each in draft.questions),
        url=screen.url("admin", "versions", "next", "conflicts"),
    )


def _conflict(screen: Screen, question: Question) -> Conflict:
    return Conflict(
        path="/".join(question.path),
        what=place_text(screen.ctx.model, question.path, screen.language),
        why=_why(screen)[question.kind],
        base=_shown(screen, question.base),
        theirs=_shown(screen, question.theirs),
        ours=_shown(screen, question.ours),
        proposal=question.proposal,
        both="both" in question.answers,
    )


def _why(screen: Screen) -> Mapping[str, str]:
    say = screen.words.say
    return {
        "both_changed": say("You and somebody else changed it."),
        "both_added": say("You and somebody else added something of this name."),
        "removed_changed": say("One of you took it away, the other changed it."),
        "needed": say("One of you took away what the other needs."),
        "problem": say("Together the two changes do not fit."),
    }


def _shown(screen: Screen, value: object) -> str:
    """Return a value of the metadata as a person reads it."""
    if value is None:
        return screen.words.say("(nothing)")
    if isinstance(value, bool):
        return screen.words.say("yes") if value else screen.words.say("no")
    if isinstance(value, Mapping):
        return screen.words.say("(taken away)") if value.get("$retire") else dump(value).strip()
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return str(value)
