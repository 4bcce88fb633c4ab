"""Which column of a file goes into which field, and how its cells are to be read."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any
from uuid import UUID

import yaml
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from engine.errors import FieldError, RecordRefused
from metamodel.model import Collection, Entity, Field, Model


class MappingInvalid(RecordRefused):
    """A map file, or a header, that does not fit the entity; carries every error at once."""

    code = "mapping_invalid"


class Fields(fields.List[Any]):
    """One field, or a list of the fields that one column fills."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return super()._deserialize([value] if isinstance(value, str) else value, attr, data)


class Decided(fields.Field[Any]):
    """What becomes of one row: `skip`, `create`, or the id of the record that it changes."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if value in (SKIP, CREATE):
            return value
        try:
            return UUID(str(value))
        except ValueError:
            raise ValidationError(f"skip, create or an id is expected, not {value!r}") from None


class MapSchema(Schema):
    """The shape of a map file."""

    columns = fields.Dict(keys=fields.String(), values=Fields(fields.String()), load_default=dict)
    values = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True)),
        load_default=dict,
    )
    dates = fields.String(
        load_default="yyyy-mm-dd",
        validate=validate.OneOf(
            ["yyyy-mm-dd", "dd-mm-yyyy", "mm-dd-yyyy", "yyyy/mm/dd", "dd/mm/yyyy", "mm/dd/yyyy"]
        ),
    )
    decimal = fields.String(load_default=".", validate=validate.OneOf([".", ","]))
    percents = fields.String(load_default="", validate=validate.OneOf(["", "points", "fraction"]))
    ignore = fields.List(fields.String(), load_default=list)
    defaults = fields.Dict(keys=fields.String(), values=fields.Raw(), load_default=dict)
    create = fields.List(fields.String(), load_default=list)
    rows = fields.Dict(keys=fields.Integer(), values=Decided(), load_default=dict)
    sheet = fields.String(load_default="")


SKIP, CREATE = "skip", "create"
"""What somebody may decide of a row, besides which record it changes."""

REPORTED = ("line", "errors")
"""Columns that a file of rejected rows has before its own."""

KEPT_BY_ENGINE = frozenset({"id", "created_at", "created_by", "updated_at", "updated_by"})
"""Fields that every record has and nobody enters."""


@dataclass(frozen=True, slots=True)
class MapFile:
    """What somebody said about a file; what it leaves out is matched by name and label.

    `sheet` is the sheet of a workbook to read, `zone` where clocks without an offset stand. The
    links of `create` make the records that they name and that are missing; `rows` says by line
    what becomes of single rows.
    """

    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    dates: str = "yyyy-mm-dd"
    decimal: str = "."
    percents: str = ""
    ignore: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    sheet: str = ""
    zone: str = ""
    create: tuple[str, ...] = ()
    rows: Mapping[int, str | UUID] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a column goes: a field, and for a link the unique field that names its target.

    `entity` names the target where several are possible, `many` tells of a link to many records.
    """

    field: Field
    by: str = ""
    entity: str = ""
    many: bool = False


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Where each column of a file goes, by its position in it, most to one field.

    `passed_over` are columns that an export has and nobody enters: numbers, stamps, formulas.
    `lines` are collections of child lines by position, which only JSON can hold.
    """

    entity: str
    targets: tuple[tuple[int, Target], ...]
    rules: MapFile
    passed_over: tuple[str, ...] = ()
    lines: Mapping[int, Collection] = field(default_factory=dict)


def read_map(text: str) -> MapFile:
    """Return a map file read from YAML; raise `MappingInvalid` with everything wrong in it."""
    try:
        found = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise MappingInvalid([FieldError("map_yaml", (), {"error": str(error)})]) from error
    except RecursionError as error:
        raise MappingInvalid([FieldError("map_yaml", (), {"error": "too deep"})]) from error
    if not isinstance(found, dict):
        raise MappingInvalid([FieldError("map_shape", (), {"error": "a mapping is expected"})])
    try:
        loaded = MapSchema(unknown=RAISE).load(found)
    except ValidationError as error:
        raise MappingInvalid(
            [FieldError("map_shape", (), {"error": str(error.messages)})]
        ) from error
    tuples = {name: tuple(loaded[name]) for name in ("ignore", "create")}
    return MapFile(**{**loaded, **tuples})


def match_columns(
    model: Model, entity: Entity, header: Sequence[str], rules: MapFile, *, key: str = ""
) -> ColumnMap:
    """Return where each column goes; raise `MappingInvalid` naming every one that goes nowhere.

    `key` is the field that tells records apart, which may be one that nobody enters.
    """
    problems = [
        FieldError("map_column_missing", (column,), {"column": column, "header": list(header)})
        for column in (*rules.columns, *rules.ignore)
        if column not in header
    ]
    targets: list[tuple[int, Target]] = []
    taken: set[str] = set()
    passed_over = _passed_over(entity, header, rules, key)
    lines = _lines(entity, header, rules)
    for index, column in enumerate(header):
        if column in rules.ignore or column in passed_over or index in lines:
            continue
        for path in rules.columns.get(column) or [_name_for(entity, column)]:
            target = _target(model, entity, path) if path else None
            if target is None:
                problems.append(_unknown(entity, column, path))
            elif target.field.key in taken:
                params = {"column": column, "field": target.field.name}
                problems.append(FieldError("column_twice", (column,), params))
            else:
                taken.add(target.field.key)
                targets.append((index, target))
    problems += [
        _unknown(entity, "defaults", name)
        for name in rules.defaults
        if entity.field_named(name) is None
    ]
    if problems:
        raise MappingInvalid(problems)
    return ColumnMap(entity.key, tuple(targets), rules, passed_over, lines)


def suggested(entity: Entity, header: Sequence[str]) -> tuple[str, ...]:
    """Return the field that each column goes to by itself, "" for one that goes nowhere."""
    return tuple(
        "" if _is_not_entered(entity, column, "", header) else _name_for(entity, column)
        for column in header
    )


def _passed_over(
    entity: Entity, header: Sequence[str], rules: MapFile, key: str
) -> tuple[str, ...]:
    """Return columns that nobody enters, and those of a file of rejected rows that was mended."""
    return tuple(
        column
        for index, column in enumerate(header)
        if column not in rules.columns
        and column not in rules.ignore
        and (
            (column in REPORTED and index < len(REPORTED))
            or _is_not_entered(entity, column, key, header)
        )
    )


def _lines(entity: Entity, header: Sequence[str], rules: MapFile) -> dict[int, Collection]:
    known = {each.name: each for each in entity.collections.values() if each.children}
    return {
        index: known[column]
        for index, column in enumerate(header)
        if column in known and column not in rules.columns and column not in rules.ignore
    }


def entered_line(model: Model, entity: Entity, line: object) -> object:
    """Return a child line without what nobody enters: id, stamps, computed values, its holder."""
    if not isinstance(line, Mapping):
        return line
    kept: dict[str, object] = {}
    below = {each.name: each for each in entity.collections.values() if each.children}
    holder = entity.child_of.via if entity.child_of else ""
    for name, value in line.items():
        found = entity.field_named(name)
        if name in below:
            inner = model.entities[below[name].entity]
            kept[name] = [entered_line(model, inner, each) for each in value or ()]
        elif found is None or not (found.key == holder or _is_kept(entity, found, line)):
            kept[name] = value
    return kept


def _is_not_entered(entity: Entity, column: str, key: str, header: Sequence[str]) -> bool:
    """Tell whether a column is one of an export's that nobody enters, and not the key."""
    name = _name_for(entity, column) or column
    found = entity.field_named(name)
    if found is None or found.name == key:
        return False
    return _is_kept(entity, found, [_name_for(entity, each) for each in header])


def _is_kept(entity: Entity, found: Field, beside: Container[str]) -> bool:
    """Tell whether nobody enters a field: computed ones, numbers, stamps.

    An amount in a currency is entered by its own name, unless what was entered stands beside it.
    """
    if found.currency:
        return entity.fields[f"{found.key}_original"].name in beside
    return (
        found.formula is not None
        or found.readonly
        or found.numbering is not None
        or (found.builtin and found.key in KEPT_BY_ENGINE)
    )


def _unknown(entity: Entity, column: str, path: str) -> FieldError:
    known = [item.name for item in entity.fields.values() if not item.retired]
    near = get_close_matches(path or column.casefold(), known, n=1)
    hint = near[0] if near else ""
    params = {"column": column, "field": path, "near": hint}
    return FieldError("column_unknown", (column,), params)


def _name_for(entity: Entity, column: str) -> str:
    """Return the field whose name or label, in any language, reads like the column."""
    wanted = folded(column)
    for item in entity.fields.values():
        spellings = [item.name, *item.label.texts.values()]
        if not item.retired and wanted in {folded(text) for text in spellings}:
            return item.name
    return ""


def folded(text: str) -> str:
    """Return a name as names are compared: small letters and digits, without blanks and signs."""
    return "".join(character for character in text.casefold() if character.isalnum())


def _target(model: Model, entity: Entity, path: str) -> Target | None:
    name, _, by = path.partition(".")
    found = entity.field_named(name)
    if found is None or (found.formula is not None and not found.currency):
        return None
    many = found.link is not None and found.link.many
    if not by:
        return Target(found, natural_key(model, found), many=many)
    if found.link is None:
        return None
    for key in found.link.to:
        target = model.entities[key]
        if by == "id" or by in _unique_fields(target):
            several = target.name if len(found.link.to) > 1 else ""
            return Target(found, "" if by == "id" else by, several, many)
    return None


def natural_key(model: Model, found: Field) -> str:
    """Return the unique field that names a link's targets, "" where ids are expected.

    The title is preferred: it is what people write in files.
    """
    if found.link is None or len(found.link.to) != 1:
        return ""
    target = model.entities[found.link.to[0]]
    names = _unique_fields(target)
    if target.title_field in target.fields and target.fields[target.title_field].name in names:
        return target.fields[target.title_field].name
    return names[0] if len(names) == 1 else ""


def _unique_fields(entity: Entity) -> list[str]:
    alone = {rule.fields[0] for rule in entity.unique.values() if len(rule.fields) == 1}
    return [
        item.name
        for item in entity.fields.values()
        if (item.unique or item.key in alone) and not item.retired
    ]
