"""Tenants made of random plans, and what lies in them: the facts that the oracle judges.

Everything goes in through the engine's own doors, and is read back from its tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import yaml
from sqlalchemy import insert, select

from engine.access.policy import Policy
from engine.context import Actor, Context, role_id
from engine.database import Database
from engine.query.reader import Records as Reader
from engine.records.draft import read_row
from engine.records.writer import Records as Writer
from engine.tenants.people import actor_of, actor_sentence
from engine.values.sending import Request, send
from tests.conftest import TenantMaker
from tests.engine.access.plans import ROLES, Plan


@dataclass(frozen=True, slots=True)
class Share:
    """A record shared: `whom` is a person, department, team by id, or a role by name."""

    entity: str
    record: UUID
    kind: str
    whom: UUID | str
    writes: bool
    live: bool


@dataclass(frozen=True, slots=True, repr=False)
class World:
    """A tenant with its facts: every row by entity and id, as plain values by field key."""

    plan: Plan
    ctx: Context
    database: Database
    policy: Policy
    reader: Reader
    writer: Writer
    people: tuple[UUID, ...]
    departments: tuple[UUID, ...]
    teams: tuple[UUID, ...]
    rows: Mapping[str, Mapping[UUID, Mapping[str, Any]]]
    deputies: Mapping[UUID, frozenset[UUID]]
    shares: tuple[Share, ...]

    def acting(self, person: UUID) -> Context:
        """Return the context in which somebody signs in now."""
        with self.database.reading(self.ctx) as connection:
            asked = Request(actor_sentence(self.ctx.compiled), ({"who": person},))
            actor = actor_of(person, send(connection, self.ctx, asked))
        assert actor is not None
        return replace(self.ctx, actor=actor)


class _Builder:
    """Makes a tenant of a plan."""

    def __init__(self, plan: Plan, ctx: Context, database: Database) -> None:
        self._plan = plan
        self._ctx = ctx
        self._database = database
        self._policy = Policy(database)
        self._writer = Writer(database, self._policy)
        self._ids: dict[str, list[UUID]] = {}

    def build(self) -> World:
        """Write everything, then read it back."""
        plan = self._plan
        self._organise()
        for entity in ("tag", "site", "job"):
            self._ids[entity] = [
                self._create(entity, at, values) for at, values in enumerate(plan.records[entity])
            ]
        shares = self._share()
        for entity, at in plan.trashed:
            self._writer.delete(self._ctx, entity, [self._ids[entity][at]])
        today: Mapping[UUID, set[UUID]] = {one: set() for one in self._ids["user"]}
        for person, deputy, first, last in plan.deputies:
            if first <= 0 <= last:
                today[self._ids["user"][deputy]].add(self._ids["user"][person])
        return World(
            plan, self._ctx, self._database, self._policy,
            Reader(self._database, self._policy, "secret"), self._writer,
            tuple(self._ids["user"]), tuple(self._ids["department"]), tuple(self._ids["team"]),
            self._facts(), {one: frozenset(each) for one, each in today.items()}, shares,
        )  # fmt: skip

    def _put(self, entity: str, **values: Any) -> UUID:
        """Write a row of the organisation, as its own screens would."""
        id_ = uuid4()
        fields = self._ctx.model.entities[entity].fields
        columns = {fields[key].column: value for key, value in values.items()}
        table = self._ctx.compiled.tables.of(entity)
        with self._database.owner(self._ctx.tenant) as connection:
            connection.execute(insert(table).values(id=id_, **columns))
        self._ids.setdefault(entity, []).append(id_)
        return id_

    def _organise(self) -> None:
        plan, today = self._plan, self._ctx.moment.today
        for at, parent in enumerate(plan.parents):
            above = None if parent is None else self._ids["department"][parent]
            self._put("department", name=f"D{at}", parent=above)
        for at, roles in enumerate(plan.positions):
            self._put("position", name=f"Position {at}", roles=list(roles))
        for at, each in enumerate(plan.people):
            place = each["department"]
            self._put(
                "user", name=f"P{at}", email=f"p{at}@x.org", active=True,
                roles=list(each["roles"]),
                department=None if place is None else self._ids["department"][place],
                position=None if each["position"] is None else self._ids["position"][0],
            )  # fmt: skip
        for at, members in enumerate(plan.teams):
            team = self._put("team", name=f"T{at}")
            for member in members:
                self._put("team_member", team=team, member=self._ids["user"][member])
        for person, deputy, first, last in plan.deputies:
            named = {"person": self._ids["user"][person], "deputy": self._ids["user"][deputy]}
            days = {"from": today + timedelta(first), "until": today + timedelta(last)}
            self._put("deputy", **named, **days)

    def _create(self, entity: str, at: int, values: Mapping[str, Any]) -> UUID:
        people, model = self._ids["user"], self._plan.model["entities"][entity]
        payload: dict[str, Any] = {"name": f"alpha {entity}{at}", "size": values["size"]}
        if entity != "tag":
            payload |= {"kind": values["kind"], "open": values["open"]}
        if model.get("owned"):
            payload["owner"] = None if values["owner"] is None else str(people[values["owner"]])
        if entity == "site":
            payload["code"] = f"S{at}"
            payload["tags"] = [str(self._ids["tag"][each]) for each in values["tags"]]
            payload["seats"] = [
                {"person": str(people[who]), "edits": edits} for who, edits in values["seats"]
            ]
        if entity == "job":
            place = values["site"]
            payload["site"] = None if place is None else str(self._ids["site"][place])
            payload["lines"] = [{"n": n, "note": "beta"} for n in values["lines"]]
        author = Actor(people[values["author"]], "Author", ("administrator",))
        ctx = replace(self._ctx, actor=author)
        return self._writer.create(ctx, entity, [payload]).ids[0]

    def _share(self) -> tuple[Share, ...]:
        table = self._ctx.compiled.tables.of("sys_share")
        found: dict[tuple[object, ...], Share] = {}
        whose = {"person": "user", "department": "department", "team": "team"}
        for entity, at, kind, which, writes, ends in self._plan.shares:
            record = self._ids[entity][at]
            whom: UUID | str = ROLES[which % len(ROLES)]
            if kind != "role":
                known = self._ids[whose[kind]]
                whom = known[which % len(known)]
            share = Share(entity, record, kind, whom, writes, ends != -1)
            if (entity, record, kind, whom) in found:
                continue
            found[entity, record, kind, whom] = share
            until = None if ends is None else self._ctx.now + timedelta(hours=ends)
            values = {
                "id": uuid4(), "entity": entity, "record": record, "kind": kind, "writes": writes,
                "grantee": role_id(whom) if isinstance(whom, str) else whom,
                "role": whom if isinstance(whom, str) else None,
                "until": until, "at": self._ctx.now,
            }  # fmt: skip
            with self._database.owner(self._ctx.tenant) as connection:
                connection.execute(insert(table).values(**values))
        return tuple(found.values())

    def _facts(self) -> Mapping[str, Mapping[UUID, Mapping[str, Any]]]:
        """Read every row back as it lies in its table, with the members of links to many."""
        found: dict[str, dict[UUID, dict[str, Any]]] = {}
        with self._database.reading(self._ctx) as connection:
            for entity in ("site", "job", "line", "tag", "seat", "user", "team_member"):
                kind = self._ctx.model.entities[entity]
                table = self._ctx.compiled.tables.of(entity)
                found[entity] = {}
                for row in connection.execute(select(table)).mappings():
                    values = dict(read_row(kind, row)[0])
                    values["trashed"] = row["sys_trashed_at"] is not None
                    found[entity][row["id"]] = values
            link = self._ctx.model.entities["site"].fields["tags"].link
            assert link is not None
            pairs = self._ctx.compiled.tables.of(link.through)
            for values in found["site"].values():
                values["tags"] = ()
            for holder, member in connection.execute(select(pairs.c.holder, pairs.c.member)):
                found["site"][holder]["tags"] += (member,)
        return found


def build(plan: Plan, tenant_of: TenantMaker, database: Database) -> World:
    """Make a tenant of a plan."""
    ctx = tenant_of(yaml.safe_dump(dict(plan.model), allow_unicode=True))
    return _Builder(plan, ctx, database).build()
