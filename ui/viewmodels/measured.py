"""What figures and groups of records are called where they are shown."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.query.spec import LinkValue
from formula.typed import Read, Typed
from formula.types import PercentType
from metamodel.model import Entity, Field
from ui.screen import Screen
from ui.viewmodels.cells import mark

OF_WHAT = {
    "AVG(": "Average of {field}",
    "MIN(": "Least {field}",
    "MAX(": "Most {field}",
    "COUNT(DISTINCT": "Different: {field}",
}
"""What a measure that is no sum is called, by how its formula begins."""

LARGEST = 24
"""Digits before the point of a number that is shown without what comes after it."""


def _measured_field(entity: Entity, measure: Typed) -> Field | None:
    """Return the one field that a measure reads, where it reads one."""
    reads = [chain for chain in measure.dependencies.reads if len(chain) == 1]
    return entity.fields.get(reads[0][0].field) if len(reads) == 1 else None


def _is_money(entity: Entity, measure: Typed) -> bool:
    if measure.text.upper().startswith("COUNT"):
        return False
    fields = [entity.fields.get(chain[-1].field) for chain in measure.dependencies.reads]
    return any(field is not None and field.type == "money" for field in fields)


def short_figure(screen: Screen, entity: Entity, measure: Typed, value: Any) -> str:
    """Return a measure's value with a few digits: 1.28M."""
    if value is None:
        return "0"
    if _is_money(entity, measure):
        return screen.formats.compact_money(Decimal(value))
    return long_figure(screen, entity, measure, value)


def long_figure(screen: Screen, entity: Entity, measure: Typed, value: Any) -> str:
    """Return a measure's value to the last digit."""
    if value is None:
        return "—"
    if _is_money(entity, measure):
        return screen.formats.money(Decimal(value))
    field = _measured_field(entity, measure)
    counts = "COUNT" in measure.text.upper()
    is_percent = field is not None and field.type == "percent" and not counts
    if isinstance(value, Decimal) and (is_percent or isinstance(measure.type, PercentType)):
        return screen.formats.percent(round(value, 4))
    if isinstance(value, datetime):
        return screen.formats.instant(value)
    if isinstance(value, date):
        return screen.formats.date(value)
    if isinstance(value, Decimal):
        # So large a number has no room for what comes after the point.
        shown = value if value.adjusted() >= LARGEST else round(value, 2)
        return screen.formats.number(shown.normalize())
    return screen.formats.number(value) if isinstance(value, int) else str(value)


def group_field(screen: Screen, group: Typed) -> Field | None:
    """Return the field that rows are grouped by; None for a formula."""
    node = group.node
    steps = getattr(node.binding, "steps", ()) if isinstance(node, Read) else ()
    if not steps:
        return None
    return screen.ctx.model.entities[steps[-1].entity].fields[steps[-1].field]


def group_label(screen: Screen, group: Typed, value: Any) -> str:
    """Return the name of one group."""
    if value is None:
        return screen.words.say("(blank)")
    if isinstance(value, LinkValue):
        return value.title or "•••"
    if isinstance(value, datetime):
        return screen.formats.instant(value)
    if isinstance(value, date):
        return _bucket_label(screen, group, value)
    if isinstance(value, bool):
        return screen.words.say("Yes" if value else "No")
    field = group_field(screen, group)
    if field is not None and field.options:
        return mark(screen, field, value).text
    return str(value)


def _bucket_label(screen: Screen, group: Typed, day: date) -> str:
    """Return the name of a month, quarter or year that begins on a day, else of the day."""
    if '"month")' in group.text:
        return f"{day:%Y-%m}"
    if '"quarter")' in group.text:
        return f"{day.year} Q{(day.month + 2) // 3}"
    return str(day.year) if '"year")' in group.text else screen.formats.date(day)


def group_name(screen: Screen, group: Typed) -> str:
    """Return what rows are grouped by is called: its field, or the one field of its formula."""
    field = group_field(screen, group)
    if field is None:
        reads = list(group.dependencies.reads)
        if len(reads) != 1:
            return ""
        step = reads[0][-1]
        field = screen.ctx.model.entities[step.entity].fields[step.field]
    return screen.field_label(field)


def measure_label(screen: Screen, entity: Entity, measure: Typed) -> str:
    """Return what a measure is called: the field that it reads, else what it counts."""
    field = _measured_field(entity, measure)
    if field is None:
        return screen.entity_label(entity, plural=True)
    word = next((w for name, w in OF_WHAT.items() if measure.text.upper().startswith(name)), "")
    label = screen.field_label(field)
    return screen.words.say(word, field=label) if word else label
