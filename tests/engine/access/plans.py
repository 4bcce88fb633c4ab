"""Random plans of tenants for the proof of rights: models, roles, people, records, shares.

A `Plan` is drawn by hypothesis and is plain data, which `worlds.build` makes a tenant of.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from hypothesis import strategies as st

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


def plain(plan: Plan) -> dict[str, Any]:
    """Return a plan as YAML can write it: a case that failed is kept as such a file."""
    made: dict[str, Any] = json.loads(json.dumps(asdict(plan)))
    return made


def plan_of(made: Mapping[str, Any]) -> Plan:
    """Return the plan that was written."""
    return Plan(**made)
