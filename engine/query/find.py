"""One page of an entity's rows: filtered, searched, sorted, cut by keys, then joined.

A page is one statement. Inside, the rows are cut by filter, rights, order and cursor; only
then are titles and values behind links joined to the fifty that are left. Statements are
built once for each question and kept with the model; who asks, when, and from where on are
bind parameters.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, literal_column, select, union

from engine.access.fields import may_read
from engine.access.grants import rights_key
from engine.context import Context
from engine.database import driver_of
from engine.doors import Access
from engine.errors import NotFound, QueryInvalid
from engine.query.binds import binds
from engine.query.covers import covered_rows
from engine.query.cursors import Cursors, Place
from engine.query.gathering import Joins, Reach
from engine.query.joins import RowSource
from engine.query.legible import live_entity, require_legible, require_legible_path
from engine.query.matching import Matching, matching_of
from engine.query.paging import cut, paged
from engine.query.paths import Cell, Reading, cell_of, plain_paths, title_cell
from engine.query.positions import require_told
from engine.query.sorting import keys_of
from engine.query.spec import ListQuery, Page, Row
from engine.query.ways import Shape, Way, items_of, shape_of, ways_of
from engine.query.whose import whose
from engine.query.written import written_out
from engine.schema.tables import lane_column, order_column
from engine.values.sending import Request, said_now, send, sentence
from formula.backends.sql import compile_sql
from formula.scope import FieldBinding, Step
from metamodel.views import FieldPath

CAP = 1000
"""How far a capped count counts."""

LONGEST_PAGE = 500

WALKED = 500
"""Rows that are fetched at once where all of them are wanted."""

ALL_ROWS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class PagePlan:
    """A statement for one page and how its rows are read: id, version, title, values, keys.

    `cells` are the values by path with the place of their first column; `keys` counts the
    order's keys, after which the segment ends the row; `ways` are those it looks for rows in.
    """

    statement: Select[Any]
    title: Cell
    cells: tuple[tuple[str, int, Cell], ...]
    keys: int
    ways: tuple[Way, ...] = ()

    @property
    def covered(self) -> tuple[str, ...]:
        """The paths whose values are encrypted."""
        return tuple(text for text, _, cell in self.cells if cell.covered)


def find(
    ctx: Context, access: Access, connection: Connection, query: ListQuery, *, cursors: Cursors
) -> Page:
    """Return one page; raise `QueryInvalid` for what the person may not ask, or `CursorStale`."""
    require_askable(ctx, access, query)
    question = _question(ctx, query)
    place = cursors.open(query.cursor, question) if query.cursor else None
    matching = matching_of(ctx, query.entity, query.search, connection)
    segment = None if place is None else place.segment
    shape = shape_of(ctx, access, query)
    key = ("page", query.trashed, segment, shape, *_asked(query), *rights_key(ctx))
    plan = ctx.compiled.keep(key, lambda: _plan(ctx, access, query, segment, shape))
    limit = max(1, min(query.limit, LONGEST_PAGE))
    values = {**_said(query, matching), **items_of(ctx, plan.ways), "page_rows": limit + 1}
    if place is not None:
        values |= {f"after_{index}": value for index, value in enumerate(place.keys)}
    asked = sentence(connection, ctx, key, lambda: plan.statement)
    found = send(connection, ctx, Request(asked, (values,)))
    total, capped = _count(ctx, access, connection, query, matching=matching)
    following = None
    if len(found) > limit:
        last = found[limit - 1]
        place = Place(last[-1], tuple(last[-1 - plan.keys : -1]))
        following = cursors.seal(place, question)
    rows = covered_rows(ctx, connection, [_row(plan, row) for row in found[:limit]], plan.covered)
    scope = whose(ctx, access, query.entity, [query.filter])
    return Page(rows, following, total, capped, scope)


def walk(
    ctx: Context,
    access: Access,
    connection: Connection,
    query: ListQuery,
    *,
    clear: Collection[str] = (),
) -> Iterator[Sequence[Row]]:
    """Yield all rows of a question in order, some at a time, as they were when it was asked.

    A cursor of the server's own holds them: however many there are, few are in memory.
    Encrypted values are masks but those of paths that are named `clear`.
    """
    require_askable(ctx, access, query)
    matching = matching_of(ctx, query.entity, query.search, connection)
    key = ("page", query.trashed, None, (), *_asked(query), *rights_key(ctx))
    plan = ctx.compiled.keep(key, lambda: _plan(ctx, access, query, None, ()))
    asked = sentence(connection, ctx, key, lambda: plan.statement)
    text, values = said_now(asked, ctx, {**_said(query, matching), "page_rows": ALL_ROWS})
    with driver_of(connection).cursor(name="joinery_walk") as cursor:
        cursor.execute(text, values)
        while found := cursor.fetchmany(WALKED):
            rows = [_row(plan, row) for row in found]
            yield covered_rows(ctx, connection, rows, plan.covered, clear=clear)


def can_ask(ctx: Context, access: Access, query: ListQuery) -> bool:
    """Return whether somebody may put this question: a view over hidden fields is not for them."""
    try:
        require_askable(ctx, access, query)
    except QueryInvalid:
        return False
    return True


def require_askable(ctx: Context, access: Access, query: ListQuery) -> None:
    """Raise `QueryInvalid` for a filter or sort over what the person may not read.

    Somebody who sees no row at all may ask anything: the answer is empty.
    """
    live_entity(ctx, query.entity)
    if not access.readable(ctx, query.entity):
        return
    for typed in (query.filter, *query.asks):
        if typed is not None:
            require_legible(ctx, typed, where="filter")
    if query.unconverted and not may_read(ctx, Step(query.entity, query.unconverted)):
        raise NotFound(entity=query.entity, field=query.unconverted)
    if query.mark is not None:
        require_told(ctx, query.entity, query.mark)
    for item in query.sort:
        require_legible_path(ctx, item.path, where="sort")


def page_statement(
    ctx: Context, access: Access, query: ListQuery, segment: int | None
) -> Select[Any]:
    """Return the statement of a first page, or of one that goes on in a segment."""
    return _plan(ctx, access, query, segment, shape_of(ctx, access, query)).statement


def page_sql(ctx: Context, access: Access, connection: Connection, query: ListQuery) -> str:
    """Return the statement of a first page as it can be run, its values written out."""
    require_askable(ctx, access, query)
    matching = matching_of(ctx, query.entity, query.search, connection)
    plan = _plan(ctx, access, query, None, shape_of(ctx, access, query))
    values = {
        **binds(ctx),
        **_said(query, matching),
        **items_of(ctx, plan.ways),
        "page_rows": query.limit,
    }
    return written_out(ctx, plan.statement, values)


def _question(ctx: Context, query: ListQuery) -> tuple[object, ...]:
    """Return everything that a cursor is bound to.

    What somebody may see of it is read anew for each page: a list goes on while a tree of
    departments is moved, over the rows that are theirs then.
    """
    actor = ctx.actor
    person = (str(actor.user), sorted(actor.roles))
    scopes = sorted(actor.scopes) if actor.scopes is not None else None
    text = query.filter.text if query.filter else ""
    asked = (query.entity, text, query.search, query.unconverted, query.mark)
    sort = [(item.path.text, item.descending) for item in query.sort]
    return (ctx.tenant.schema, ctx.revision, *asked, sort, query.trashed, person, scopes)


def _asked(query: ListQuery) -> tuple[Hashable, ...]:
    """Return what the statement of a page follows from, besides rights."""
    return (
        query.entity,
        query.filter.asked if query.filter else None,
        bool(query.search),
        query.among is not None,
        query.unconverted,
        query.mark,
        tuple((item.path.text, item.descending) for item in query.sort),
        tuple(path.text for path in query.paths),
        tuple(typed.asked for typed in query.asks),
    )


def _plan(
    ctx: Context, access: Access, query: ListQuery, segment: int | None, shape: Shape
) -> PagePlan:
    """Build the statement of a page: the first one, or one that goes on in a segment."""
    ways = ways_of(ctx, access, query, shape, ordered=_in_lanes(ctx, query))
    bodies = [cut(ctx, access, query, reach=_reach(ctx, query), way=way) for way in ways or (None,)]
    parts = [(body, keys_of(body.reading, query.sort)) for body in bodies]
    keys = parts[0][1]
    page = paged(parts, segment)
    row = ctx.compiled.tables.of(query.entity).alias()
    joins = Joins(page.join(row, row.c.id == page.c.id))
    source = RowSource.over(ctx.compiled, query.entity, row, joins=joins)
    reading = Reading.of(ctx, access, source)
    cells = {path.text: cell_of(reading, path) for path in _paths(ctx, access, query)}
    shown = {text: cell for text, cell in cells.items() if cell is not None}
    for typed in query.asks:
        shown[f"={typed.text}"] = Cell((compile_sql(typed, reading.source),))
    title = title_cell(reading)
    version: ColumnElement[Any] = row.c.get("sys_version", literal_column("0"))
    columns: list[ColumnElement[Any]] = [row.c.id, version, *title.columns]
    columns += [column for cell in shown.values() for column in cell.columns]
    named = [column.label(f"c{index}") for index, column in enumerate(columns)]
    ends = [page.c[f"key_{index}"] for index in range(len(keys))]
    statement = (
        select(*named, *ends, page.c.segment)
        .select_from(reading.source.joins.clause())
        .order_by(page.c.segment, *(k.order(end) for k, end in zip(keys, ends, strict=True)))
    )
    placed = _placed(shown, 2 + len(title.columns))
    return PagePlan(statement, title, placed, len(keys), ways)


def _in_lanes(ctx: Context, query: ListQuery) -> bool:
    """Return whether an index holds the rows of one owner in the order that is asked for."""
    binding = query.sort[0].path.binding if query.sort else None
    if not isinstance(binding, FieldBinding) or len(binding.steps) != 1 or binding.part:
        return False
    entity = ctx.model.entities[query.entity]
    return order_column(entity.fields[binding.steps[0].field]) == lane_column(entity)


def _reach(ctx: Context, query: ListQuery) -> Reach:
    """Return "whole" for an order that every row must be computed for."""
    bindings = (item.path.binding for item in query.sort)
    ends = [each.steps[-1] for each in bindings if isinstance(each, FieldBinding)]
    fields = (ctx.model.entities[end.entity].fields[end.field] for end in ends)
    return "whole" if any(each.formula and not each.column for each in fields) else "each"


def _placed(cells: Mapping[str, Cell], at: int) -> tuple[tuple[str, int, Cell], ...]:
    """Return cells with the place of their first column, the first of them at `at`."""
    placed = []
    for text, cell in cells.items():
        placed.append((text, at, cell))
        at += len(cell.columns)
    return tuple(placed)


def _paths(ctx: Context, access: Access, query: ListQuery) -> tuple[FieldPath, ...]:
    entity = ctx.model.entities[query.entity]
    return query.paths or tuple(plain_paths(ctx, access, entity).values())


def _row(plan: PagePlan, row: Sequence[Any]) -> Row:
    """Read one row of a page."""
    values = {text: cell.read(row, at) for text, at, cell in plan.cells}
    return Row(row[0], row[1], str(plan.title.read(row, 2)), values)


def _count(
    ctx: Context, access: Access, connection: Connection, query: ListQuery, matching: Matching
) -> tuple[int | None, bool]:
    """Return how many rows there are in all, and whether counting stopped at the cap."""
    if query.count == "none":
        return None, False
    shape = shape_of(ctx, access, query, every=query.count == "exact")
    key = ("count", query.count, query.trashed, shape, *_asked(query), *rights_key(ctx))

    def make() -> Select[Any]:
        ways = ways_of(ctx, access, query, shape, ordered=False)
        exact = query.count == "exact"
        reach: Reach = "whole" if exact and len(ways) <= 1 else "each"
        bodies = [cut(ctx, access, query, reach=reach, way=way) for way in ways or (None,)]
        if len(bodies) == 1 and exact:
            return bodies[0].rows([func.count()])
        found = [body.rows([body.reading.source.row.c.id]) for body in bodies]
        if not exact:
            found = [each.limit(CAP + 1) for each in found]
        some = found[0] if len(found) == 1 else union(*(select(e.subquery()) for e in found))
        return select(func.count()).select_from(some.limit(None if exact else CAP + 1).subquery())

    asked = sentence(connection, ctx, key, make)
    total: int = send(connection, ctx, Request(asked, (_said(query, matching),)))[0][0]
    if query.count == "capped" and total > CAP:
        return CAP, True
    return total, False


def _said(query: ListQuery, matching: Matching) -> dict[str, Any]:  # Any: of every bind's type
    """Return the values that come with a question: what is searched for, and among which rows."""
    among = {} if query.among is None else {"among_ids": list(query.among)}
    return {**matching.binds, **among}
