"""Public pools on screen: what lies in one, a record of it, and what came of a claim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from uuid import UUID

from engine.query.spec import LinkValue, Record
from metamodel.duties import Pool
from metamodel.model import Entity
from metamodel.views import View
from ui.screen import Screen
from ui.viewmodels.asked import Asked
from ui.viewmodels.fitting import fitting_form
from ui.viewmodels.forms import TabView, form_of, form_tabs
from ui.viewmodels.pool_told import return_label
from ui.viewmodels.record import Figure, figures_of
from ui.viewmodels.rows import NEXT, Rows, sheet
from ui.viewmodels.shell import Shell, shell
from workflow.pools.holdings import Holding
from workflow.pools.taking import Claimed, Room

ICON = "pool"

MISSED: Mapping[str, str] = MappingProxyType({
    "taken": "Somebody else has it already.",
    "busy": "Somebody is at it just now. Try again.",
    "cooling": "You had it lately. It may be claimed again later.",
    "elsewhere": "It is not in this pool any more.",
    "holds_enough": "You hold as many as this pool allows.",
    "claimed_enough": "You have claimed as many as a day allows.",
})  # fmt: skip
"""Why a record could not be claimed: a code, and its words in English."""

ACTS: Mapping[str, str] = MappingProxyType({
    "claimed": "{holder} claimed it",
    "given": "{holder} was given it",
    "returned": "{former} gave it back",
    "withdrawn": "It was taken back from {former}",
})  # fmt: skip
"""What became of a record: a code, and its words in English."""


@dataclass(frozen=True, slots=True)
class PoolTab:
    """The way to one of the person's pools."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class PoolPage:
    """What lies in a pool; `room` says what the person may still claim.

    `returns` is what takes records back from whoever has them.
    """

    shell: Shell
    heading: str
    about: str
    returns: tuple[str, ...]
    tabs: tuple[PoolTab, ...]
    rows: Rows
    count: str
    search: str
    url: str
    claim_url: str
    next_url: str
    room: tuple[str, ...]
    full: str


@dataclass(frozen=True, slots=True)
class Past:
    """One line of who had a record."""

    text: str
    at: str
    note: str


@dataclass(frozen=True, slots=True)
class PoolRecord:
    """A record of a pool as members see it before they claim it."""

    shell: Shell
    heading: str
    icon: str
    pool: str
    pool_url: str
    claim_url: str
    full: str
    figures: tuple[Figure, ...]
    tabs: tuple[TabView, ...]
    past: tuple[Past, ...]


@dataclass(frozen=True, slots=True)
class GiveBack:
    """The dialog that asks why a record goes back."""

    heading: str
    url: str
    post_url: str
    pool: str


def pool_page(screen: Screen, pool: Pool, asked: Asked) -> PoolPage:
    """Return the first page of a pool."""
    services, entity = screen.services, screen.ctx.model.entities[pool.entity]
    lens = _lens(screen, pool)
    made = sheet(lens, entity, _view(entity, pool), asked)
    page = made.find(count="capped")
    room = services.pools.room(screen.ctx, pool)
    url = screen.url("pools", pool.name)
    return PoolPage(
        shell=shell(screen, screen.label(pool.label), url),
        heading=screen.label(pool.label),
        about=screen.label(pool.help),
        returns=tuple(screen.label(each.label) for each in pool.returns.values()),
        tabs=_tabs(screen, pool),
        rows=_rows(screen, pool, made.rows(page), asked, page.next),
        count=f"{screen.formats.number(page.total or 0)}{'+' if page.capped else ''}",
        search=asked.text,
        url=url,
        claim_url=screen.url("pools", pool.name, "claim"),
        next_url=screen.url("pools", pool.name, "claim", "next") if room.left else "",
        room=_room(screen, pool, room),
        full=screen.words.say(MISSED[room.reason]) if room.reason else "",
    )


def pool_rows(screen: Screen, pool: Pool, asked: Asked) -> Rows:
    """Return the rows that come behind a cursor."""
    entity = screen.ctx.model.entities[pool.entity]
    made = sheet(_lens(screen, pool), entity, _view(entity, pool), asked)
    page = made.find(limit=NEXT)
    return _rows(screen, pool, made.rows(page), asked, page.next)


def pool_record(screen: Screen, pool: Pool, record: Record) -> PoolRecord:
    """Return a record of a pool."""
    entity, lens = screen.ctx.model.entities[pool.entity], _lens(screen, pool)
    form = fitting_form(lens, entity, form_of(lens, entity), record)
    room = screen.services.pools.room(screen.ctx, pool)
    url = screen.url("pools", pool.name)
    figures = figures_of(lens, entity, record, form.figures)
    return PoolRecord(
        shell=shell(screen, record.title, url),
        heading=record.title,
        icon=entity.icon or "file",
        pool=screen.label(pool.label),
        pool_url=url,
        claim_url=screen.url("pools", pool.name, str(record.id), "claim") if room.left else "",
        full=screen.words.say(MISSED[room.reason]) if room.reason else "",
        figures=tuple(replace(each, why_url="") for each in figures),
        tabs=tuple(_plain(tab) for tab in form_tabs(lens, entity, form, record)),
        past=past_of(screen, pool, record.id),
    )


def past_of(screen: Screen, pool: Pool, record: UUID) -> tuple[Past, ...]:
    """Return who had a record, the latest first, as sentences."""
    entries = screen.services.pools.past(screen.ctx, pool.entity, record)
    people = {each for entry in entries for each in (entry.holder, entry.former) if each}
    known = screen.services.pools.names(screen.ctx, people) if people else {}
    return tuple(_past(screen, entry, known) for entry in entries)


def give_back_dialog(screen: Screen, pool: Pool, entity: Entity, record: UUID) -> GiveBack:
    """Return the dialog that asks why a record goes back to its pool."""
    url = screen.record_url(entity.name, record, "give-back", pool.name)
    say = screen.words.say
    heading = say("Give back to “{pool}”", pool=screen.label(pool.label))
    return GiveBack(heading, url, url, screen.label(pool.label))


def told(screen: Screen, done: Claimed) -> str:
    """Return what came of a claim, in one line."""
    say, count = screen.words.say, len(done.got)
    parts = [say("{count} claimed", count=count)] if count else []
    why = Counter(done.missed.values())
    single = len(done.missed) == 1 and not count
    parts += [
        say(MISSED[code]) if single else f"{number} × {say(MISSED[code])}"
        for code, number in why.items()
    ]
    return " ".join(parts) or say("There is nothing left to claim.")


def _rows(screen: Screen, pool: Pool, rows: Rows, asked: Asked, after: str | None) -> Rows:
    """Return rows that lead to where members look at a record of a pool."""
    lines = tuple(replace(line, url=screen.url("pools", pool.name, line.id)) for line in rows.lines)
    more = screen.url("pools", pool.name, q=asked.text, cursor=after) if after else ""
    return replace(rows, lines=lines, more_url=more)


def _lens(screen: Screen, pool: Pool) -> Screen:
    return replace(screen, ctx=screen.services.pools.through(screen.ctx, pool))


def _view(entity: Entity, pool: Pool) -> View:
    """Return the columns of a pool: those of the list of its name, else of the plainest list."""
    lists = [each for each in entity.views.values() if each.type == "list"]
    named = next((each for each in lists if each.name in (pool.name, "pool")), None)
    plain = next((each for each in lists if each.filter is None), None)
    found = named or plain or next(iter(lists), next(iter(entity.views.values())))
    columns = tuple(each for each in found.columns if not each.path.text.startswith("owner"))
    return replace(found, filter=None, group=(), colors=(), columns=columns)


def _tabs(screen: Screen, pool: Pool) -> tuple[PoolTab, ...]:
    offered = screen.services.pools.offered(screen.ctx)
    return tuple(
        PoolTab(screen.label(each.label), screen.url("pools", each.name), each.key == pool.key)
        for each in offered
    )


def _room(screen: Screen, pool: Pool, room: Room) -> tuple[str, ...]:
    say, found = screen.words.say, []
    if room.holds is not None:
        held = pool.hold_limit - room.holds
        found.append(say("You hold {count} of {most}", count=held, most=pool.hold_limit))
    if room.today is not None:
        left = max(0, room.today)
        found.append(say("{count} of {most} left today", count=left, most=pool.daily_claims))
    return tuple(found)


def _plain(tab: TabView) -> TabView:
    """Return a tab without ways to what a member does not reach before the claim."""
    sections = tuple(
        replace(section, inputs=tuple(
            replace(each, figure_url="", unmask_url="") for each in section.inputs
        ))
        for section in tab.sections
    )  # fmt: skip
    return replace(tab, sections=sections)


def _past(screen: Screen, entry: Holding, known: Mapping[UUID, LinkValue]) -> Past:
    say = screen.words.say
    names = {"holder": _name(known, entry.holder), "former": _name(known, entry.former)}
    text = say(ACTS[entry.act], **names)
    if entry.act == "given" and entry.holder is None:
        text = say("It was taken from {former}", **names)
    note = entry.note or return_label(screen, entry.pool, entry.reason)
    return Past(text, screen.formats.instant(entry.at), note)


def _name(known: Mapping[UUID, LinkValue], who: UUID | None) -> str:
    found = known.get(who) if who is not None else None
    return (found.title if found is not None else None) or "–"
