"""A list in groups, up to three deep: what each holds in all, and where its rows are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.query.parse import parse_group, parse_measure
from engine.query.spec import AggregateQuery, LinkValue
from formula.typed import Typed
from metamodel.label import Label
from metamodel.views import FieldPath
from ui.screen import Screen
from ui.viewmodels.asked import whole_filter
from ui.viewmodels.cells import path_cell, path_label
from ui.viewmodels.conditions import equal_to
from ui.viewmodels.measured import group_label
from ui.viewmodels.rows import Sheet, measures_of, total_text

MOST = 300
"""Groups that are told at once."""


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One group: what its records have in common, how many they are, and totals by column.

    `url` answers what is inside of it.
    """

    label: str
    tone: str
    count: str
    totals: tuple[str, ...]
    url: str

    @property
    def span(self) -> int:
        """Columns that the group's name has room in: those before the first total."""
        filled = (at for at, total in enumerate(self.totals) if total and at)
        return next(filled, len(self.totals))


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of one level, the first of which is 0; `more` when there are too many to tell.

    `by` is what they are grouped by.
    """

    lines: tuple[GroupLine, ...]
    by: str
    level: int
    more: bool = False


def grouped(made: Sheet) -> Groups | None:
    """Return the groups that a list shows; None for one that shows its rows.

    What somebody searches for is shown as rows: a search finds few, in no order of groups.
    """
    asked, view = made.asked, made.view
    if asked.inside >= len(view.group) or asked.text or asked.unconverted or asked.mark:
        return None
    screen, entity, path = made.screen, made.entity, view.group[asked.inside]
    group = parse_group(screen.ctx, entity.key, path.text)
    measures = measures_of(screen, entity, made.columns)
    formulas = {name: typed for name, (_, typed) in measures.items()}
    counted = parse_measure(screen.ctx, entity.key, "COUNT()")
    query = AggregateQuery(
        entity.key, whole_filter(screen, entity, view, asked), group_by={"group": group},
        measures={"count": counted, **formulas}, limit=MOST, explain=False,
    )  # fmt: skip
    result = screen.services.reader.aggregate(screen.ctx, query)
    return Groups(
        lines=tuple(_line(made, path, group, measures, row) for row in result.rows),
        by=path_label(screen, path, Label()),
        level=asked.inside,
        more=not result.everything,
    )


def _line(
    made: Sheet,
    path: FieldPath,
    group: Typed,
    measures: Mapping[str, tuple[str, Any]],
    row: Mapping[str, object],
) -> GroupLine:
    screen, value = made.screen, row["group"]
    by_path = {text: row[name] for name, (text, _) in measures.items()}
    return GroupLine(
        label=group_label(screen, group, value),
        tone=_tone(screen, path, value),
        count=screen.formats.number(row["count"]),  # type: ignore[arg-type]  # a COUNT is a number
        totals=tuple(
            total_text(screen, column, by_path[column.path.text])
            if by_path.get(column.path.text) is not None
            else ""
            for column in made.columns
        ),
        url=_inside(made, path, value),
    )


def _inside(made: Sheet, path: FieldPath, value: object) -> str:
    """Return the address of what is inside a group."""
    asked, own = made.asked, made.view.filter
    inside = replace(
        asked, inside=asked.inside + 1, group=",".join(each.text for each in made.view.group)
    )
    if isinstance(value, LinkValue):
        inside = replace(inside, of="|".join(filter(None, (asked.of, f"{path.text}:{value.id}"))))
    else:
        parts = [asked.filter or (own.text if own is not None else ""), equal_to(path.text, value)]
        inside = replace(inside, filter=" and ".join(f"({part})" for part in parts if part))
    return replace(made, asked=inside).url()


def _tone(screen: Screen, path: FieldPath, value: object) -> str:
    marks = path_cell(screen, path, value).marks if isinstance(value, str) else ()
    return marks[0].tone if marks else ""
