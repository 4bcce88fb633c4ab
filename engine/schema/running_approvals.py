"""Approvals under way that a change touches: what it takes from them, and what it leaves alone.

An approval keeps the course that it began with. A plan says which of them run on by an older
one, whose record it moves, and what of them comes to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from engine.context import Context
from engine.database import driver_of
from engine.schema.answers import RECORDS, named_records
from engine.schema.ddl import qualified
from engine.schema.live import Live
from engine.schema.names import literal, quoted
from engine.schema.steps import Effect, Listing, Verdict
from metamodel.approvals import Approval
from metamodel.diff import Difference, diff
from metamodel.model import Model

APPROVALS, ASKED = "sys_approval", "sys_approval_task"

MOVING = frozenset({"stage_moves", "option_moves", "stage_returns", "option_returns"})
"""Effects that name the records which a publish moves."""

COURSE = frozenset({
    "steps", "thresholds", "locks", "locks_all", "withdraw", "author_decides", "skip_author",
    "skip_repeated",
})  # fmt: skip
"""What an approval says of its course, as it is fixed when a record is submitted."""


def approval_effects(
    connection: Connection, ctx: Context, old: Model, live: Live, moved: Sequence[Effect]
) -> Iterator[Effect]:
    """Yield what a plan does to approvals under way; `moved` are its other effects."""
    if APPROVALS not in live:
        return
    looking = _Looking(connection, ctx, live)
    entities = looking.entities()
    if not entities:
        return
    for effect in moved:
        if effect.code in MOVING and effect.touches in entities and effect.listing is not None:
            inside = f"a.record IN (SELECT id FROM ({effect.listing.statement}) m)"  # noqa: S608
            yield from looking.effect("approvals_move", effect.touches, inside, effect.params)
    for key in entities:
        yield from _of_entity(looking, old, key)
    for difference in diff(old, ctx.model).under("approvals"):
        before = old.approvals.get(difference.path[1])
        if before is not None and before.entity in entities and not _rests(ctx, before.entity):
            yield from _of_approval(looking, before, difference)
    yield from _of_roles(looking, old, entities)


def _of_entity(looking: _Looking, old: Model, key: str) -> Iterator[Effect]:
    """Yield what becomes of approvals with their kind of record, or with fields of it."""
    before, after = old.entities.get(key), looking.ctx.model.entities.get(key)
    if before is None or before.retired:
        return
    if after is None or after.retired:
        yield from looking.effect("approvals_rest", key, "true", {}, "loses")
        return
    for field in before.fields.values():
        now = after.fields.get(field.key)
        if not field.retired and (now is None or now.retired):
            held = f"a.changes ? {literal(field.key)}"
            yield from looking.effect(
                "approvals_drop", key, held, {"field": field.key}, "loses"
            )  # fmt: skip


def _of_approval(looking: _Looking, old: Approval, change: Difference) -> Iterator[Effect]:
    """Yield how many began by a course that is another now, or is there no more."""
    mine, params = f"a.approval = {literal(old.key)}", {"approval": old.key}
    if change.kind == "retired":
        yield from looking.effect("approvals_left", old.entity, mine, params, "loses")
    elif change.attributes.keys() & COURSE:
        yield from looking.effect("approvals_keep", old.entity, mine, params)


def _of_roles(looking: _Looking, old: Model, entities: Sequence[str]) -> Iterator[Effect]:
    """Yield how many wait for people whose role goes."""
    for role in old.roles:
        if role in looking.ctx.model.roles:
            continue
        waits = looking.waits_for_role(role)
        for key in entities:
            yield from looking.effect("approvals_role", key, waits, {"role": role})


def _rests(ctx: Context, entity: str) -> bool:
    found = ctx.model.entities.get(entity)
    return found is None or found.retired


@dataclass(frozen=True, slots=True)
class _Looking:
    """A look at the approvals under way, in which nothing is changed."""

    connection: Connection
    ctx: Context
    live: Live

    def entities(self) -> tuple[str, ...]:
        """Return the kinds of records, by key, of which some are being approved."""
        asked = f"SELECT DISTINCT entity FROM {self._table(APPROVALS)} WHERE state = 'running'"  # noqa: S608
        found = driver_of(self.connection).execute(asked.encode()).fetchall()
        known = self.ctx.model.entities
        return tuple(sorted(row[0] for row in found if row[0] in known))

    def effect(
        self, code: str, entity: str, where: str, params: Mapping[str, Any],
        verdict: Verdict = "notice",
    ) -> Iterator[Effect]:  # fmt: skip
        """Yield an effect on the live records of a kind whose approvals under way these are."""
        table = self.live.get(self.ctx.model.entities[entity].table)
        if table is None:
            return
        alive = " AND t.sys_trashed_at IS NULL" if "sys_trashed_at" in table.columns else ""
        source = (
            f"SELECT DISTINCT a.id AS approval, a.record AS id FROM {self._table(APPROVALS)} a "  # noqa: S608
            f"JOIN {self._table(table.name)} t ON t.id = a.record{alive} "
            f"WHERE a.state = 'running' AND a.entity = {literal(entity)} AND {where}"
        )
        driver = driver_of(self.connection)
        row = driver.execute(f"SELECT count(*) FROM ({source}) n".encode()).fetchone()  # noqa: S608
        if row is None or not row[0]:
            return
        listing = f"SELECT DISTINCT id, '' FROM ({source}) n ORDER BY id"  # noqa: S608
        some = driver.execute(f"{listing} LIMIT {RECORDS}".encode())
        yield Effect(
            code, entity, verdict, int(row[0]), params=params,
            records=named_records(some.fetchall()), listing=Listing(listing),
        )  # fmt: skip

    def waits_for_role(self, role: str) -> str:
        """Return the condition that somebody is asked who has a role, or whose position has it."""
        tables = self.ctx.compiled.tables
        user, position = tables.of("user"), tables.of("position")
        people, jobs = (self.ctx.model.entities[each].fields for each in ("user", "position"))
        mine, theirs, held = (
            quoted(each.column)
            for each in (people["roles"], jobs["roles"], people["position"])
        )  # fmt: skip
        named = literal(role)
        return (
            f"EXISTS (SELECT 1 FROM {self._table(ASKED)} w "  # noqa: S608
            f"JOIN {self._table(user.name)} u ON u.id = w.person "
            f"LEFT JOIN {self._table(position.name)} p ON p.id = u.{held} "
            f"WHERE w.approval = a.id AND w.kind = 'decide' AND w.done_at IS NULL "
            f"AND ({named} = ANY(u.{mine}) OR {named} = ANY(p.{theirs})))"
        )

    def _table(self, name: str) -> str:
        return qualified(self.ctx.tenant.schema, name)
