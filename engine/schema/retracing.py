"""Going back to what was published before: whom nobody touched since holds again what it held then.

Each single move is undone by rules of its own; where several that follow on each other do not end
up where a record was, history tells: by what the first of them found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from engine.context import Context
from engine.database import driver_of
from engine.schema.ddl import qualified
from engine.schema.earlier import publish_set, touched_since
from engine.schema.names import literal, quoted
from engine.schema.retelling import Retold
from engine.schema.revisions import Document, Revision
from engine.schema.shifts import Shift
from formula.types import ListType
from metamodel.model import Entity, Field

HELD = "coalesce(f.held, stored.value)"
"""What a record held before the first move since, or holds where there was none."""


def published_before(history: Sequence[Revision], documents: Sequence[Document]) -> int | None:
    """Return the last revision of a history, newest first, that was linked from just these.

    None where there is none, and where that is published now.
    """
    digests = tuple(each.digest for each in documents)
    found = next((each.number for each in history if each.documents == digests), None)
    return None if not history or found == history[0].number else found


@dataclass(frozen=True, slots=True)
class Retracing:
    """The way back of one field to a revision; revisions `since` have moved records."""

    ctx: Context
    entity: Entity
    choice: Field
    revision: int
    since: tuple[int, ...]

    def shifts(self, connection: Connection, present: str) -> Sequence[Shift]:
        """Return what brings records back, for each option they held and each they hold."""
        found = self._source(present, "true")
        ways = f"SELECT DISTINCT becomes, was FROM ({found}) n ORDER BY 1, 2"  # noqa: S608
        return [self._shift(*way) for way in driver_of(connection).execute(ways.encode())]

    def _shift(self, held: str, holds: str) -> Shift:
        def chosen(present: str) -> Retold:
            way = f"{HELD} = {literal(held)} AND h.value = {literal(holds)}"
            source = self._source(present, way)
            return Retold(self.entity, self.choice, held, holds, source)

        return Shift("retrace", self.choice, held, holds, chosen)

    def _source(self, present: str, way: str) -> str:
        """Return the statement of records that hold another option than they did then."""
        table = qualified(self.ctx.tenant.schema, self.entity.table)
        key, known = literal(self.choice.key), ", ".join(map(literal, self.choice.options))
        touched = touched_since(self.ctx, self.choice, "h.id", self.revision + 1)
        # What the same publish told before is what a record held until then.
        numbers = (*self.since, self.ctx.revision)
        sets = ", ".join(f"('{publish_set(each)}'::uuid, {each})" for each in numbers)
        first = (
            f"SELECT DISTINCT ON (c.record) c.record, c.before->>{key} AS held "  # noqa: S608
            f"FROM {qualified(self.ctx.tenant.schema, 'sys_change')} c "
            f"JOIN (VALUES {sets}) s (id, revision) ON s.id = c.change_set "
            f"WHERE c.entity = {literal(self.entity.key)} AND c.after ? {key} "
            "ORDER BY c.record, s.revision, c.seq"
        )
        return (
            f"SELECT h.id, h.value AS was, {HELD} AS becomes FROM ({present}) h "  # noqa: S608
            f"JOIN (SELECT id, {quoted(self.choice.column)} AS value FROM {table}) stored "
            f"ON stored.id = h.id LEFT JOIN ({first}) f ON f.record = h.id "
            f"WHERE {HELD} <> h.value AND {HELD} IN ({known}) AND {way} AND NOT {touched}"
        )


def can_retrace(choice: Field, former: Field | None) -> bool:
    """Return whether a field holds one option, in the column in which it held it before."""
    same = former is not None and former.column == choice.column
    return same and not isinstance(choice.value_type, ListType)
