"""A list page: one view of an entity's records, filtered, searched, sorted, a page at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from engine.access.grants import sees_sql
from engine.errors import CursorStale, QueryInvalid
from engine.query.spec import Page
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.admin.reshape.colors import color_words
from ui.viewmodels.asked import Asked
from ui.viewmodels.columns import ColumnChoice, column_choices
from ui.viewmodels.documents import bulk_documents
from ui.viewmodels.exchange import export_note, export_urls, import_url
from ui.viewmodels.filters import FilterBar, color_rules, filter_bar
from ui.viewmodels.grouping import Groups, grouped
from ui.viewmodels.lacking import Lacking, lacking_fields
from ui.viewmodels.looking import Looking, ViewTab, look, may_manage, may_save, state, tabs
from ui.viewmodels.marks import marked_words
from ui.viewmodels.rows import NEXT, Rows, Sheet, column_totals, sheet, summed
from ui.viewmodels.shell import Shell, may, may_share, shell
from ui.viewmodels.whose import whose


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a view is kept: what is looked at as JSON, and where it is sent.

    `changed` tells that it differs from the view as everybody sees it, by the address or by what
    the person arranged for themselves (`laid`).
    """

    state: str
    over: str
    url: str
    view: str
    base: str
    changed: bool
    laid: bool
    may_save: bool
    may_manage: bool
    version: int = 0


@dataclass(frozen=True, slots=True)
class About:
    """What is told of a list beside its rows: figures, statement, the mark it stands for."""

    figures_url: str
    sql_url: str = ""
    marked: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """How many records a list holds, as far as it was counted; `url` counts further.

    What is not `known` yet is counted behind the first rows.
    """

    text: str
    url: str = ""
    known: bool = True


@dataclass(frozen=True, slots=True)
class Chosen:
    """What can be done with records that are chosen: papers and files by label and address."""

    papers: tuple[tuple[str, str], ...] = ()
    exports: tuple[tuple[str, str], ...] = ()
    may_delete: bool = False
    may_share: bool = False


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list as a whole."""

    shell: Shell
    heading: str
    icon: str
    entity: str
    tabs: tuple[ViewTab, ...]
    rows: Rows
    groups: Groups | None
    bar: FilterBar
    count: Count
    search: str
    url: str
    view: str
    new_url: str
    trash_url: str
    import_url: str
    exports: tuple[tuple[str, str], ...]
    chosen: Chosen
    keeping: Keeping
    export_note: str = ""
    choices: tuple[ColumnChoice, ...] = ()
    rules: str = "[]"
    tones: tuple[tuple[str, str], ...] = ()
    height: str = ""
    grouped: tuple[str, ...] = ()
    whose: str = ""
    problem: str = ""
    missing: tuple[str, ...] = ()
    lost: bool = False
    lacking: tuple[Lacking, ...] = ()
    about: About | None = None
    totals_url: str = ""
    asked: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListPart:
    """A part of a list that is loaded after it: rows, or groups."""

    rows: Rows
    groups: Groups | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """What a list holds: its rows or groups, and what of the address could not be used."""

    made: Sheet
    looking: Looking
    page: Page
    groups: Groups | None
    totals: Mapping[str, Any] | None
    problem: str = ""


def list_page(screen: Screen, entity: Entity, looking: Looking, asked: Asked) -> ListPage:
    """Return the first page of a list; a filter that cannot be used is said, not applied."""
    found = _found(screen, entity, looking, asked)
    made, page, view = found.made, found.page, looking.view
    heading = screen.entity_label(entity, plural=True)
    said = {name: value for name, value in asked.query().items() if name not in ("q", "inside")}
    return ListPage(
        shell=shell(screen, heading, screen.url("records", entity.name, view=asked.view)),
        heading=heading,
        icon=entity.icon or "list",
        entity=entity.name,
        tabs=tabs(screen, entity, view, looking.views),
        rows=made.rows(page, found.totals),
        groups=found.groups,
        bar=filter_bar(screen, entity, looking.filter),
        count=_count(made, page),
        search=asked.text,
        url=screen.url("records", entity.name),
        view=view.name,
        new_url=_new_url(screen, entity),
        trash_url=screen.url("records", entity.name, "trash"),
        import_url=import_url(screen, entity),
        exports=_exports(screen, entity, looking, asked),
        keeping=_keeping(screen, entity, looking, asked),
        export_note=export_note(screen, entity),
        choices=column_choices(screen, entity, _below(entity, looking), made.columns),
        rules=color_rules(screen, entity, view.colors),
        tones=color_words(screen),
        chosen=_chosen(made),
        height=looking.height,
        grouped=tuple(path.text for path in view.group),
        whose=whose(screen, page.scope),
        problem=found.problem,
        missing=looking.missing,
        lost=looking.lost,
        lacking=lacking_fields(screen, entity, asked.unconverted, {**said, "q": asked.text}),
        about=_about(screen, entity, asked),
        totals_url=_totals_url(screen, entity, found),
        asked=said,
    )


def _found(screen: Screen, entity: Entity, looking: Looking, asked: Asked) -> _Found:
    made = sheet(screen, entity, looking.view, asked, frozen=looking.frozen)
    try:
        return _asked(made, looking)
    except QueryInvalid as refused:
        plain = look(screen, entity, replace(asked, filter="", sort="", group=""))
        whole = replace(asked, filter="", sort="", group="")
        again = sheet(screen, entity, plain.view, whole, frozen=plain.frozen)
        return replace(_asked(again, plain), problem=problem_of(refused))


def _asked(made: Sheet, looking: Looking) -> _Found:
    groups = grouped(made)
    # What is narrowed may have to be looked for in every record: rows do not wait for its count.
    how: Literal["none", "capped"] = "none" if made.asked.text or made.asked.filter else "capped"
    page = made.find(count=how, limit=1) if groups else made.find(count=how)
    shown = replace(page, rows=(), next=None) if groups else page
    # Rows of a long list do not wait for its totals either: those come behind them.
    totals = None if _is_long(page) and summed(made) else column_totals(made)
    return _Found(made, looking, shown, groups, totals)


def _is_long(page: Page) -> bool:
    return page.next is not None and (page.total is None or page.capped)


def list_totals(screen: Screen, entity: Entity, asked: Asked) -> Mapping[str, str]:
    """Return the totals of a list's columns by path, as people read them."""
    made = sheet(screen, entity, look(screen, entity, asked).view, asked)
    totals = column_totals(made)
    return {column.path: column.total for column in made.headings(totals) if column.total}


def list_count(screen: Screen, entity: Entity, asked: Asked, *, exact: bool) -> Count:
    """Return how many records a list holds; raise `QueryInvalid` for what cannot be asked."""
    made = sheet(screen, entity, look(screen, entity, asked).view, asked)
    return _count(made, made.find(count="exact" if exact else "capped", limit=1))


def _count(made: Sheet, page: Page) -> Count:
    screen = made.screen
    url = screen.url("records", made.entity.name, "count", **made.asked.query())
    total = len(page.rows) if page.total is None and page.rows and not page.next else page.total
    if total is None:
        return Count("", url, known=False)
    number = screen.formats.number(total)
    return Count(f"{number}+", url) if page.capped else Count(number)


def _keeping(screen: Screen, entity: Entity, looking: Looking, asked: Asked) -> Keeping:
    saved = looking.saved
    return Keeping(
        state=json.dumps(state(looking, asked).to_json(), ensure_ascii=False),
        over=looking.over,
        url=screen.url("records", entity.name, "views"),
        view=looking.view.name,
        base=saved.base if saved is not None else looking.view.key,
        changed=looking.laid or bool(asked.filter or asked.sort or asked.group),
        laid=looking.laid,
        may_save=may_save(screen, saved),
        may_manage=may_manage(screen, saved),
        version=saved.version if saved is not None else 0,
    )


def _below(entity: Entity, looking: Looking) -> list[Any]:
    """Return the views whose columns are offered: the one that is looked at, and the model's."""
    return [looking.view, *(v for v in entity.views.values() if v.key == looking.over)]


def _exports(
    screen: Screen, entity: Entity, looking: Looking, asked: Asked
) -> tuple[tuple[str, str], ...]:
    """Return the files of a list; the columns and the order that are looked at are in them."""
    # What did not convert has a file of its own, with the old values; a mark has none.
    if asked.unconverted or asked.mark:
        return ()
    kept, own = looking.saved is not None or looking.laid, state(looking, asked)
    columns = ",".join(column.path.text for column in looking.view.columns)
    return export_urls(
        screen, entity, q=asked.text,
        view="" if kept else looking.view.name,
        filter=own.filter or "" if kept else asked.filter,
        sort=own.sort or "" if kept else asked.sort,
        fields=columns if kept else "",
    )  # fmt: skip


def _about(screen: Screen, entity: Entity, asked: Asked) -> About:
    """Return what else is told of a list; its statement for who may see it alone."""
    return About(
        figures_url=screen.url("records", entity.name, "figures"),
        sql_url=screen.url("records", entity.name, "statement", **asked.query())
        if sees_sql(screen.ctx)
        else "",
        marked=marked_words(screen, entity, asked.mark),
    )


def _totals_url(screen: Screen, entity: Entity, found: _Found) -> str:
    """Return where the totals are that come behind the rows, "" where they are there."""
    if found.totals is not None:
        return ""
    return screen.url("records", entity.name, "totals", **found.made.asked.query())


def _chosen(made: Sheet) -> Chosen:
    screen, entity = made.screen, made.entity
    sorts = (f"{'-' if each.descending else ''}{each.path.text}" for each in made.sorts())
    shown = (column.path.text for column in made.columns)
    return Chosen(
        papers=bulk_documents(screen, entity),
        exports=export_urls(screen, entity, fields=",".join(shown), sort=",".join(sorts)),
        may_delete=may(screen, "delete", entity.key) and not screen.ctx.tenant.frozen,
        may_share=may_share(screen, entity),
    )


def problem_of(refused: QueryInvalid) -> str:
    """Return everything that is wrong with a query, in one line."""
    return "; ".join(item.message for item in refused.problems) or str(refused)


def list_part(screen: Screen, entity: Entity, looking: Looking, asked: Asked) -> ListPart:
    """Return what comes behind a cursor, or what is inside a group."""
    made = sheet(screen, entity, looking.view, asked, frozen=looking.frozen)
    groups = None if asked.cursor else grouped(made)
    if groups is not None:
        return ListPart(made.rows(Page((), None)), groups)
    try:
        return ListPart(made.rows(made.find(limit=NEXT)))
    except CursorStale:
        return ListPart(made.rows(Page((), None)))


def _new_url(screen: Screen, entity: Entity) -> str:
    if entity.child_of is not None or not may(screen, "create", entity.key):
        return ""
    return screen.url("records", entity.name, "new")
