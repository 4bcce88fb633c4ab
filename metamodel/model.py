"""The linked model: what an app means after its layers were merged and its names resolved.

Everything is found by stable key. Names are what people write in YAML, in formulas
and on the wire; keys never change and name tables and columns. Where nothing was
renamed, key and name are the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from formula.calendars import Calendar
from formula.typed import Typed
from metamodel.access import Members, Role
from metamodel.approvals import Approval
from metamodel.automation import Automation, Button
from metamodel.dashboards import Dashboard, Menu
from metamodel.duties import Pool, ServiceLevel
from metamodel.fields import ChoiceSet, Copy, Field, Link, Numbering, Option, Setting
from metamodel.flows import Convert, Pipeline, Rule, StarterRecord
from metamodel.label import Label
from metamodel.outward import (
    ContactLimit,
    Document,
    Message,
    Portal,
    PublicForm,
    Report,
    Segment,
)
from metamodel.stories import Scenario
from metamodel.views import Form, View

__all__ = [
    "App",
    "ChildOf",
    "ChoiceSet",
    "Collection",
    "Copy",
    "Declared",
    "Duplicates",
    "Entity",
    "Field",
    "Index",
    "Link",
    "Model",
    "Module",
    "Numbering",
    "Option",
    "Origin",
    "Setting",
    "Unique",
]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a leaf was written: which layer, which file, and the place in it (from 1)."""

    layer: str
    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Collection:
    """The other side of a link: members of `entity` whose link field `via` points here.

    `name` is what formulas, forms and the API call it; `children` tells edited-in-place
    lines (`child_of`) from plain related records. Where `via` links to many records, `through`
    is the key of its link table.
    """

    name: str
    entity: str
    via: str
    label: Label
    children: bool = False
    through: str = ""


HOLDER, MEMBER, PLACE = "holder", "member", "place"
"""Fields of a link table: the record that has the field, one that it names, and at which place."""


@dataclass(frozen=True, slots=True)
class Pair:
    """That an entity is the link table of a many-to-many field, all by key."""

    entity: str
    field: str
    target: str


@dataclass(frozen=True, slots=True)
class ChildOf:
    """That this entity's records are lines of another: by its link field `via`."""

    entity: str
    collection: str
    via: str
    movable: bool = False


@dataclass(frozen=True, slots=True)
class Unique:
    """Fields (by key) whose values together occur once among records not in the trash."""

    key: str
    name: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Duplicates:
    """When two records look like the same thing, and whether that warns or blocks.

    With `against`, the key of another entity, a record is compared with that entity's, and
    `theirs` gives for each matched field the one that it is compared with there.
    """

    key: str
    match: Mapping[str, Literal["exact", "normalized"]]
    action: Literal["warn", "block"]
    against: str = ""
    theirs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Index:
    """An index of several fields, by key."""

    key: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entity:
    """A kind of record, with its table, screens and behaviour.

    `table` is the table's name in the tenant's schema. `rank` is the entity's place in the
    one lock order. `title` computes what a record is called in links and headings.
    `system` entities belong to the engine's built-in layer and have no standard columns
    but those they declare; `people` ones (user, department, team) are built in, too,
    but behave like any other record. `help` is for users, `note` for administrators.
    `purged` are keys of retired fields whose data is gone: they have no column any more.
    `members` are people beside the owner, `follows` links (by key) whose records' rights reach
    these, too. `off` are those of a module that is switched off: kept, named where records link
    to them, and otherwise out of everybody's reach.
    """

    key: str
    name: str
    label: Label
    table: str
    rank: int
    fields: Mapping[str, Field]
    title: Typed
    title_field: str = ""
    plural: Label = Label()
    help: Label = Label()
    icon: str = ""
    module: str = ""
    owned: bool = False
    track: bool = True
    timeline: bool = False
    system: bool = False
    builtin: bool = False
    child_of: ChildOf | None = None
    pair: Pair | None = None
    collections: Mapping[str, Collection] = field(default_factory=dict)
    pipelines: Mapping[str, Pipeline] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    unique: Mapping[str, Unique] = field(default_factory=dict)
    duplicates: Mapping[str, Duplicates] = field(default_factory=dict)
    indexes: Mapping[str, Index] = field(default_factory=dict)
    converts: Mapping[str, Convert] = field(default_factory=dict)
    buttons: Mapping[str, Button] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    views: Mapping[str, View] = field(default_factory=dict)
    members: Members | None = None
    follows: tuple[str, ...] = ()
    note: Label = Label()
    retired: bool = False
    former: tuple[str, ...] = ()
    purged: tuple[str, ...] = ()
    off: bool = False

    def field_named(self, name: str) -> Field | None:
        """Return the live field that people call `name`."""
        found = self.fields.get(name)
        if found is not None and found.name == name and not found.retired:
            return found
        return next((f for f in self.fields.values() if f.name == name and not f.retired), None)


@dataclass(frozen=True, slots=True)
class Module:
    """A part of the app that a tenant can switch off, its data kept, and the parts it needs."""

    name: str
    label: Label
    icon: str = ""
    enabled: bool = True
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class App:
    """What the app is called and the habits it was written for."""

    name: str
    label: Label
    version: str
    languages: tuple[str, ...] = ("en",)
    currency: str = "CNY"
    timezone: str = "Asia/Shanghai"
    extends: str = ""
    kind: str = "app"
    fiscal_year_start: int = 1
    icon: str = ""
    color: str = ""
    contact_limit: ContactLimit | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """A key that was loaded and checked for shape, and that nothing acts on yet."""

    path: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Model:
    """One app, whole: immutable, linked, valid. `entities` are in rank order, by key.

    `calendars` holds the default one under "", too. `origins` knows for each leaf, by its
    path of names, which layer said so. `switched_off` are the paths of what was set aside
    because its module is off. `packs` are those that stand on the app, by name.
    `source` is the merged document it was linked from, in canonical order. `purged` are keys of
    retired entities whose tables are gone.
    """

    app: App
    entities: Mapping[str, Entity]
    choices: Mapping[str, ChoiceSet] = field(default_factory=dict)
    settings: Mapping[str, Setting] = field(default_factory=dict)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    modules: Mapping[str, Module] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    menu: Menu = Menu()
    dashboards: Mapping[str, Dashboard] = field(default_factory=dict)
    automations: Mapping[str, Automation] = field(default_factory=dict)
    approvals: Mapping[str, Approval] = field(default_factory=dict)
    pools: Mapping[str, Pool] = field(default_factory=dict)
    service_levels: Mapping[str, ServiceLevel] = field(default_factory=dict)
    reports: Mapping[str, Report] = field(default_factory=dict)
    documents: Mapping[str, Document] = field(default_factory=dict)
    messages: Mapping[str, Message] = field(default_factory=dict)
    public_forms: Mapping[str, PublicForm] = field(default_factory=dict)
    portals: Mapping[str, Portal] = field(default_factory=dict)
    segments: Mapping[str, Segment] = field(default_factory=dict)
    starter_records: tuple[StarterRecord, ...] = ()
    scenarios: Mapping[str, Scenario] = field(default_factory=dict)
    declared: tuple[Declared, ...] = ()
    switched_off: tuple[tuple[str, ...], ...] = ()
    packs: Mapping[str, App] = field(default_factory=dict)
    purged: tuple[str, ...] = ()
    origins: Mapping[tuple[str, ...], Origin] = field(default_factory=dict)
    source: Mapping[str, object] = field(default_factory=dict)

    def entity_named(self, name: str) -> Entity | None:
        """Return the live entity called `name`; former names answer after present ones."""
        found = self.entities.get(name)
        if found is not None and found.name == name and not found.retired:
            return found
        live = [entity for entity in self.entities.values() if not entity.retired]
        named = next((entity for entity in live if entity.name == name), None)
        return named or next((e for e in live if e.key == name or name in e.former), None)
