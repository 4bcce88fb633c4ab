"""What goes with an element that is retired, and comes back with it: the places that show it.

Only what shows or lists goes along: items of forms, columns, entries of the menu, widgets,
names in lists, rights, scenarios. Formulas, rules and automations that need it do not: they
stay problems, so that somebody decides what becomes of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from metamodel.editing.document import at
from metamodel.editing.operations import Change, Edit, Path, Reset, Restore, Retire
from metamodel.layers import SCREENS, SHOWN
from metamodel.problems import Problem

PLACES = (*SHOWN, "lists")
"""Maps of a screen whose elements show a field, or related records, by name."""

MISSING = (
    "unknown_field",
    "unknown_path",
    "unknown_entity",
    "unknown_collection",
    "unknown_view",
    "unknown_stage",
    "unknown_option",
    "unknown_dashboard",
)
"""What the loader says of a place that shows something retired."""


def retired_along(
    document: Mapping[str, object], problems: Sequence[Problem], retired: Sequence[Path]
) -> tuple[Edit, ...]:
    """Return the edits that take away the places which show what was just retired.

    `document` is the merged one, `problems` are what the loader found of it.
    """
    names = {name for path in retired for name in _names(document, path)}
    edits: list[Edit] = []
    for each in problems:
        edit = _along(document, each.place.path, names) if each.code in MISSING else None
        if edit is not None and edit not in edits:
            edits.append(edit)
    return tuple(edits)


def restored_along(
    document: Mapping[str, object], own: Mapping[str, object], restored: Path
) -> tuple[Edit, ...]:
    """Return the edits that bring back the places which the tenant's layer `own` took away.

    Those are meant that show what is restored, as far as their names tell.
    """
    return tuple(_back(_Back(document, restored, _names(document, restored)), own, ()))


def _names(document: Mapping[str, object], path: Path) -> set[str]:
    """Return what places call an element: itself, and the collections that its links make."""
    element = at(document, path)
    names = {path[-1]}
    fields = at(element, ("fields",))
    links = fields.values() if isinstance(fields, Mapping) else (element,)
    names |= {str(at(each, ("inverse",)) or "") for each in links}
    return (names | {str(at(element, ("child_of", "collection")) or "")}) - {""}


def _along(document: Mapping[str, object], path: Path, names: set[str]) -> Edit | None:
    if path[0] == "scenarios":
        return Retire(path[:2])
    if path[0] == "roles" and len(path) > 3 and path[2] in ("rights", "fields"):
        return Change(path, None)
    if path[0] in ("menu", "dashboards"):
        return Retire(path[:-1]) if path[-1] in ("entity", "dashboard", "view") else None
    if _is_screen(path) and len(path) > 5 and path[-2] in PLACES:
        return Retire(path)
    listed = at(document, path)
    if isinstance(listed, list):
        out = [item for item in listed if _named(item) in names]
        return Change(path, {"$drop": out}) if out else None
    return None


def _is_screen(path: Path) -> bool:
    return len(path) > 4 and path[0] == "entities" and path[2] in SCREENS


def _named(item: object) -> str:
    """Return the field that an item of a list names: `-customer.level` names `level`."""
    return str(item).removeprefix("-").rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class _Back:
    """What is restored, and what places call it; `document` is the merged one."""

    document: Mapping[str, object]
    restored: Path
    names: set[str]

    def shows(self, path: Path) -> bool:
        """Return whether a place that was taken away shows what is restored."""
        if path[0] == "scenarios":
            words = set(re.findall(r"\w+", str(at(self.document, path))))
            return len(path) == 2 and self.restored[-1] in words
        if path[0] in ("menu", "dashboards"):
            return at(self.document, (*path, "entity")) == self.restored[-1]
        if path[-2] not in PLACES:
            return False
        near = path[:2] == self.restored[:2] or len(self.restored) == 2 or path[-2] == "lists"
        return _named(path[-1]) in self.names and (near or "." in path[-1])


def _back(back: _Back, level: Mapping[str, object], path: Path) -> Iterator[Edit]:
    """Yield what brings back everything below `path` that shows what is restored."""
    for name, value in level.items():
        inner = (*path, name)
        if value is None and path[:1] == ("roles",) and name == back.restored[-1]:
            yield Reset(inner)
        if not isinstance(value, Mapping) or inner == back.restored:
            continue
        if value.get("$retire") is True and len(inner) > 1 and back.shows(inner):
            yield Restore(inner)
        drop = value.get("$drop")
        again = (
            [each for each in drop if _named(each) in back.names] if isinstance(drop, list) else ()
        )
        if again and path[:2] == back.restored[:2]:
            yield Change(inner, {"$add": list(again)})
        yield from _back(back, value, inner)
