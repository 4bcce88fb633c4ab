"""What leaves the app or lets others in: messages, documents, reports, forms, portals, segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from formula.typed import Typed
from metamodel.actions import Lapse
from metamodel.label import Label
from metamodel.texts import Template
from metamodel.views import Sort, ViewColumn

Channel = Literal["app", "email", "push", "robot", "sms", "wechat"]


UNASKED = frozenset({
    "link", "links", "reference", "user", "users", "team", "department", "file", "image",
    "signature", "autonumber", "json", "uuid", "location", "barcode",
})  # fmt: skip
"""Types of fields that nobody fills in without a sign-in: they would show or take too much."""


@dataclass(frozen=True, slots=True)
class ContactLimit:
    """How many messages one customer is sent `within` a time, over all channels."""

    most: int
    within: Lapse


@dataclass(frozen=True, slots=True)
class Message:
    """A text that people are sent about a record of `entity` ("": about none).

    Nobody is sent a `promotional` one who does not want any, or more of them than the app allows.
    By mail it brings a link to the public form `form`, by name, about that record.
    """

    key: str
    name: str
    label: Label
    entity: str = ""
    channels: tuple[Channel, ...] = ("app",)
    subject: Template = Template()
    text: Template = Template()
    promotional: bool = False
    form: str = ""
    help: Label = Label()
    module: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A file made from a record: a text with holes (HTML), printed as `format`."""

    key: str
    name: str
    label: Label
    entity: str
    template: Template
    format: Literal["pdf", "html", "docx"] = "pdf"
    file_name: Typed | None = None
    when: Typed | None = None
    roles: tuple[str, ...] = ()
    language: str = ""
    help: Label = Label()
    module: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A saved question: rows (`columns`) or groups and measures, with subtotals and a chart."""

    key: str
    name: str
    label: Label
    entity: str
    filter: Typed | None = None
    columns: tuple[ViewColumn, ...] = ()
    group_by: Mapping[str, Typed] = field(default_factory=dict)
    measures: Mapping[str, Typed] = field(default_factory=dict)
    sort: tuple[Sort, ...] = ()
    sort_groups: tuple[str, ...] = ()
    subtotals: tuple[str, ...] = ()
    chart: str = ""
    roles: tuple[str, ...] = ()
    module: str = ""
    help: Label = Label()


@dataclass(frozen=True, slots=True)
class FormField:
    """One question of a public form; `field` is a key."""

    field: str
    label: Label = Label()
    help: Label = Label()
    required: bool = False
    width: int = 1


@dataclass(frozen=True, slots=True)
class PublicForm:
    """A form that anybody may fill in; each answer makes a record of `entity`.

    `values` are set besides, by field key. `hourly` is how many one address may send. A form that
    is `about` the record in a link, by field key, is open to whoever was sent one to it, and is
    answered once for each record; `values` are then read from it.
    """

    key: str
    name: str
    label: Label
    entity: str
    fields: tuple[FormField, ...]
    values: Mapping[str, Typed] = field(default_factory=dict)
    about: str = ""
    active: bool = True
    thanks: Label = Label()
    redirect: str = ""
    hourly: int = 20
    help: Label = Label()
    module: str = ""


@dataclass(frozen=True, slots=True)
class PortalAccess:
    """What a person of a portal sees of one entity: records for which `where` holds.

    In `where`, names mean the record and `this` the person's own. `fields` are those shown
    (keys; none: all), `update` those that may be changed. `view` lists them.
    """

    entity: str
    where: Typed
    create: bool = False
    fields: tuple[str, ...] = ()
    update: tuple[str, ...] = ()
    view: str = ""
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PortalPage:
    """One page of a portal: a text, a list of records, or a public form."""

    name: str
    label: Label
    text: Template = Template()
    entity: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class Portal:
    """A door for people outside: records of `people` sign in with the address in `email`."""

    key: str
    name: str
    label: Label
    people: str
    email: str
    who: Typed | None = None
    entities: Mapping[str, PortalAccess] = field(default_factory=dict)
    pages: tuple[PortalPage, ...] = ()
    active: bool = True
    help: Label = Label()
    module: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """Records that have something in common, by a condition; members change by themselves."""

    key: str
    name: str
    label: Label
    entity: str
    filter: Typed
    refresh: Literal["live", "daily"] = "live"
    help: Label = Label()
    module: str = ""
