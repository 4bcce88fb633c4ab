"""The audit log: who did what, when, from where, in plain words, with before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from engine.audit.asked import Question
from engine.audit.reader import Entry
from engine.query.spec import ListQuery
from engine.tenants.people import SYSTEM_USER
from ui.screen import Screen
from ui.viewmodels.admin.log_words import ValueLine, value_lines
from ui.viewmodels.cells import initials
from ui.viewmodels.conditions import one_of
from ui.viewmodels.history import DOORS
from ui.viewmodels.inputs import Input, inputs_of
from ui.viewmodels.narrowing import FilterView
from ui.viewmodels.shell import Shell, shell

KINDS: Mapping[str, str] = {
    "sign_in": "Signed in",
    "sign_in_refused": "Was not let in",
    "sign_out": "Signed out",
    "account_changed": "Changed an account",
    "token_issued": "Made an API token",
    "token_revoked": "Revoked an API token",
    "refused": "Was refused",
    "unmasked": "Looked at an encrypted value",
    "masked_read": "Read a masked value",
    "exported": "Exported",
    "imported": "Imported",
    "bulk_read": "Read very many records",
    "sql_seen": "Looked at the SQL of a figure",
    "audit_read": "Read the audit log",
    "audit_purged": "Cleared old parts of the audit log",
    "people_changed": "Changed people or departments",
    "shared": "Shared a record",
    "unshared": "Stopped sharing a record",
    "roles_changed": "Changed somebody's rights",
    "published": "Published a change",
    "handed_over": "Handed over",
    "purged": "Deleted kept data for good",
    "erased": "Erased personal data",
    "tenant_changed": "Changed the workspace",
    "backed_up": "Backed up the workspace, or took a backup along",
}
"""What each kind of event is called."""


ALARMED = timedelta(days=7)
"""How long the page tells of somebody who read very many records."""

MOST_ALARMS = 5


@dataclass(frozen=True, slots=True)
class LogAsked:
    """What the log is narrowed to, as the address says it."""

    text: str = ""
    person: str = ""
    kind: str = ""
    since: str = ""
    until: str = ""
    entity: str = ""
    record: str = ""
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One event."""

    when: str
    iso: str
    who: str
    initials: str
    who_url: str
    what: str
    kind: str
    about: str
    about_url: str
    origin: str
    times: int
    values: tuple[ValueLine, ...]
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class LogRows:
    """One page of events, and where the next is."""

    lines: tuple[LogLine, ...]
    more_url: str


@dataclass(frozen=True, slots=True)
class LogPage:
    """The audit log, narrowed."""

    shell: Shell
    heading: str
    rows: LogRows
    alarms: tuple[str, ...]
    alarms_url: str
    asked: LogAsked
    kinds: FilterView
    person: Input
    exports: tuple[tuple[str, str], ...]
    url: str


def log_page(screen: Screen, asked: LogAsked) -> LogPage:
    """Return the first page of events."""
    heading, here = screen.words.say("Audit log"), screen.url("admin", "log")
    say = screen.words.say
    kinds = tuple((kind, say(word), kind == asked.kind) for kind, word in KINDS.items())
    return LogPage(
        shell=shell(screen, heading, here),
        heading=heading,
        rows=log_rows(screen, asked),
        alarms=_alarms(screen),
        alarms_url=screen.url("admin", "log", kind="bulk_read"),
        asked=asked,
        kinds=FilterView("kind", say("Everything that happens"), kinds),
        person=_chooser(screen, asked),
        exports=tuple(
            (label, screen.url("admin", "log", "export", format=code, **_query(asked)))
            for code, label in (("csv", "CSV"), ("xlsx", "Excel"), ("jsonl", "JSON"))
        ),
        url=here,
    )


def _alarms(screen: Screen) -> tuple[str, ...]:
    """Return who read very many records of late, the last first (A-11)."""
    since = screen.ctx.now - ALARMED
    found = screen.services.audit_reader.page(
        screen.ctx, Question(kinds=("bulk_read",), since=since), limit=MOST_ALARMS
    )
    say, formats = screen.words.say, screen.formats
    return tuple(
        say(
            "{who} read {count} records within {minutes} minutes, {when}",
            who=each.name,
            count=formats.number(_number(each.detail.get("records"))),
            minutes=_number(each.detail.get("seconds")) // 60,
            when=formats.instant(each.at),
        )
        for each in found.entries
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def log_rows(screen: Screen, asked: LogAsked) -> LogRows:
    """Return one page of events."""
    found = screen.services.audit_reader.page(
        screen.ctx, question(screen, asked), cursor=asked.cursor
    )
    more = ""
    if found.cursor:
        more = screen.url("admin", "log", **{**_query(asked), "cursor": found.cursor})
    titles = _titles(screen, found.entries)
    return LogRows(tuple(_line(screen, entry, titles) for entry in found.entries), more)


def question(screen: Screen, asked: LogAsked) -> Question:
    """Return what is asked of the log; what cannot be read narrows nothing."""
    until = _day(screen, asked.until)
    entity = screen.ctx.model.entity_named(asked.entity) if asked.entity else None
    return Question(
        since=_day(screen, asked.since),
        until=until + timedelta(days=1) if until is not None else None,
        person=_id(asked.person),
        kinds=(asked.kind,) if asked.kind in KINDS else (),
        entity=entity.key if entity is not None else "",
        record=_id(asked.record),
        text=asked.text,
    )


def _query(asked: LogAsked) -> dict[str, str]:
    return {
        "q": asked.text, "person": asked.person, "kind": asked.kind, "since": asked.since,
        "until": asked.until, "entity": asked.entity, "record": asked.record,
    }  # fmt: skip


def _day(screen: Screen, text: str) -> datetime | None:
    try:
        zone = ZoneInfo(screen.ctx.moment.zone)
        return datetime.combine(date.fromisoformat(text), time(), zone) if text else None
    except ValueError:
        return None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _chooser(screen: Screen, asked: LogAsked) -> Input:
    found = inputs_of(screen, screen.ctx.model.entities["user"], ("manager",), None)[0]
    person = _id(asked.person)
    titles = known_titles(screen, "user", {person}) if person is not None else {}
    shown = replace(found.shown, text=titles.get(person, "")) if person is not None else found.shown
    return replace(
        found, name="person", entered=asked.person if shown.text else "", shown=shown,
        readonly=False, empty=False, copies=(), required=False,
    )  # fmt: skip


def _titles(screen: Screen, entries: Sequence[Entry]) -> Mapping[str, Mapping[UUID | None, str]]:
    """Return what the records that events speak of are called, by entity and id."""
    wanted: dict[str, set[UUID | None]] = {}
    for entry in entries:
        entity = screen.ctx.model.entities.get(entry.entity)
        if entity is not None and not entity.system and entry.record is not None:
            wanted.setdefault(entity.key, set()).add(entry.record)
        if entry.person is not None and _at_the_door(entry):
            wanted.setdefault("user", set()).add(entry.person)
    return {entity: known_titles(screen, entity, ids) for entity, ids in wanted.items()}


def known_titles(screen: Screen, entity: str, ids: Set[UUID | None]) -> Mapping[UUID | None, str]:
    """Return titles of those records that are still there to be read."""
    there = [each for each in ids if each is not None]
    query = ListQuery(entity, filter=one_of(screen, entity, there), limit=len(there))
    return {row.id: row.title for row in screen.services.reader.find(screen.ctx, query).rows}


def _line(screen: Screen, entry: Entry, titles: Mapping[str, Mapping[UUID | None, str]]) -> LogLine:
    entity = screen.ctx.model.entities.get(entry.entity)
    title = titles.get(entry.entity, {}).get(entry.record, "")
    label = screen.entity_label(entity) if entity is not None else entry.entity
    who = _who(screen, entry, titles.get("user", {}))
    return LogLine(
        when=screen.formats.instant(entry.at),
        iso=entry.at.isoformat(),
        who=who,
        initials=initials(who),
        who_url=_who_url(screen, entry.person),
        what=screen.words.say(KINDS.get(entry.kind, entry.kind)),
        kind=entry.kind,
        about=f"{label} · {title}" if title else label,
        about_url=(
            screen.record_url(entity.name, entry.record)
            if entity is not None and title and entry.record is not None
            else ""
        ),
        origin=entry.address,
        times=entry.times,
        values=value_lines(screen, entry),
        facts=_facts(screen, entry),
    )


def _at_the_door(entry: Entry) -> bool:
    """Whether an event tells of somebody by their address: it happened before they were in."""
    return not entry.name or "@" in entry.name


def _who(screen: Screen, entry: Entry, people: Mapping[UUID | None, str]) -> str:
    """Return who did it, as people here are called; what came over no network is the system's."""
    found = people.get(entry.person, "") if _at_the_door(entry) else ""
    known = found or entry.name
    if entry.person == SYSTEM_USER or not (known or entry.address):
        return screen.words.say("System")
    return known or screen.words.say("Somebody unknown")


def _who_url(screen: Screen, person: UUID | None) -> str:
    """Return the page of who did it; the system itself has none."""
    if person is None or person == SYSTEM_USER:
        return ""
    return screen.url("admin", "people", str(person))


def _facts(screen: Screen, entry: Entry) -> tuple[tuple[str, str], ...]:
    say = screen.words.say
    facts = (
        (say("Address"), entry.address),
        (say("Program"), entry.agent),
        (say("Session"), entry.session),
        (say("Way in"), say(DOORS[entry.door]) if entry.door in DOORS else entry.door),
        (say("Revision"), str(entry.revision or "")),
    )
    return tuple((label, text) for label, text in facts if text)
