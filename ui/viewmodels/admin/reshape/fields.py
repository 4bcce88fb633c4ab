"""The fields of one kind of record, in the order of its form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from metamodel.model import Entity, Field
from metamodel.views import Form
from ui.screen import Screen
from ui.viewmodels.admin.reshape.kinds_of_field import type_icon, type_label
from ui.viewmodels.admin.reshape.origins import Origins, Written


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field: what it is, what holds for it, and where it comes from.

    `marks` are short words, such as "required"; `detail` says more of its type. A `fixed`
    field belongs to the product and only its label can be read.
    """

    name: str
    label: str
    icon: str
    type: str
    detail: str
    marks: tuple[str, ...]
    written: Written
    url: str
    title: bool
    fixed: bool


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """The fields of one part of the form, or those that are on none."""

    label: str
    lines: tuple[FieldLine, ...]


def field_groups(screen: Screen, entity: Entity, origins: Origins) -> tuple[FieldGroup, ...]:
    """Return every field that an administrator may change, as the default form has them."""
    shown: set[str] = set()
    groups: list[FieldGroup] = []
    for heading, keys in form_parts(screen, entity):
        fresh = [key for key in keys if key not in shown and _listed(entity.fields.get(key))]
        shown.update(fresh)
        if fresh:
            groups.append(_group(screen, entity, heading, fresh, origins))
    rest = [key for key, each in entity.fields.items() if key not in shown and _listed(each)]
    if rest:
        groups.append(_group(screen, entity, screen.words.say("Not on the form"), rest, origins))
    return tuple(groups)


def form_parts(screen: Screen, entity: Entity) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the headings of the default form and the keys of the fields below each."""
    form = entity.forms.get("default")
    for tab in form.tabs if isinstance(form, Form) else ():
        for section in tab.sections:
            heading = screen.label(section.label) or screen.label(tab.label, tab.name)
            yield heading, tuple(item.field for item in section.items)


def field_line(screen: Screen, entity: Entity, field: Field, origins: Origins) -> FieldLine:
    """Return one field as the list shows it."""
    return FieldLine(
        name=field.name,
        label=screen.field_label(field),
        icon="math-function" if field.formula is not None else type_icon(field.type),
        type=type_label(screen, field.type),
        detail=type_detail(screen, entity, field),
        marks=tuple(_marks(screen, field)),
        written=origins.of("entities", entity.name, "fields", field.name),
        url=screen.url("admin", "forms", entity.name, "fields", field.name),
        title=field.key == entity.title_field,
        fixed=field.builtin,
    )


def type_detail(screen: Screen, entity: Entity, field: Field) -> str:
    """Return what makes a field's type particular: its formula, its options, where it points."""
    if field.formula is not None:
        return field.formula.text
    if field.pipeline:
        return screen.words.say("The stages of this kind of record")
    if field.options:
        live = [each for each in field.options.values() if not each.retired]
        few = ", ".join(screen.label(each.label, each.name) for each in live[:4])
        return f"{few} …" if len(live) > 4 else few  # noqa: PLR2004 - as many as the line holds
    if field.link is not None and field.type in ("link", "links"):
        models = screen.ctx.model.entities
        return ", ".join(screen.entity_label(models[key]) for key in field.link.to)
    return ""


def _listed(field: Field | None) -> bool:
    return field is not None and not (field.retired or field.builtin)


def _group(
    screen: Screen, entity: Entity, heading: str, keys: list[str], origins: Origins
) -> FieldGroup:
    lines = (field_line(screen, entity, entity.fields[key], origins) for key in keys)
    return FieldGroup(heading, tuple(lines))


def _marks(screen: Screen, field: Field) -> Iterator[str]:
    say = screen.words.say
    if field.formula is not None:
        yield say("worked out")
    if field.required:
        yield say("required")
    if field.unique:
        yield say("unique")
    if field.encrypted:
        yield say("encrypted")
    if field.hidden:
        yield say("hidden")


def split_url(screen: Screen, entity: Entity, field: Field, giver: str, *parts: str) -> str:
    """Return an address about splitting one of the options or stages of a field."""
    return screen.url("admin", "forms", entity.name, "split", field.name, giver, *parts)
