"""What differs between a role as it is and as it would be, line by line, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from metamodel.access import Role
from metamodel.diff import said
from metamodel.model import Model
from ui.screen import Screen
from ui.viewmodels.admin.rights import RightCell, right_groups
from ui.viewmodels.admin.role_fields import fields_view
from ui.viewmodels.admin.role_lists import (
    Choices,
    role_buttons,
    role_moves,
    role_screens,
    role_views,
)
from ui.viewmodels.admin.roles import flags, limit


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """One thing that changes: what, and its words before and after."""

    what: str
    before: str
    after: str


def changed_lines(screen: Screen, old: Model, new: Model) -> tuple[ChangedLine, ...]:
    """Return everything that changes in the roles of a model."""
    return tuple(line for _, lines in changed_roles(screen, old, new) for line in lines)


def changed_roles(
    screen: Screen, old: Model, new: Model
) -> Iterator[tuple[str, tuple[ChangedLine, ...]]]:
    """Yield each role in which something changes, by what it is called, with all that does."""
    nothing = Role("", label=next(iter(new.roles.values())).label)
    for name in dict.fromkeys((*old.roles, *new.roles)):
        before, after = old.roles.get(name, nothing), new.roles.get(name, nothing)
        if said(before) == said(after):
            continue
        lines = tuple(_role(screen.reading(old), before, screen.reading(new), after))
        if lines:
            shown = after if after.name else before
            yield screen.label(shown.label, name), lines


def _role(was: Screen, before: Role, now: Screen, after: Role) -> Iterator[ChangedLine]:
    yield from _ended(was, before, now, after)
    old = {cell.path: (row, cell) for row, cell in _cells(was, before)}
    for row, cell in _cells(now, after):
        earlier = old.get(cell.path, ("", None))[1]
        if earlier is None and cell.scope == "":
            # Nothing is said of what the role never had: kinds of records that are new.
            continue
        if earlier is None or (earlier.scope, earlier.where, earlier.except_) != (
            cell.scope, cell.where, cell.except_
        ):  # fmt: skip
            yield ChangedLine(
                f"{row} · {cell.label}", _words(earlier) if earlier else "", _words(cell)
            )
    yield from _fields(was, before, now, after)
    old_lists = {made.path: made for made in _lists(was, before)}
    for made in _lists(now, after):
        listed_before = old_lists.get(made.path)
        if listed_before != made and not (listed_before is None and made.all):
            yield ChangedLine(
                made.label, _listed(now, listed_before) if listed_before else "", _listed(now, made)
            )


def _lists(screen: Screen, role: Role) -> Iterator[Choices]:
    for made in (role_moves, role_buttons, role_views, role_screens):
        yield from made(screen, role)


def _ended(was: Screen, before: Role, now: Screen, after: Role) -> Iterator[ChangedLine]:
    say = now.words.say
    if before.label != after.label or before.name != after.name:
        yield ChangedLine(
            say("Role"),
            was.label(before.label) if before.name else "",
            now.label(after.label) if after.name else say("(retired)"),
        )
    for (_, label, new), (_, _, old) in zip(flags(now, after), flags(was, before), strict=True):
        if old != new:
            yield ChangedLine(label, _yes(now, old), _yes(now, new))
    old_limit, (_, label, new_limit) = limit(was, before)[2], limit(now, after)
    if old_limit != new_limit:
        anything = say("any number")
        yield ChangedLine(label, old_limit or anything, new_limit or anything)


def _yes(screen: Screen, on: bool) -> str:  # noqa: FBT001 - a word for a value
    return screen.words.say("yes") if on else screen.words.say("no")


def _cells(screen: Screen, role: Role) -> Iterator[tuple[str, RightCell]]:
    for group in right_groups(screen, role):
        for row in group.rows:
            yield from ((row.label, cell) for cell in row.cells)


def _words(cell: RightCell) -> str:
    return cell.where or cell.shown


def _fields(was: Screen, before: Role, now: Screen, after: Role) -> Iterator[ChangedLine]:
    for key in dict.fromkeys(entity for entity, _ in (*before.fields, *after.fields)):
        entity = now.ctx.model.entities.get(key)
        if entity is None:
            continue
        view = fields_view(now, after, entity)
        words, label = dict(view.rights), now.entity_label(entity)
        old = {line.path: line.right for line in fields_view(was, before, entity).lines}
        for line in view.lines:
            if old.get(line.path, "") != line.right:
                yield ChangedLine(
                    f"{label} · {line.label}", words[old.get(line.path, "")], words[line.right]
                )


def _listed(screen: Screen, made: Choices) -> str:
    if made.all:
        return screen.words.say("All of it")
    return ", ".join(item.label for item in made.items if item.chosen) or screen.words.say("None")
