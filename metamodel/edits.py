"""Pure edits of a tenant's layer: merge a file into it, reset a leaf."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from metamodel.identity import first_name, former_names

Document = dict[str, object]


def apply(layer: Mapping[str, object], partial: Mapping[str, object]) -> Document:
    """Return `layer` with what `partial` says put into it; both are layers, as is the result.

    `$retire`, places and `null` are kept, because they speak to the layers below. What `partial`
    renames moves to its new name, with all that the layer said of it.
    """
    result = dict(layer)
    if "$retire" in result and "$retire" not in partial:
        del result["$retire"]
        result.pop("into", None)
        result.pop("purged", None)
    for name, value in partial.items():
        if isinstance(value, Mapping) and name not in result:
            result = _moved(result, name, value)
        result[name] = _leaf(result.get(name), value)
    return result


def reset(layer: Mapping[str, object], path: tuple[str, ...]) -> Document:
    """Return `layer` without what it says at `path`, so that the layers below hold again."""
    name, rest = path[0], path[1:]
    inner = layer.get(name)
    result = {key: value for key, value in layer.items() if key != name}
    if rest and isinstance(inner, Mapping):
        kept = reset(inner, rest)
        if kept:
            return {key: kept if key == name else value for key, value in layer.items()}
    elif rest:
        return dict(layer)
    return result


def same(left: object, right: object) -> bool:
    """Return whether two written values are the same, 1 and true or 1 and 1.0 kept apart."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return str(left) == str(right)
    return type(left) is type(right) and left == right


def _moved(layer: Document, name: str, value: Mapping[str, object]) -> Document:
    """Move what the layer says of a renamed element to its new name."""
    old = next((former for former in layer if former in former_names(value)), None)
    if old is None:
        return layer
    element = layer[old]
    if isinstance(element, Mapping):
        key = first_name(element) or old
        element = {"key": key, **element, "renamed_from": sorted(former_names(element) | {old})}
    return {name if key == old else key: element if key == old else v for key, v in layer.items()}


def _leaf(base: object, value: object) -> object:
    if not isinstance(value, Mapping):
        return value
    if "$add" in value or "$drop" in value:
        return _set(base, value)
    if "renamed_from" in value:
        names = sorted(former_names(base) | former_names(value))
        value = {**value, "renamed_from": names}
    return apply(base if isinstance(base, Mapping) else {}, value)


def _set(base: object, value: Mapping[str, object]) -> object:
    """Unite changes of a list: to a list itself, or to earlier changes of one below."""
    add, drop = _items(value.get("$add")), _items(value.get("$drop"))
    if isinstance(base, list):
        kept = [item for item in base if item not in drop]
        return kept + [item for item in add if item not in kept]
    earlier = base if isinstance(base, Mapping) else {}
    added = [item for item in _items(earlier.get("$add")) if item not in drop]
    dropped = [item for item in _items(earlier.get("$drop")) if item not in add]
    changes = {
        "$add": added + [item for item in add if item not in added],
        "$drop": dropped + [item for item in drop if item not in dropped],
    }
    return {key: items for key, items in changes.items() if items}


def _items(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []
