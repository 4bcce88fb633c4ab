"""References to other records, people included: shown by title, chosen by searching."""

from __future__ import annotations

import json
from collections.abc import Sequence

from engine.query.spec import LinkValue
from metamodel.model import Field
from ui.formats import Formats
from ui.widgets.widget import Widget


def _show(value: LinkValue, field: Field, formats: Formats) -> str:
    return value.title or "•••"


def _enter(value: LinkValue, field: Field) -> str:
    several = field.link is not None and len(field.link.to) > 1
    return f"{value.entity}:{value.id}" if several else str(value.id)


def _show_many(value: Sequence[LinkValue], field: Field, formats: Formats) -> str:
    joint = "、" if formats.language == "zh" else ", "
    return joint.join(_show(item, field, formats) for item in value)


def _enter_many(value: Sequence[LinkValue], field: Field) -> str:
    held = [{"id": str(item.id), "title": item.title or "•••"} for item in value]
    return json.dumps(held, ensure_ascii=False)


LINK = Widget("link", "link", _show, _enter, filter="record")
LINKS = Widget("links", "links", _show_many, _enter_many, filter="records")
