"""The people of a scenario: hired before it begins, or when somebody with a role is needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from engine.context import Actor, Context
from engine.doors import Edit, Writer
from metamodel.stories import Person, Scenario

COMMON = "Rehearsal"
"""The department of all who are said to be in no other, so that they share what they make."""


class Cast:
    """Who acts on a stage: rows of the tenant's own people, each with the `Actor` it reads as."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._departments: dict[str, UUID] = {}
        self._teams: dict[str, UUID] = {}
        self._people: dict[str, Actor] = {}
        self._somebody: dict[tuple[str, ...], Actor] = {}

    @property
    def ids(self) -> Mapping[str, UUID]:
        """The rows of the scenario's people, by name."""
        return {name: actor.user for name, actor in self._people.items()}

    def engage(self, ctx: Context, scenario: Scenario) -> None:
        """Hire the people of a scenario, their departments, teams and superiors included."""
        people = scenario.people.values()
        self._found(ctx, {COMMON, *(each.department for each in people if each.department)})
        rows = {each.name: self._hire(ctx, each.name, each.roles, each) for each in people}
        self._join(ctx, people, rows)
        for each in people:
            if each.manager:
                edit = Edit(rows[each.name], {"manager": str(rows[each.manager])})
                self._writer.update(ctx, "user", [edit])
        self._people = {
            each.name: self._actor(rows[each.name], each.name, each.roles, each) for each in people
        }

    def named(self, name: str) -> Actor:
        """Return a person of the scenario."""
        return self._people[name]

    def somebody(self, ctx: Context, roles: tuple[str, ...]) -> Actor:
        """Return the person who has these roles, hired when first needed."""
        if roles not in self._somebody:
            person = Person(".".join(roles), roles)
            row = self._hire(ctx, ", ".join(roles), roles, person)
            self._somebody[roles] = self._actor(row, ", ".join(roles), roles, person)
        return self._somebody[roles]

    def _found(self, ctx: Context, paths: Iterable[str]) -> None:
        """Make departments, each below the one that its path names before it."""
        for path in sorted(paths):
            parts = path.split("/")
            for depth in range(1, len(parts) + 1):
                above, here = "/".join(parts[: depth - 1]), "/".join(parts[:depth])
                if here not in self._departments:
                    parent = {"parent": str(self._departments[above])} if above else {}
                    row = {"name": parts[depth - 1], **parent}
                    change = self._writer.create(ctx, "department", [row])
                    self._departments[here] = change.ids[0]

    def _join(self, ctx: Context, people: Iterable[Person], rows: Mapping[str, UUID]) -> None:
        """Make teams of those who say that they are in one."""
        teams: dict[str, list[object]] = {}
        for each in people:
            if each.team:
                teams.setdefault(each.team, []).append({"member": str(rows[each.name])})
        for name, members in teams.items():
            change = self._writer.create(ctx, "team", [{"name": name, "members": members}])
            self._teams[name] = change.ids[0]

    def _hire(self, ctx: Context, name: str, roles: tuple[str, ...], person: Person) -> UUID:
        row = {
            "name": name,
            "email": f"{person.name}@rehearsal.example",
            "roles": list(roles),
            "department": str(self._departments[person.department or COMMON]),
        }
        return self._writer.create(ctx, "user", [row]).ids[0]

    def _actor(self, row: UUID, name: str, roles: tuple[str, ...], person: Person) -> Actor:
        path = person.department or COMMON
        below = (
            id
            for other, id in self._departments.items()
            if other == path or other.startswith(f"{path}/")
        )
        return Actor(
            user=row,
            name=name,
            roles=roles,
            department=self._departments[path],
            departments=tuple(below),
            teams=(self._teams[person.team],) if person.team else (),
        )
