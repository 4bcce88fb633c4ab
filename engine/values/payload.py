"""Payloads as marshmallow loads them: every error of a record and its lines at once.

A schema is built from the model for each entity and kept with it. Values come out by field
key, typed as formulas know them; links as a `Reference` that is looked up later; lines as a
`LinesEdit`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any
from uuid import UUID

from marshmallow import RAISE, Schema, ValidationError, fields

from engine.compiled import CompiledModel
from engine.errors import FieldError
from engine.values.money import read_amount
from engine.values.readers import Refused, clean_text, read_id, read_value
from engine.values.sealed import MARK
from metamodel.model import Collection, Entity, Field, Model


@dataclass(frozen=True, slots=True)
class Issue:
    """What is wrong with one value, on its way through marshmallow."""

    code: str
    params: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Reference:
    """What a link shall hold: an entity's record by id, or by a field that names it alone.

    A default that leads nowhere is `passed` over; a value that is `hidden` is not told again.
    """

    entity: str
    id: UUID | None = None
    by: str = ""
    value: object = None
    passed: bool = False
    hidden: bool = False

    @property
    def shown(self) -> str:
        """Return what a refusal may tell of it."""
        if self.id is not None:
            return str(self.id)
        return MARK if self.hidden else str(self.value)


@dataclass(frozen=True, slots=True)
class LinksEdit:
    """What happens to a link to many records: `whole` takes away those that are not named."""

    add: tuple[Reference, ...] = ()
    remove: tuple[Reference, ...] = ()
    whole: bool = True

    def references(self) -> tuple[Reference, ...]:
        """Return every record that is named, be it to be added or taken away."""
        return (*self.add, *self.remove)


@dataclass(frozen=True, slots=True)
class Line:
    """One child line as sent: at which place of which list, and which record it changes."""

    values: Mapping[str, object]
    path: tuple[str | int, ...]
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class LinesEdit:
    """What happens to a collection of lines; `whole` trashes those that are not named."""

    lines: tuple[Line, ...]
    delete: tuple[UUID, ...] = ()
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Loaded:
    """What could be read of a payload, by field key and by collection, and what could not."""

    values: Mapping[str, object]
    lines: Mapping[str, LinesEdit]
    errors: tuple[FieldError, ...]


def load_payload(compiled: CompiledModel, entity: Entity, payload: object) -> Loaded:
    """Return what a payload says."""
    schema = schema_of(compiled, entity, within="")
    errors: tuple[FieldError, ...] = ()
    try:
        found = schema.load(payload, partial=True)  # type: ignore[arg-type]
    except ValidationError as error:
        errors = tuple(_errors(compiled.model, entity, error.messages, ()))
        valid = error.valid_data
        found = valid if isinstance(valid, dict) else {}
    lines = {key[1:]: value for key, value in found.items() if key.startswith(LINES)}
    values = {key: value for key, value in found.items() if not key.startswith(LINES)}
    return Loaded(values, lines, errors)


LINES = ">"
"""Marks collections among loaded values: no field's key begins like this."""


def schema_of(compiled: CompiledModel, entity: Entity, *, within: str) -> Schema:
    """Return an entity's schema, kept with the model; inside a parent without the link to it."""
    return compiled.keep(
        ("payload", entity.key, within), lambda: _build(compiled, entity, within=within)
    )


def _build(compiled: CompiledModel, entity: Entity, *, within: str) -> Schema:
    members: dict[str, Any] = {
        each.key: ValueField(each, compiled.model)
        for each in entity.fields.values()
        if not each.retired and each.key not in ("id", within)
    }
    for collection in entity.collections.values():
        if collection.children:
            members[LINES + collection.name] = LinesField(collection, compiled)
    schema = Schema.from_dict(members, name=entity.key)(unknown=RAISE)
    # Any: marshmallow passes messages through whatever they are, its types say str.
    messages: Any = {"unknown": Issue("unknown_field", {}), "type": Issue("invalid_record", {})}
    schema.error_messages = messages
    return schema


class ValueField(fields.Field[object]):
    """One field of the model, read by its type."""

    def __init__(self, field: Field, model: Model) -> None:
        super().__init__(data_key=field.name, allow_none=True)
        self._of = field
        self._model = model

    def deserialize(
        self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any
    ) -> object:  # Any: marshmallow's own signature
        """Return the field's value; null goes to the field's type, too: no boolean is blank."""
        return self._deserialize(value, attr, data, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> object:
        try:
            if self._of.link is not None and self._of.link.many:
                return _links(self._of, self._model, value)
            if self._of.link is not None and value not in (None, ""):
                return reference_of(self._of, self._model, value)
            if self._of.currency:
                fields_ = self._model.entities[self._of.entity].fields
                return read_amount(fields_[f"{self._of.key}_original"], value)
            return read_value(self._of, value)
        except Refused as refusal:
            # Any: marshmallow passes errors through whatever they are, its types say str.
            found: Any = [Issue(refusal.code, refusal.params)]
            raise ValidationError(found) from refusal


class LinesField(fields.Field[LinesEdit]):
    """A collection of child lines: a list that replaces it, or lists to create, update, delete."""

    def __init__(self, collection: Collection, compiled: CompiledModel) -> None:
        # Any: marshmallow passes messages through whatever they are, its types say str.
        messages: Any = {"null": [Issue("invalid_lines", {})]}
        super().__init__(data_key=collection.name, error_messages=messages)
        self._of = collection
        self._compiled = compiled

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> LinesEdit:
        problems: dict[int | str, Any] = {}
        if isinstance(value, list | tuple):
            edit = LinesEdit(tuple(self._lines(value, (), problems)))
        elif isinstance(value, Mapping) and not set(value) - {"create", "update", "delete"}:
            edit = self._parts(value, problems)
        else:
            raise _invalid("invalid_lines")
        if problems:
            # What could be read of the lines is checked on: all that is wrong is said at once.
            kept: Any = edit
            raise ValidationError(problems, valid_data=kept)
        return edit

    def _parts(self, value: Mapping[str, Any], problems: dict[int | str, Any]) -> LinesEdit:
        lines: list[Line] = []
        for part in ("create", "update"):
            inner: dict[int | str, Any] = {}
            lines += self._lines(value.get(part) or [], (part,), inner)
            if inner:
                problems[part] = inner
        try:
            gone = tuple(read_id(each) for each in value.get("delete") or [])
        except Refused as refusal:
            problems["delete"] = [Issue(refusal.code, refusal.params)]
            gone = ()
        return LinesEdit(tuple(lines), delete=gone, whole=False)

    def _lines(
        self, items: Any, path: tuple[str, ...], problems: dict[int | str, Any]
    ) -> Iterator[Line]:
        entity = self._compiled.model.entities[self._of.entity]
        schema = schema_of(self._compiled, entity, within=self._of.via)
        for index, item in enumerate(items if isinstance(items, list | tuple) else [items]):
            found: Any = None
            try:
                id_ = read_id(item["id"]) if isinstance(item, Mapping) and item.get("id") else None
                found = schema.load(_without_id(item), partial=True)
            except ValidationError as error:
                problems[index] = error.messages
                found = error.valid_data if isinstance(item, Mapping) else None
            except Refused as refusal:
                problems[index] = {"id": [Issue(refusal.code, refusal.params)]}
            if path == ("update",) and isinstance(found, Mapping) and id_ is None:
                problems.setdefault(index, {})["id"] = [Issue("required", {})]
            elif isinstance(found, Mapping):
                yield Line(found, (self._of.name, *path, index), id_)


def _invalid(code: str, **params: object) -> ValidationError:
    found: Any = [Issue(code, params)]
    return ValidationError(found)


def _without_id(item: Any) -> Any:
    if not isinstance(item, Mapping):
        return item
    return {key: value for key, value in item.items() if key != "id"}


def reference_of(field: Field, model: Model, value: object) -> Reference:
    """Return what a link names: an id, {"id": …} or {field: value}; among several "entity" too."""
    link = field.link
    targets = [model.entities[key] for key in link.to if key in model.entities] if link else []
    target = targets[0]
    if not isinstance(value, Mapping):
        if len(targets) > 1:
            raise Refused("link_entity_missing", known=[each.name for each in targets])
        return Reference(target.key, read_id(value))
    if len(targets) > 1 or "entity" in value:
        named = [each for each in targets if each.name == value.get("entity")]
        if not named:
            raise Refused("link_entity_missing", known=[each.name for each in targets])
        target = named[0]
    keys = {key: each for key, each in value.items() if key not in ("entity", "title")}
    if keys.get("id") is not None:
        return Reference(target.key, read_id(keys["id"]))
    known = naming_fields(target)
    if len(keys) != 1 or next(iter(keys)) not in known:
        raise Refused("link_key_unknown", known=sorted(known))
    name, wanted = next(iter(keys.items()))
    by = known[clean_text(name)]
    found = read_value(by, wanted)
    if found is None:
        raise Refused("link_missing", value="")
    return Reference(target.key, by=by.key, value=found, hidden=by.encrypted)


MOST_LINKS = 1_000
"""How many records one field may name."""


def _links(field: Field, model: Model, value: object) -> LinksEdit:
    """Return a list of records that replaces what there is, or lists to `add` and `remove`."""
    if value is None or value == "":
        return LinksEdit()
    if isinstance(value, Mapping) and value and not set(value) - {"add", "remove"}:
        problems: dict[int | str, Any] = {}
        add, remove = (
            _each_link(field, model, value.get(part) or [], problems, (part,))
            for part in ("add", "remove")
        )
        edit = LinksEdit(add, remove, whole=False)
    else:
        problems = {}
        edit = LinksEdit(_each_link(field, model, value, problems, ()))
    if problems:
        raise ValidationError(problems)
    return edit


def _each_link(
    field: Field,
    model: Model,
    items: object,
    problems: dict[int | str, Any],
    within: tuple[str, ...],
) -> tuple[Reference, ...]:
    """Return the records of a list, each once; what is wrong is noted at its place."""
    if not isinstance(items, list | tuple):
        raise Refused("invalid_list", value=str(items)[:80])
    if len(items) > MOST_LINKS:
        raise Refused("too_many_items", max=MOST_LINKS, count=len(items))
    found: dict[Reference, None] = {}
    for index, item in enumerate(items):
        try:
            if item in (None, ""):
                raise Refused("link_missing", value="")
            found[reference_of(field, model, item)] = None
        except Refused as refusal:
            noted: Any = [Issue(refusal.code, refusal.params)]
            if within:
                problems.setdefault(within[0], {})[index] = noted
            else:
                problems[index] = noted
    return tuple(found)


def naming_fields(entity: Entity) -> dict[str, Field]:
    """Return the fields, by name, whose value names one live record of the entity."""
    alone = {rule.fields[0] for rule in entity.unique.values() if len(rule.fields) == 1}
    return {
        each.name: each
        for each in entity.fields.values()
        if not each.retired
        and each.link is None
        and (each.unique or each.key in alone or each.type == "autonumber")
        and each.column
    }


def _errors(
    model: Model, entity: Entity, messages: Any, path: tuple[str | int, ...]
) -> Iterator[FieldError]:
    """Yield marshmallow's nested messages as flat errors with their paths."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            within = entity.collections.get(key) if isinstance(key, str) else None
            below = model.entities[within.entity] if within else entity
            yield from _errors(model, below, inner, path if key == "_schema" else (*path, key))
        return
    for issue in messages:
        if issue.code == "unknown_field":
            yield FieldError(issue.code, path, {"near": _nearest(entity, str(path[-1]))})
        else:
            yield FieldError(issue.code, path, issue.params)


def _nearest(entity: Entity, name: str) -> str:
    names = [each.name for each in entity.fields.values() if not each.retired]
    names += [each.name for each in entity.collections.values() if each.children]
    return next(iter(get_close_matches(name, names, n=1)), "")
