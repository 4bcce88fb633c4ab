"""Edits of forms and views that are generated: a layer says only what differs in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from metamodel.editing.document import Published, at, counterpart, edited_document, present, put
from metamodel.editing.operations import Add, Change, Edit, Path, Reset, Restore, Retire
from metamodel.editing.refusals import refusal
from metamodel.editing.shapes import Shape, inner, top
from metamodel.editing.smallest import smallest
from metamodel.edits import Document
from metamodel.layers import SCREENS, Layer, Merged, merge
from metamodel.linker import link
from metamodel.linking.generated import generated_forms, generated_views
from metamodel.linking.partial import former_fields, present_items
from metamodel.model import Entity, Model

MARK = "generated"
"""What a merged document says in a form or view that only changes the generated one."""


@dataclass(frozen=True, slots=True)
class Statements:
    """What a tenant's layer says of generated screens, by their paths in present names."""

    said: Mapping[Path, Mapping[str, object]]

    def over(self, layer: Document) -> Document:
        """Return a layer with these statements in it."""
        for path, said in self.said.items():
            if said:
                layer = put(layer, path, said)
        return layer


def statements(wanted: Mapping[str, object], own: Mapping[str, object]) -> Statements:
    """Return what the tenant's layer says of screens that nobody wrote."""
    return Statements(dict(_statements(wanted, own)))


def _statements(
    wanted: Mapping[str, object], own: Mapping[str, object]
) -> Iterator[tuple[Path, Mapping[str, object]]]:
    entities = own.get("entities")
    for name, entity in entities.items() if isinstance(entities, Mapping) else ():
        for part in SCREENS:
            screens = entity.get(part) if isinstance(entity, Mapping) else None
            for screen, said in screens.items() if isinstance(screens, Mapping) else ():
                path = present(wanted, ("entities", name, part, screen))
                if is_partial(wanted, path) and isinstance(said, Mapping):
                    yield path, said


def is_partial(document: Mapping[str, object], path: Path) -> bool:
    """Return whether a path leads to a screen, or into one, that only changes what is generated."""
    if len(path) < 4 or path[0] != "entities" or path[2] not in SCREENS:
        return False
    found = at(document, path[:4])
    return isinstance(found, Mapping) and found.get(MARK) is True


def without_partial(document: Mapping[str, object]) -> Document:
    """Return a merged document without the screens that only change what is generated."""
    entities = document.get("entities")
    if not isinstance(entities, Mapping):
        return dict(document)
    return {**document, "entities": {n: _written(each) for n, each in entities.items()}}


def _written(entity: object) -> object:
    if not isinstance(entity, Mapping) or not any(map(_is_mark, _screens(entity))):
        return entity
    result = dict(entity)
    for part in SCREENS:
        screens = entity.get(part)
        if isinstance(screens, Mapping):
            kept = {n: s for n, s in screens.items() if not _is_mark(s)}
            result = {**result, part: kept}
            if not kept and screens:
                del result[part]
    return result


def _screens(entity: Mapping[str, object]) -> Iterator[object]:
    for part in SCREENS:
        screens = entity.get(part)
        if isinstance(screens, Mapping):
            yield from screens.values()


def _is_mark(screen: object) -> bool:
    return isinstance(screen, Mapping) and screen.get(MARK) is True


def edited_screen(
    below: Mapping[str, object],
    merged: Merged,
    said: Statements,
    edit: Edit,
    published: Published,
) -> Statements:
    """Return what the tenant says of generated screens after an edit inside one of them.

    `below` is the document of the layers under the tenant's, `merged` that of all of them.
    """
    path = present(merged.document, edit.path)
    screen, shape = path[:4], _shape(path[:4])
    if path == screen and not isinstance(edit, (Add, Change)):
        return Statements({**said.said, screen: _whole(edit)})
    entity, document = generated(link(merged), screen)
    names = former_fields(entity) if entity else {}
    there = counterpart(below, merged.document, screen)
    base = _over(document, _said(below, there), names)
    wanted = _over(base, said.said.get(screen, {}), names)
    known = _known(base, merged.document, screen, published)
    inside = replace(edit, path=path[4:])
    changed = edited_document(base, wanted, inside, known, shape)
    return Statements({**said.said, screen: smallest(base, changed, shape)})


def _whole(edit: Edit) -> Document:
    """Return what a layer says after an edit of a whole screen that is generated."""
    if isinstance(edit, Retire):
        return {"$retire": True}
    if isinstance(edit, (Restore, Reset)):
        return {}
    sentence = f"`{'.'.join(edit.path)}` is generated, and stands where generated ones stand."
    hint = "Retire it, and add one of your own."
    raise refusal("not_an_element", edit.path, sentence, hint)


def generated(model: Model, screen: Path) -> tuple[Entity | None, Document]:
    """Return the entity of a screen, and the document that is generated for it, empty for none."""
    entity = model.entity_named(screen[1])
    if entity is None:
        return None, {}
    made = (
        generated_forms(model, entity)
        if screen[2] == "forms"
        else generated_views(model, entity, ())
    )
    return entity, made.get(screen[3], {})


def _said(document: Mapping[str, object], screen: Path) -> Mapping[str, object]:
    """Return what a merged document says of a generated screen."""
    found = at(document, screen)
    return found if isinstance(found, Mapping) else {}


def _over(
    base: Mapping[str, object], said: Mapping[str, object], names: Mapping[str, str]
) -> Document:
    written = {name: each for name, each in said.items() if name != MARK}
    layers = [Layer("below", base), Layer("own", present_items(written, names))]
    return merge(layers).document


def _known(
    base: Mapping[str, object], whole: Mapping[str, object], screen: Path, published: Published
) -> Published:
    """Return what tells whether an element of a screen serves already: others just go."""

    def known(document: Mapping[str, object], path: Path) -> bool:
        there = at(base, counterpart(base, document, path)) is not None
        return there or published(whole, (*screen, *path))

    return known


def _shape(path: Path) -> Shape:
    shape = top()
    for name in path:
        shape = inner(shape, name)
    return shape
