"""The inbox: what is to be done, and what a person was told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from markupsafe import Markup

from engine.notices import Asked, Notice, Unseen
from engine.notices.kinds import MENTIONS, REMINDERS
from engine.query.spec import ListQuery
from engine.query.views import usable_views
from metamodel.model import Entity
from metamodel.views import View
from ui.screen import Screen
from ui.viewmodels.acting import script_label
from ui.viewmodels.approval_lines import (
    BOXES,
    CaseLine,
    approval_sentence,
    approval_tabs,
    boxes_of,
    case_lines,
    named_approval,
)
from ui.viewmodels.pool_told import pool_label, pool_sentence, return_label
from ui.viewmodels.shell import Shell, may, shell

PAGE = 30

MOST_TO_DO = 50
"""Rows that one view brings into the inbox."""

TABS: Mapping[str, frozenset[str]] = {
    "mentions": MENTIONS,
    "notices": frozenset({"assigned", "shared", "finished", "told", "approval", "pool"}),
    "reminders": REMINDERS,
}
"""The tabs beside what is to be done, and the kinds of notices in each."""

ICONS: Mapping[str, str] = {
    "mention": "at",
    "comment": "message-circle",
    "assigned": "user-check",
    "shared": "share",
    "due": "alarm",
    "finished": "circle-check",
    "told": "bolt",
    "pool": "pool",
    "approval": "gavel",
}

Group = Literal["overdue", "today", "soon", "open"]


@dataclass(frozen=True, slots=True)
class InboxTab:
    """One tab, with how much is in it; blank says nothing."""

    name: str
    label: str
    icon: str
    url: str
    current: bool
    count: str = ""


@dataclass(frozen=True, slots=True)
class ToDoLine:
    """One thing to do: a record in a view that stands in the inbox."""

    title: str
    url: str
    icon: str
    kind: str
    due: str


@dataclass(frozen=True, slots=True)
class ToDoGroup:
    """Things to do that come due together."""

    label: str
    lines: tuple[ToDoLine, ...]
    late: bool = False


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One notice as a sentence; `said` is the comment that it tells of."""

    id: str
    icon: str
    text: Markup
    plain: str
    said: str
    url: str
    kind: str
    at: str
    iso: str
    read: bool
    done: bool


@dataclass(frozen=True, slots=True)
class InboxPage:
    """The inbox with one of its tabs open; `cases` are approvals, where the tab is of those."""

    shell: Shell
    heading: str
    tabs: tuple[InboxTab, ...]
    show: str
    state: str
    groups: tuple[ToDoGroup, ...]
    notices: tuple[NoticeLine, ...]
    more_url: str
    mark_url: str
    done_url: str
    unread: bool
    preferences_url: str
    cases: tuple[CaseLine, ...] = ()
    of_cases: bool = False


def inbox_page(screen: Screen, show: str, asked: Asked) -> InboxPage:
    """Return the inbox; `show` is a tab, and `asked` which of its notices."""
    current = show if show in (TABS.keys() | boxes_of(screen)) else "todo"
    of_cases = current in BOXES
    cases, after = (
        case_lines(screen, current, before=asked.before, limit=PAGE, decided=asked.state == "done")
        if of_cases
        else ((), None)
    )
    lines = tuple(_due_lines(screen)) if current == "todo" else ()
    kinds = TABS.get(current, frozenset())
    found = screen.services.notices.page(screen.ctx, _of_kinds(asked, kinds)) if kinds else ()
    heading = screen.words.say("Inbox")
    return InboxPage(
        shell=shell(screen, heading, screen.url("inbox")),
        heading=heading,
        tabs=tuple(_tabs(screen, current, len(lines) if current == "todo" else None)),
        show=current,
        state=asked.state,
        groups=tuple(_grouped(screen, lines)),
        notices=tuple(notice_line(screen, each) for each in found),
        more_url=_more_cases(screen, current, asked, after) or _more(screen, current, asked, found),
        mark_url=screen.url("inbox", "mark"),
        done_url=screen.url("inbox", show=current, state="" if asked.state == "done" else "done"),
        unread=any(not each.read for each in found),
        preferences_url=screen.url("preferences"),
        cases=cases,
        of_cases=of_cases,
    )


def _more_cases(screen: Screen, show: str, asked: Asked, after: UUID | None) -> str:
    if after is None:
        return ""
    state = "done" if asked.state == "done" else ""
    return screen.url("inbox", show=show, state=state, before=str(after))


def _of_kinds(asked: Asked, kinds: frozenset[str]) -> Asked:
    return Asked(asked.state, kinds, asked.before, PAGE)


def _more(screen: Screen, show: str, asked: Asked, found: tuple[Notice, ...]) -> str:
    if len(found) < PAGE:
        return ""
    state = asked.state if asked.state != "open" else ""
    return screen.url("inbox", show=show, state=state, before=str(found[-1].id))


def _tabs(screen: Screen, current: str, todo: int | None) -> Iterator[InboxTab]:
    say = screen.words.say
    unseen = screen.services.notices.unseen(screen.ctx)
    counts = _by_tab(unseen)
    counts = {**counts, "approve": screen.services.approval_boxes.count(screen.ctx)}
    named = {
        "todo": (say("To do"), "checklist"),
        **approval_tabs(screen),
        "mentions": (say("Mentions"), "at"),
        "notices": (say("Notices"), "bell"),
        "reminders": (say("Reminders"), "alarm"),
    }
    for name, (label, icon) in named.items():
        count = (todo or 0) if name == "todo" else counts.get(name, 0)
        url = screen.url("inbox", show="" if name == "todo" else name)
        said = "" if not count else "99+" if count >= 100 else str(count)
        yield InboxTab(name, label, icon, url, name == current, said)


def _by_tab(unseen: Unseen | None) -> Mapping[str, int]:
    if unseen is None:
        return {}
    return {
        name: sum(count for kind, count in unseen.kinds.items() if kind in kinds)
        for name, kinds in TABS.items()
    }


def notice_line(screen: Screen, notice: Notice) -> NoticeLine:
    """Return a notice as the inbox, and a message that comes up by itself, say it."""
    who = (notice.by.title if notice.by else None) or screen.words.say("The system")
    record = notice.record
    title = (record.title if record else None) or ""
    entity = screen.ctx.model.entity_named(record.entity) if record else None
    template = _template(screen, notice)
    values = _values(screen, notice, entity)
    bold = {"who": Markup("<b>{}</b>").format(who), "record": Markup("<b>{}</b>").format(title)}
    return NoticeLine(
        id=str(notice.id),
        icon=ICONS.get(notice.kind, "bell"),
        text=Markup(template).format(**values, **bold),  # noqa: S704 - a sentence of our own
        plain=template.format(**values, who=who, record=title),
        said=notice.said or str(notice.words.get("text", "")),
        url=_url(screen, notice),
        kind=screen.entity_label(entity) if entity else "",
        at=screen.formats.instant(notice.at),
        iso=notice.at.isoformat(timespec="seconds"),
        read=notice.read,
        done=notice.done,
    )


def _url(screen: Screen, notice: Notice) -> str:
    if notice.record is not None:
        place = "#activity" if notice.said else ""
        return screen.record_url(notice.record.entity, notice.record.id) + place
    url = str(notice.words.get("url", ""))
    return url if url.startswith(f"{screen.url()}") else ""


def _template(screen: Screen, notice: Notice) -> str:
    """Return the sentence of a notice's kind, with places for what it names."""
    say = screen.words.say
    match notice.kind:
        case "mention":
            return say("{who} mentioned you in {record}")
        case "comment":
            return say("{who} commented on {record}")
        case "shared" if notice.record is None:
            return say("{who} shared {count} records with you: {kind}")
        case "shared":
            return say("{who} shared {record} with you")
        case "due":
            own = "on" in notice.words
            return say("{record}: {field} is {on}") if own else say("{record} is due at {due}")
        case "approval":
            return approval_sentence(screen, str(notice.words.get("what")))
        case "told":
            return "{subject}"
        case "assigned" if notice.record is None:
            return say("{who} gave you {count} records: {kind}")
        case "assigned":
            return say("{who} named you in {record} as {field}")
        case _:
            return _ended(screen, notice)


def _ended(screen: Screen, notice: Notice) -> str:
    say = screen.words.say
    if notice.kind == "pool":
        return pool_sentence(screen, notice.words, gone=notice.record is None)
    ended = {
        "import": say("Your import of {name} has ended"),
        "change": say("Your change of many records has ended: {name} changed"),
        "undo": say("It is taken back: {name} records are as they were"),
        "handover": say("The hand-over from {name} has ended"),
        "paused": say("{name} is not sent: whoever has it sent may not enter any more"),
        "stopped": say("It was stopped, for whoever began it may not act any more: {name}"),
        "publish": say("Your version is published: {name}"),
        "refused": say("Your version was not published: {name}"),
        "backup": say("The backup {name} is made"),
        "run_failed": say("{subject} could not be done. See why, then do it again"),
    }
    return ended.get(str(notice.words.get("what")), say("Your work has ended: {name}"))


def _values(screen: Screen, notice: Notice, entity: Entity | None) -> Mapping[str, str]:
    words = notice.words
    about = entity or screen.ctx.model.entities.get(str(words.get("entity", "")))
    field = about.fields.get(str(words.get("field", ""))) if about else None
    due, on = words.get("due"), words.get("on")
    script = str(words.get("automation") or words.get("script") or "")
    told = str(words.get("subject") or "") or script_label(screen, script)
    return {
        "subject": told,
        "count": str(words.get("count", "")),
        "name": str(words.get("name", ""))
        or named_approval(screen, words.get("approval"))
        or pool_label(screen, words.get("pool")),
        "kind": screen.entity_label(about, plural=True) if about else "",
        "field": screen.field_label(field) if field else "",
        "due": screen.formats.instant(datetime.fromisoformat(due)) if due else "",
        "on": screen.formats.date(date.fromisoformat(on)) if on else "",
        "why": return_label(screen, words.get("pool"), words.get("reason")),
    }


@dataclass(frozen=True, slots=True)
class _Due:
    """A line and when it is due."""

    line: ToDoLine
    at: datetime | date | None


def inbox_views(screen: Screen) -> Iterator[tuple[Entity, View]]:
    """Yield the views whose rows stand in the inbox: those with the option `inbox`."""
    for entity in screen.ctx.model.entities.values():
        if entity.system or entity.retired:
            continue
        marked = [view for view in entity.views.values() if view.options.get("inbox")]
        if marked and may(screen, "read", entity.key):
            usable = usable_views(screen.ctx, screen.services.access, entity)
            yield from ((entity, view) for view in usable if view in marked)


def _due_lines(screen: Screen) -> list[_Due]:
    """Return what is to be done, the most urgent first."""
    zone = ZoneInfo(screen.formats.zone)
    found = [each for entity, view in inbox_views(screen) for each in _rows(screen, entity, view)]

    def order(each: _Due) -> tuple[bool, str]:
        moment = _instant(each.at, zone)
        return (moment is None, moment.isoformat() if moment else "")

    return sorted(found, key=order)


def _rows(screen: Screen, entity: Entity, view: View) -> Iterator[_Due]:
    paths = tuple(sort.path for sort in view.sort[:1])
    query = ListQuery(entity.key, filter=view.filter, sort=view.sort, paths=paths, limit=MOST_TO_DO)
    for row in screen.services.reader.find(screen.ctx, query).rows:
        value = row.values.get(paths[0].text) if paths else None
        at = value if isinstance(value, date) else None
        line = ToDoLine(
            row.title,
            screen.record_url(entity.name, row.id),
            entity.icon or "circle",
            screen.entity_label(entity),
            _said(screen, at),
        )
        yield _Due(line, at)


def _said(screen: Screen, at: datetime | date | None) -> str:
    if at is None:
        return ""
    instant = isinstance(at, datetime)
    return screen.formats.instant(at) if instant else screen.formats.date(at)  # type: ignore[arg-type]


def _instant(at: datetime | date | None, zone: ZoneInfo) -> datetime | None:
    if at is None or isinstance(at, datetime):
        return at.astimezone(zone) if at is not None else None
    # A day without an hour is over when it ends.
    return datetime(at.year, at.month, at.day, 23, 59, tzinfo=zone)


def _grouped(screen: Screen, lines: tuple[_Due, ...]) -> Iterator[ToDoGroup]:
    zone = ZoneInfo(screen.formats.zone)
    now = screen.ctx.now.astimezone(zone)
    named: Mapping[Group, str] = {
        "overdue": screen.words.say("Overdue"),
        "today": screen.words.say("Today"),
        "soon": screen.words.say("Later"),
        "open": screen.words.say("Without a date"),
    }
    for group, label in named.items():
        held = tuple(each.line for each in lines if _group(_instant(each.at, zone), now) == group)
        if held:
            # What is just overdue is nearer than what has been for a year.
            late = group == "overdue"
            yield ToDoGroup(label, held[::-1] if late else held, late=late)


def _group(at: datetime | None, now: datetime) -> Group:
    if at is None:
        return "open"
    if at < now:
        return "overdue"
    return "today" if at.date() < now.date() + timedelta(days=1) else "soon"
