"""Modules that are switched off: what belongs to them is set aside, its data untouched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import fields as attributes
from dataclasses import is_dataclass, replace
from typing import Any, TypeVar

from formula.typed import Typed
from metamodel.dashboards import Dashboard, Menu, MenuEntry
from metamodel.linking.computed import reads
from metamodel.linking.draft import Draft
from metamodel.model import Entity, Field, Model
from metamodel.nearest import nearest
from metamodel.parts import ACTING
from metamodel.stories import Scenario
from metamodel.views import FieldPath

T = TypeVar("T")

NAMES_ENTITY = frozenset({"entity", "create"})
"""Attributes by which a part of the app says what records it is about, or makes."""


def mark_switched_off(draft: Draft) -> None:
    """Mark the entities of modules that are off, children with them; check what needs those.

    Runs when fields are linked and nothing reads them yet.
    """
    _check_requires(draft)
    off = {name for name, module in draft.model.modules.items() if not module.enabled}
    for key, entity in draft.entities.items():
        parent = entity.child_of and draft.entities.get(entity.child_of.entity)
        if entity.module in off or (parent and parent.off):
            draft.entities[key] = replace(entity, off=True)
    for entity in draft.entities.values():
        if not entity.off and not entity.retired:
            for field in entity.fields.values():
                _check_needed(draft, entity, field)


def without_switched_off(model: Model) -> Model:
    """Return a model without the parts that only have a meaning with modules that are off.

    What was set aside is listed in `switched_off`.
    """
    off = {key for key, entity in model.entities.items() if entity.off}
    modules = {name for name, module in model.modules.items() if not module.enabled}
    if not modules:
        return model
    aside = _Aside(model, off, modules)
    boards = dict(aside.boards())
    # Any: each part is a map of its own kind.
    acting: dict[str, Any] = {part: aside.kept((part,), getattr(model, part)) for part in ACTING}
    return replace(
        model,
        entities={key: aside.entity(entity) for key, entity in model.entities.items()},
        dashboards=boards,
        menu=Menu(tuple(aside.entries(model.menu.entries, boards))),
        scenarios={
            name: each
            for name, each in model.scenarios.items()
            if aside.plays(("scenarios", name), each)
        },
        **acting,
        switched_off=(*(("entities", key) for key in sorted(off)), *aside.found),
    )


def _check_requires(draft: Draft) -> None:
    """Report modules that are on and need one that is off, or one that there is not."""
    modules = draft.model.modules
    for node in draft.root.child("modules").live():
        module = modules[node.name]
        for name in module.requires:
            needed = modules.get(name)
            if needed is None:
                hint = nearest(name, [each for each in modules if each != node.name])
                node.report("unknown_module", f"There is no module `{name}`.", hint, at="requires")
            elif module.enabled and not needed.enabled:
                node.report(
                    "module_needed",
                    f"The module `{node.name}` needs `{name}`, which is switched off.",
                    f"Switch `{name}` on, or `{node.name}` off.",
                )


def _check_needed(draft: Draft, entity: Entity, field: Field) -> None:
    """Report a field that must be filled with a record of what is switched off."""
    if field.link is None or not field.required or field.retired or field.formula is not None:
        return
    targets = [draft.entities[key] for key in field.link.to if key in draft.entities]
    if not targets or not all(target.off for target in targets):
        return
    here, there = entity.module, targets[0].module
    mend = f"switch `{here}` off, too" if here else f"say `required: false` at `{field.name}`"
    draft.fields[entity.key, field.key].report(
        "module_needed",
        f"`{entity.name}.{field.name}` must be filled with a record of `{targets[0].name}`, "
        f"whose module `{there}` is switched off.",
        f"Switch `{there}` on, or {mend}.",
    )


class _Aside:
    """Sorts the parts of a model into those that stay and those that are `found` to be off."""

    def __init__(self, model: Model, off: Set[str], modules: Set[str]) -> None:
        self._model = model
        self._off = off
        self._modules = modules
        self._dark = frozenset(_dark(model, off))
        self.found: list[tuple[str, ...]] = []

    def entity(self, entity: Entity) -> Entity:
        """Return an entity without conversions and buttons that make records of what is off."""
        if entity.off:
            return entity
        path = ("entities", entity.key)
        converts = self.kept((*path, "converts"), entity.converts)
        buttons = self.kept((*path, "buttons"), entity.buttons)
        if len(converts) + len(buttons) == len(entity.converts) + len(entity.buttons):
            return entity
        return replace(entity, converts=converts, buttons=buttons)

    def boards(self) -> Iterator[tuple[str, Dashboard]]:
        """Yield the dashboards that stay, each without widgets over what is off."""
        for key, board in self.kept(("dashboards",), self._model.dashboards, deep=False).items():
            widgets = self.kept(("dashboards", key, "widgets"), board.widgets)
            if widgets or not board.widgets:
                yield (
                    key,
                    board
                    if len(widgets) == len(board.widgets)
                    else replace(board, widgets=widgets),
                )

    def entries(
        self, entries: tuple[MenuEntry, ...], boards: Mapping[str, Dashboard]
    ) -> Iterator[MenuEntry]:
        """Yield the menu entries that lead somewhere."""
        for entry in entries:
            inner = tuple(self.entries(entry.entries, boards))
            gone = entry.dashboard and entry.dashboard not in boards
            if gone or entry.entity in self._off or (entry.entries and not inner):
                continue
            yield entry if inner == entry.entries else replace(entry, entries=inner)

    def kept(
        self, path: tuple[str, ...], parts: Mapping[str, T], *, deep: bool = True
    ) -> dict[str, T]:
        """Return the elements of a part that stay; the others are noted by path."""
        kept = {}
        for key, part in parts.items():
            named = _named(part) if deep else ()
            if getattr(part, "module", "") in self._modules or not self._off.isdisjoint(named):
                self.found.append((*path, key))
            else:
                kept[key] = part
        return kept

    def _unreadable(self, fields: Set[tuple[str, str]]) -> bool:
        """Return whether one of these is computed from what is off; "": of any entity."""
        return any(
            name == dark and kind in ("", entity)
            for kind, name in fields
            for entity, dark in self._dark
        )

    def plays(self, path: tuple[str, ...], scenario: Scenario) -> bool:
        """Return whether a scenario speaks of nothing that is off."""
        kinds = {step.name: step.entity for step in scenario.steps if step.act == "create"}
        expected = {
            (kinds.get(record, ""), name)
            for step in scenario.steps
            for record, told in step.then.values.items()
            for name in told
        }
        converted = {(step.entity, step.to) for step in scenario.steps if step.act == "convert"}
        gone = {(found[1], found[-1]) for found in self.found if found[2:3] == ("converts",)}
        if self._off.isdisjoint(_named(scenario.steps)) and not (
            self._unreadable(expected) or converted & gone
        ):
            return True
        self.found.append(path)
        return False


def _dark(model: Model, off: Set[str]) -> Iterator[tuple[str, str]]:
    """Yield entity and name of fields that are computed from what is off, directly or not."""
    hidden = {(key, name) for key in off for name in model.entities[key].fields}
    computed = [
        (field, set(reads(field.formula.dependencies)))
        for key, entity in model.entities.items()
        for field in (entity.fields.values() if key not in off else ())
        if field.formula is not None
    ]
    while found := [each for each in computed if not hidden.isdisjoint(each[1])]:
        computed = [each for each in computed if each not in found]
        hidden |= {(field.entity, field.key) for field, _ in found}
        yield from ((field.entity, field.name) for field, _ in found)


def _named(value: object) -> Iterator[str]:
    """Yield the keys of entities that a part is about; what its formulas read does not count."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _named(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from _named(item)
    elif is_dataclass(value) and not isinstance(value, (Typed, FieldPath)):
        for attribute in attributes(value):
            inner = getattr(value, attribute.name)
            if attribute.name in NAMES_ENTITY and isinstance(inner, str):
                yield inner
            else:
                yield from _named(inner)
