"""A map: records at their places, or how many there are of each region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.query.parse import parse_group, parse_measure
from engine.query.spec import AggregateQuery, ListQuery
from engine.values.wire import field_to_wire
from formula.typed import Typed
from metamodel.model import Entity, Field
from metamodel.views import FieldPath, View
from ui.screen import Screen
from ui.viewmodels.asked import Asked, whole_filter
from ui.viewmodels.cells import field_of
from ui.viewmodels.conditions import equal_to, everything
from ui.viewmodels.frames import ViewFrame, card, drawn, rows_of, shown_paths, tone_of
from ui.viewmodels.measured import group_label
from ui.viewmodels.shell import Shell

MOST = 2_000
"""Places that are drawn; more are said to be left out."""

PAGE = 500


@dataclass(frozen=True, slots=True)
class Region:
    """A region by name: how many records lie in it, and where they are listed."""

    name: str
    count: int
    shown: str
    url: str


@dataclass(frozen=True, slots=True)
class MapPage:
    """A map; of places when `places_url` says where they are read, else of `regions`."""

    frame: ViewFrame
    regions: tuple[Region, ...]
    places_url: str

    @property
    def shell(self) -> Shell:
        return self.frame.shell


def map_page(screen: Screen, entity: Entity, view: View, asked: Asked) -> MapPage:
    """Return a map of an entity's records; an unusable filter is only said."""
    paths = shown_paths(screen, entity, tuple(p for p in (view.layout.place,) if p is not None))
    field = field_of(screen, paths[0]) if paths else None

    def draw(narrowed: Asked) -> tuple[Region, ...]:
        if field is None or field.type == "location":
            return ()
        return tuple(_regions(screen, entity, view, narrowed, _region_of(paths[0], field)))

    frame, regions = drawn(screen, entity, view, asked, draw)
    places = screen.url(
        "records", entity.name, "places", view=view.name, q=asked.text, filter=asked.filter,
        of=asked.of,
    )  # fmt: skip
    return MapPage(frame, regions, places if field is not None and field.type == "location" else "")


def _region_of(path: FieldPath, field: Field) -> str:
    """Return the formula of the region that a place lies in."""
    return f"{path.text}.region" if field.type == "address" else path.text


def _regions(
    screen: Screen, entity: Entity, view: View, asked: Asked, region: str
) -> Iterator[Region]:
    group = parse_group(screen.ctx, entity.key, region)
    count = parse_measure(screen.ctx, entity.key, "COUNT()")
    query = AggregateQuery(
        entity.key, whole_filter(screen, entity, view, asked),
        group_by={"region": group}, measures={"count": count}, explain=False,
    )  # fmt: skip
    rows = screen.services.reader.aggregate(screen.ctx, query).rows
    # What lies nowhere comes last, however much of it there is.
    for row in sorted(
        rows, key=lambda each: (each["region"] is not None, _count(each)), reverse=True
    ):
        found = _count(row)
        url = _listed(screen, entity, view, asked, equal_to(region, row["region"]))
        shown = screen.formats.number(found)
        yield Region(group_label(screen, group, row["region"]), found, shown, url)


def _count(row: Mapping[str, Any]) -> int:
    return int(row["count"])


def _listed(screen: Screen, entity: Entity, view: View, asked: Asked, condition: str) -> str:
    parts = [each for each in (_text(view.filter), asked.filter, condition) if each]
    return screen.url(
        "records", entity.name, view=everything(entity), q=asked.text, of=asked.of,
        filter=" and ".join(f"({part})" for part in parts),
    )  # fmt: skip


def _text(typed: Typed | None) -> str:
    return typed.text if typed is not None else ""


def places_of(screen: Screen, entity: Entity, view: View, asked: Asked) -> Mapping[str, Any]:
    """Return where records are, in degrees, as far as they say so."""
    layout = view.layout
    place = shown_paths(screen, entity, tuple(p for p in (layout.place,) if p is not None))
    field = field_of(screen, place[0]) if place else None
    if field is None:
        return {"places": [], "more": False}
    color = shown_paths(screen, entity, tuple(p for p in (layout.color,) if p is not None))
    columns = tuple(column.path for column in view.columns)
    said = shown_paths(screen, entity, (*view.card, *columns))
    query = ListQuery(
        entity=entity.key,
        filter=whole_filter(screen, entity, view, asked),
        search=asked.text,
        sort=view.sort,
        paths=tuple({path.text: path for path in (*place, *color, *said)}.values()),
        limit=PAGE,
    )
    found: list[dict[str, Any]] = []
    for row in rows_of(screen, query, MOST):
        wire = field_to_wire(field, row.values.get(place[0].text))
        if not wire or wire.get("lat") is None or wire.get("lon") is None:
            continue
        drawn_card = card(screen, entity, said, row)
        found.append(
            {
                "lat": float(wire["lat"]),
                "lon": float(wire["lon"]),
                "title": row.title,
                "url": drawn_card.url,
                "detail": [cell.text for _, cell in drawn_card.cells],
                "tone": tone_of(screen, next(iter(color), None), row),
            }
        )
    return {"places": found[:MOST], "more": len(found) > MOST}
