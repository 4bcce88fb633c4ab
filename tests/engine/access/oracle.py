"""Who may see and do what, judged naively in Python from what the reference says.

Nothing of the engine's rights is used here: rows are plain dictionaries, rules are functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.engine.access.worlds import World

Row = Mapping[str, Any]

Field = tuple[str, str]

ORDER = ("none", "mask", "read", "write")

READS: Mapping[Field, tuple[Field, ...]] = {
    ("site", "total"): (("job", "site"), ("job", "size")),
    ("site", "count"): (("job", "site"), ("job", "open")),
    ("site", "double"): (("site", "size"),),
    ("job", "site_size"): (("job", "site"), ("site", "size")),
    ("job", "weight"): (("line", "job"), ("line", "n")),
    ("line", "part"): (("line", "n"), ("line", "job"), ("job", "size")),
}
"""What each computed field reads."""


@dataclass(frozen=True, slots=True)
class Oracle:
    """Judges for one person of a world."""

    world: World
    person: UUID

    @property
    def acting_for(self) -> frozenset[UUID]:
        """The person and those stood in for."""
        return self.world.deputies[self.person] | {self.person}

    @property
    def roles(self) -> list[str]:
        """The person's own roles and the position's."""
        plan = self.world.plan.people[self.world.people.index(self.person)]
        more = self.world.plan.positions[0] if plan["position"] is not None else ()
        return list(dict.fromkeys((*plan["roles"], *more)))

    def role(self, name: str) -> Mapping[str, Any]:
        """Return a role as it was written."""
        found: Mapping[str, Any] = self.world.plan.model["roles"][name]
        return found

    def teams(self) -> set[UUID]:
        """Return the teams of everybody acted for."""
        members = self.world.rows["team_member"].values()
        return {each["team"] for each in members if each["member"] in self.acting_for}

    def homes(self) -> set[UUID]:
        """Return the departments of everybody acted for."""
        rows = self.world.rows["user"]
        return {rows[one]["department"] for one in self.acting_for} - {None}

    def below(self) -> set[UUID]:
        """Return these departments with all below them."""
        return {each for each in self.world.departments if self.above(each) & self.homes()}

    def above(self, department: UUID) -> set[UUID]:
        """Return a department with all it lies under."""
        found, at = set(), self.world.departments.index(department)
        while True:
            found.add(self.world.departments[at])
            parent = self.world.plan.parents[at]
            if parent is None:
                return found
            at = parent

    # Records

    def live(self, entity: str) -> dict[UUID, Row]:
        """Return the rows that are not in the trash."""
        return {k: row for k, row in self.world.rows[entity].items() if not row["trashed"]}

    def visible(self, entity: str) -> set[UUID]:
        """Return the live records that the person may read."""
        return {key for key, row in self.live(entity).items() if self.may("read", entity, row)}

    def grants(self, action: str, entity: str) -> list[Any]:
        """Return what each role grants: by name, else for every entity."""
        found = []
        for name in self.roles:
            rights = self.role(name)["rights"]
            right = rights.get(entity, {}).get(action)
            if right is None and entity not in rights:
                right = rights.get("*", {}).get(action)
            found += [] if right is None else [right]
        return found

    def denials(self, action: str, entity: str) -> list[Any]:
        """Return what any role forbids."""
        denied = (self.role(name)["deny"].get(entity, {}).get(action) for name in self.roles)
        return [each for each in denied if each is not None]

    def can_at_all(self, action: str, entity: str) -> bool:
        """Return whether some record may be reached, as far as roles alone tell."""
        if entity in ("line", "seat"):
            entity, action = {"line": "job", "seat": "site"}[entity], _on_parent(action)
        allowed = bool(self.grants(action, entity)) and "all" not in self.denials(action, entity)
        if action in ("read", "create"):
            return allowed
        return allowed and self.can_at_all("read", entity)

    def may(self, action: str, entity: str, row: Row) -> bool:
        """Return whether an action on a record is allowed."""
        if entity in ("line", "seat"):
            above = {"line": "job", "seat": "site"}[entity]
            return self.may(_on_parent(action), above, self.world.rows[above][row[above]])
        granted = self.grants(action, entity)
        reached = any(self.holds(each, entity, row) for each in granted)
        if not reached and not (granted and self._widened(action, entity, row)):
            return False
        if any(self.holds(each, entity, row) for each in self.denials(action, entity)):
            return False
        return action in ("read", "create") or self.may("read", entity, row)

    def _widened(self, action: str, entity: str, row: Row) -> bool:
        if action not in ("read", "update"):
            return False
        model = self.world.plan.model["entities"][entity]
        if "members" in model:
            seats = [e for e in self.live("seat").values() if e["site"] == row["id"]]
            mine = [e for e in seats if e["person"] == self.person]
            if any(each["edits"] or action == "read" for each in mine):
                return True
        if model.get("owned") and any(self._shared(s, action, entity, row) for s in
                                      self.world.shares):  # fmt: skip
            return True
        if "follows" in model:
            site = self.live("site").get(row["site"])
            return site is not None and self.may(action, "site", site)
        return False

    def _shared(self, share: Any, action: str, entity: str, row: Row) -> bool:
        if (share.entity, share.record) != (entity, row["id"]) or not share.live:
            return False
        if action == "update" and not share.writes:
            return False
        match share.kind:
            case "person":
                return share.whom in self.acting_for
            case "team":
                return share.whom in self.teams()
            case "role":
                return share.whom in self.roles
        return any(share.whom in self.above(home) for home in self.homes())

    def holds(self, right: Any, entity: str, row: Row) -> bool:
        """Return whether a scope or a condition holds for a record."""
        if isinstance(right, Mapping):
            return CONDITIONS[entity, right["where"]](self, row)
        owned = self.world.plan.model["entities"][entity].get("owned")
        owner = row["owner"] if owned else row["created_by"]
        owners = self.world.rows["user"]
        department = row["department"] if owned else owners.get(owner, {}).get("department")
        members = self.world.rows["team_member"].values()
        match right:
            case "all":
                return True
            case _ if owner in self.acting_for:
                return True
            case "team":
                theirs = {each["team"] for each in members if each["member"] == owner}
                return bool(theirs & self.teams())
            case "department":
                return department in self.homes()
            case "department_tree":
                return department in self.below()
        return False

    # Fields

    def right(self, entity: str, field: str) -> str:
        """Return what the person may do with a field."""
        if not self.can_at_all("read", entity):
            return "none"
        above = {"line": "job", "seat": "site"}.get(entity, entity)
        roles = [self.role(name) for name in self.roles]
        reaching = [role for role in roles if _says(role, above, "read")]
        limits = []
        for role in reaching or roles:
            writes = _says(role, above, "create") or _says(role, above, "update")
            limits.append(role["fields"].get(entity, {}).get(field, "write" if writes else "read"))
        found = max(limits, key=ORDER.index)
        for role in roles:
            ceiling = role["deny"].get(entity, {}).get("fields", {}).get(field, found)
            found = min(found, ceiling, key=ORDER.index)
        made = READS.get((entity, field))
        reveals = self.world.plan.model["entities"][entity]["fields"].get(field, {}).get("reveals")
        if made is None or reveals or found == "none":
            return found
        return found if self.legible(made) else "none"

    def legible(self, fields: Iterable[Field]) -> bool:
        """Return whether all of these are read as they are."""
        return all(self.right(*each) in ("read", "write") for each in fields)

    def value(self, entity: str, row: Row, field: str) -> Any:
        """Return a field's true value, whoever asks."""
        if (entity, field) not in READS:
            return row[field]
        match field:
            case "total":
                return sum(each["size"] or 0 for each in jobs(self, row))
            case "count":
                return sum(1 for each in jobs(self, row) if each["open"])
            case "double":
                return (row["size"] or 0) * 2
            case "site_size":
                site = self.live("site").get(row["site"])
                return None if site is None else site["size"]
            case "weight":
                return sum(each["n"] or 0 for each in lines(self, row))
        job = self.live("job").get(row["job"])
        size = None if job is None else job["size"]
        return (row["n"] or 0) + (size or 0)


def _on_parent(action: str) -> str:
    return action if action in ("read", "export") else "update"


def _says(role: Mapping[str, Any], entity: str, action: str) -> bool:
    rights = role["rights"]
    return action in rights.get(entity, {} if entity in rights else rights.get("*", {}))


def jobs(oracle: Oracle, site: Row, *, seen: bool = False) -> list[Row]:
    """Return a site's live jobs, or those of them that the person sees."""
    found = [each for each in oracle.live("job").values() if each["site"] == site["id"]]
    return [each for each in found if oracle.may("read", "job", each)] if seen else found


def lines(oracle: Oracle, job: Row) -> list[Row]:
    """Return a job's live lines."""
    return [each for each in oracle.live("line").values() if each["job"] == job["id"]]


def site_of(oracle: Oracle, job: Row, *, seen: bool = False) -> Row:
    """Return a job's live site, blank where there is none, or none that the person sees."""
    found = oracle.live("site").get(job["site"])
    if found is None or (seen and not oracle.may("read", "site", found)):
        return {"kind": None, "owner": None, "size": None}
    return found


def _tagged(oracle: Oracle, tag: Row, *, seen: bool = False) -> bool:
    sites = oracle.live("site").values()
    return any(
        tag["id"] in each["tags"] and (not seen or oracle.may("read", "site", each))
        for each in sites
    )


def _more(value: Any, than: int) -> bool:
    return value is not None and value > than


Condition = Callable[[Oracle, Row], bool]

CONDITIONS: Mapping[Field, Condition] = {
    ("site", 'kind == "x"'): lambda o, r: r["kind"] == "x",
    ("site", "size > 2"): lambda o, r: _more(r["size"], 2),
    ("site", "open"): lambda o, r: bool(r["open"]),
    ("site", "COUNT(jobs) > 1"): lambda o, r: len(jobs(o, r)) > 1,
    ("site", "owner == user.id"): lambda o, r: r["owner"] == o.person,
    ("site", "double > 4"): lambda o, r: _more(o.value("site", r, "double"), 4),
    ("site", "ISBLANK(size)"): lambda o, r: r["size"] is None,
    ("job", 'kind == "x"'): lambda o, r: r["kind"] == "x",
    ("job", "open"): lambda o, r: bool(r["open"]),
    ("job", 'site.kind == "x"'): lambda o, r: site_of(o, r)["kind"] == "x",
    ("job", "COUNT(lines, n > 1) > 0"): lambda o, r: any(_more(e["n"], 1) for e in lines(o, r)),
    ("job", "size > 2 or open"): lambda o, r: _more(r["size"], 2) or bool(r["open"]),
    ("job", "site.owner == user.id"): lambda o, r: site_of(o, r)["owner"] == o.person,
    ("tag", "size > 2"): lambda o, r: _more(r["size"], 2),
    ("tag", "created_by == user.id"): lambda o, r: r["created_by"] == o.person,
    ("tag", "COUNT(sites) > 0"): lambda o, r: _tagged(o, r),
}
"""What roles say in place of a scope: facts over all rows, whoever acts."""


@dataclass(frozen=True, slots=True)
class Question:
    """A filter that people ask with: what it reads, and for which rows it holds for them."""

    entity: str
    text: str
    reads: tuple[Field, ...]
    holds: Condition


QUESTIONS: tuple[Question, ...] = (
    Question("site", 'kind == "x"', (("site", "kind"),), lambda o, r: r["kind"] == "x"),
    Question("site", "not (size > 2)", (("site", "size"),), lambda o, r: not _more(r["size"], 2)),
    Question("site", "total > 3", (("site", "total"),),
             lambda o, r: o.value("site", r, "total") > 3),
    Question("site", "COUNT(jobs) > 1", (("job", "site"),),
             lambda o, r: len(jobs(o, r, seen=True)) > 1),
    Question("site", "SUM(jobs.size, open) > 2",
             (("job", "site"), ("job", "size"), ("job", "open")),
             lambda o, r: sum(e["size"] or 0 for e in jobs(o, r, seen=True) if e["open"]) > 2),
    Question("site", "count > 0", (("site", "count"),),
             lambda o, r: o.value("site", r, "count") > 0),
    Question("site", "COUNT(jobs, weight > 2) > 0", (("job", "site"), ("job", "weight")),
             lambda o, r: any(o.value("job", e, "weight") > 2 for e in jobs(o, r, seen=True))),
    Question("job", 'site.kind == "x"', (("job", "site"), ("site", "kind")),
             lambda o, r: site_of(o, r, seen=True)["kind"] == "x"),
    Question("job", "ISBLANK(site.size)", (("job", "site"), ("site", "size")),
             lambda o, r: site_of(o, r, seen=True)["size"] is None),
    Question("job", "site_size > 2", (("job", "site_size"),),
             lambda o, r: _more(o.value("job", r, "site_size"), 2)),
    Question("job", "COUNT(lines, n > 1) > 0", (("line", "job"), ("line", "n")),
             lambda o, r: any(_more(e["n"], 1) for e in lines(o, r))),
    Question("job", "site.total > 3", (("job", "site"), ("site", "total")),
             lambda o, r: "id" in (s := site_of(o, r, seen=True))
             and o.value("site", s, "total") > 3),
    Question("line", "part > 2", (("line", "part"),),
             lambda o, r: _more(o.value("line", r, "part"), 2)),
    Question("line", "job.open", (("line", "job"), ("job", "open")),
             lambda o, r: bool(o.live("job")[r["job"]]["open"])),
    Question("tag", "COUNT(sites) > 0", (("site", "tags"),),
             lambda o, r: _tagged(o, r, seen=True)),
    Question("tag", "size == 1", (("tag", "size"),), lambda o, r: r["size"] == 1),
)  # fmt: skip
"""Questions over every kind of way: own values, links, collections, computed fields."""
