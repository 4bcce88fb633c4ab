"""The frame around every page: menu, person, and what the browser must know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.access.listed import usable_dashboards, visible_entries
from engine.values.searchkeys import spelled
from metamodel.dashboards import MenuEntry
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.admin.areas import areas
from ui.viewmodels.cells import initials

HOME_ICON = "layout-dashboard"

SHORT_MENU = 20
"""Lines that are seen at once: a menu with no more of them starts with every group open."""


@dataclass(frozen=True, slots=True)
class MenuLine:
    """One line of the menu; `current` is where the person is.

    `spelled` is the label in pinyin and its initials, where that is asked for,
    `quick` says that what it creates has a short form,
    `offline` that a browser keeps it for when there is no connection.
    """

    label: str
    icon: str
    url: str
    current: bool = False
    spelled: str = ""
    quick: bool = False
    offline: bool = False


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """A titled group of lines, by module; `folded` where the person closed it."""

    name: str
    label: str
    icon: str
    lines: tuple[MenuLine, ...]
    folded: bool = False

    @property
    def current(self) -> bool:
        return any(line.current for line in self.lines)


@dataclass(frozen=True, slots=True)
class Shell:
    """What every page of a signed-in person carries.

    `frozen` says why nothing can be changed now: `expired`, `moving`, `preview`, or blank.
    `quiet` says that it writes to nobody outside, as a copy does.
    `logo` is the address of the tenant's own logo, if it has one; `places` are pages that the
    person keeps at the top of the menu. `mark` changes with the model and the language.
    """

    title: str
    app: str
    tenant: str
    person: str
    email: str
    roles: str
    language: str
    theme: str
    color: str
    csrf: str
    home: str
    groups: tuple[MenuGroup, ...]
    creates: tuple[MenuLine, ...]
    frozen: str = ""
    quiet: bool = False
    logo: str = ""
    density: str = "cosy"
    zone: str = ""
    first_day: int = 1
    places: tuple[MenuLine, ...] = ()
    inbox: str = ""
    at_inbox: bool = False
    mark: str = ""

    @property
    def initials(self) -> str:
        """What stands for the person where there is no room for the name."""
        return initials(self.person)


def shell(screen: Screen, title: str, current: str = "") -> Shell:
    """Return the frame of a page; `current` is the address the menu marks."""
    ctx = screen.ctx
    allowed = ctx.model.roles
    return Shell(
        title=title,
        app=screen.label(ctx.model.app.label, ctx.model.app.name),
        tenant=ctx.tenant.name,
        person=ctx.actor.name,
        email=screen.signed_in.account.email,
        roles=", ".join(
            screen.label(allowed[name].label, name) for name in ctx.actor.roles if name in allowed
        ),
        language=screen.language,
        theme=screen.theme,
        color=screen.color,
        csrf=screen.signed_in.csrf,
        home=screen.url(),
        groups=_folded(screen, (*menu_groups(screen, current), *_administration(screen, current))),
        creates=() if ctx.tenant.frozen not in ("", "preview") else creates(screen),
        frozen=ctx.tenant.frozen,
        quiet=ctx.tenant.quiet,
        logo=logo_url(screen),
        density=screen.choices.density,
        zone=screen.formats.zone,
        first_day=screen.choices.first_day,
        inbox=screen.url("inbox"),
        at_inbox=current == screen.url("inbox"),
        mark=f"{screen.ctx.revision}-{screen.language}",
        places=tuple(MenuLine(each.label, each.icon, each.url) for each in screen.choices.places),
    )


def _folded(screen: Screen, groups: Iterable[MenuGroup]) -> tuple[MenuGroup, ...]:
    """Return groups as the person left them; of a long menu those they never opened are folded."""
    found, choices = tuple(groups), screen.choices
    short = sum(len(group.lines) for group in found) <= SHORT_MENU
    return tuple(
        replace(
            group,
            folded=group.name in choices.folded or not (short or group.name in choices.opened),
        )
        for group in found
    )


def logo_url(screen: Screen) -> str:
    """Return the address of the tenant's logo, "" where it has none."""
    digest = screen.ctx.tenant.logo
    return screen.url("logo", v=digest) if digest else ""


def menu_groups(screen: Screen, current: str = "") -> tuple[MenuGroup, ...]:
    """Return the menu as the person may see it, loose entries gathered in one group."""
    groups: list[MenuGroup] = []
    loose: list[MenuLine] = []
    for entry in visible_entries(screen.ctx, screen.ctx.model.menu.entries):
        if entry.entries:
            lines = _lines(screen, visible_entries(screen.ctx, entry.entries), current)
            if lines:
                groups.append(
                    MenuGroup(entry.key, screen.label(entry.label), entry.icon or "folder", lines)
                )
        else:
            loose.extend(_lines(screen, (entry,), current))
    groups = [_with_reports(screen, group, current) for group in groups]
    if loose:
        groups.insert(0, MenuGroup("", "", "", tuple(loose)))
    return tuple(groups)


def _with_reports(screen: Screen, group: MenuGroup, current: str) -> MenuGroup:
    """Return a group that leads to dashboards with the way to those that people make."""
    boards = screen.url("dashboards", "")
    if not group.lines or not all(line.url.startswith(boards) for line in group.lines):
        return group
    url = screen.url("reports")
    line = MenuLine(screen.words.say("Reports"), "report-analytics", url, url == current)
    return replace(group, lines=(*group.lines, line))


def _administration(screen: Screen, current: str) -> Iterable[MenuGroup]:
    """Yield the way to the administration, for those who may enter a part of it."""
    lines = tuple(
        MenuLine(each.label, each.icon, each.url, current == each.url) for each in areas(screen)
    )
    if lines:
        yield MenuGroup("administration", screen.words.say("Administration"), "settings", lines)


def _lines(screen: Screen, entries: Iterable[MenuEntry], current: str) -> tuple[MenuLine, ...]:
    found = (_line(screen, entry, current) for entry in entries)
    return tuple(line for line in found if line is not None)


def _pool_line(screen: Screen, entry: MenuEntry, current: str) -> MenuLine | None:
    """Return the line of a public pool, for its members."""
    offered = screen.services.pools.offered(screen.ctx)
    pool = next((each for each in offered if each.key == entry.pool), None)
    if pool is None:
        return None
    url = screen.url("pools", pool.name)
    label = screen.label(entry.label) or screen.label(pool.label, pool.name)
    return MenuLine(label, entry.icon, url, url == current)


def _line(screen: Screen, entry: MenuEntry, current: str) -> MenuLine | None:
    model = screen.ctx.model
    if entry.dashboard:
        dashboard = model.dashboards.get(entry.dashboard)
        if dashboard is None or dashboard not in usable_dashboards(screen.ctx):
            return None
        url = screen.url("dashboards", dashboard.name)
        label = screen.label(entry.label) or screen.label(dashboard.label, dashboard.name)
        return MenuLine(label, entry.icon or dashboard.icon or HOME_ICON, url, url == current)
    if entry.pool:
        return _pool_line(screen, entry, current)
    entity = model.entities.get(entry.entity)
    if entity is None or entity.retired or not may(screen, "read", entity.key):
        return None
    url = screen.url("records", entity.name, view=entry.view)
    label = screen.label(entry.label) or screen.entity_label(entity, plural=True)
    here = screen.url("records", entity.name)
    # Another view of the same records is no other place.
    shown = current.partition("?")[0] == here
    return MenuLine(label, entry.icon or entity.icon or "list", url, shown)


def creates(screen: Screen) -> tuple[MenuLine, ...]:
    """Return what a person may create from anywhere, in the order of the menu.

    What is written without a connection, too, is what is written most, and comes first.
    """
    model = screen.ctx.model
    keys: dict[str, None] = {}
    for entry in _walk(model.menu.entries):
        if entry.entity in model.entities:
            keys[entry.entity] = None
    lines = [_create(screen, model.entities[key]) for key in keys if may(screen, "create", key)]
    return tuple(sorted(lines, key=lambda line: not line.offline))


def _create(screen: Screen, entity: Entity) -> MenuLine:
    label = screen.entity_label(entity)
    return MenuLine(
        label,
        entity.icon or "plus",
        screen.url("records", entity.name, "new"),
        spelled=spelled(label),
        quick="quick_create" in entity.forms,
        offline=any(view.options.get("offline") for view in entity.views.values()),
    )


def _walk(entries: Iterable[MenuEntry]) -> Iterable[MenuEntry]:
    for entry in entries:
        yield entry
        yield from _walk(entry.entries)


def may(screen: Screen, action: str, entity: str) -> bool:
    """Return whether the person may do this to some of an entity's records."""
    return screen.services.access.decide(screen.ctx, action, entity=entity, record=None).allowed


def may_share(screen: Screen, entity: Entity) -> bool:
    """Return whether somebody may share records of an entity at all."""
    owned = entity.owned and entity.child_of is None
    return owned and may(screen, "share", entity.key) and not screen.ctx.tenant.frozen
