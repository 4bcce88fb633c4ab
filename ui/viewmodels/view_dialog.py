"""The dialog in which a view gets its name, and in which it is shared and locked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from engine.context import role_id
from engine.query.spec import ListQuery
from engine.views import SavedView
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.conditions import one_of
from ui.viewmodels.inputs import Input, inputs_of
from ui.viewmodels.sharing import GRANTEES


@dataclass(frozen=True, slots=True)
class ViewDialog:
    """A view as it is named and shared: roles by name, label and whether they are chosen."""

    heading: str
    url: str
    title: str
    sharing: str
    locked: bool
    manages: bool
    roles: tuple[tuple[str, str, bool], ...]
    grantees: tuple[Input, ...]


def view_dialog(screen: Screen, entity: Entity, saved: SavedView | None) -> ViewDialog:
    """Return the dialog of a saved view, or of a new one."""
    say, model = screen.words.say, screen.ctx.model
    here = screen.url("records", entity.name, "views")
    shared = frozenset(saved.shared_with) if saved is not None else frozenset()
    return ViewDialog(
        heading=say("Save as a new view") if saved is None else say("Name and sharing"),
        url=here if saved is None else f"{here}/{saved.id}",
        title="" if saved is None else saved.title,
        sharing="mine" if saved is None else saved.sharing,
        locked=saved is not None and saved.locked,
        manages=True,
        roles=tuple(
            (role.name, screen.label(role.label, role.name), role_id(role.name) in shared)
            for role in model.roles.values()
        ),
        grantees=tuple(_choosers(screen, shared)),
    )


def _choosers(screen: Screen, shared: frozenset[UUID]) -> Iterator[Input]:
    """Yield inputs for people, departments and teams, with those that the view is shared with."""
    say, model = screen.words.say, screen.ctx.model
    words = {"person": say("People"), "department": say("Departments"), "team": say("Teams")}
    for kind, entity, field in GRANTEES:
        found = inputs_of(screen, model.entities[entity], (field,), None)[0]
        link = model.entities[entity].fields[field].link
        target = link.to[0] if link is not None else "user"
        yield replace(
            found,
            name=kind,
            label=words[kind],
            template="links",
            entered=json.dumps(_held(screen, target, shared), ensure_ascii=False),
            required=False,
            readonly=False,
            empty=False,
            copies=(),
        )


def _held(screen: Screen, entity: str, shared: frozenset[UUID]) -> list[dict[str, str]]:
    if not shared:
        return []
    query = ListQuery(entity, filter=one_of(screen, entity, sorted(shared)))
    rows = screen.services.reader.find(screen.ctx, query).rows
    return [{"id": str(row.id), "title": row.title} for row in rows]
