"""Roles: who may do what to which records and fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from formula.typed import Typed
from metamodel.label import Label

Action = Literal["create", "read", "update", "delete", "export", "import"]

ScopeName = Literal["own", "team", "department", "department_tree", "all"]

FieldRight = Literal["none", "mask", "read", "write"]


@dataclass(frozen=True, slots=True)
class Grant:
    """That a role may do `action` to an entity's records within a scope or a formula."""

    entity: str
    action: Action
    scope: ScopeName | None
    where: Typed | None = None


@dataclass(frozen=True, slots=True)
class Members:
    """Who is a member of a record: may read it, and may change it, as conditions on the record."""

    read: Typed
    write: Typed | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """A role by name; `administrator` exists in every tenant and holds every right.

    `fields` maps (entity key, field key) to the most this role may do with the field;
    a field that no role of a person limits follows the entity. `denies` win over every grant, and
    so do `ceilings`, the most that anybody with this role may do with a field, and `barred`, the
    stages nobody with it may move records into. `buttons` and `views` are names by entity key; an
    entity without a list is not limited. `menu`, `dashboards` None: all. `gives` are the roles
    that it may give to people, and take; `explain` lets it ask why others may see or change
    something, `audit` lets it read the audit log. `export_limit` is how many records each of its
    people may export on one day, None: any number.
    """

    name: str
    label: Label
    grants: tuple[Grant, ...] = ()
    denies: tuple[Grant, ...] = ()
    fields: Mapping[tuple[str, str], FieldRight] = field(default_factory=dict)
    ceilings: Mapping[tuple[str, str], FieldRight] = field(default_factory=dict)
    moves: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    barred: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    buttons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    views: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    menu: tuple[str, ...] | None = None
    dashboards: tuple[str, ...] | None = None
    gives: tuple[str, ...] = ()
    all_rights: bool = False
    see_sql: bool = False
    explain: bool = False
    audit: bool = False
    export_limit: int | None = None
