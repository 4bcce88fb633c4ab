"""Roles: who has them, and what each of them grants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.tenants.people import ADMINISTRATOR
from metamodel.access import Role
from metamodel.dashboards import MenuEntry
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.admin.colleagues import Colleague, colleagues, holders
from ui.viewmodels.admin.rights import (
    RightGroup,
    Scope,
    action_labels,
    governed,
    right_groups,
    scopes,
)
from ui.viewmodels.shell import Shell, shell


@dataclass(frozen=True, slots=True)
class RoleLine:
    """One role in the list."""

    name: str
    label: str
    summary: str
    url: str
    people: tuple[Colleague, ...]


@dataclass(frozen=True, slots=True)
class RolesPage:
    """Every role of the tenant."""

    shell: Shell
    heading: str
    lines: tuple[RoleLine, ...]
    add_url: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several things that a role may be limited to; `chosen` where it has it."""

    name: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """A list that a role names, or leaves out: then it has `all` of it."""

    path: str
    label: str
    all: bool
    items: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class RolePage:
    """One role, and everything that can be changed in it.

    `over` is the revision that is shown; `fixed` says that nothing of it can be changed.
    """

    shell: Shell
    heading: str
    name: str
    labels: tuple[tuple[str, str, str], ...]
    fixed: bool
    over: int
    people: tuple[Colleague, ...]
    actions: tuple[str, ...]
    scopes: tuple[Scope, ...]
    groups: tuple[RightGroup, ...]
    entities: tuple[tuple[str, str, str], ...]
    moves: tuple[Choices, ...]
    screens: tuple[Choices, ...]
    flags: tuple[tuple[str, str, bool], ...]
    roles_url: str
    url: str
    check_url: str


def roles_page(screen: Screen) -> RolesPage:
    """Return the list of roles, those that come with the app and those made here."""
    held = holders(colleagues(screen))
    heading = screen.words.say("Roles and rights")
    return RolesPage(
        shell=shell(screen, heading, screen.url("admin", "roles")),
        heading=heading,
        lines=tuple(
            RoleLine(
                role.name,
                screen.label(role.label, role.name),
                summary(screen, role),
                screen.url("admin", "roles", role.name),
                held.get(role.name, ()),
            )
            for role in screen.ctx.model.roles.values()
        ),
        add_url=screen.url("admin", "roles"),
    )


def role_page(screen: Screen, role: Role) -> RolePage:
    """Return one role with its matrix."""
    label = screen.label(role.label, role.name)
    say = screen.words.say
    return RolePage(
        shell=shell(screen, label, screen.url("admin", "roles")),
        heading=label,
        name=role.name,
        labels=tuple(
            (f"label/{code}", say("Name ({language})", language=spoken), role.label.text(code))
            for code, spoken in (("zh", "中文"), ("en", "English"))
        ),
        fixed=role.name == ADMINISTRATOR,
        over=screen.ctx.revision,
        people=holders(colleagues(screen)).get(role.name, ()),
        actions=tuple(action_labels(screen).values()),
        scopes=scopes(screen),
        groups=right_groups(screen, role),
        entities=_with_fields(screen, role),
        moves=tuple(_moves(screen, role)),
        screens=(_menu(screen, role), _dashboards(screen, role)),
        flags=(
            ("see_sql", say("Sees the SQL behind figures"), role.see_sql),
            ("all_rights", say("Holds every right"), role.all_rights),
        ),
        roles_url=screen.url("admin", "roles"),
        url=screen.url("admin", "roles", role.name),
        check_url=screen.api_url("formula", "check"),
    )


def summary(screen: Screen, role: Role) -> str:
    """Return in one sentence how much a role grants."""
    say = screen.words.say
    if role.all_rights:
        return say("Holds every right.")
    model = screen.ctx.model
    kinds = {entity.key for entity in governed(model) if not entity.builtin}
    seen = {g.entity for g in role.grants if g.action == "read"} & kinds
    changed = {g.entity for g in role.grants if g.action in ("create", "update")} & kinds
    return say(
        "Sees {seen} kinds of records, changes {changed}.", seen=len(seen), changed=len(changed)
    )


def _with_fields(screen: Screen, role: Role) -> tuple[tuple[str, str, str], ...]:
    """Return name, label and number of limited fields of the entities whose fields may differ."""
    limited = [entity for entity, _ in role.fields]
    return tuple(
        (
            entity.name,
            screen.entity_label(entity),
            str(limited.count(entity.key) or ""),
        )
        for entity in screen.ctx.model.entities.values()
        if not (entity.system or entity.retired or entity.pair)
    )


def _moves(screen: Screen, role: Role) -> Iterable[Choices]:
    for entity in governed(screen.ctx.model):
        if entity.pipelines:
            yield _moves_of(screen, role, entity)


def _moves_of(screen: Screen, role: Role, entity: Entity) -> Choices:
    allowed = role.moves.get(entity.key)
    stages = [s for p in entity.pipelines.values() for s in p.stages.values() if not s.retired]
    return Choices(
        path=f"moves/{entity.name}",
        label=screen.entity_label(entity, plural=True),
        all=allowed is None,
        items=tuple(
            Choice(s.name, screen.label(s.label, s.name), allowed is None or s.key in allowed)
            for s in stages
        ),
    )


def _menu(screen: Screen, role: Role) -> Choices:
    entries = [(e.key, _entry_label(screen, e)) for e in screen.ctx.model.menu.entries]
    return _listed("menu", screen.words.say("Menu"), role.menu, entries)


def _entry_label(screen: Screen, entry: MenuEntry) -> str:
    entity = screen.ctx.model.entities.get(entry.entity)
    fallback = screen.entity_label(entity, plural=True) if entity is not None else entry.key
    return screen.label(entry.label, fallback)


def _dashboards(screen: Screen, role: Role) -> Choices:
    boards = [(d.name, screen.label(d.label, d.name)) for d in screen.ctx.model.dashboards.values()]
    return _listed("dashboards", screen.words.say("Dashboards"), role.dashboards, boards)


def _listed(
    path: str, label: str, listed: Sequence[str] | None, offered: Sequence[tuple[str, str]]
) -> Choices:
    items = (Choice(name, word, listed is None or name in listed) for name, word in offered)
    return Choices(path, label, listed is None, tuple(items))
