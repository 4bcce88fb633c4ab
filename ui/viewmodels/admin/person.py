"""One person: what is known of them, what they may do, whom they answer to."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import Forbidden
from engine.query.parse import parse_filter, parse_paths, parse_sort
from engine.query.spec import LinkValue, ListQuery, Record
from ui.screen import Screen
from ui.viewmodels.admin.colleagues import PEOPLE
from ui.viewmodels.admin.people import ENTERED
from ui.viewmodels.admin.roles import summary
from ui.viewmodels.cells import initials
from ui.viewmodels.conditions import both, linked_to
from ui.viewmodels.inputs import Input, inputs_of
from ui.viewmodels.own import device_of
from ui.viewmodels.shell import Shell, shell


@dataclass(frozen=True, slots=True)
class HeldRole:
    """One role, whether the person has it, and by what: their own, or their position's."""

    name: str
    label: str
    summary: str
    held: bool
    by_position: bool
    url: str


@dataclass(frozen=True, slots=True)
class Around:
    """Records around a person: a heading, and title and address of each."""

    label: str
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SignedInLine:
    """One place where the person is signed in here: device, network, and used when."""

    device: str
    icon: str
    network: str
    seen: str


@dataclass(frozen=True, slots=True)
class PersonPage:
    """A person as an administrator sees them; `sessions` None: not for whoever looks."""

    shell: Shell
    heading: str
    initials: str
    subtitle: str
    active: bool
    oneself: bool
    inputs: tuple[Input, ...]
    roles: tuple[HeldRole, ...]
    around: tuple[Around, ...]
    sessions: tuple[SignedInLine, ...] | None
    people_url: str
    record_url: str
    url: str
    version: int


def person_page(screen: Screen, person: Record) -> PersonPage:
    """Return one person."""
    user = screen.ctx.model.entities["user"]
    by_key = {user.fields[key].name: value for key, value in person.values.items()}
    department = by_key.get("department")
    parts = (by_key.get("title"), department.title if isinstance(department, LinkValue) else "")
    return PersonPage(
        shell=shell(screen, person.title, screen.url("admin", "people")),
        heading=person.title,
        initials=initials(person.title),
        subtitle=" · ".join(str(part) for part in parts if part),
        active=by_key.get("active") is True,
        oneself=person.id == screen.ctx.actor.user,
        inputs=inputs_of(screen, user, ENTERED, person),
        roles=_roles(screen, by_key),
        around=_around(screen, person),
        sessions=_sessions(screen, person),
        people_url=screen.url("admin", "people"),
        record_url=screen.record_url("user", person.id),
        url=screen.url("admin", "people", str(person.id)),
        version=person.version,
    )


def _sessions(screen: Screen, person: Record) -> tuple[SignedInLine, ...] | None:
    try:
        found = screen.services.visits.of(screen.ctx, person.id)
    except Forbidden:
        return None
    named = [(*device_of(each.agent), each) for each in found]
    return tuple(
        SignedInLine(
            device or screen.words.say("Unknown device"),
            icon,
            each.network,
            screen.formats.instant(each.seen_at),
        )
        for device, icon, each in named
    )


def _roles(screen: Screen, values: dict[str, object]) -> tuple[HeldRole, ...]:
    own = values.get("roles")
    held = set(own) if isinstance(own, (tuple, list)) else set()
    by_position = _position_roles(screen, values.get("position"))
    return tuple(
        HeldRole(
            name=role.name,
            label=screen.label(role.label, role.name),
            summary=summary(screen, role),
            held=role.name in held,
            by_position=role.name in by_position,
            url=screen.url("admin", "roles", role.name),
        )
        for role in screen.ctx.model.roles.values()
    )


def _position_roles(screen: Screen, position: object) -> frozenset[str]:
    if not isinstance(position, LinkValue):
        return frozenset()
    found = screen.services.reader.find(
        screen.ctx,
        ListQuery(
            "position",
            filter=linked_to(screen, "position", "id", position.id),
            paths=parse_paths(screen.ctx, "position", "roles"),
        ),
    )
    roles = found.rows[0].values.get("roles") if found.rows else ()
    return frozenset(roles) if isinstance(roles, (tuple, list)) else frozenset()


def _around(screen: Screen, person: Record) -> tuple[Around, ...]:
    say = screen.words.say
    found = (
        Around(say("Reports to this person"), _reports(screen, person)),
        Around(say("Member of"), _linked(screen, "team_member", "member", "team", person)),
        Around(say("Stands in for"), _linked(screen, "deputy", "deputy", "person", person)),
        Around(say("Represented by"), _linked(screen, "deputy", "person", "deputy", person)),
    )
    return tuple(each for each in found if each.items)


def _reports(screen: Screen, person: Record) -> tuple[tuple[str, str], ...]:
    ctx = screen.ctx
    mine = linked_to(screen, "user", "manager", person.id)
    query = ListQuery(
        "user",
        filter=both(mine, parse_filter(ctx, "user", f"{PEOPLE} and active")),
        sort=parse_sort(ctx, "user", "name"),
        limit=100,
    )
    rows = screen.services.reader.find(ctx, query).rows
    return tuple((row.title, screen.url("admin", "people", str(row.id))) for row in rows)


def _linked(
    screen: Screen, entity: str, mine: str, other: str, person: Record
) -> tuple[tuple[str, str], ...]:
    """Return what is on the other side of rows that link to the person."""
    query = ListQuery(
        entity,
        filter=linked_to(screen, entity, mine, person.id),
        paths=parse_paths(screen.ctx, entity, other),
        limit=100,
    )
    values = [row.values.get(other) for row in screen.services.reader.find(screen.ctx, query).rows]
    return tuple(
        (value.title or "•••", screen.record_url(value.entity, value.id))
        for value in values
        if isinstance(value, LinkValue)
    )
