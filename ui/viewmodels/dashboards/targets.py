"""Targets beside figures: a number of the widget's own, or what the app's targets add up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.errors import QueryInvalid
from engine.query.parse import parse_filter, parse_measure
from engine.query.spec import AggregateQuery
from metamodel.model import Entity, Field
from ui.viewmodels.conditions import both, day_text, linked_to
from ui.viewmodels.dashboards.place import Place
from ui.viewmodels.shell import may

NUMBERS = frozenset({"decimal", "money", "integer"})


@dataclass(frozen=True, slots=True)
class _Kept:
    """Where an entity keeps targets: the value, from when to when, and whose they are."""

    value: str
    start: str
    end: str
    person: str
    condition: str


def target_of(place: Place) -> Decimal | None:
    """Return the target of a widget's figure in its period; None where there is none to tell."""
    written = place.widget.options.get("target")
    if isinstance(written, str) and _is_number(written):
        return Decimal(written)
    entity = place.screen.ctx.model.entity_named(str(written)) if written else None
    if entity is None or entity.retired or not may(place.screen, "read", entity.key):
        return None
    kept, days = _kept(place, entity), place.days
    if kept is None or days is None:
        return None
    first, last = (day_text(day) for day in days)
    texts = [f"{kept.start} >= {first} and {kept.end} <= {last}"]
    texts += [f"({kept.condition})"] if kept.condition else []
    # What has parts adds up over them: a person's own targets are counted, once each.
    texts += [f"not ISBLANK({kept.person})"] if kept.person else []
    try:
        return _summed(place, entity, kept, " and ".join(texts))
    except QueryInvalid:
        return None


def _summed(place: Place, entity: Entity, kept: _Kept, text: str) -> Decimal | None:
    ctx = place.screen.ctx
    condition = parse_filter(ctx, entity.key, text)
    who = next(
        (c.record for c in place.filters.of(place.screen, place.entity) if _is_owner(c)), None
    )
    if who is not None and kept.person:
        condition = (
            both(condition, linked_to(place.screen, entity.key, kept.person, who)) or condition
        )
    measures = {"target": parse_measure(ctx, entity.key, f"SUM({kept.value})")}
    query = AggregateQuery(entity.key, condition, measures=measures, explain=False)
    place.asked.append(query)
    rows = place.screen.services.reader.aggregate(ctx, query).rows
    value = rows[0]["target"] if rows else None
    return None if value is None else Decimal(str(value))


def _is_owner(chosen: Any) -> bool:
    """Return whether a filter narrows to the records of one person."""
    return chosen.record is not None and chosen.field == "owner"


def _kept(place: Place, entity: Entity) -> _Kept | None:
    """Return where targets are kept, as the widget's options say or as the fields tell."""
    options = place.widget.options.get("target_fields")
    said: Mapping[str, Any] = options if isinstance(options, Mapping) else {}
    fields = [each for each in entity.fields.values() if not each.retired and not each.hidden]
    days = [each.name for each in fields if each.type == "date"]
    numbers = [each for each in fields if each.type in NUMBERS and each.formula is None]
    named = [each.name for each in numbers if each.name == "target"] or [n.name for n in numbers]
    people = [each.name for each in fields if _is_person(each)]
    if not named or len(days) < 2:
        return None
    return _Kept(
        str(said.get("value", named[0])),
        str(said.get("from", days[0])),
        str(said.get("to", days[1])),
        str(said.get("person", next(iter(people), ""))),
        str(said.get("filter", "")),
    )


def _is_person(field: Field) -> bool:
    link = field.link
    own = link is not None and link.to == ("user",) and not link.many
    return own and field.name not in ("created_by", "updated_by")


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()
