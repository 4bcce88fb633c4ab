"""What a hand-over would do: who takes how many of what, and what nobody takes yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Connection, select

from engine.access.policy import Policy
from engine.context import Context
from engine.errors import FieldError, NotFound, RecordRefused
from engine.leaving.holdings import (
    UNRULED,
    USER,
    Holding,
    active_people,
    counted,
    holdings,
)
from engine.leaving.journal import Given, HandoverState
from engine.leaving.order import Order, Rule, Whom
from engine.query.titles import titles_of
from engine.tenants.people import SYSTEM_USER
from engine.values.sending import Request, send, sentence

EXAMPLES = 3
"""How many records of each kind a plan names."""


@dataclass(frozen=True, slots=True)
class Example:
    """One record that a plan names."""

    id: UUID
    title: str


@dataclass(frozen=True, slots=True)
class Part:
    """Records that one rule decides about; `rule` is its place, None where none speaks of them.

    `ends` tells what goes with the person, such as a seat in a team.
    """

    holding: Holding
    rule: int | None
    records: int
    examples: tuple[Example, ...] = ()

    @property
    def ends(self) -> bool:
        return self.holding.ends


@dataclass(frozen=True, slots=True)
class Plan:
    """What a hand-over would do; `order` has its teams and managers resolved to people."""

    order: Order
    name: str
    parts: tuple[Part, ...]
    mentions: tuple[str, ...] = ()

    @property
    def unruled(self) -> tuple[Part, ...]:
        """What nobody would take."""
        return tuple(each for each in self.parts if each.rule is None and not each.ends)

    @property
    def total(self) -> int:
        return sum(each.records for each in self.parts)

    def problems(self) -> list[FieldError]:
        """Return what stands against running it: records that no rule speaks of."""
        return [
            FieldError(
                "handover_no_rule",
                ("rules",),
                {"entity": each.holding.entity.name, "field": each.holding.field.name,
                 "count": each.records},
            )
            for each in self.unruled
        ]  # fmt: skip


def make_plan(
    ctx: Context, access: Policy, connection: Connection, order: Order, mentions: Sequence[str]
) -> Plan:
    """Return what would be done; raise `RecordRefused` for rules that cannot be followed."""
    name = leaver_name(ctx, connection, order.person)
    _refuse_unknown(ctx, order.rules)
    resolved = resolve(ctx, connection, order)
    parts = [part for each in holdings(ctx) for part in _parts(ctx, connection, each, resolved)]
    named = tuple(_named(ctx, access, connection, part) for part in parts)
    return Plan(resolved, name, named, tuple(mentions))


def leaver_name(ctx: Context, connection: Connection, person: UUID) -> str:
    """Return what a person is called; raise `NotFound` for whom there is not."""
    table, fields = ctx.compiled.tables.of(USER), ctx.model.entities[USER].fields
    name = table.c[fields["name"].column]
    row = connection.execute(select(name.label("name")).where(table.c.id == person)).one_or_none()
    if row is None or person == SYSTEM_USER:
        raise NotFound(entity=USER, id=str(person))
    return str(row.name)


def resolve(ctx: Context, connection: Connection, order: Order) -> Order:
    """Return the order with people in place of teams and the manager; all of them work here."""
    rules = tuple(
        replace(rule, whom=_people(ctx, connection, order.person, rule.whom, ("rules", at, "to")))
        for at, rule in enumerate(order.rules)
    )
    return replace(order, rules=rules)


def _people(
    ctx: Context, connection: Connection, leaver: UUID, whom: Whom, path: tuple[str | int, ...]
) -> Whom:
    if whom.kind == "stays":
        return whom
    asked = whom.ids
    if whom.kind == "manager":
        asked = _manager(ctx, connection, leaver)
    if whom.kind == "team":
        asked = _team(ctx, connection, whom.ids[0])
    found = set(connection.execute(active_people(ctx, asked)).scalars()) - {leaver, SYSTEM_USER}
    takers = tuple(each for each in asked if each in found)
    if not takers or (whom.kind == "people" and len(takers) < len(asked)):
        raise RecordRefused([FieldError("handover_nobody", path, {"kind": whom.kind})])
    return Whom("people", takers)


def _manager(ctx: Context, connection: Connection, person: UUID) -> tuple[UUID, ...]:
    table, fields = ctx.compiled.tables.of(USER), ctx.model.entities[USER].fields
    manager = table.c[fields["manager"].column]
    found = connection.execute(select(manager).where(table.c.id == person)).scalar()
    return () if found is None else (found,)


def _team(ctx: Context, connection: Connection, team: UUID) -> tuple[UUID, ...]:
    table = ctx.compiled.tables.of("team_member")
    fields = ctx.model.entities["team_member"].fields
    member, of = table.c[fields["member"].column], table.c[fields["team"].column]
    statement = select(member).where(of == team, table.c.sys_trashed_at.is_(None))
    return tuple(connection.execute(statement.order_by(table.c.id)).scalars())


def _refuse_unknown(ctx: Context, rules: Sequence[Rule]) -> None:
    """Refuse rules that name what no record could be held through."""
    known = {(each.entity.name, each.field.name) for each in holdings(ctx)}
    entities = {entity for entity, _ in known}
    errors = []
    for at, rule in enumerate(rules):
        fields = {field for entity, field in known if rule.entity in ("", entity)}
        if rule.entity and rule.entity not in entities:
            errors.append(_unknown(("rules", at, "entity"), rule.entity, entities))
        elif rule.field and rule.field not in fields:
            errors.append(_unknown(("rules", at, "field"), rule.field, fields))
    if errors:
        raise RecordRefused(errors)


def _unknown(path: tuple[str | int, ...], value: str, known: set[str]) -> FieldError:
    return FieldError("unknown_choice", path, {"value": value, "known": sorted(known)})


def _parts(ctx: Context, connection: Connection, holding: Holding, order: Order) -> Iterator[Part]:
    rules = () if holding.ends else order.rules
    key = ("leaving", ctx.tenant.name, holding.entity.key, holding.field.key, rules)
    asked = sentence(connection, ctx, key, lambda: counted(ctx, holding, rules))
    for rank, records, examples in send(
        connection, ctx, Request(asked, ({"leaver": order.person},))
    ):
        named = tuple(Example(each, "") for each in examples)
        yield Part(holding, None if rank == UNRULED else rank, records, named)


def _named(ctx: Context, access: Policy, connection: Connection, part: Part) -> Part:
    """Return a part whose examples are called by their titles."""
    ids = [each.id for each in part.examples]
    titles = titles_of(ctx, access, connection, part.holding.entity.key, ids)
    named = tuple(Example(each, titles[each].title or "" if each in titles else "") for each in ids)
    return replace(part, examples=named)


def remaining(ctx: Context, connection: Connection, state: HandoverState) -> Iterator[Given]:
    """Yield what a person still holds: left on purpose, or because nobody could take it."""
    order = state.order
    staying = {at for at, rule in enumerate(order.rules) if rule.whom.kind == "stays"}
    for each in holdings(ctx):
        parts = list(_parts(ctx, connection, each, order))
        counted_before = state.of(each.entity.name, each.field.name)
        stayed = sum(part.records for part in parts if part.rule in staying)
        left = 0 if each.ends else sum(part.records for part in parts) - stayed
        if stayed or left or counted_before.left or counted_before.stayed:
            yield replace(counted_before, stayed=stayed, left=left)
