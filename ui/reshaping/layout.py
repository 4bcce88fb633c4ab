"""Items of the default form and columns of lists, moved, hidden and shown, as edits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from metamodel.editing import Add, Change, Edit, Move, Path, Restore, Retire, name_for
from metamodel.model import Entity, Model
from metamodel.views import Section, View
from ui.reshaping.sent import Sent, label_of, text_of, written_at

PARTS = 2
"""Names in a place: of a tab and of a section."""


def form_edits(model: Model, entity: Entity, sent: Sent) -> Iterator[Edit]:
    """Yield what an administrator did with an item of the default form."""
    name, place = text_of(sent, "name"), text_of(sent, "place")
    section = section_at(entity, place)
    match text_of(sent, "do"), section:
        case "width", Section():
            yield from _known(model, entity, place, [name])
            width = sent.get("width")
            yield Change((*items_path(entity, place), name, "width"), 2 if width == PARTS else None)
        case "hide", Section():
            yield from _taken(model, entity, place, name)
        case "show", _:
            yield from _shown(model, items_path(entity, place or first_place(entity)), name)
        case ("up" | "down") as way, Section():
            names = item_names(entity, section)
            after = neighbour(names, name, way)
            yield from _moved(model, entity, place, name, after)
        case "move", Section():
            to, after = text_of(sent, "to"), text_of(sent, "after")
            if to in ("", place):
                yield from _moved(model, entity, place, name, after)
            else:
                yield from _taken(model, entity, place, name)
                yield from _known(model, entity, to, [after] if after else [])
                yield from _shown(model, items_path(entity, to), name)
                yield _move((*items_path(entity, to), name), after)


def list_edits(model: Model, entity: Entity, view: View, sent: Sent) -> Iterator[Edit]:
    """Yield what an administrator did with a column of a list, or with its order."""
    path = ("entities", entity.name, "views", view.name)
    name, names = text_of(sent, "name"), [column.path.text for column in view.columns]
    match text_of(sent, "do"):
        case "hide":
            yield Retire((*path, "columns", name))
        case "show":
            yield from _shown(model, (*path, "columns"), name)
        case ("up" | "down") as way:
            yield _move((*path, "columns", name), neighbour(names, name, way))
        case "move":
            yield _move((*path, "columns", name), text_of(sent, "after"))
        case "sort":
            sign = "-" if sent.get("down") else ""
            yield Change((*path, "sort"), [f"{sign}{name}"] if name else None)


def section_edits(model: Model, entity: Entity, place: str, sent: Sent) -> Iterator[Edit]:
    """Yield a new section, or another name for the one at `place`."""
    label = label_of(sent, model.app.languages)
    if place:
        yield Change((*items_path(entity, place)[:-1], "label"), label)
        return
    tabs = entity.forms["default"].tabs
    tab = next((each for each in tabs if each.sections), tabs[0])
    taken = {each.name for each in tab.sections}
    name = name_for(label.get("en") or next(iter(label.values()), ""), taken, fallback="section")
    yield Add(_sections(entity, tab.name), name, {"label": label, "items": {}})


def placed_after(model: Model, entity: Entity, name: str, after: str) -> Iterator[Edit]:
    """Yield what puts a new field onto the default form, right behind another.

    A generated form has the order of the fields by itself.
    """
    if not _is_written(model, entity):
        return
    for tab in entity.forms["default"].tabs:
        for section in tab.sections:
            names = item_names(entity, section)
            if after in names:
                place = f"{tab.name}/{section.name}"
                yield from _known(model, entity, place, [after])
                yield Add(items_path(entity, place), name, {}, after=after)
                return


def section_at(entity: Entity, place: str) -> Section | None:
    """Return the section of the default form at `tab/section`."""
    tab, _, name = place.partition("/")
    found = (each for each in entity.forms["default"].tabs if each.name == tab)
    return next((part for each in found for part in each.sections if part.name == name), None)


def first_place(entity: Entity) -> str:
    """Return the place of the first section that holds items."""
    for tab in entity.forms["default"].tabs:
        for section in tab.sections:
            if not section.grid:
                return f"{tab.name}/{section.name}"
    return ""


def items_path(entity: Entity, place: str) -> Path:
    """Return the path of the items of a section."""
    tab, _, section = place.partition("/")
    return (*_sections(entity, tab), section, "items")


def item_names(entity: Entity, section: Section) -> list[str]:
    """Return the fields of a section by name, in order."""
    return [entity.fields[item.field].name for item in section.items if item.field in entity.fields]


def neighbour(names: Sequence[str], name: str, way: str) -> str:
    """Return behind which element one stands after it went up or down a place."""
    if name not in names:
        return ""
    at = names.index(name)
    if way == "up":
        return names[at - 2] if at > 1 else ""
    if at + 1 < len(names):
        return names[at + 1]
    return names[at - 1] if at else ""


def _sections(entity: Entity, tab: str) -> Path:
    return ("entities", entity.name, "forms", "default", "tabs", tab, "sections")


def _is_written(model: Model, entity: Entity) -> bool:
    """Return whether a layer wrote the form; a generated one has a place for every field."""
    form = written_at(model.source, ("entities", entity.name, "forms", "default"))
    return isinstance(form, Mapping) and form.get("generated") is not True


def _known(model: Model, entity: Entity, place: str, names: Sequence[str]) -> Iterator[Edit]:
    """Yield places for items that stand at the end because nobody placed them so far."""
    section, path = section_at(entity, place), items_path(entity, place)
    written = written_at(model.source, path)
    if section is None or not _is_written(model, entity):
        return
    placed = written if isinstance(written, Mapping) else {}
    loose = [name for name in item_names(entity, section) if name not in placed]
    last = max((loose.index(name) for name in names if name in loose), default=-1)
    yield from (Add(path, name, {}) for name in loose[: last + 1])


def _taken(model: Model, entity: Entity, place: str, name: str) -> Iterator[Edit]:
    path = items_path(entity, place)
    if _is_written(model, entity) and written_at(model.source, (*path, name)) is None:
        # It stands there because nobody placed it: only a place that is taken back hides it.
        yield Add(path, name, {"$retire": True})
    else:
        yield Retire((*path, name))


def _moved(model: Model, entity: Entity, place: str, name: str, after: str) -> Iterator[Edit]:
    yield from _known(model, entity, place, [each for each in (name, after) if each])
    yield _move((*items_path(entity, place), name), after)


def _shown(model: Model, path: Path, name: str) -> Iterator[Edit]:
    """Yield what brings an item or a column to the end; one that was taken away comes back."""
    found = written_at(model.source, (*path, name))
    yield Restore((*path, name)) if isinstance(found, Mapping) else Add(path, name, {})


def _move(path: Path, after: str) -> Move:
    return Move(path, after=after, first=not after)
