"""Files, pictures and signatures: shown with a preview, sent by dropping them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from engine.values.wire import field_to_wire
from metamodel.model import Field
from ui.formats import Formats
from ui.widgets.widget import Widget


def files_of(value: Any, field: Field) -> Sequence[Mapping[str, Any]]:
    """Return the files of a value as the wire has them: id, name, type, size, url."""
    wire = field_to_wire(field, value)
    return wire if isinstance(wire, list) else [wire]


def _show(value: Any, field: Field, formats: Formats) -> str:
    joint = "、" if formats.language == "zh" else ", "
    return joint.join(str(file["name"]) for file in files_of(value, field))


def _enter(value: Any, field: Field) -> str:
    held = [{**file, "title": file["name"]} for file in files_of(value, field)]
    return json.dumps(held, ensure_ascii=False)


FILE = Widget("files", "files", _show, _enter, filter="presence", wide=True)
IMAGE = Widget("files", "images", _show, _enter, filter="presence")
SIGNATURE = Widget("signature", "images", _show, _enter, filter="presence")
