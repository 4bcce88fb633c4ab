"""Figures in rows and columns: one group down, and measures or a second group across."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from formula.typed import Typed
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.measured import (
    group_field,
    group_label,
    long_figure,
    measure_label,
    short_figure,
)

MOST_ROWS = 50

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class TableView:
    """A table: the name of its first column, the others' names, and its lines.

    Each figure is short, then exact.
    """

    corner: str
    heads: tuple[str, ...]
    lines: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def table_of(
    screen: Screen, entity: Entity, groups: Mapping[str, Typed], measures: Mapping[str, Typed],
    rows: Rows,
) -> TableView:  # fmt: skip
    """Return the table of grouped rows, the largest first; a second group lies across."""
    (down, group), *others = groups.items()
    name, measure = next(iter(measures.items()))
    found = group_field(screen, group)
    corner = screen.field_label(found) if found is not None else ""
    if not others:
        ordered = sorted(rows, key=lambda row: row[name] or 0, reverse=True)[:MOST_ROWS]
        return TableView(
            corner,
            tuple(measure_label(screen, entity, each) for each in measures.values()),
            tuple(
                (
                    group_label(screen, group, row[down]),
                    tuple(_figure(screen, entity, m, row[n]) for n, m in measures.items()),
                )
                for row in ordered
            ),
        )
    across, second = others[0]
    heads = _in_order(screen, second, {row[across] for row in rows})
    amounts: dict[Any, dict[Any, Any]] = {}
    for row in rows:
        amounts.setdefault(row[down], {})[row[across]] = row[name]
    largest = sorted(amounts.items(), key=lambda item: _total(item[1].values()), reverse=True)
    return TableView(
        corner,
        tuple(group_label(screen, second, head) for head in heads),
        tuple(
            (
                group_label(screen, group, value),
                tuple(_figure(screen, entity, measure, cells.get(head)) for head in heads),
            )
            for value, cells in largest[:MOST_ROWS]
        ),
    )


def _figure(screen: Screen, entity: Entity, measure: Typed, value: Any) -> tuple[str, str]:
    """Return a figure short and exact; a dash where there is none."""
    if value is None:
        return "–", ""
    return short_figure(screen, entity, measure, value), long_figure(screen, entity, measure, value)


def _total(values: Iterable[Any]) -> Decimal:
    return sum((Decimal(value or 0) for value in values), Decimal(0))


def _in_order(screen: Screen, group: Typed, values: Iterable[Any]) -> list[Any]:
    """Return a group's values as its options are ordered, else as they read; blank last."""
    field = group_field(screen, group)
    options = field.options if field is not None else {}
    places = {name: n for n, o in enumerate(options.values()) for name in (o.key, o.name)}
    return sorted(
        values,
        key=lambda value: (
            value is None,
            places.get(value, len(places)) if isinstance(value, str) else 0,
            group_label(screen, group, value),
        ),
    )
