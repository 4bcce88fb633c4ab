"""Records that look like one another: such a one is refused, or pointed out afterwards."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from engine.records.draft import Draft
from engine.records.telling import told
from engine.records.work import Work
from engine.values.sealed import MARK, Sealed, bare, compared
from engine.values.searchkeys import sort_key
from metamodel.model import Duplicates, Entity, Field


def check_duplicates(work: Work, drafts: Sequence[Draft]) -> None:
    """Refuse drafts that look like a live record where the app says so, else only warn of it."""
    groups: dict[str, list[Draft]] = {}
    for draft in drafts:
        groups.setdefault(draft.entity.key, []).append(draft)
    for group in groups.values():
        for rule in group[0].entity.duplicates.values():
            concerned = [draft for draft in group if _concerns(rule, draft)]
            if concerned:
                _check(work, group[0].entity, rule, concerned)


def known_alike(
    work: Work, entity: Entity, rule: Duplicates, columns: Sequence[Sequence[object]]
) -> set[int]:
    """Return at which rows of new records, given by column, a live record looks like them."""
    match = list(rule.match.items())
    columns = [[compared(value) for value in column] for column in columns]
    filled = [at for at, row in enumerate(zip(*columns, strict=True)) if None not in row]
    if not filled:
        return set()
    other = _compared(work, entity, rule)
    wanted = {
        f"v_{key}": list({_sought(_there(other, rule, key), how, column[at]) for at in filled})
        for (key, how), column in zip(match, columns, strict=True)
    }
    rows = work.run(
        ("duplicates", entity.key, rule.key), partial(_statement, work, other, rule), **wanted
    )
    folds = [bare if how == "normalized" else _same for _, how in match]
    known = {tuple(fold(value) for fold, value in zip(folds, row[2:], strict=True)) for row in rows}
    if not known:
        return set()
    return {
        at
        for at in filled
        if tuple(fold(column[at]) for fold, column in zip(folds, columns, strict=True)) in known
    }


def alike_to(
    work: Work, entity: Entity, values: Mapping[str, Any], this: UUID | None
) -> Iterator[tuple[Duplicates, Entity, UUID | None, str]]:
    """Yield live records that one with these values, by key, would look like.

    Each with its rule, its entity, and what it is called; without id and name where the person
    may not be told which it is.
    """
    for rule in entity.duplicates.values():
        if any(values.get(key) is None for key in rule.match):
            continue
        there = _compared(work, entity, rule)
        title = there.title_field or _there(there, rule, next(iter(rule.match))).key
        wanted: dict[str, Any] = {
            f"v_{key}": [_sought(_there(there, rule, key), how, values[key])]
            for key, how in rule.match.items()
        }
        rows = work.run(
            ("duplicates", entity.key, rule.key), partial(_statement, work, there, rule), **wanted
        )
        others = [
            row
            for row in rows
            if row[0] != this and _alike(rule, values, dict(zip(rule.match, row[2:], strict=True)))
        ]
        seen = _seen(work, there, title, [row[0] for row in others])
        for row in others:
            shown = MARK if there.fields[title].encrypted else str(row[1] or "")
            yield (rule, there, row[0], shown) if row[0] in seen else (rule, there, None, "")


def _same(value: object) -> object:
    return value


def _concerns(rule: Duplicates, draft: Draft) -> bool:
    """Return whether a record is to be compared: all matched fields are filled, and one changed."""
    if any(draft.values.get(key) is None for key in rule.match):
        return False
    return draft.is_new or bool(set(rule.match) & set(draft.changed()))


def _check(work: Work, entity: Entity, rule: Duplicates, drafts: Sequence[Draft]) -> None:
    there = _compared(work, entity, rule)
    title = there.title_field or _there(there, rule, next(iter(rule.match))).key
    wanted: dict[str, Any] = {
        f"v_{key}": list(
            {_sought(_there(there, rule, key), how, draft.values.get(key)) for draft in drafts}
        )
        for key, how in rule.match.items()
    }
    rows = work.run(
        ("duplicates", entity.key, rule.key), partial(_statement, work, there, rule), **wanted
    )
    known = [(row[0], row[1], dict(zip(rule.match, row[2:], strict=True))) for row in rows]
    seen = _seen(work, there, title, [other for other, _, _ in known])
    for draft in drafts:
        for other, name, values in known:
            if other != draft.id and _alike(rule, draft.values, values):
                named = told(work, draft, entity.title_field or next(iter(rule.match)))
                params = {"title": MARK if isinstance(named, Sealed) else named}
                if other in seen:
                    shown = MARK if there.fields[title].encrypted else name
                    params = {"title": shown or params["title"], "other": str(other)}
                at = next(iter(rule.match))
                if rule.action == "block":
                    draft.refuse("duplicate", at, **params)
                else:
                    draft.warn("possible_duplicate", at, **params)
                break


def _seen(work: Work, entity: Entity, title: str, ids: Sequence[UUID]) -> Collection[UUID]:
    """Return those records whose title the person may be told."""
    access = work.policy
    legible = access.readable(work.ctx, entity.key) - access.masked(work.ctx, entity.key)
    if not ids or title not in legible:
        return ()
    return access.permitted(work.ctx, work.connection, ids, entity=entity.key, action="read")


def _alike(rule: Duplicates, one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    return all(
        compared(one.get(key)) == other.get(key)
        or (how == "normalized" and bare(compared(one.get(key))) == bare(other.get(key)))
        for key, how in rule.match.items()
    )


def _compared(work: Work, entity: Entity, rule: Duplicates) -> Entity:
    """Return the entity whose records a rule compares with: the draft's own, or another."""
    return work.entity(rule.against) if rule.against else entity


def _there(entity: Entity, rule: Duplicates, key: str) -> Field:
    """Return the field that a matched one is compared with."""
    return entity.fields[rule.theirs.get(key, key)]


def _sought(each: Field, how: str, value: object) -> object:
    """Return what the database compares: an exact value, or a text by its sort key.

    Sort keys of texts that differ in case, width or accents only are the same.
    """
    if how == "exact" or not isinstance(value, str):
        return compared(value)
    return sort_key(value) if each.sort_column else value.lower()


def _column(table: Table, each: Field, how: str) -> Any:  # Any: columns of every type
    if how == "normalized" and each.sort_column:
        return table.c[each.sort_column]
    if each.encrypted:
        return table.c[each.blind_column]
    column = table.c[each.column]
    return func.lower(column) if how == "normalized" else column


def _statement(work: Work, entity: Entity, rule: Duplicates) -> Select[Any]:
    table = work.ctx.compiled.tables.of(entity.key)
    fields = [_there(entity, rule, key) for key in rule.match]
    title = entity.fields.get(entity.title_field) or fields[0]
    columns = [table.c[each.blind_column or each.column] for each in fields]
    statement = select(table.c.id, table.c[title.blind_column or title.column], *columns)
    compared = [
        _column(table, each, how) == any_(bindparam(f"v_{key}", type_=ARRAY(column.type)))
        for (key, how), each, column in zip(rule.match.items(), fields, columns, strict=True)
    ]
    return statement.where(table.c.sys_trashed_at.is_(None), *compared)
