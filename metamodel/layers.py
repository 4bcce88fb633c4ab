"""Merges layers of one app by name, and remembers for every leaf which layer wrote it.

Maps merge by key, everything else replaces; `null` takes an inherited leaf back. In an upper
layer an element may say `$retire`, `$after`, `$before` or `$first`, a list may say `$add` and
`$drop`, and `renamed_from` gives an inherited element another name while its key stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TypeVar

from metamodel.edits import apply
from metamodel.identity import first_name, former_names, identities, oldest_first
from metamodel.model import Origin
from metamodel.nearest import nearest
from metamodel.packs import Pack, clashes, is_pack, said_of_app
from metamodel.problems import Place, Problem
from metamodel.references import Reference
from metamodel.same import Same
from metamodel.source import Names, Position

T = TypeVar("T")

BUILTIN = "builtin"
"""The name of the layer under every app: people and the engine's own tables."""

PLACEMENT = ("$after", "$before", "$first")

SCREENS = ("forms", "views")
"""Parts of an entity that are generated as far as nobody writes them."""

SHOWN = ("items", "columns", "figures", "card", "sums")
"""Maps of a screen whose elements are called as the fields that they show."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer as it was written: a plain document and the position of every path in it.

    `lines` holds the text of each file by line, for exact places inside formulas.
    """

    name: str
    document: Mapping[str, object]
    positions: Mapping[Names, Position] = field(default_factory=dict)
    lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class Merged:
    """The fold of layers: one document, where each path was written last, and what went wrong.

    `builtin` are the paths of the layer that lies under every app. `packs` are what the packs
    among the layers say of themselves, by name: the app stays the one that they stand on.
    `references` fills as the document is linked, where somebody asks what its places name.
    """

    document: dict[str, object] = field(default_factory=dict)
    positions: dict[Names, Position] = field(default_factory=dict)
    origins: dict[Names, str] = field(default_factory=dict)
    lines: dict[str, tuple[str, ...]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    builtin: frozenset[Names] = frozenset()
    packs: dict[str, Mapping[str, object]] = field(default_factory=dict)
    references: list[Reference] | None = None

    def copy(self) -> Merged:
        """Return the same, to put another layer over it, or to link it."""
        return Merged(
            document=dict(self.document),
            positions=dict(self.positions),
            origins=dict(self.origins),
            lines=dict(self.lines),
            problems=list(self.problems),
            builtin=self.builtin,
            packs=dict(self.packs),
        )

    def place(self, path: Names) -> Place:
        """Return where `path` was written, or the nearest element around it."""
        for end in range(len(path), 0, -1):
            position = self.positions.get(path[:end])
            if position is not None:
                return Place(position.file, position.line, position.column, path)
        return Place("", 1, 1, path)

    def origin(self, path: Names) -> Origin:
        """Return which layer wrote `path`, and where."""
        place = self.place(path)
        return Origin(self.origins.get(path, ""), place.file, place.line, place.column)


def merge(layers: Sequence[Layer]) -> Merged:
    """Fold layers, the lowest first, into one document; what was folded lately is not again."""
    folded = _folded(tuple(Same(each) for each in layers))
    merged = folded.merged.copy()
    merged.problems.extend(clashes(folded.packs))
    return merged


FOLDED = 8
"""How many stacks of layers stay folded: a template, its packs, what stands under and over them."""


@lru_cache(maxsize=FOLDED)
def _folded(layers: tuple[Same[Layer], ...]) -> _Folded:
    """Return layers folded; each is told by being itself, and is never changed."""
    return _folded(layers[:-1]).over(layers[-1].thing) if layers else _Folded(Merged())


@dataclass(frozen=True, slots=True)
class _Folded:
    """Layers that were folded, the packs among them, and the names of the apps they are."""

    merged: Merged
    packs: tuple[Pack, ...] = ()
    apps: frozenset[str] = frozenset()

    def over(self, layer: Layer) -> _Folded:
        """Return this with one more layer over it; this stays as it was."""
        merged, packs = self.merged.copy(), self.packs
        if layer.name == BUILTIN:
            merged.builtin = frozenset(layer.positions)
        app = said_of_app(layer.document)
        if is_pack(layer.document):
            if str(app.get("extends", "")) not in self.apps:
                merged.problems.append(_without_ground(layer, str(app.get("extends", ""))))
            merged.packs[layer.name] = app
            layer = replace(layer, document=_beside(layer.document))
            packs += (Pack(layer.name, layer.document, layer.positions),)
        _Fold(merged, layer).run()
        return _Folded(merged, packs, self.apps | {str(app.get("name", ""))})


def _beside(document: Mapping[str, object]) -> dict[str, object]:
    """Return what a pack says of the app it stands on, without what it says of itself."""
    return {key: value for key, value in document.items() if key not in ("app", "format")}


def _without_ground(layer: Layer, name: str) -> Problem:
    """Return that a pack stands on an app that is not below it."""
    position = layer.positions.get(("app", "extends")) or layer.positions.get(("app",))
    place = Place(layer.name, 1, 1, ("app", "extends"))
    if position is not None:
        place = Place(position.file, position.line, position.column, place.path)
    sentence = f"The pack `{layer.name}` stands on the app `{name}`, which is not below it."
    return Problem("pack_misplaced", place, sentence, "Say `extends:` with the app it is made for.")


def put_over(document: Mapping[str, object], layer: Layer) -> dict[str, object]:
    """Return a merged document with one more layer over it; what it does not touch is shared."""
    merged = Merged(document=dict(document))
    _Fold(merged, layer).run()
    return merged.document


@dataclass(slots=True)
class _Fold:
    """Puts one layer over what was merged so far."""

    merged: Merged
    layer: Layer
    renames: dict[Names, Names] = field(default_factory=dict)

    def run(self) -> None:
        self.merged.lines.update(self.layer.lines)
        document = self._map(self.merged.document, self.layer.document, ())
        if self.renames:
            self.merged.positions = _rerooted(self.merged.positions, self.renames)
            self.merged.origins = _rerooted(self.merged.origins, self.renames)
        for written, position in self.layer.positions.items():
            path = _reroot(written, self.renames) if self.renames else written
            self.merged.positions[path] = position
            self.merged.origins[path] = self.layer.name
        self.merged.document = document

    def _map(
        self, base: Mapping[str, object], over: Mapping[str, object], path: Names
    ) -> dict[str, object]:
        """Return `base` with what `over` says; neither is changed."""
        result = dict(base)
        restored = "$retire" in result and "$retire" not in over and bool(path)
        if restored:
            del result["$retire"]
            result.pop("into", None)
            result.pop("purged", None)
        result = self._with_new_names(result, over, path)
        for name, value in over.items():
            inner = (*path, name)
            if name in PLACEMENT:
                continue
            if name not in result and _is_change(value):
                name = self._present_name(result, name, path)
                inner = (*path, name)
            if name == "renamed_from":
                result[name] = oldest_first(base, over)
            elif value is None:
                result.pop(name, None)
            else:
                result[name] = self._leaf(result.get(name), value, inner)
            if isinstance(value, Mapping) and self._has_place(value, inner, result):
                result = self._placed(result, name, value, inner)
        return result

    def _leaf(self, base: object, value: object, path: Names) -> object:
        if isinstance(value, Mapping):
            if self._is_partial(base, path):
                below = base if isinstance(base, Mapping) else {"generated": True}
                return apply(below, value)
            if "$add" in value or "$drop" in value:
                return self._set(base, value, path)
            if value.get("$retire") is True and not isinstance(base, Mapping):
                if base is None and set(value) == {"$retire"} and not self._is_loose(path):
                    self._report(
                        "retire_unknown",
                        path,
                        f"`{path[-1]}` is retired here, but no lower layer has it.",
                        "Take the line out, or check the name.",
                    )
                return dict(value)
            return self._map(base if isinstance(base, Mapping) else {}, value, path)
        return value

    def _has_place(self, value: Mapping[str, object], path: Names, result: object) -> bool:
        """Return whether `value` says where it stands among elements that are known already."""
        here = result.get(path[-1]) if isinstance(result, Mapping) else None
        return any(key in value for key in PLACEMENT) and not self._is_partial(here, path)

    def _is_partial(self, base: object, path: Names) -> bool:
        """Return whether `path` is a form or view that no layer wrote for an entity from below.

        Such a one changes what is generated: it is kept as it was written until that is known.
        """
        if len(path) != 4 or path[0] != "entities" or path[2] not in SCREENS:
            return False
        if base is not None:
            return isinstance(base, Mapping) and base.get("generated") is True
        entities = self.merged.document.get("entities")
        below = entities if isinstance(entities, Mapping) else {}
        return any(path[1] in identities(name, element) for name, element in below.items())

    def _is_loose(self, path: Names) -> bool:
        """Return whether `path` is the place of a known field on a form or view.

        A field stands on a form without being given a place, so that there is something to take
        away; and a place that the same layer gave it is taken away by the same words.
        """
        if len(path) < 6 or path[0] != "entities" or path[2] not in SCREENS:
            return False
        below = (self.merged.document, self.layer.document)
        field = ("entities", path[1], "fields", path[-1].partition(".")[0])
        return path[-2] in SHOWN and any(_stands(document, field) for document in below)

    def _set(self, base: object, value: Mapping[str, object], path: Names) -> list[object]:
        """Apply `$add` and `$drop` to an inherited list."""
        items = list(base) if isinstance(base, list) else [] if base is None else [base]
        drop, add = value.get("$drop"), value.get("$add")
        for item in drop if isinstance(drop, list) else ():
            if item in items:
                items.remove(item)
            else:
                self._report(
                    "drop_unknown",
                    path,
                    f"`$drop` names `{item}`, which the list does not hold.",
                    nearest(str(item), [str(i) for i in items], "It holds"),
                )
        items.extend(item for item in (add if isinstance(add, list) else ()) if item not in items)
        return items

    def _with_new_names(
        self, base: dict[str, object], over: Mapping[str, object], path: Names
    ) -> dict[str, object]:
        """Give renamed elements their names, before others take those that they leave."""
        for name, value in over.items():
            if isinstance(value, Mapping) and "renamed_from" in value and name not in base:
                base = self._renamed(base, name, value, path)
        return base

    def _renamed(
        self, base: dict[str, object], name: str, value: Mapping[str, object], path: Names
    ) -> dict[str, object]:
        """Give the inherited element that `value` renames its new name, in its old place."""
        wanted = former_names(value)
        old = next((n for n, v in base.items() if n in wanted or wanted & identities(n, v)), None)
        if old is None or not isinstance(base[old], Mapping):
            return base
        self.renames[(*path, old)] = (*path, name)
        element = dict(base[old])  # type: ignore[call-overload]
        element.setdefault("key", first_name(element) or old)
        element["renamed_from"] = sorted(former_names(element) | wanted | {old})
        return {name if n == old else n: element if n == old else v for n, v in base.items()}

    def _present_name(self, base: Mapping[str, object], name: str, path: Names) -> str:
        """Return the name that an element has now, where the layer calls it by a former one."""
        for present, element in base.items():
            if isinstance(element, Mapping) and name in identities(present, element):
                self.renames[(*path, name)] = (*path, present)
                return present
        return name

    def _placed(
        self, result: dict[str, object], name: str, value: Mapping[str, object], path: Names
    ) -> dict[str, object]:
        """Move an element to where its layer says."""
        element = result.pop(name)
        if isinstance(element, dict):
            for key in PLACEMENT:
                element.pop(key, None)
        if value.get("$first") is True:
            return {name: element, **result}
        anchor = value.get("$after", value.get("$before"))
        if anchor not in result:
            self._report(
                "place_unknown",
                path,
                f"`{name}` is placed beside `{anchor}`, which does not exist.",
                nearest(str(anchor), [n for n in result if not n.startswith("$")], "There are"),
            )
            return {**result, name: element}
        moved: dict[str, object] = {}
        for key, existing in result.items():
            if key == anchor and "$after" not in value:
                moved[name] = element
            moved[key] = existing
            if key == anchor and "$after" in value:
                moved[name] = element
        return moved

    def _report(self, code: str, path: Names, sentence: str, hint: str) -> None:
        position = self.layer.positions.get(path)
        place = Place("", 1, 1, path)
        if position is not None:
            place = Place(position.file, position.line, position.column, path)
        self.merged.problems.append(Problem(code, place, sentence, hint))


def _is_change(value: object) -> bool:
    """Return whether what is said may be about an element that has another name by now."""
    return isinstance(value, Mapping) and "renamed_from" not in value and "key" not in value


def _stands(document: object, path: Names) -> bool:
    for name in path:
        document = document.get(name) if isinstance(document, Mapping) else None
    return document is not None


def _rerooted(paths: Mapping[Names, T], renames: Mapping[Names, Names]) -> dict[Names, T]:
    return {_reroot(path, renames): value for path, value in paths.items()}


def _reroot(path: Names, renames: Mapping[Names, Names]) -> Names:
    for end in range(len(path), 0, -1):
        new = renames.get(path[:end])
        if new is not None:
            path = (*new, *path[end:])
    return path
