"""Everybody who works in a tenant: found by name, department, role and state."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from engine.query.parse import parse_filter, parse_paths, parse_sort
from engine.query.spec import LinkValue, ListQuery, Row
from formula.typed import Typed
from ui.screen import Screen
from ui.viewmodels.admin.colleagues import PEOPLE
from ui.viewmodels.cells import initials
from ui.viewmodels.conditions import both, linked_to
from ui.viewmodels.inputs import Input, inputs_of
from ui.viewmodels.narrowing import FilterView
from ui.viewmodels.shell import Shell, shell

SIZE = 50

ENTERED = ("name", "email", "title", "phone", "department", "position", "manager")
"""Fields of a person that an administrator enters."""

STATES = {"active": "active", "left": "not active"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list of people is narrowed to."""

    text: str = ""
    department: str = ""
    role: str = ""
    state: str = ""
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person in the list."""

    name: str
    initials: str
    email: str
    title: str
    department: str
    roles: tuple[str, ...]
    active: bool
    url: str


@dataclass(frozen=True, slots=True)
class PersonRows:
    """One page of people, and where the next one is."""

    lines: tuple[PersonLine, ...]
    more_url: str


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """The list of people, and the form that invites one."""

    shell: Shell
    heading: str
    count: str
    rows: PersonRows
    search: str
    narrowings: tuple[FilterView, ...]
    url: str
    inputs: tuple[Input, ...]
    roles: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class InvitedView:
    """Somebody who was invited where no mail is sent: the link to pass on, shown once."""

    name: str
    link: str
    url: str


def people_page(screen: Screen, wanted: Wanted) -> PeoplePage:
    """Return the first page of people."""
    heading, here = screen.words.say("People"), screen.url("admin", "people")
    rows, count = _find(screen, wanted)
    return PeoplePage(
        shell=shell(screen, heading, here),
        heading=heading,
        count=count,
        rows=rows,
        search=wanted.text,
        narrowings=_narrowings(screen, wanted),
        url=here,
        inputs=person_inputs(screen),
        roles=role_labels(screen),
    )


def more_people(screen: Screen, wanted: Wanted) -> PersonRows:
    """Return the page of people behind a cursor."""
    return _find(screen, wanted)[0]


def person_inputs(screen: Screen) -> tuple[Input, ...]:
    """Return the inputs of a new person."""
    return inputs_of(screen, screen.ctx.model.entities["user"], ENTERED, None)


def role_labels(screen: Screen) -> tuple[tuple[str, str], ...]:
    """Return name and label of every role."""
    roles = screen.ctx.model.roles.values()
    return tuple((role.name, screen.label(role.label, role.name)) for role in roles)


def _find(screen: Screen, wanted: Wanted) -> tuple[PersonRows, str]:
    ctx = screen.ctx
    page = screen.services.reader.find(
        ctx,
        ListQuery(
            entity="user",
            filter=_filter(screen, wanted),
            search=wanted.text,
            sort=parse_sort(ctx, "user", "name"),
            paths=parse_paths(ctx, "user", "name,email,title,department,roles,active"),
            limit=SIZE,
            cursor=wanted.cursor or None,
            count="none" if wanted.cursor else "exact",
        ),
    )
    more = ""
    if page.next:
        more = screen.url(
            "admin", "people", q=wanted.text, department=wanted.department, role=wanted.role,
            state=wanted.state, cursor=page.next,
        )  # fmt: skip
    labels = dict(role_labels(screen))
    lines = tuple(_line(screen, row, labels) for row in page.rows)
    count = screen.formats.number(page.total) if page.total is not None else ""
    return PersonRows(lines, more), count


def _filter(screen: Screen, wanted: Wanted) -> Typed | None:
    ctx = screen.ctx
    typed: Typed | None = parse_filter(ctx, "user", PEOPLE)
    if wanted.state in STATES:
        typed = both(typed, parse_filter(ctx, "user", STATES[wanted.state]))
    if wanted.role in ctx.model.roles:
        typed = both(typed, parse_filter(ctx, "user", f'"{wanted.role}" in roles'))
    try:
        department = UUID(wanted.department) if wanted.department else None
    except ValueError:
        department = None
    if department is not None:
        typed = both(typed, linked_to(screen, "user", "department", department))
    return typed


def _line(screen: Screen, row: Row, labels: dict[str, str]) -> PersonLine:
    department, roles = row.values.get("department"), row.values.get("roles")
    held = roles if isinstance(roles, (tuple, list)) else ()
    return PersonLine(
        name=row.title,
        initials=initials(row.title),
        email=str(row.values.get("email") or ""),
        title=str(row.values.get("title") or ""),
        department=(department.title or "") if isinstance(department, LinkValue) else "",
        roles=tuple(labels.get(str(name), str(name)) for name in held),
        active=row.values.get("active") is True,
        url=screen.url("admin", "people", str(row.id)),
    )


def _narrowings(screen: Screen, wanted: Wanted) -> tuple[FilterView, ...]:
    say = screen.words.say
    departments = screen.services.reader.find(
        screen.ctx,
        ListQuery("department", sort=parse_sort(screen.ctx, "department", "name"), limit=500),
    )
    found = (
        ("department", say("All departments"), [(str(d.id), d.title) for d in departments.rows]),
        ("role", say("All roles"), list(role_labels(screen))),
        ("state", say("All states"), [("active", say("Works here")), ("left", say("Disabled"))]),
    )
    return tuple(
        FilterView(
            name,
            label,
            tuple((code, word, code == getattr(wanted, name)) for code, word in options),
        )
        for name, label, options in found
    )
