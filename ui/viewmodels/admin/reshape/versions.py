"""The versions of a tenant: who published what and when, compared and gone back to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.drafts import Draft
from engine.schema.revisions import Revision
from engine.schema.running import Publication
from metamodel.model import Model
from ui.screen import Screen
from ui.viewmodels.admin.reshape.changes import Changed, changes
from ui.viewmodels.admin.reshape.drafting import DraftBar, Drafted, draft_bar
from ui.viewmodels.cells import initials
from ui.viewmodels.shell import Shell, shell


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version: its number, when, by whom, what it was about."""

    number: int
    when: str
    who: str
    initials: str
    message: str
    live: bool
    compare_url: str
    back_url: str


@dataclass(frozen=True, slots=True)
class DraftLine:
    """Changes that somebody prepares.

    `own_url` leads to what one's own do that are worked on; others of one's own are taken up at
    `take_up_url`. What is not one's own has neither, nor a `title_url`.
    """

    title: str
    who: str
    initials: str
    when: str
    own_url: str
    take_up_url: str = ""
    title_url: str = ""


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """What the app stands on; `after` is the newer version that can be taken, "" where none is."""

    name: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class VersionsPage:
    """All versions, the newest first, and what is being prepared.

    `live` says which version was published a moment ago, "" on any other visit; `running` how far
    a publish is that somebody makes now.
    """

    shell: Shell
    heading: str
    lines: tuple[VersionLine, ...]
    drafts: tuple[DraftLine, ...]
    templates: tuple[TemplateLine, ...]
    upgrade_url: str
    live: str
    live_back_url: str
    running: str
    retired_url: str
    unconverted_url: str
    begin_url: str
    compare_url: str
    bar: DraftBar


@dataclass(frozen=True, slots=True)
class ComparePage:
    """What differs between two versions."""

    shell: Shell
    heading: str
    above: tuple[str, str]
    changes: tuple[Changed, ...]
    numbers: tuple[int, ...]
    first: int
    second: int
    back_url: str
    compare_url: str


def versions_page(
    screen: Screen, drafted: Drafted, found: Sequence[Revision], live: str = ""
) -> VersionsPage:
    """Return the list of versions; `live` is the number of one that was just published."""
    heading, here = screen.words.say("Versions"), screen.url("admin", "versions")
    running = screen.services.versions.running(screen.ctx)
    is_now = live == str(screen.ctx.revision) and screen.ctx.revision > 1
    return VersionsPage(
        shell=shell(screen, heading, here),
        heading=heading,
        lines=tuple(_line(screen, each) for each in found),
        drafts=tuple(
            _draft(screen, drafted, each) for each in screen.services.drafts.list(screen.ctx)
        ),
        templates=tuple(
            TemplateLine(each.name, each.label, each.before, each.after if each.newer else "")
            for each in screen.services.offers.list(screen.ctx)
        ),
        upgrade_url=screen.url("admin", "versions", "upgrade"),
        live=screen.words.say("Version {number} is live.", number=live) if is_now else "",
        live_back_url=screen.url("admin", "versions", str(screen.ctx.revision - 1), "back"),
        running=running_words(screen, running) if running else "",
        retired_url=screen.url("admin", "versions", "retired"),
        unconverted_url=screen.url("admin", "versions", "unconverted"),
        begin_url=screen.url("admin", "versions", "drafts"),
        compare_url=here,
        bar=draft_bar(screen, drafted),
    )


def running_words(screen: Screen, running: Publication) -> str:
    """Return who publishes which version now, and how far that is."""
    say, number = screen.words.say, screen.formats.number
    said = say(
        "{name} publishes version {number}: step {place} of {steps}.",
        name=running.author,
        number=running.revision,
        place=max(running.place, 1),
        steps=max(running.steps, 1),
    )
    if not running.of:
        return said
    far = say("{done} of {all} records", done=number(running.rows), all=number(running.of))
    return f"{said} {far}"


def compare_page(
    screen: Screen, found: Sequence[Revision], first: tuple[int, Model], second: tuple[int, Model]
) -> ComparePage:
    """Return what differs between two versions, each given by its number and model."""
    say, here = screen.words.say, screen.url("admin", "versions")
    heading = say("Version {first} and version {second}", first=first[0], second=second[0])
    return ComparePage(
        shell=shell(screen, heading, here),
        heading=heading,
        above=(say("Versions"), here),
        changes=changes(screen.reading(second[1]), first[1], second[1]),
        numbers=tuple(each.number for each in found),
        first=first[0],
        second=second[0],
        back_url=screen.url("admin", "versions", str(first[0]), "back")
        if first[0] != screen.ctx.revision
        else "",
        compare_url=here,
    )


def _draft(screen: Screen, drafted: Drafted, draft: Draft) -> DraftLine:
    worked_on = drafted.draft is not None and drafted.draft.name == draft.name
    own, here = draft.author == screen.ctx.actor.user, ("admin", "versions", "drafts", draft.name)
    return DraftLine(
        title=draft.title,
        who=draft.author_name,
        initials=initials(draft.author_name),
        when=screen.formats.instant(draft.at),
        own_url=screen.url("admin", "versions", "next") if worked_on else "",
        take_up_url=screen.url(*here, "take-up") if own and not worked_on else "",
        title_url=screen.url(*here, "title") if own else "",
    )


def _line(screen: Screen, revision: Revision) -> VersionLine:
    number = str(revision.number)
    live = revision.number == screen.ctx.revision
    return VersionLine(
        number=revision.number,
        when=screen.formats.instant(revision.at),
        who=revision.author.name,
        initials=initials(revision.author.name),
        message=revision.message,
        live=live,
        compare_url=screen.url("admin", "versions", str(revision.number - 1), number)
        if revision.number > 1
        else "",
        back_url="" if live else screen.url("admin", "versions", number, "back"),
    )
