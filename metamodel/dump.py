"""Writes documents as canonical YAML: the same document always gives the same text.

Small maps and lists stand on one line, everything else in blocks. Reading the text gives
the document back, value by value and in the same order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from metamodel.layers import Layer, merge
from metamodel.source import scalar

WIDTH = 100
"""Longest line that a map or list may fill when it stands on one line."""

TOP = (
    "format",
    "app",
    "include",
    "modules",
    "choices",
    "settings",
    "entities",
    "automations",
    "approvals",
    "pools",
    "service_levels",
    "roles",
    "menu",
    "dashboards",
    "reports",
    "documents",
    "messages",
    "public_forms",
    "portals",
    "calendars",
    "segments",
    "starter_records",
    "scenarios",
)
"""The top-level keys in canonical order."""

NESTED = 3
"""Levels from the top that always stand in blocks."""

_PLAIN = re.compile(
    r"[^\W\d_](?:[\w ./%$+()\-–—·，。；！？（）、]*[\w%$)，。；！？（）、])?\Z|\$[a-z]+\Z"
)
_ESCAPED = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def dump(document: Mapping[str, object]) -> str:
    """Return a document as canonical YAML text."""
    known = {key: document[key] for key in TOP if key in document}
    rest = {key: value for key, value in document.items() if key not in known}
    return "".join(f"{line}\n" for line in _map({**known, **rest}, 0))


def bundle(layers: Sequence[Layer]) -> str:
    """Return layers as one app in one text, which loads to the same model and extends none.

    A single layer stays what it is: what it says to the layers below it is said as before.
    """
    if len(layers) == 1:
        return dump(layers[0].document)
    document = merge(layers).document
    app = document.get("app")
    if isinstance(app, Mapping):
        document["app"] = {key: value for key, value in app.items() if key != "extends"}
    return dump(_without_empty(document))


def _without_empty(value: Mapping[str, object]) -> dict[str, object]:
    """Leave out elements of which nothing is left but that they are retired."""
    return {
        name: _without_empty(each) if isinstance(each, Mapping) else each
        for name, each in value.items()
        if not (isinstance(each, Mapping) and {**each} == {"$retire": True})
    }


def _map(values: Mapping[str, object], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for key, value in values.items():
        head = f"{indent}{_text(key)}:"
        flow = (
            _flow(value) if not isinstance(value, Mapping) or depth >= NESTED or not value else None
        )
        if not isinstance(value, (Mapping, list)):
            yield f"{head} {_scalar(value)}"
        elif flow is not None and len(head) + 1 + len(flow) <= WIDTH:
            yield f"{head} {flow}"
        elif isinstance(value, Mapping):
            yield head
            yield from _map(value, depth + 1)
        else:
            yield head
            yield from _list(value, depth + 1)


def _list(items: Sequence[object], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for item in items:
        flow = _flow(item)
        if isinstance(item, Mapping) and item and len(indent) + 2 + len(flow) > WIDTH:
            first, *others = _map(item, depth + 1)
            yield f"{indent}- {first.lstrip(' ')}"
            yield from others
        else:
            yield f"{indent}- {flow}"


def _flow(value: object) -> str:
    """Return a value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(k)}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return _scalar(value)


def _scalar(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return _decimal(value)
    return str(value) if isinstance(value, int) else _text(str(value))


def _decimal(value: Decimal) -> str:
    """Keep the point, so that a decimal never reads back as a whole number."""
    text = str(value)
    return text if any(sign in text for sign in ".eE") else f"{text}."


def _text(text: str) -> str:
    """Return a text plainly where that reads back as the same text, else in double quotes."""
    if len(text) <= WIDTH and _PLAIN.match(text) and scalar(text) == text:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)
