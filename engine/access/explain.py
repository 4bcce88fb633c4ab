"""Why a person can or cannot see or change a record or a field, and why a list lacks it.

Somebody who asks learns of no record and no field that they may not read themselves. Only who
holds every right, or a role with `explain`, asks about somebody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection, select

from engine.access.fields import FieldReason, field_reason, field_rights, may_read_all
from engine.access.grants import ACTIONS, explains
from engine.access.policy import Policy, Readings
from engine.access.verdicts import Judged, Verdict, in_general, of_record, typed_condition
from engine.context import Context
from engine.errors import Forbidden, NotFound
from engine.query.binds import binds
from engine.query.find import require_askable
from engine.query.get import get
from engine.query.paging import cut
from engine.query.spec import LinkValue, ListQuery
from engine.query.titles import titles_of
from engine.tenants.people import actor_of, actor_sentence
from engine.values.sending import Request, send
from metamodel.model import Entity

Absence = Literal["shown", "trash", "rights", "filter"]
"""Whether a list shows a record; else what keeps it out, what weighs most first."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a person may do, by action and by field key, as far as whoever asks may know.

    `active` is False for somebody who cannot sign in; nothing is allowed then. Without a
    `record` verdicts speak of the entity in general. `listed` answers for a list's filter.
    """

    person: LinkValue
    active: bool
    entity: str
    record: UUID | None
    actions: Mapping[str, Verdict]
    fields: Mapping[str, FieldReason]
    writable: frozenset[str]
    listed: Absence | None = None


class Explainer:
    """Tells why, in the words of the very rules that decide."""

    def __init__(self, database: Readings, access: Policy) -> None:
        self._database = database
        self._access = access

    def entity(self, ctx: Context, entity: str, *, user: UUID | None = None) -> Explanation:
        """Return what somebody, else oneself, may do with an entity's records in general.

        Raises `NotFound` for a person who is not there, `Forbidden` for who may not ask.
        """
        kind = self._kind(ctx, entity)
        if not in_general(ctx, kind, "read").allowed:
            raise NotFound(entity=kind.name)
        with self._database.reading(ctx) as connection:
            who, person = self._person(ctx, connection, user)
        actions: dict[str, Verdict] = {
            each: in_general(person or ctx, kind, each) for each in ACTIONS
        }
        return self._told(ctx, person, _Told(who, kind, None, actions))

    def record(
        self, ctx: Context, entity: str, record: UUID, *,
        user: UUID | None = None, within: ListQuery | None = None,
    ) -> Explanation:  # fmt: skip
        """Return what somebody, else oneself, may do with a record, and whether a list shows it.

        Raises `NotFound` for a record that whoever asks may not read.
        """
        kind = self._kind(ctx, entity)
        with self._database.reading(ctx) as connection:
            get(ctx, self._access, connection, kind.key, [record], trashed=True)
            who, person = self._person(ctx, connection, user)
            asked = person or ctx
            actions = of_record(asked, connection, kind, record, ACTIONS)
            if actions is None:
                raise NotFound(entity=kind.name, id=str(record))
            listed = None
            if within is not None:
                listed = self._listed(asked, connection, within, record, actions["read"])
        return self._told(ctx, person, _Told(who, kind, record, actions, listed))

    def _kind(self, ctx: Context, entity: str) -> Entity:
        kind = ctx.model.entities.get(entity)
        if kind is None or kind.retired or kind.system:
            raise NotFound(entity=entity)
        return kind

    def _person(
        self, ctx: Context, connection: Connection, user: UUID | None
    ) -> tuple[LinkValue, Context | None]:
        """Return whom is asked about, and how they act; None for who cannot sign in."""
        if user is None or user == ctx.actor.user:
            mine = LinkValue("user", ctx.actor.user, ctx.actor.name)
            return titles_of(ctx, self._access, connection, "user", [ctx.actor.user]).get(
                ctx.actor.user, mine
            ), ctx
        if not explains(ctx):
            raise Forbidden("explain_others")
        found = titles_of(ctx, self._access, connection, "user", [user])
        if user not in found:
            raise NotFound(entity="user", id=str(user))
        return found[user], self._acting(ctx, connection, user)

    def _acting(self, ctx: Context, connection: Connection, user: UUID) -> Context | None:
        """Return the context in which somebody would act now with a session."""
        rows = send(connection, ctx, Request(actor_sentence(ctx.compiled), ({"who": user},)))
        actor = actor_of(user, rows)
        return None if actor is None else replace(ctx, actor=actor, once=None)

    def _listed(
        self, person: Context, connection: Connection, query: ListQuery, record: UUID,
        read: Verdict,
    ) -> Absence:  # fmt: skip
        """Return why a list does not show a record, or that it does."""
        row = person.compiled.tables.of(query.entity)
        trashed = row.c.get("sys_trashed_at")
        if trashed is not None:
            at = connection.execute(select(trashed).where(row.c.id == record)).scalar()
            if at is not None:
                return "trash"
        if not read.allowed:
            return "rights"
        require_askable(person, self._access, query)
        body = cut(person, self._access, query)
        mine = body.reading.source.row.c.id
        found = connection.execute(body.rows([mine]).where(mine == record), binds(person)).first()
        return "filter" if found is None else "shown"

    def _told(self, ctx: Context, person: Context | None, told: _Told) -> Explanation:
        """Return an explanation without what whoever asks may not read."""
        asked = person or ctx
        readable = field_rights(ctx, told.entity).readable
        actions = {name: _legible(ctx, told.entity, each) for name, each in told.actions.items()}
        if person is None:
            actions = {name: Verdict(name, False, "no_grant") for name in actions}
        fields = {
            key: _discreet(ctx, field_reason(asked, told.entity, told.entity.fields[key]))
            for key in told.entity.fields
            if key in readable
        }
        return Explanation(
            told.person,
            person is not None,
            told.entity.key,
            told.record,
            actions,
            fields if person is not None else {},
            field_rights(asked, told.entity).writable & readable,
            told.listed,
        )


@dataclass(frozen=True, slots=True)
class _Told:
    """What was found out, before it is told to whoever asked."""

    person: LinkValue
    entity: Entity
    record: UUID | None
    actions: Mapping[str, Verdict]
    listed: Absence | None = None


def _legible(ctx: Context, entity: Entity, verdict: Verdict) -> Verdict:
    """Return a verdict in which rules over what the person may not read say nothing of it."""
    rules = []
    for each in verdict.rules:
        needs = typed_condition(ctx, entity, each.rule.text).dependencies
        if each.rule.scope is None and not may_read_all(ctx, needs):
            each = Judged(replace(each.rule, text=""), None)
        rules.append(each)
    return replace(verdict, rules=tuple(rules))


def _discreet(ctx: Context, reason: FieldReason) -> FieldReason:
    """Return a reason that names no field which the person may not know of."""
    step = reason.made_of
    if step is None or step.field in field_rights(ctx, ctx.model.entities[step.entity]).readable:
        return reason
    return replace(reason, made_of=None)
