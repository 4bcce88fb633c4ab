"""Random tenants for the proof of rights: models, roles, people, departments, records, shares.

A `Plan` is drawn by hypothesis and is plain data. `build` makes a tenant of it through the
engine's own doors, and reads back what lies in its tables: the facts that the oracle judges.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import yaml
from hypothesis import strategies as st
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

PEOPLE = 5
DEPARTMENTS = 4
TEAMS = 2
ROLES = ("red", "green", "blue")
SCOPES = ("own", "team", "department", "department_tree", "all")

WHERES: Mapping[str, tuple[str, ...]] = {
    "site": (
        'kind == "x"', "size > 2", "open", "COUNT(jobs) > 1", "owner == user.id", "double > 4",
        "ISBLANK(size)",
    ),
    "job": (
        'kind == "x"', "open", 'site.kind == "x"', "COUNT(lines, n > 1) > 0", "size > 2 or open",
        "site.owner == user.id",
    ),
    "tag": ("size > 2", "created_by == user.id", "COUNT(sites) > 0"),
}  # fmt: skip
"""Conditions that roles say in place of a scope; the oracle knows each of them in Python."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    "site": ("name", "kind", "size", "open", "owner", "tags", "total", "count", "double"),
    "job": ("name", "kind", "size", "open", "site", "site_size", "weight"),
    "line": ("n", "note", "part"),
    "tag": ("name", "size"),
}
"""Fields that roles limit."""

COMPUTED = {
    ("site", "total"): "SUM(jobs.size)",
    ("site", "count"): "COUNT(jobs, open)",
    ("site", "double"): "size * 2",
    ("job", "site_size"): "site.size",
    ("job", "weight"): "SUM(lines.n)",
    ("line", "part"): "n + job.size",
}

LIVING = ("site", "job", "tag")
"""Entities that have rights of their own, and lie in the trash at times."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A tenant as it is to be: a model, its people, their records, and what is shared."""

    model: Mapping[str, Any]
    people: Sequence[Mapping[str, Any]]
    parents: Sequence[int | None]
    teams: Sequence[Sequence[int]]
    positions: Sequence[Sequence[str]]
    deputies: Sequence[tuple[int, int, int, int]]
    records: Mapping[str, Sequence[Mapping[str, Any]]]
    trashed: Sequence[tuple[str, int]]
    shares: Sequence[tuple[str, int, str, int, bool, int | None]]


def _maybe(strategy: st.SearchStrategy[Any], none: int = 2) -> st.SearchStrategy[Any]:
    return st.one_of(*[st.none()] * none, strategy)


def _right(entity: str) -> st.SearchStrategy[Any]:
    where = st.sampled_from(WHERES[entity]).map(lambda text: {"where": text})
    return st.one_of(st.sampled_from(SCOPES), st.sampled_from(SCOPES), where)


@st.composite
def _role(draw: st.DrawFn, name: str) -> dict[str, Any]:
    role: dict[str, Any] = {"label": name, "rights": {}, "deny": {}, "fields": {}}
    for entity in LIVING:
        actions = ("create", "read", "update", "delete", "export")
        rights = {
            action: right
            for action in actions
            if (right := draw(_maybe(_right(entity), 1 if action == "read" else 2))) is not None
        }
        if rights:
            role["rights"][entity] = rights
        denied = draw(_maybe(_right(entity), 6))
        if denied is not None:
            role["deny"][entity] = {draw(st.sampled_from(["read", "update"])): denied}
    if draw(st.integers(0, 7)) == 0:
        role["rights"]["*"] = {"read": draw(st.sampled_from(SCOPES))}
    for entity, fields in FIELDS.items():
        limits = draw(
            st.dictionaries(
                st.sampled_from(fields), st.sampled_from(["none", "mask", "read", "write"]),
                max_size=2,
            )
        )  # fmt: skip
        if limits:
            role["fields"][entity] = limits
        if entity != "line" and draw(st.integers(0, 7)) == 0:
            ceiling = {draw(st.sampled_from(fields)): draw(st.sampled_from(["none", "read"]))}
            role["deny"].setdefault(entity, {})["fields"] = ceiling
    return role


def _computed(draw: st.DrawFn, entity: str, name: str) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "integer", "formula": COMPUTED[entity, name]}
    if draw(st.booleans()):
        made["stored"] = False
    if draw(st.integers(0, 3)) == 0:
        made["reveals"] = True
    return made


@st.composite
def _model(draw: st.DrawFn) -> dict[str, Any]:
    plain = {
        "name": {"type": "text", "required": True, "search": True},
        "kind": {"type": "choice", "options": {"x": {"label": "X"}, "y": {"label": "Y"}}},
        "size": {"type": "integer"},
        "open": {"type": "boolean"},
    }
    site: dict[str, Any] = {
        "label": "Site", "title": "name", "owned": True,
        "fields": {
            **plain,
            "code": {"type": "text", "unique": True},
            "tags": {"type": "links", "to": "tag", "inverse": "sites"},
            **{name: _computed(draw, "site", name) for name in ("total", "count", "double")},
        },
    }  # fmt: skip
    job: dict[str, Any] = {
        "label": "Job", "title": "name", "owned": draw(st.booleans()),
        "fields": {
            **plain,
            "site": {"type": "link", "to": "site", "inverse": "jobs", "on_delete": "clear"},
            **{name: _computed(draw, "job", name) for name in ("site_size", "weight")},
        },
    }  # fmt: skip
    line: dict[str, Any] = {
        "label": "Line", "title_formula": '"line"',
        "child_of": {"entity": "job", "collection": "lines"},
        "fields": {
            "n": {"type": "integer"},
            "note": {"type": "text"},
            "part": _computed(draw, "line", "part"),
        },
    }  # fmt: skip
    tag: dict[str, Any] = {
        "label": "Tag", "title": "name",
        "fields": {"name": plain["name"], "size": plain["size"]},
    }  # fmt: skip
    seat: dict[str, Any] = {
        "label": "Seat", "title_formula": '"seat"',
        "child_of": {"entity": "site", "collection": "seats"},
        "fields": {"person": {"type": "user"}, "edits": {"type": "boolean"}},
    }  # fmt: skip
    if draw(st.booleans()):
        site["members"] = {"collection": "seats", "person": "person", "write_when": "edits"}
    if draw(st.booleans()):
        job["follows"] = "site"
    return {
        "format": 1,
        "app": {"name": "world", "label": "World", "version": "1.0", "languages": ["en"]},
        "entities": {"site": site, "job": job, "line": line, "tag": tag, "seat": seat},
        "roles": {name: draw(_role(name)) for name in ROLES},
    }


def _values(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "kind": draw(st.sampled_from(["x", "y", None])),
        "size": draw(_maybe(st.integers(0, 5), 1)),
        "open": draw(st.booleans()),
        "owner": draw(_maybe(st.integers(0, PEOPLE - 1), 1)),
        "author": draw(st.integers(0, PEOPLE - 1)),
    }


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Draw everything there is to know of a tenant."""
    model = draw(_model())
    person = st.integers(0, PEOPLE - 1)
    roles = st.lists(st.sampled_from(ROLES), max_size=2, unique=True)
    people = [
        {
            "department": draw(_maybe(st.integers(0, DEPARTMENTS - 1), 1)),
            "roles": draw(roles),
            "position": draw(_maybe(st.just(0), 3)),
        }
        for _ in range(PEOPLE)
    ]
    sites = [
        {
            **_values(draw),
            "tags": draw(st.lists(st.integers(0, 2), max_size=2, unique=True)),
            "seats": draw(st.lists(st.tuples(person, st.booleans()), max_size=1)),
        }
        for _ in range(draw(st.integers(3, 6)))
    ]
    jobs = [
        {
            **_values(draw),
            "site": draw(_maybe(st.integers(0, len(sites) - 1), 1)),
            "lines": draw(st.lists(_maybe(st.integers(0, 3), 1), max_size=2)),
        }
        for _ in range(draw(st.integers(3, 8)))
    ]
    records = {"tag": [_values(draw) for _ in range(3)], "site": sites, "job": jobs}
    places = [(entity, at) for entity in LIVING for at in range(len(records[entity]))]
    owned = [place for place in places if model["entities"][place[0]].get("owned")]
    share = st.tuples(
        st.sampled_from(owned), st.sampled_from(["person", "department", "team", "role"]),
        st.integers(0, 20), st.booleans(), st.sampled_from([None, 1, -1]),
    )  # fmt: skip
    return Plan(
        model=model,
        people=people,
        parents=[draw(_maybe(st.integers(0, at - 1), 1)) if at else None
                 for at in range(DEPARTMENTS)],
        teams=[draw(st.lists(person, max_size=3, unique=True)) for _ in range(TEAMS)],
        positions=[draw(roles)],
        deputies=[
            (one, other, draw(st.sampled_from([-3, 0, 2])), draw(st.sampled_from([-2, 0, 3])))
            for one, other in draw(st.lists(st.tuples(person, person), max_size=2, unique=True))
            if one != other
        ],
        records=records,
        trashed=draw(st.lists(st.sampled_from(places), max_size=3, unique=True)),
        shares=[
            (*place, kind, whom, writes, ends)
            for place, kind, whom, writes, ends in draw(st.lists(share, max_size=5))
        ],
    )  # fmt: skip


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


def plain(plan: Plan) -> dict[str, Any]:
    """Return a plan as YAML can write it: a case that failed is kept as such a file."""
    made: dict[str, Any] = json.loads(json.dumps(asdict(plan)))
    return made


def plan_of(made: Mapping[str, Any]) -> Plan:
    """Return the plan that was written."""
    return Plan(**made)
