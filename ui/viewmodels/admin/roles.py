"""Roles: who has them, and what each of them grants."""

from __future__ import annotations

from dataclasses import dataclass

from engine.tenants.people import ADMINISTRATOR
from metamodel.access import Role
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
from ui.viewmodels.admin.role_lists import (
    Choices,
    role_buttons,
    role_moves,
    role_screens,
    role_views,
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
    buttons: tuple[Choices, ...]
    screens: tuple[Choices, ...]
    views: tuple[Choices, ...]
    flags: tuple[tuple[str, str, bool], ...]
    limit: tuple[str, str, str]
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
        moves=role_moves(screen, role),
        buttons=role_buttons(screen, role),
        screens=role_screens(screen, role),
        views=role_views(screen, role),
        flags=flags(screen, role),
        limit=limit(screen, role),
        roles_url=screen.url("admin", "roles"),
        url=screen.url("admin", "roles", role.name),
        check_url=screen.api_url("formula", "check"),
    )


def flags(screen: Screen, role: Role) -> tuple[tuple[str, str, bool], ...]:
    """Return the rights of a role that are about no record: path, words, and whether it has it."""
    say = screen.words.say
    return (
        ("all_rights", say("Holds every right"), role.all_rights),
        ("see_sql", say("Sees the SQL behind figures"), role.see_sql),
        ("explain", say("May ask why somebody else can or cannot see something"), role.explain),
        ("audit", say("Reads the audit log"), role.audit),
    )


def limit(screen: Screen, role: Role) -> tuple[str, str, str]:
    """Return how many records a role exports in a day: path, words, and the number if any."""
    most = "" if role.export_limit is None else str(role.export_limit)
    return ("export_limit", screen.words.say("Records that each person may export in a day"), most)


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
