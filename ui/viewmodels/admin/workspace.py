"""The tenant itself: what it is made of, its seats, and how people prove themselves."""

from __future__ import annotations

from dataclasses import dataclass

from engine.accounts.second_factor import EVERYBODY, asked_of
from engine.query.parse import parse_filter
from engine.query.spec import ListQuery
from ui.screen import Screen
from ui.viewmodels.admin.backups import BackupsView, backups_view
from ui.viewmodels.admin.colleagues import PEOPLE
from ui.viewmodels.admin.people import role_labels
from ui.viewmodels.shell import Shell, shell

LATEST = 12
"""Revisions that are shown."""


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """One publish: its number, when, by whom, and what it was about."""

    number: int
    when: str
    who: str
    message: str


@dataclass(frozen=True, slots=True)
class WorkspacePage:
    """The tenant as its administrators see it."""

    shell: Shell
    heading: str
    facts: tuple[tuple[str, str], ...]
    everybody: bool
    roles: tuple[tuple[str, str, bool], ...]
    revisions: tuple[RevisionLine, ...]
    backups: BackupsView
    url: str
    problem: str = ""


def workspace_page(screen: Screen, problem: str = "") -> WorkspacePage:
    """Return the tenant as it stands; `problem` says what was wrong with a logo."""
    heading, here = screen.words.say("Workspace"), screen.url("admin", "workspace")
    asked = asked_of(screen.services.people.ledger, screen.ctx.tenant.name)
    return WorkspacePage(
        shell=shell(screen, heading, here),
        heading=heading,
        facts=_facts(screen),
        everybody=EVERYBODY in asked,
        roles=tuple((name, label, name in asked) for name, label in role_labels(screen)),
        revisions=tuple(
            RevisionLine(
                each.number, screen.formats.instant(each.at), each.author.name, each.message
            )
            for each in screen.services.reshaping.revisions(screen.ctx)[:LATEST]
        ),
        backups=backups_view(screen),
        url=here,
        problem=problem,
    )


def _facts(screen: Screen) -> tuple[tuple[str, str], ...]:
    say, formats, app = screen.words.say, screen.formats, screen.ctx.model.app
    record = screen.services.registry.get(screen.ctx.tenant.name)
    held = record.subscription
    people = screen.services.reader.find(
        screen.ctx,
        ListQuery(
            "user",
            filter=parse_filter(screen.ctx, "user", f"{PEOPLE} and active"),
            limit=1,
            count="exact",
        ),
    )
    seats = formats.number(held.seats) if held.seats else say("any number")
    return (
        (say("Called"), record.label),
        (say("App"), f"{screen.label(app.label, app.name)} {app.version}"),
        (say("Revision"), str(screen.ctx.revision)),
        (say("Since"), formats.instant(record.created_at)),
        (say("People"), f"{formats.number(people.total or 0)} / {seats}"),
        (say("Paid until"), formats.date(held.expires_on) if held.expires_on else say("no end")),
    )
