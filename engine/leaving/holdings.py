"""What a person holds: the links of records to people, and the rows that hold the person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    Case,
    ColumnElement,
    FromClause,
    Select,
    any_,
    bindparam,
    case,
    exists,
    false,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid

from engine.access.policy import allows
from engine.context import Context
from engine.leaving.order import Rule
from engine.query.joins import RowSource
from engine.query.parse import parse_filter
from engine.schema.tables import AUTHORS, live_fields
from metamodel.model import HOLDER, MEMBER, Entity, Field

USER = "user"

ENDING = frozenset({"team_member", "deputy"})
"""Entities whose records end with the person: nobody takes a seat in a team by hand-over."""

LEAVER: ColumnElement[UUID] = bindparam("leaver", type_=Uuid())

AFTER: ColumnElement[UUID] = bindparam("after", type_=Uuid())

UNRULED = -1
"""The rank of records that no rule speaks of."""


@dataclass(frozen=True, slots=True)
class Holding:
    """One field through which records belong to people; `pair` is the link table of many."""

    entity: Entity
    field: Field
    pair: str = ""

    @property
    def column(self) -> str:
        """The column that holds the person, of the record or of the link table."""
        return MEMBER if self.pair else self.field.columns.get(USER) or self.field.column

    @property
    def ends(self) -> bool:
        """Whether records end with the person instead of going to somebody."""
        return self.entity.key in ENDING

    def held(self, ctx: Context, row: FromClause) -> ColumnElement[bool]:
        """Return the condition that a row of the entity is the leaver's through this field."""
        if not self.pair:
            return row.c[self.column] == LEAVER
        pairs = ctx.compiled.tables.of(self.pair)
        return exists().where(pairs.c[HOLDER] == row.c.id, pairs.c[MEMBER] == LEAVER)


def holdings(ctx: Context) -> Iterator[Holding]:
    """Yield every field through which a record may belong to somebody.

    Facts are left out: what the app calls one, who made and changed a record, what is computed,
    what nobody may change.
    """
    pairs = {
        (each.pair.entity, each.pair.field): each.key
        for each in ctx.model.entities.values()
        if each.pair is not None
    }
    for entity in ctx.model.entities.values():
        if entity.retired or entity.system or entity.pair is not None:
            continue
        for each in live_fields(entity):
            if each.link is None or USER not in each.link.to or each.formula is not None:
                continue
            if each.key in AUTHORS or each.readonly or each.fact:
                continue
            pair = pairs.get((entity.key, each.key), "") if each.link.many else ""
            if pair or not each.link.many:
                yield Holding(entity, each, pair)


def fitting(holding: Holding, rules: Sequence[Rule]) -> list[tuple[int, Rule]]:
    """Return the rules that may speak of a holding, each with its place."""
    return [
        (at, rule)
        for at, rule in enumerate(rules)
        if rule.entity in ("", holding.entity.name) and rule.field in ("", holding.field.name)
    ]


def counted(ctx: Context, holding: Holding, rules: Sequence[Rule]) -> Select[tuple[int, int]]:
    """Return the statement that counts what the leaver holds, by the rule that decides."""
    row = ctx.compiled.tables.of(holding.entity.key).alias()
    source = RowSource.over(ctx.compiled, holding.entity.key, row)
    rank = _rank(ctx, holding, rules, source).label("rank")
    examples = func.array_agg(row.c.id)
    statement = select(rank, func.count().label("records"), examples[1:3].label("examples"))
    return statement.select_from(source.joins.clause()).where(holding.held(ctx, row)).group_by(rank)


def picked(
    ctx: Context, holding: Holding, rules: Sequence[Rule], rank: int, *, trashed: bool
) -> Select[tuple[UUID]]:
    """Return the statement that locks the next records of a rule, in the order of their ids.

    Binds are `leaver`, `after` (the last id before) and `most`.
    """
    row = ctx.compiled.tables.of(holding.entity.key).alias()
    source = RowSource.over(ctx.compiled, holding.entity.key, row)
    is_ranked = _rank(ctx, holding, rules, source) == rank
    away = row.c.sys_trashed_at
    return (
        select(row.c.id)
        .select_from(source.joins.clause())
        .where(
            holding.held(ctx, row),
            row.c.id > AFTER,
            is_ranked,
            away.is_not(None) if trashed else away.is_(None),
        )
        .order_by(row.c.id)
        .limit(bindparam("most"))
        .with_for_update(of=row, key_share=True)
    )


def active_people(ctx: Context, ids: Sequence[UUID]) -> Select[tuple[UUID]]:
    """Return the statement that finds who of these works here."""
    people = ctx.compiled.tables.of(USER)
    fields = ctx.model.entities[USER].fields
    wanted = bindparam("wanted", list(ids), type_=ARRAY(Uuid()))
    return select(people.c.id).where(
        people.c.id == any_(wanted),
        people.c.sys_trashed_at.is_(None),
        people.c[fields["active"].column],
    )


def _rank(
    ctx: Context, holding: Holding, rules: Sequence[Rule], source: RowSource
) -> ColumnElement[int] | Case[int]:
    """Return the place of the first rule that speaks of a row."""
    cases: list[tuple[ColumnElement[bool], int]] = []
    for at, rule in fitting(holding, rules):
        if not rule.filter:
            last = literal(at)
            return case(*cases, else_=last) if cases else last
        typed = parse_filter(ctx, holding.entity.key, rule.filter)
        cases.append((func.coalesce(allows(typed, source), false()), at))
    unruled = literal(UNRULED)
    return case(*cases, else_=unruled) if cases else unruled
