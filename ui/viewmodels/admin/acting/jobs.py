"""Background jobs that failed for good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ui.screen import Screen
from ui.viewmodels.admin.acting.tabs import Tab, acting_tabs
from ui.viewmodels.shell import Shell, shell

TASKS: Mapping[str, str] = {
    "automation.run": "An automation",
    "automation.call": "A call to another program",
    "mail.send": "A letter",
    "message.send": "A message",
    "message.result": "What became of a message",
    "figures.deliver": "A report that is sent",
    "import": "An import",
    "change_many": "A change of many records",
    "back_up": "A backup",
    "refresh_daily": "Values that follow the day",
    "notice.push": "A notice on a device",
    "message.fetch": "A look into a mailbox",
    "service_level.again": "Service levels counted anew",
    "take_back": "A change that is taken back",
    "go_live": "A publish",
    "handover": "A hand-over",
    "erase": "A person who is forgotten",
    "file_fate": "Files that are put away",
    "accounts.reset": "A letter for signing in",
}
"""What jobs are called, as far as people know them."""


@dataclass(frozen=True, slots=True)
class JobLine:
    """One failed job."""

    what: str
    task: str
    attempts: int
    when: str
    iso: str
    error: str
    again_url: str
    drop_url: str


@dataclass(frozen=True, slots=True)
class JobsPage:
    """Failed jobs, the latest first."""

    shell: Shell
    heading: str
    tabs: tuple[Tab, ...]
    lines: tuple[JobLine, ...]


def jobs_page(screen: Screen) -> JobsPage:
    """Return the failed jobs of the tenant."""
    say, heading = screen.words.say, screen.words.say("Failed jobs")
    here = ("admin", "automations", "jobs")
    return JobsPage(
        shell=shell(screen, heading, screen.url("admin", "automations")),
        heading=heading,
        tabs=acting_tabs(screen, "jobs"),
        lines=tuple(
            JobLine(
                what=say(TASKS[each.task]) if each.task in TASKS else each.task,
                task=each.task,
                attempts=each.attempts,
                when=screen.formats.instant(each.at) if each.at is not None else "",
                iso=each.at.isoformat() if each.at is not None else "",
                error=each.error,
                again_url=screen.url(*here, str(each.id), "again"),
                drop_url=screen.url(*here, str(each.id), "drop"),
            )
            for each in screen.services.failed_jobs.page(screen.ctx)
        ),
    )
