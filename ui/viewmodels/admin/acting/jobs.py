"""Background jobs that failed for good."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from engine.failed_jobs import FailedJob, Subject
from ui.screen import Screen
from ui.viewmodels.admin.acting.runs import run_lines
from ui.viewmodels.admin.acting.tabs import Tab, acting_tabs
from ui.viewmodels.admin.log import known_titles
from ui.viewmodels.shell import Shell, shell

TASKS: Mapping[str, str] = {
    "automation.run": "An automation",
    "automation.call": "A call to another program",
    "mail.send": "A letter",
    "message.send": "A message",
    "message.result": "What became of a message",
    "message.seen": "A message that was opened or followed",
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
    """One failed job: of which kind, what it is of (an automation, a message) and about.

    `about` is the record it was to do something with; `url` shows the run, or that record.
    """

    what: str
    name: str
    about: str
    url: str
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
    heading = screen.words.say("Failed jobs")
    return JobsPage(
        shell=shell(screen, heading, screen.url("admin", "automations")),
        heading=heading,
        tabs=acting_tabs(screen, "jobs"),
        lines=tuple(_lines(screen)),
    )


def _lines(screen: Screen) -> Iterator[JobLine]:
    """Yield failed jobs, each with the run that it is of, as far as that is kept."""
    say, jobs = screen.words.say, screen.services.failed_jobs.page(screen.ctx)
    first = {job.id: ids[0] for job in jobs if (ids := job.payload.get("runs"))}
    wanted = {UUID(each) for each in first.values()}
    runs = screen.services.runs.several(screen.ctx, wanted) if wanted else {}
    lines = run_lines(screen, list(runs.values()))
    told = {run: _Told(each.automation, each.about, each.url)
            for run, each in zip(runs, lines, strict=True)}  # fmt: skip
    subjects = screen.services.failed_jobs.subjects(screen.ctx, jobs)
    here = ("admin", "automations", "jobs")
    for each in jobs:
        if each.id in first:
            line = told.get(UUID(first[each.id]), _Told())
        else:
            line = _told(screen, each, subjects.get(each.id, Subject()))
        # A job of many runs is called after its first.
        others = len(each.payload.get("runs", ())) - 1
        yield JobLine(
            what=say(TASKS[each.task]) if each.task in TASKS else each.task,
            name=line.name,
            about=_about(screen, line.about, others),
            url=line.url,
            task=each.task,
            attempts=each.attempts,
            when=screen.formats.instant(each.at) if each.at is not None else "",
            iso=each.at.isoformat() if each.at is not None else "",
            error=each.error,
            again_url=screen.url(*here, str(each.id), "again"),
            drop_url=screen.url(*here, str(each.id), "drop"),
        )


@dataclass(frozen=True, slots=True)
class _Told:
    """What a job was of, and about; `url` shows it."""

    name: str = ""
    about: str = ""
    url: str = ""


def _told(screen: Screen, job: FailedJob, subject: Subject) -> _Told:
    """Return what a job was about that is of no run."""
    level = screen.ctx.model.service_levels.get(str(job.payload.get("level", "")))
    if level is not None:
        return _Told(level.label.text(screen.language))
    name = subject.name or str(job.payload.get("mailbox", ""))
    entity = screen.ctx.model.entities.get(subject.entity)
    if entity is None:
        return _Told(name)
    label, record = screen.entity_label(entity), subject.record
    title = "" if record is None else known_titles(screen, entity.key, {record}).get(record, "")
    if record is None or not title:
        return _Told(name, label)
    return _Told(name, f"{label} · {title}", screen.record_url(entity.name, record))


def _about(screen: Screen, about: str, others: int) -> str:
    if not about:
        return ""
    more = screen.words.say("and {count} more", count=others) if others > 0 else ""
    return " ".join(filter(None, (about, more)))
