"""A publish that takes its time: how far it is, or what stopped it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.drafts import Draft
from engine.going_live import Underway
from ui.screen import Screen
from ui.viewmodels.admin.reshape.versions import running_words
from ui.viewmodels.shell import Shell, shell


@dataclass(frozen=True, slots=True)
class UnderwayPage:
    """A publish that a worker makes: `percent` is how far, None where that is not known.

    `watch_url` is looked at again until it is over; `stopped` says why nothing was published.
    """

    shell: Shell
    heading: str
    above: tuple[str, str]
    said: str
    percent: int | None
    stopped: str
    watch_url: str
    plan_url: str


def underway_page(screen: Screen, found: Underway) -> UnderwayPage:
    """Return how far a publish is that is not live yet."""
    say = screen.words.say
    heading = say("Going back to version {number}", number=found.back)
    if found.draft:
        heading = say("Your changes are being published")
    is_stopped = found.phase == "stopped"
    return UnderwayPage(
        shell=shell(screen, heading, screen.url("admin", "versions")),
        heading=say("Not published") if is_stopped else heading,
        above=(say("Versions"), screen.url("admin", "versions")),
        said="" if is_stopped else _said(screen, found),
        percent=found.done * 100 // found.total if found.total else None,
        stopped=stopped_words(screen, found) if is_stopped else "",
        watch_url="" if is_stopped else underway_url(screen, found),
        plan_url=_plan_url(screen, found),
    )


def underway_url(screen: Screen, found: Underway) -> str:
    """Return where it is seen how far a publish is."""
    return screen.url("admin", "versions", "publishing", str(found.number))


def is_of(found: Underway, draft: Draft) -> bool:
    """Return whether a publish was stopped of a draft as it is now."""
    same = (found.draft, found.version) == (draft.name, draft.version)
    return found.phase == "stopped" and same


def stopped_words(screen: Screen, found: Underway) -> str:
    """Return what stopped a publish, and what can be done."""
    if found.code == "model_changed":
        return overtaken_words(screen)
    if found.code == "scenarios_red":
        names = found.params.get("scenarios")
        return red_words(screen, [str(e) for e in names] if isinstance(names, list) else ())
    return found.why(screen.language)


def overtaken_words(screen: Screen) -> str:
    """Return what is said where others were faster."""
    return screen.words.say("Somebody else published meanwhile. Look at the plan anew.")


def red_words(screen: Screen, names: Sequence[str]) -> str:
    """Return which business tests fail, by what they are called."""
    known = screen.ctx.model.scenarios
    called = (screen.label(known[e].label, e) if e in known else e for e in names)
    return screen.words.say(
        "These business tests fail with your changes: {tests}. "
        "Mend the changes, or tick to publish even so.",
        tests=", ".join(called),
    )


def _said(screen: Screen, found: Underway) -> str:
    """Return how far a publish is."""
    say = screen.words.say
    if found.phase == "tests":
        counts = {"done": found.done, "all": found.total}
        return say("Business tests on a copy: {done} of {all}.", **counts)
    if found.phase == "waiting":
        if screen.services.going_live.is_attended(screen.ctx):
            return say("It begins in a moment.")
        return say(
            "It begins as soon as background work runs again: "
            "tell whoever looks after this installation."
        )
    running = screen.services.versions.running(screen.ctx)
    if running is not None:
        return running_words(screen, running)
    return say("Step {done} of {all}.", done=found.done, all=found.total)


def _plan_url(screen: Screen, found: Underway) -> str:
    """Return where it is looked at anew what a publish would do."""
    if found.draft:
        return screen.url("admin", "versions", "next")
    return screen.url("admin", "versions", str(found.back), "back")
