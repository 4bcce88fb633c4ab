"""The dialog of one field: what it is called, what it holds, what must be true of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from metamodel import uses_of
from metamodel.model import Entity, Field
from ui.reshaping.fields import options_path
from ui.reshaping.sent import written_at
from ui.screen import Screen
from ui.viewmodels.admin.reshape.colors import color_words
from ui.viewmodels.admin.reshape.fields import form_parts, split_url
from ui.viewmodels.admin.reshape.kinds import changeable
from ui.viewmodels.admin.reshape.kinds_of_field import TypeGroup, type_groups
from ui.viewmodels.admin.reshape.origins import origins_below
from ui.viewmodels.admin.reshape.used import Use, uses
from ui.words import LANGUAGES


@dataclass(frozen=True, slots=True)
class Typed:
    """An input of a text in one language: its name, what the language is called, what it holds."""

    name: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class OptionLine:
    """One option that records can have."""

    name: str
    label: str
    color: str
    split_url: str = ""


@dataclass(frozen=True, slots=True)
class FieldDialog:
    """A field as it can be changed; without a `name` it is a new one.

    `after` are the fields that a new one can stand behind; `to` those kinds that a link can
    point to. `shared` names the other fields with the same options, which `own_url` makes options
    of this field alone. Of a `fixed` field only the words can be changed.
    """

    name: str
    heading: str
    labels: tuple[Typed, ...]
    helps: tuple[Typed, ...]
    groups: tuple[TypeGroup, ...]
    type: str
    to: str
    targets: tuple[tuple[str, str], ...]
    flags: Mapping[str, bool]
    formula: str
    default: str
    options: tuple[OptionLine, ...]
    colors: tuple[tuple[str, str], ...]
    shared: tuple[str, ...]
    own_url: str
    after: tuple[tuple[str, str], ...]
    uses: tuple[Use, ...]
    fixed: bool
    stages: bool
    url: str
    check_url: str
    retire_url: str
    reset_url: str

    @property
    def computed(self) -> bool:
        """Return whether its value is worked out."""
        return bool(self.formula)


def typed(screen: Screen, stem: str, texts: Mapping[str, str]) -> tuple[Typed, ...]:
    """Return the inputs of a text in every language of the app, the reader's first."""
    codes = sorted(screen.ctx.model.app.languages, key=lambda code: (code != screen.language, code))
    return tuple(
        Typed(f"{stem}_{code}", LANGUAGES.get(code, code), texts.get(code) or texts.get("", ""))
        for code in codes
    )


def new_field_dialog(screen: Screen, entity: Entity) -> FieldDialog:
    """Return the dialog of a new field."""
    return FieldDialog(
        name="",
        heading=screen.words.say("New field"),
        labels=typed(screen, "label", {}),
        helps=(),
        groups=type_groups(screen),
        type="text",
        to="",
        targets=_targets(screen),
        flags={"required": False, "unique": False, "search": False},
        formula="",
        default="",
        options=(),
        colors=color_words(screen),
        shared=(),
        own_url="",
        after=_placed(screen, entity),
        uses=(),
        fixed=False,
        stages=False,
        url=screen.url("admin", "forms", entity.name, "add", "field"),
        check_url=formula_url(screen, entity),
        retire_url="",
        reset_url="",
    )


def field_dialog(screen: Screen, entity: Entity, field: Field) -> FieldDialog:
    """Return the dialog of a field that is there."""
    path = ("entities", entity.name, "fields", field.name)
    here = screen.url("admin", "forms", entity.name, "fields", field.name)
    changed = origins_below(screen.ctx.model, *path).of(*path) == "changed"
    written = written_at(screen.ctx.model.source, (*path, "default"))
    return FieldDialog(
        name=field.name,
        heading=screen.field_label(field),
        labels=typed(screen, "label", field.label.texts),
        helps=typed(screen, "help", field.help.texts),
        groups=type_groups(screen),
        type=field.type,
        to=_target(screen, field),
        targets=_targets(screen),
        flags={"required": field.required, "unique": field.unique, "search": field.search},
        formula=field.formula.text if field.formula else "",
        default=""
        if written is None
        else str(written).lower()
        if isinstance(written, bool)
        else str(written),
        options=_options(screen, entity, field),
        colors=color_words(screen),
        shared=_shared(screen, entity, field),
        own_url=f"{here}/options" if field.choices else "",
        after=(),
        uses=uses(screen, uses_of(screen.ctx.model, ("entities", entity.key, "fields", field.key))),
        fixed=field.builtin,
        stages=bool(field.pipeline),
        url=here,
        check_url=formula_url(screen, entity),
        retire_url="" if field.builtin or field.pipeline else f"{here}/retire",
        reset_url=f"{here}/reset" if changed else "",
    )


def formula_url(screen: Screen, entity: Entity) -> str:
    """Return where a formula over an entity is checked while it is typed."""
    return screen.url("admin", "forms", entity.name, "formula")


def _options(screen: Screen, entity: Entity, field: Field) -> tuple[OptionLine, ...]:
    if field.pipeline:
        return ()
    return tuple(
        OptionLine(
            each.name,
            screen.label(each.label, each.name),
            each.color,
            "" if field.choices else split_url(screen, entity, field, each.name),
        )
        for each in field.options.values()
        if not each.retired
    )


def _shared(screen: Screen, entity: Entity, field: Field) -> tuple[str, ...]:
    """Return what other fields have the same options, where a set of them is shared."""
    if options_path(entity, field)[0] != "choices":
        return ()
    return tuple(
        f"{screen.entity_label(other)} · {screen.field_label(each)}"
        for other in screen.ctx.model.entities.values()
        for each in other.fields.values()
        if each.choices == field.choices
        and not each.retired
        and (other.key, each.key) != (entity.key, field.key)
    )


def _target(screen: Screen, field: Field) -> str:
    if field.link is None or field.type not in ("link", "links") or len(field.link.to) != 1:
        return ""
    return screen.ctx.model.entities[field.link.to[0]].name


def _targets(screen: Screen) -> tuple[tuple[str, str], ...]:
    return tuple(
        (entity.name, screen.entity_label(entity))
        for entity in screen.ctx.model.entities.values()
        if changeable(entity) and entity.child_of is None
    )


def _placed(screen: Screen, entity: Entity) -> tuple[tuple[str, str], ...]:
    """Return the fields of the form that a new one can stand behind, in order."""
    keys = dict.fromkeys(key for _, part in form_parts(screen, entity) for key in part)
    fields = (entity.fields[key] for key in keys if key in entity.fields)
    return tuple((each.name, screen.field_label(each)) for each in fields if not each.retired)
