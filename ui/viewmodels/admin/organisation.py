"""The organisation: departments as a tree, positions, teams, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from engine.query.parse import parse_filter, parse_group, parse_measure, parse_paths, parse_sort
from engine.query.spec import AggregateQuery, LinkValue, ListQuery, Row
from ui.screen import Screen
from ui.viewmodels.admin.colleagues import PEOPLE
from ui.viewmodels.inputs import Input, inputs_of
from ui.viewmodels.shell import Shell, shell

MOST = 500
"""Departments, positions or teams that one page shows."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A department with those below it; `people` counts who works in it, and `all_people` with
    those below."""

    id: str
    name: str
    head: str
    people: int
    all_people: int
    depth: int
    children: tuple[Branch, ...]
    url: str
    people_url: str
    record_url: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A kind of thing beside the tree: its records, and where one is added."""

    label: str
    icon: str
    lines: tuple[tuple[str, str, str], ...]
    all_url: str
    new_url: str


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    """The tree, everything beside it, and the form of a new department."""

    shell: Shell
    heading: str
    branches: tuple[Branch, ...]
    flat: tuple[Branch, ...]
    beside: tuple[Listed, ...]
    inputs: tuple[Input, ...]
    url: str


@dataclass(frozen=True, slots=True)
class _Tree:
    """Departments by what they belong to, and how many work in each."""

    screen: Screen
    below: Mapping[UUID | None, tuple[Row, ...]]
    people: Mapping[UUID, int]

    def branches(self, parent: UUID | None, depth: int) -> tuple[Branch, ...]:
        return tuple(self._branch(row, depth) for row in self.below.get(parent, ()))

    def _branch(self, row: Row, depth: int) -> Branch:
        children = self.branches(row.id, depth + 1)
        head, screen = row.values.get("manager"), self.screen
        here = self.people.get(row.id, 0)
        return Branch(
            id=str(row.id),
            name=row.title,
            head=(head.title or "") if isinstance(head, LinkValue) else "",
            people=here,
            all_people=here + sum(child.all_people for child in children),
            depth=depth,
            children=children,
            url=screen.url("admin", "organisation", str(row.id)),
            people_url=screen.url("admin", "people", department=str(row.id)),
            record_url=screen.record_url("department", row.id, "edit"),
        )


def organisation_page(screen: Screen) -> OrganisationPage:
    """Return the organisation as it stands."""
    heading, here = screen.words.say("Organisation"), screen.url("admin", "organisation")
    branches = department_tree(screen)
    department = screen.ctx.model.entities["department"]
    return OrganisationPage(
        shell=shell(screen, heading, here),
        heading=heading,
        branches=branches,
        flat=_flat(branches),
        beside=tuple(
            _listed(screen, entity, paths)
            for entity, paths in (
                ("position", "level"),
                ("team", "leader"),
                ("deputy", "until"),
            )
        ),
        inputs=inputs_of(screen, department, ("name", "parent", "manager"), None),
        url=here,
    )


def department_tree(screen: Screen) -> tuple[Branch, ...]:
    """Return the departments that belong to none, with all below them."""
    ctx = screen.ctx
    page = screen.services.reader.find(
        ctx,
        ListQuery(
            "department",
            sort=parse_sort(ctx, "department", "name"),
            paths=parse_paths(ctx, "department", "parent,manager"),
            limit=MOST,
        ),
    )
    shown = {row.id for row in page.rows}
    below: dict[UUID | None, list[Row]] = {}
    for row in page.rows:
        parent = row.values.get("parent")
        above = parent.id if isinstance(parent, LinkValue) and parent.id in shown else None
        below.setdefault(above, []).append(row)
    kept = {above: tuple(rows) for above, rows in below.items()}
    return _Tree(screen, kept, _people(screen)).branches(None, 0)


def _people(screen: Screen) -> Mapping[UUID, int]:
    """Return how many people work in each department."""
    ctx = screen.ctx
    found = screen.services.reader.aggregate(
        ctx,
        AggregateQuery(
            "user",
            filter=parse_filter(ctx, "user", f"{PEOPLE} and active"),
            group_by={"department": parse_group(ctx, "user", "department")},
            measures={"people": parse_measure(ctx, "user", "COUNT()")},
            explain=False,
        ),
    )
    return {
        value.id: int(str(row["people"]))
        for row in found.rows
        if isinstance(value := row["department"], LinkValue)
    }


def _flat(branches: tuple[Branch, ...]) -> tuple[Branch, ...]:
    return tuple(each for branch in branches for each in (branch, *_flat(branch.children)))


def _listed(screen: Screen, name: str, detail: str) -> Listed:
    ctx, entity = screen.ctx, screen.ctx.model.entities[name]
    paths = parse_paths(ctx, name, detail)
    page = screen.services.reader.find(ctx, ListQuery(name, paths=paths, limit=50))
    return Listed(
        label=screen.entity_label(entity, plural=True),
        icon=entity.icon or "list",
        lines=tuple(
            (row.title, _detail(screen, row.values.get(detail)), screen.record_url(name, row.id))
            for row in page.rows
        ),
        all_url=screen.url("records", name),
        new_url=screen.url("records", name, "new"),
    )


def _detail(screen: Screen, value: object) -> str:
    if isinstance(value, LinkValue):
        return value.title or "•••"
    return "" if value is None else str(value)
