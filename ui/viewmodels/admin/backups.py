"""Backups of the tenant: which there are, the one being made, and how they come back."""

from __future__ import annotations

from dataclasses import dataclass

from engine.jobs import JobState
from engine.transfer.shelf import Kept
from ui.screen import Screen

RUNNING = frozenset({"todo", "doing"})

_KILO = 1000


@dataclass(frozen=True, slots=True)
class BackupLine:
    """One backup: when it was made, how, how large it is, and where it is taken along."""

    when: str
    how: str
    size: str
    url: str
    restore: str


@dataclass(frozen=True, slots=True)
class BackupsView:
    """What is backed up; `percent` is how far the next one is, None where none is being made."""

    lines: tuple[BackupLine, ...]
    nightly: str
    running: bool
    percent: int
    failed: bool
    url: str


def backups_view(screen: Screen) -> BackupsView:
    """Return the tenant's backups."""
    found = screen.services.backups.there(screen.ctx)
    say = screen.words.say
    url = screen.url("admin", "workspace", "backups")
    nightly = say("Not backed up by itself at night: whoever runs this installation can set it up.")
    if found.nightly:
        nightly = say("Backed up every night; the last {count} are kept.", count=found.most)
    return BackupsView(
        lines=tuple(_line(screen, each, url) for each in found.kept),
        nightly=nightly,
        running=found.job is not None and found.job.status in RUNNING,
        percent=_percent(found.job),
        failed=found.job is not None and found.job.status == "failed",
        url=url,
    )


def _line(screen: Screen, kept: Kept, url: str) -> BackupLine:
    say, formats = screen.words.say, screen.formats
    name = screen.ctx.tenant.name
    file = f"{name}-{kept.name}"
    return BackupLine(
        when=formats.instant(kept.at) if kept.at is not None else formats.date(kept.day),
        how=say("at night") if kept.at is None else say("asked for"),
        size=size(screen, kept.size),
        url=f"{url}/{kept.name}",
        restore=f"joinery tenant restore {file} --as {name}-again",
    )


def size(screen: Screen, count: int) -> str:
    """Return a number of bytes as people say it."""
    amount, unit = float(count), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < _KILO or unit == "TB":
            break
        amount /= _KILO
    return f"{screen.formats.number(round(amount))} {unit}"


def _percent(job: JobState | None) -> int:
    return job.done * 100 // job.total if job is not None and job.total else 0
