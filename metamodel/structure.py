"""Checks the shape of a layer with the published JSON Schema, and says where it is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from metamodel.layers import Layer
from metamodel.nearest import nearest
from metamodel.problems import Place, Problem
from metamodel.same import Same
from metamodel.source import Names

TYPE_WORDS = {
    "object": "a map",
    "array": "a list",
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "null": "nothing",
}

CHECKED = 16
"""How many layers stay checked: a template of a hundred entities takes a third of a second."""

LIMIT_WORDS = {
    "minimum": "It is at least {}.", "maximum": "It is at most {}.",
    "minItems": "It takes at least {} items.", "maxItems": "It takes at most {} items.",
    "minLength": "It has at least {} characters.", "maxLength": "It has at most {} characters.",
}  # fmt: skip


@lru_cache(maxsize=1)
def schema() -> Mapping[str, Any]:
    """Return the JSON Schema of the whole language."""
    text = files("metamodel").joinpath("schema/bundle.schema.json").read_text(encoding="utf-8")
    loaded: Mapping[str, Any] = json.loads(text)
    return loaded


@lru_cache(maxsize=1)
def _validator() -> Draft202012Validator:
    return Draft202012Validator(schema())


def check_structure(layer: Layer, merged: Mapping[str, object] | None = None) -> list[Problem]:
    """Return every place where a layer does not have the shape of the language.

    A key that an element needs may also come from below: it is looked for in `merged`.
    """
    problems: list[Problem] = []
    for error in _errors(Same(layer)):
        problems.extend(_problems(layer, error, merged))
    return problems


@lru_cache(maxsize=CHECKED)
def _errors(same: Same[Layer]) -> tuple[ValidationError, ...]:
    """Return what the schema finds in a layer; one that stands under many is checked once."""
    return tuple(_validator().iter_errors(_without_blanks(same.thing.document)))


def _without_blanks(value: object) -> object:
    """Drop `null` leaves: in a layer they take back what was inherited, and have no shape."""
    if isinstance(value, Mapping):
        return {key: _without_blanks(item) for key, item in value.items() if item is not None}
    return value


def _problems(
    layer: Layer, error: ValidationError, merged: Mapping[str, object] | None
) -> Iterator[Problem]:
    path = tuple(str(step) for step in error.absolute_path)
    if error.validator == "additionalProperties":
        yield from _unknown_keys(layer, error, path)
    elif error.validator == "required":
        yield from _missing(layer, error, path, merged)
    elif error.parent is None and "propertyNames" in error.absolute_schema_path:
        yield _problem(
            layer,
            (*path, str(error.instance)),
            "bad_name",
            f"`{error.instance}` is not a name.",
            "Names begin with a small letter and hold small letters, digits and `_`.",
        )
    else:
        yield _wrong_value(layer, error, path)


def _unknown_keys(layer: Layer, error: ValidationError, path: Names) -> Iterator[Problem]:
    known = list(error.schema.get("properties", {}))  # type: ignore[union-attr]
    instance = error.instance if isinstance(error.instance, Mapping) else {}
    for key in instance:
        if key not in known:
            where = f"in `{'.'.join(path)}`" if path else "at the top"
            visible = [name for name in known if not name.startswith("$") or key.startswith("$")]
            yield _problem(
                layer,
                (*path, key),
                "unknown_key",
                f"`{key}` means nothing {where}.",
                nearest(key, visible),
            )


def _missing(
    layer: Layer, error: ValidationError, path: Names, merged: Mapping[str, object] | None
) -> Iterator[Problem]:
    instance = error.instance if isinstance(error.instance, Mapping) else {}
    below = _at(merged, path) if merged is not None else None
    present = below if isinstance(below, Mapping) else instance
    if instance.get("$retire") is True:
        return
    for key in map(str, _list(error.validator_value)):
        if key not in present and f"'{key}'" in error.message:
            yield _problem(
                layer,
                path,
                "missing_key",
                f"`{'.'.join(path) or 'app'}` needs `{key}`.",
                f"Add `{key}:`, or check that `{path[-1] if path else ''}` is the right name.",
            )


def _wrong_value(layer: Layer, error: ValidationError, path: Names) -> Problem:
    shown = _shown(error.instance)
    name = path[-1] if path else "document"
    code, sentence, hint = _in_words(error, name, shown)
    return _problem(layer, path, code, sentence, hint)


def _in_words(error: ValidationError, name: str, shown: str) -> tuple[str, str, str]:
    """Return code, sentence and hint of a value that its key does not take."""
    found = f"`{name}` is {shown}."
    wanted = error.validator_value
    if error.validator == "enum":
        near = nearest(str(error.instance), [str(each) for each in _list(wanted)], "It may be")
        return "unknown_value", f"`{name}` cannot be {shown}.", near
    if error.validator == "type":
        words = dict.fromkeys(TYPE_WORDS[str(word)] for word in _list(wanted))
        return "wrong_shape", found, f"Write {' or '.join(words)}."
    if error.validator == "pattern":
        sentence = f"`{name}` is {shown}, which does not have the right form."
        return "bad_name", sentence, f"It must match {wanted}."
    if error.validator == "const":
        return "unknown_format", found, f"This product reads `{name}: {wanted}`."
    limit = LIMIT_WORDS.get(str(error.validator), f"The limit is {error.validator}: {{}}.")
    return "out_of_bounds", found, limit.format(wanted)


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else [value]


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return "a map"
    if isinstance(value, list):
        return "a list"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{text[:57] + '…' if len(text) > 58 else text}`"


def _at(document: object, path: Names) -> object:
    for step in path:
        if not isinstance(document, Mapping) or step not in document:
            return None
        document = document[step]
    return document


def _problem(layer: Layer, path: Names, code: str, sentence: str, hint: str) -> Problem:
    for end in range(len(path), 0, -1):
        position = layer.positions.get(path[:end])
        if position is not None:
            place = Place(position.file, position.line, position.column, path)
            return Problem(code, place, sentence, hint)
    return Problem(code, Place(layer.name, 1, 1, path), sentence, hint)
