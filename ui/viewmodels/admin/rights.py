"""What a role grants, in the words of a matrix: who may do what to which records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from metamodel.access import Action, Grant, Role
from metamodel.model import Entity, Model
from ui.screen import Screen

ACTIONS: tuple[Action, ...] = ("read", "create", "update", "delete", "export", "import")
"""The columns of the matrix."""

WHOLE: tuple[Action, ...] = ("create", "import")
"""Actions on records that are not there yet: all or nothing."""


@dataclass(frozen=True, slots=True)
class Scope:
    """How far a right reaches: its code, the word in a cell, and what it means."""

    code: str
    label: str
    meaning: str


@dataclass(frozen=True, slots=True)
class RightCell:
    """One right: an action on an entity's records; `except_` is a condition that is denied."""

    action: str
    label: str
    path: str
    scope: str
    where: str
    shown: str
    whole: bool
    except_: str


@dataclass(frozen=True, slots=True)
class RightRow:
    """An entity's line of the matrix."""

    entity: str
    label: str
    icon: str
    cells: tuple[RightCell, ...]

    @property
    def granted(self) -> bool:
        return any(cell.scope not in ("", "never") for cell in self.cells)


@dataclass(frozen=True, slots=True)
class RightGroup:
    """The lines of one module."""

    label: str
    rows: tuple[RightRow, ...]


def scopes(screen: Screen) -> tuple[Scope, ...]:
    """Return every reach that a right can have, the smallest first."""
    say = screen.words.say
    return (
        Scope("", say("None"), say("Nothing, unless another role of the person allows it")),
        Scope("own", say("Own"), say("What the person is responsible for")),
        Scope("team", say("Team"), say("What people of the same team are responsible for")),
        Scope("department", say("Own department"), say("What belongs to the person's department")),
        Scope(
            "department_tree",
            say("Department and below"),
            say("What belongs to the person's department and all below it"),
        ),
        Scope("all", say("All"), say("Every record")),
        Scope("where", say("By condition"), say("The records for which a formula holds")),
        Scope("never", say("Never"), say("Denied, whatever other roles allow")),
    )


def action_labels(screen: Screen) -> dict[str, str]:
    """Return what the actions are called."""
    say = screen.words.say
    return {
        "read": say("See"),
        "create": say("Add"),
        "update": say("Change"),
        "delete": say("Delete"),
        "export": say("Export"),
        "import": say("Import"),
    }


def governed(model: Model) -> Iterator[Entity]:
    """Yield the entities that roles speak of: children have the rights of their parent."""
    for entity in model.entities.values():
        if not (entity.system or entity.retired or entity.off or entity.child_of or entity.pair):
            yield entity


def right_groups(screen: Screen, role: Role) -> tuple[RightGroup, ...]:
    """Return the matrix of a role by module; what belongs to none comes last."""
    model = screen.ctx.model
    by_module: dict[str, list[RightRow]] = {name: [] for name in model.modules}
    for entity in governed(model):
        by_module.setdefault(entity.module, []).append(_row(screen, role, entity))
    rest = by_module.pop("", [])
    found = [
        RightGroup(screen.label(model.modules[name].label, name), tuple(rows))
        for name, rows in by_module.items()
        if rows and name in model.modules
    ]
    if rest:
        found.append(RightGroup(screen.words.say("People and common things"), tuple(rest)))
    return tuple(found)


def _row(screen: Screen, role: Role, entity: Entity) -> RightRow:
    return RightRow(
        entity=entity.name,
        label=screen.entity_label(entity, plural=True),
        icon=entity.icon or "list",
        cells=tuple(_cell(screen, role, entity, action) for action in ACTIONS),
    )


def _cell(screen: Screen, role: Role, entity: Entity, action: Action) -> RightCell:
    grant = _of(role.grants, entity, action)
    denied = _of(role.denies, entity, action)
    scope = "all" if role.all_rights else _code(grant)
    if denied is not None and denied.scope == "all":
        scope = "never"
    words = {each.code: each.label for each in scopes(screen)}
    return RightCell(
        action=action,
        label=action_labels(screen)[action],
        path=f"rights/{entity.name}/{action}",
        scope=scope,
        where=grant.where.text if grant is not None and grant.where is not None else "",
        shown=words[scope],
        whole=action in WHOLE,
        except_=_except(denied) if scope != "never" else "",
    )


def _of(grants: tuple[Grant, ...], entity: Entity, action: Action) -> Grant | None:
    found = (g for g in grants if g.entity == entity.key and g.action == action)
    return next(found, None)


def _code(grant: Grant | None) -> str:
    if grant is None:
        return ""
    return "where" if grant.where is not None else grant.scope or "all"


def _except(denied: Grant | None) -> str:
    if denied is None:
        return ""
    return denied.where.text if denied.where is not None else denied.scope or ""
