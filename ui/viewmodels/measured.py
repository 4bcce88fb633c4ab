"""What figures and groups of records are called where they are shown."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.query.spec import LinkValue
from formula.typed import Read, Typed
from metamodel.model import Entity, Field
from ui.screen import Screen
from ui.viewmodels.cells import mark


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
        return screen.formats.compact_money(value)
    return long_figure(screen, entity, measure, value)


def long_figure(screen: Screen, entity: Entity, measure: Typed, value: Any) -> str:
    """Return a measure's value to the last digit."""
    if value is None:
        return "—"
    if _is_money(entity, measure):
        return screen.formats.money(value)
    field = _measured_field(entity, measure)
    if field is not None and field.type == "percent" and "COUNT" not in measure.text.upper():
        return screen.formats.percent(value)
    if isinstance(value, Decimal):
        return screen.formats.number(round(value, 2).normalize())
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
        monthly = '"month"' in group.text
        return value.strftime("%Y-%m") if monthly else screen.formats.date(value)
    field = group_field(screen, group)
    if field is not None and field.options:
        return mark(screen, field, value).text
    return str(value)


def measure_label(screen: Screen, entity: Entity, measure: Typed) -> str:
    """Return what a measure is called: the field that it reads, else what it counts."""
    field = _measured_field(entity, measure)
    return screen.entity_label(entity, plural=True) if field is None else screen.field_label(field)
