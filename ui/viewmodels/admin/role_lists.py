"""The lists that a role may name: stages, buttons, views, menu, dashboards, roles to give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from metamodel.access import Role
from metamodel.dashboards import MenuEntry
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.admin.rights import governed

Offered = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several things that a role may be limited to; `chosen` where it has it."""

    name: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """A list that a role names, or leaves out: then it has `all`, named by that word.

    Without a word for it there is no such thing as all.
    """

    path: str
    label: str
    everything: str
    all: bool
    items: tuple[Choice, ...]


def role_moves(screen: Screen, role: Role) -> tuple[Choices, ...]:
    """Return into which stages, by entity, a role may move records."""
    say = screen.words.say
    found: list[Choices] = []
    for entity in governed(screen.ctx.model):
        stages = [s for p in entity.pipelines.values() for s in p.stages.values() if not s.retired]
        keys = role.moves.get(entity.key)
        names = None if keys is None else [s.name for s in stages if s.key in keys]
        offered = [(s.name, screen.label(s.label, s.name)) for s in stages]
        found += _listed(screen, ("moves", entity, say("All stages")), names, offered)
    return tuple(found)


def role_buttons(screen: Screen, role: Role) -> tuple[Choices, ...]:
    """Return which buttons and conversions, by entity, a role may press."""
    say = screen.words.say
    found: list[Choices] = []
    for entity in governed(screen.ctx.model):
        offered = [(c.name, screen.label(c.label, c.name)) for c in entity.converts.values()]
        names = role.buttons.get(entity.key)
        found += _listed(screen, ("buttons", entity, say("All buttons")), names, offered)
    return tuple(found)


def role_views(screen: Screen, role: Role) -> tuple[Choices, ...]:
    """Return which views, by entity, a role may open."""
    say = screen.words.say
    found: list[Choices] = []
    for entity in governed(screen.ctx.model):
        offered = [(v.name, screen.label(v.label, v.name)) for v in entity.views.values()]
        names = role.views.get(entity.key)
        found += _listed(screen, ("views", entity, say("All views")), names, offered)
    return tuple(found)


def role_screens(screen: Screen, role: Role) -> tuple[Choices, ...]:
    """Return which menu entries and dashboards a role has, and which roles it may give."""
    say, model = screen.words.say, screen.ctx.model
    entries = [(entry.key, _entry_label(screen, entry)) for entry in model.menu.entries]
    boards = [(d.name, screen.label(d.label, d.name)) for d in model.dashboards.values()]
    roles = [(r.name, screen.label(r.label, r.name)) for r in model.roles.values()]
    return (
        _choices("menu", (say("Menu"), say("All of it")), role.menu, entries),
        _choices("dashboards", (say("Dashboards"), say("All of it")), role.dashboards, boards),
        _choices("gives", (say("Roles that it may give to people"), ""), role.gives, roles),
    )


def _entry_label(screen: Screen, entry: MenuEntry) -> str:
    entity = screen.ctx.model.entities.get(entry.entity)
    fallback = screen.entity_label(entity, plural=True) if entity is not None else entry.key
    return screen.label(entry.label, fallback)


def _listed(
    screen: Screen, of: tuple[str, Entity, str], names: Sequence[str] | None, offered: Offered
) -> Iterator[Choices]:
    part, entity, everything = of
    if offered:
        words = (screen.entity_label(entity, plural=True), everything)
        yield _choices(f"{part}/{entity.name}", words, names, offered)


def _choices(
    path: str, words: tuple[str, str], names: Sequence[str] | None, offered: Offered
) -> Choices:
    items = (Choice(name, label, names is None or name in names) for name, label in offered)
    return Choices(path, words[0], words[1], names is None, tuple(items))
