"""A board: the records of a pipeline in columns by stage, to be dragged along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.errors import QueryInvalid
from engine.query.parse import parse_filter, parse_group, parse_measure
from engine.query.spec import AggregateQuery, ListQuery, Row
from formula.typed import Typed
from metamodel.flows import Pipeline, Stage
from metamodel.label import Label
from metamodel.model import Entity
from metamodel.views import FieldPath, View
from ui.screen import Screen
from ui.viewmodels.cells import Cell, field_of, mark, path_cell, path_label
from ui.viewmodels.conditions import both
from ui.viewmodels.filters import FilterBar, filter_bar
from ui.viewmodels.lists import Asked, ViewTab, may_show, problem_of, tabs, whole_filter
from ui.viewmodels.shell import Shell, may, shell

CARDS = 25


@dataclass(frozen=True, slots=True)
class Card:
    """One record on the board."""

    id: str
    url: str
    title: str
    cells: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """One stage with its first cards; count and sums are over all of its records."""

    stage: str
    label: str
    tone: str
    count: str
    sums: tuple[tuple[str, str], ...]
    cards: tuple[Card, ...]
    more_url: str
    from_stages: str


@dataclass(frozen=True, slots=True)
class BoardPage:
    """A board as a whole. `move_url` has `{id}` and `{stage}` to be put in."""

    shell: Shell
    heading: str
    icon: str
    entity: str
    tabs: tuple[ViewTab, ...]
    bar: FilterBar
    search: str
    url: str
    view: str
    new_url: str
    trash_url: str
    move_url: str
    columns: tuple[BoardColumn, ...]
    asked: Mapping[str, str]
    problem: str = ""


def board_page(screen: Screen, entity: Entity, view: View, asked: Asked) -> BoardPage:
    """Return a board with the first cards of each stage; an unusable filter is only said."""
    try:
        return _board(screen, entity, view, asked)
    except QueryInvalid as refused:
        if not asked.filter:
            raise
        board = _board(screen, entity, view, replace(asked, filter=""))
        bar = filter_bar(screen, entity, asked.filter)
        return replace(board, bar=bar, problem=problem_of(refused))


def _board(screen: Screen, entity: Entity, view: View, asked: Asked) -> BoardPage:
    pipeline = entity.pipelines[view.pipeline]
    shown, summed = (
        tuple(path for path in paths if may_show(screen, entity, path))
        for paths in (view.card, view.sums)
    )
    view = replace(view, card=shown, sums=summed)
    heading = screen.entity_label(entity, plural=True)
    creatable = may(screen, "create", entity.key)
    return BoardPage(
        shell=shell(screen, heading, screen.url("records", entity.name, view=asked.view)),
        heading=heading,
        icon=entity.icon or "layout-kanban",
        entity=entity.name,
        tabs=tabs(screen, entity, view),
        bar=filter_bar(screen, entity, asked.filter),
        search=asked.text,
        url=screen.url("records", entity.name),
        view=view.name,
        new_url=screen.url("records", entity.name, "new") if creatable else "",
        trash_url=screen.url("records", entity.name, "trash"),
        move_url=f"{screen.url('records', entity.name)}/{{id}}/move/{pipeline.name}/{{stage}}",
        columns=_columns(screen, entity, view, pipeline, asked),
        asked={"view": view.name, "filter": asked.filter},
    )


@dataclass(frozen=True, slots=True)
class _Asking:
    """What every column of one board is read with."""

    entity: Entity
    view: View
    pipeline: Pipeline
    narrowed: Typed | None
    text: str


def _columns(
    screen: Screen, entity: Entity, view: View, pipeline: Pipeline, asked: Asked
) -> tuple[BoardColumn, ...]:
    narrowed = whole_filter(screen, entity, view, asked)
    figures = _figures(screen, entity, view, pipeline, narrowed)
    asking = _Asking(entity, view, pipeline, narrowed, asked.text)
    return tuple(
        _column(screen, asking, stage, figures.get(stage.key) or figures.get(stage.name) or {})
        for stage in pipeline.stages.values()
    )


def _figures(
    screen: Screen, entity: Entity, view: View, pipeline: Pipeline, narrowed: Typed | None
) -> Mapping[str, Mapping[str, Any]]:
    """Return counts and sums by stage, in one statement."""
    field = entity.fields[pipeline.field_key].name
    measures = {"count": parse_measure(screen.ctx, entity.key, "COUNT()")}
    for index, path in enumerate(view.sums):
        measures[f"s{index}"] = parse_measure(screen.ctx, entity.key, f"SUM({path.text})")
    result = screen.services.reader.aggregate(
        screen.ctx,
        AggregateQuery(
            entity.key,
            narrowed,
            group_by={"stage": parse_group(screen.ctx, entity.key, field)},
            measures=measures,
        ),
    )
    return {str(row["stage"]): row for row in result.rows}


def _column(
    screen: Screen, asking: _Asking, stage: Stage, figures: Mapping[str, Any]
) -> BoardColumn:
    entity, view, pipeline = asking.entity, asking.view, asking.pipeline
    field = entity.fields[pipeline.field_key]
    here = parse_filter(screen.ctx, entity.key, f'{field.name} == "{stage.name}"')
    page = screen.services.reader.find(
        screen.ctx,
        ListQuery(
            entity=entity.key,
            filter=both(asking.narrowed, here),
            search=asking.text,
            sort=view.sort,
            paths=view.card,
            limit=CARDS,
        ),
    )
    shown = mark(screen, field, stage.key)
    more = screen.url("records", entity.name, view=_list(entity), filter=here.text)
    return BoardColumn(
        stage=stage.name,
        label=shown.text,
        tone=shown.tone,
        count=screen.formats.number(figures.get("count") or 0),
        sums=tuple(_sum(screen, path, figures.get(f"s{i}")) for i, path in enumerate(view.sums)),
        cards=tuple(_card(screen, entity, view.card, row) for row in page.rows),
        more_url=more if page.next else "",
        from_stages=" ".join(_sources(pipeline, stage)),
    )


def _sources(pipeline: Pipeline, stage: Stage) -> list[str]:
    """Return the names of the stages from which a record may move to this one."""
    everywhere = tuple(pipeline.stages)
    return [
        other.name
        for other in pipeline.stages.values()
        if stage.key in pipeline.moves.get(other.key, everywhere)
    ]


def _list(entity: Entity) -> str:
    return next((view.name for view in entity.views.values() if view.type == "list"), "")


def _sum(screen: Screen, path: FieldPath, value: Any) -> tuple[str, str]:
    field = field_of(screen, path)
    label = path_label(screen, path, Label())
    if value is None:
        return label, ""
    if field is not None and field.type == "money":
        return label, screen.formats.compact_money(value)
    return label, screen.formats.number(value)


def _card(screen: Screen, entity: Entity, paths: tuple[FieldPath, ...], row: Row) -> Card:
    cells = []
    for path in paths:
        drawn = path_cell(screen, path, row.values.get(path.text))
        if drawn.text and drawn.text != row.title:
            cells.append((path_label(screen, path, Label()), drawn))
    return Card(
        id=str(row.id),
        url=screen.record_url(entity.name, row.id),
        title=row.title,
        cells=tuple(cells),
    )
