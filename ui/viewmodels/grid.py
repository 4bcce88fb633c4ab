"""Cells that were changed in a list: written at once, each row answered as it is now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from engine.doors import Bulk, BulkItem, Edit, Payload
from engine.errors import FieldError, RecordRefused
from engine.messages import sentence
from engine.query.spec import ListQuery
from metamodel.model import Entity, Field
from ui.screen import Screen
from ui.viewmodels.asked import Asked
from ui.viewmodels.inputs import Input, inputs_of
from ui.viewmodels.looking import Looking
from ui.viewmodels.rows import Rows, Sheet, sheet

MOST_ROWS = 500
"""Rows that are written in one request; a larger paste is sent in parts."""

LIKE = 20
"""Records of a similar name that are looked at for the one that is meant."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was sent: changed cells of known rows, and rows that are new."""

    edits: tuple[Edit, ...] = ()
    creates: tuple[Payload, ...] = ()
    deletes: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Editors:
    """The inputs of a list's columns, empty, to be put where a cell is edited."""

    inputs: tuple[Input, ...]


def editors(screen: Screen, entity: Entity, looking: Looking) -> Editors:
    """Return an input for each column that the person may edit."""
    made = sheet(screen, entity, looking.view, Asked())
    fields = zip(made.fields, made.editable, strict=True)
    keys = tuple(field.key for field, editable in fields if editable and field is not None)
    return Editors(tuple(_empty(each) for each in inputs_of(screen, entity, keys, None)))


def _empty(made: Input) -> Input:
    """Return an input that holds nothing; conditions are told by the server when it is saved."""
    return replace(
        made, entered="", empty=False, visible_when="", required_when="", readonly_when="",
        default="", copies=(), options=tuple(replace(o, chosen=False) for o in made.options),
    )  # fmt: skip


def read_written(body: Any) -> Written:  # Any: JSON of every shape
    """Return what a request wants written; raise `RecordRefused` for what cannot be read."""
    if not isinstance(body, Mapping):
        raise RecordRefused([FieldError("object_expected")])
    edits = [_edit(at, each) for at, each in enumerate(_items(body, "edits"))]
    creates = [each if isinstance(each, Mapping) else {} for each in _items(body, "creates")]
    deletes = [_id(each, ("deletes", at)) for at, each in enumerate(_items(body, "deletes"))]
    if len(edits) + len(creates) + len(deletes) > MOST_ROWS:
        raise RecordRefused([FieldError("bulk_too_large", (), {"max": MOST_ROWS})])
    return Written(tuple(edits), tuple(creates), tuple(deletes))


def _items(body: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = body.get(name) or ()
    if not isinstance(value, list | tuple):
        raise RecordRefused([FieldError("invalid_list", (name,))])
    return value


def _edit(at: int, item: Any) -> Edit:
    found = item if isinstance(item, Mapping) else {}
    values, version = found.get("values"), found.get("version")
    return Edit(
        _id(found.get("id"), ("edits", at, "id")),
        values if isinstance(values, Mapping) else {},
        version if isinstance(version, int) else None,
    )


def _id(text: Any, where: tuple[str | int, ...]) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        raise RecordRefused([FieldError("invalid_id", where, {"value": str(text)[:40]})]) from None


def bulk_of(screen: Screen, entity: Entity, written: Written) -> Bulk:
    """Return what is written, each row by itself; links that came as words are looked up."""
    named = _Named(screen, entity)
    return Bulk(
        create=[named.values(each) for each in written.creates],
        update=[Edit(e.id, named.values(e.values), e.version) for e in written.edits],
        delete=list(written.deletes),
        atomic=False,
    )


class _Named:
    """Finds the records that pasted words mean, each words once."""

    def __init__(self, screen: Screen, entity: Entity) -> None:
        self._screen = screen
        self._entity = entity
        self._known: dict[tuple[str, str], str] = {}

    def values(self, values: Payload) -> Payload:
        return {name: self._value(name, value) for name, value in values.items()}

    def _value(self, name: str, value: Any) -> Any:
        if not isinstance(value, Mapping) or set(value) != {"named"}:
            return value
        field, text = self._entity.field_named(name), str(value["named"]).strip()
        if field is None or field.link is None or not text:
            return text or None
        if field.link.many:
            return [self._one(field, part.strip()) for part in text.replace("、", ",").split(",")]
        return self._one(field, text)

    def _one(self, field: Field, text: str) -> Any:
        """Return the id of the one record of this name, else the text, which is then refused."""
        key = (field.key, text)
        if key not in self._known:
            hits = self._screen.services.reader.pick(
                self._screen.ctx, self._entity.key, field.key, text, this={}, limit=LIKE
            )
            same = [hit for hit in hits if hit.title.strip().casefold() == text.casefold()]
            self._known[key] = str(same[0].id) if len(same) == 1 else text
        return self._known[key]


def drawn_rows(screen: Screen, entity: Entity, looking: Looking, ids: tuple[UUID, ...]) -> Rows:
    """Return records as rows of a view, whether or not its filter holds for them."""
    view = replace(looking.view, filter=None, group=())
    made: Sheet = sheet(screen, entity, view, Asked(), frozen=looking.frozen)
    query = ListQuery(
        entity.key, sort=view.sort, paths=tuple(column.path for column in made.columns),
        limit=MOST_ROWS, asks=tuple(rule.when for rule in made.colors), among=ids,
    )  # fmt: skip
    return replace(made.rows(screen.services.reader.find(screen.ctx, query)), more_url="")


def item_answer(screen: Screen, item: BulkItem) -> dict[str, object]:
    """Return what became of one row, as JSON: its id if it is there, and what is wrong with it."""
    return {
        "op": item.op,
        "index": item.index,
        "done": item.status == "done",
        "id": "" if item.id is None else str(item.id),
        "conflict": any(error.code == "version_conflict" for error in item.errors),
        "errors": [
            {
                "field": str(error.path[0]) if error.path else "",
                "message": sentence(error, screen.language),
            }
            for error in item.errors
        ],
    }
