"""Everybody who works in a tenant, with the roles they hold: read once for a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from engine.query.parse import parse_filter, parse_paths
from engine.query.spec import ListQuery, Row
from ui.screen import Screen
from ui.viewmodels.cells import initials

PAGE = 500

PEOPLE = "not system"
"""Who is a person, among the rows of people: the system itself has one, too."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person of the tenant, as pages of administrators list them."""

    id: UUID
    name: str
    roles: tuple[str, ...]
    active: bool
    url: str

    @property
    def initials(self) -> str:
        return initials(self.name)


def colleagues(screen: Screen) -> tuple[Colleague, ...]:
    """Return everybody by name, those who left included."""
    ctx = screen.ctx
    found: list[Row] = []
    query = ListQuery(
        entity="user",
        filter=parse_filter(ctx, "user", PEOPLE),
        paths=parse_paths(ctx, "user", "name,roles,active"),
        limit=PAGE,
    )
    cursor: str | None = ""
    while cursor is not None:
        page = screen.services.reader.find(ctx, _after(query, cursor))
        found.extend(page.rows)
        cursor = page.next
    return tuple(sorted((_colleague(screen, row) for row in found), key=lambda each: each.name))


def holders(people: tuple[Colleague, ...]) -> Mapping[str, tuple[Colleague, ...]]:
    """Return who holds each role, by its name; people who left hold none."""
    held: dict[str, list[Colleague]] = {}
    for person in people:
        for role in person.roles if person.active else ():
            held.setdefault(role, []).append(person)
    return {role: tuple(found) for role, found in held.items()}


def _after(query: ListQuery, cursor: str) -> ListQuery:
    if not cursor:
        return query
    return ListQuery(query.entity, query.filter, paths=query.paths, limit=PAGE, cursor=cursor)


def _colleague(screen: Screen, row: Row) -> Colleague:
    roles = row.values.get("roles")
    return Colleague(
        id=row.id,
        name=row.title,
        roles=tuple(roles) if isinstance(roles, (tuple, list)) else (),
        active=row.values.get("active") is True,
        url=screen.url("admin", "people", str(row.id)),
    )
