"""A record while it is being written: what it holds, what it held, what was entered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from engine.changes import Operation
from engine.errors import FieldError
from engine.values.parts import held, readable_text, stored
from engine.values.payload import LinksEdit, Reference
from engine.values.sealed import Sealed
from engine.values.searchkeys import search_tokens, sort_key
from formula.types import BooleanType
from metamodel.model import Entity, Field

STAMPS = frozenset({"created_at", "created_by", "updated_at", "updated_by"})
"""Fields that the engine fills: they are in a record's row, and never in its history."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an edit of a link to many records names, by id; `whole` takes the others away."""

    add: tuple[UUID, ...]
    remove: frozenset[UUID]
    whole: bool


@dataclass(slots=True)
class Draft:
    """One record on its way into its table.

    `values` and `before` are by field key, a link as its target's id, whose entity `targets`
    names. `given` are the fields that somebody entered, `references` links that are not looked
    up yet, `edits` those to many records, and `chosen` what they came to. `parent` is the draft
    of the record that holds this line, when it is written, too.
    `moved` marks a line that changed its place, `touched` a record whose lines changed, so that
    its version counts on. `along` marks records that nobody named: they go with others.
    `followed` are stored computed fields that changed after the record was written, `settled`
    those of a new record that were computed before, since nothing points to it. `unread`
    are paths at which the payload could not be read: nothing more is said of them. `afresh`
    asks for today's exchange rates in place of those that the record keeps. `due` are the
    numbers that the record is about to get.
    """

    entity: Entity
    id: UUID
    operation: Operation
    path: tuple[str | int, ...] = ()
    values: dict[str, object] = field(default_factory=dict)
    before: Mapping[str, object] = field(default_factory=dict)
    targets: dict[str, str] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)
    references: dict[str, Reference] = field(default_factory=dict)
    edits: dict[str, LinksEdit] = field(default_factory=dict)
    chosen: dict[str, Chosen] = field(default_factory=dict)
    parent: Draft | None = None
    version: int = 1
    position: int | None = None
    moved: bool = False
    touched: bool = False
    along: bool = False
    followed: set[str] = field(default_factory=set)
    errors: list[FieldError] = field(default_factory=list)
    warnings: list[FieldError] = field(default_factory=list)
    settled: set[str] = field(default_factory=set)
    unread: set[tuple[str | int, ...]] = field(default_factory=set)
    afresh: bool = False
    due: set[str] = field(default_factory=set)

    @property
    def is_new(self) -> bool:
        return self.operation == "create"

    @property
    def moves(self) -> bool:
        """Whether the record enters a stage, its first one included."""
        keys = (pipeline.field_key for pipeline in self.entity.pipelines.values())
        return any(self.values.get(key) != self.before.get(key) for key in keys)

    def thaws(self, each: Field) -> bool:
        """Return whether a computed field follows its inputs in this write."""
        if not each.freeze_on or self.is_new:
            return True
        return each.freeze_on == "stage" and self.operation != "restore" and self.moves

    def changed(self) -> list[str]:
        """Return the keys of the fields that differ from what the record held."""
        return [
            key
            for key, value in self.values.items()
            if key not in STAMPS and value != self.before.get(key)
        ]

    def warn(self, code: str, key: str, **params: object) -> None:
        """Note what a person should know of the record, which is written all the same."""
        self.warnings.append(FieldError(code, (*self.path, self.entity.fields[key].name), params))

    def refuse(self, code: str, key: str = "", **params: object) -> None:
        """Note what is wrong with the record, at a field by key."""
        name = self.entity.fields[key].name if key in self.entity.fields else key
        if self.entity.pair is not None:
            # People know a row of a link table as an item of the field that it belongs to.
            name = ""
        path = (*self.path, name) if name else self.path
        if path not in self.unread:
            self.errors.append(FieldError(code, path, params))


def blank(each: Field) -> object:
    """Return what a field holds when nobody filled it."""
    return False if isinstance(each.value_type, BooleanType) else None


def stored_fields(entity: Entity) -> list[Field]:
    """Return the fields that a row holds, without the id."""
    return [
        each
        for each in entity.fields.values()
        if (each.column or each.columns) and each.key != "id" and not each.retired
    ]


def read_row(entity: Entity, row: Mapping[str, Any]) -> tuple[dict[str, object], dict[str, str]]:
    """Return a row's values by field key, and the entity of each link among several."""
    values: dict[str, object] = {"id": row["id"]}
    targets: dict[str, str] = {}
    for each in stored_fields(entity):
        if each.columns:
            values[each.key] = None
            for target, column in each.columns.items():
                if row[column] is not None:
                    values[each.key], targets[each.key] = row[column], target
        elif each.encrypted:
            values[each.key] = sealed_in(each, row)
        else:
            values[each.key] = held(each, row[each.column])
    return values, targets


def sealed_in(each: Field, row: Mapping[str, Any]) -> Sealed | None:
    """Return an encrypted value as a row holds it."""
    body = row[each.column]
    if body is None:
        return None
    tail = row[each.tail_column] if each.tail_column else None
    return Sealed(bytes(body), row[each.blind_column], tail)


def sealed_row(each: Field, value: object) -> dict[str, object]:
    """Return the columns of an encrypted value."""
    found = value if isinstance(value, Sealed) else None
    row: dict[str, object] = {
        each.column: found and found.body,
        each.blind_column: found and found.blind,
    }
    if each.tail_column:
        row[each.tail_column] = found and found.tail
    return row


def row_of(draft: Draft, keys: Iterable[str]) -> dict[str, Any]:
    """Return the columns that hold these fields of a draft, sort keys and search tokens included.

    Any: what a column takes differs from column to column.
    """
    row: dict[str, Any] = {}
    entity = draft.entity
    searched = False
    for key in keys:
        each = entity.fields[key]
        value = draft.values.get(key, blank(each))
        if each.encrypted:
            row.update(sealed_row(each, value))
            continue
        if each.columns:
            row.update(dict.fromkeys(each.columns.values()))
            if value is not None:
                row[each.columns[draft.targets[key]]] = value
        elif each.column:
            row[each.column] = stored(each, value)
        said = None if value is None else readable_text(each, value)
        if each.plain_column:
            row[each.plain_column] = said
        if each.sort_column:
            row[each.sort_column] = None if said is None else sort_key(said)
        searched = searched or is_searched(entity, each)
    if searched:
        row["sys_search"] = tokens(entity, draft.values)
    return row


def is_searched(entity: Entity, each: Field) -> bool:
    """Return whether a field's text finds its record."""
    told = each.search or each.key == entity.title_field
    return bool(each.column) and told and not each.encrypted


def tokens(entity: Entity, values: Mapping[str, object]) -> list[str]:
    """Return the tokens that a record is found by."""
    texts = (
        readable_text(each, values[each.key])
        for each in entity.fields.values()
        if is_searched(entity, each) and values.get(each.key) is not None
    )
    return search_tokens(texts)
