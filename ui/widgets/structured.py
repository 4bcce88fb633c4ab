"""Values of several parts: periods, places, addresses, JSON. Inputs hold them as JSON."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from engine.values.wire import field_to_wire
from metamodel.model import Field
from ui.formats import Formats
from ui.widgets.widget import Widget

SHOWN_JSON = 200
"""Signs of JSON that a cell shows."""

ADDRESS_ORDER = {
    "zh": ("region", "city", "district", "street"),
    "en": ("street", "district", "city", "region", "postcode"),
}
"""From the whole to its parts, or the other way round, as each language writes an address."""


def enter_wire(value: Any, field: Field) -> str:
    """Enter a value as the JSON that the wire has for it."""
    return json.dumps(field_to_wire(field, value), ensure_ascii=False)


def _enter_json(value: Any, field: Field) -> str:
    return json.dumps(field_to_wire(field, value), ensure_ascii=False, indent=2)


def _show_json(value: Any, field: Field, formats: Formats) -> str:
    text = json.dumps(field_to_wire(field, value), ensure_ascii=False)
    return text if len(text) <= SHOWN_JSON else f"{text[: SHOWN_JSON - 1]}…"


def _show_period(value: Any, field: Field, formats: Formats) -> str:
    parts = field_to_wire(field, value)
    days = (parts.get(part) for part in ("from", "to"))
    first, last = (formats.date(date.fromisoformat(day)) if day else "…" for day in days)
    return f"{first} – {last}"


def _show_location(value: Any, field: Field, formats: Formats) -> str:
    parts = field_to_wire(field, value)
    return str(parts.get("address") or f"{parts['lat']}, {parts['lon']}")


def _show_address(value: Any, field: Field, formats: Formats) -> str:
    parts = field_to_wire(field, value)
    joint = "" if formats.language == "zh" else ", "
    order = ADDRESS_ORDER[formats.language]
    # A municipality is its own city: 上海市上海市 says nothing twice.
    named = dict.fromkeys(str(parts[part]) for part in order if parts.get(part))
    country = parts.get("country", "")
    known = formats.locale.territories.get(country, country)
    abroad = [known] if country and country != "CN" else []
    shown = [*abroad, *named] if formats.language == "zh" else [*named, *abroad]
    return joint.join(shown)


PERIOD = Widget("period", "text", _show_period, enter_wire, filter="period")
LOCATION = Widget("location", "location", _show_location, enter_wire, filter="place")
ADDRESS = Widget("address", "text", _show_address, enter_wire, filter="address", wide=True)
JSON = Widget("json", "code", _show_json, _enter_json, wide=True)
