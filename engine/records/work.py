"""One unit of work while it runs: its transaction, its change set, and what it has read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from engine.access.policy import Policy
from engine.context import Context
from engine.values.identity import new_id
from metamodel.model import Entity, Model

IDS = bindparam("ids", type_=ARRAY(Uuid()))

Place = tuple[str, UUID]
"""A record by entity key and id."""


@dataclass(slots=True)
class Work:
    """What the steps of one unit share; made anew each time the unit runs.

    `rows` holds whole rows that were read, by place, `held` the places that are locked, `hints`
    those that an earlier run found too late. `numbers` were taken before the unit began, by
    entity and field key.
    """

    ctx: Context
    connection: Connection
    policy: Policy
    change_set: UUID
    rows: dict[Place, Mapping[str, Any]] = field(default_factory=dict)
    held: set[Place] = field(default_factory=set)
    shared: set[Place] = field(default_factory=set)
    hints: set[Place] = field(default_factory=set)
    numbers: Mapping[tuple[str, str], Iterator[int]] = field(default_factory=dict)

    @classmethod
    def begin(cls, ctx: Context, connection: Connection, policy: Policy) -> Work:
        """Start a unit with a change set of its own."""
        return cls(ctx, connection, policy, new_id(ctx.now))

    @property
    def model(self) -> Model:
        return self.ctx.model

    def entity(self, key: str) -> Entity:
        return self.ctx.model.entities[key]

    def read(self, entity: str, ids: Collection[UUID]) -> dict[UUID, Mapping[str, Any]]:
        """Return whole rows by id, trashed ones too; those read before are not read again."""
        missing = [each for each in ids if (entity, each) not in self.rows]
        if missing:
            self._keep(entity, self._select(entity, None), missing)
        return {each: self.rows[entity, each] for each in ids if (entity, each) in self.rows}

    def lock(self, exclusive: Iterable[Place], shared: Iterable[Place] = ()) -> bool:
        """Lock rows in the one order over all entities; return whether any had changed meanwhile.

        Whole rows are read again under the lock.
        """
        strong = set(exclusive) - self.held
        weak = set(shared) - strong - self.held - self.shared
        ranks = {entity: self.entity(entity).rank for entity, _ in strong | weak}
        changed = False
        for entity in sorted(ranks, key=lambda key: ranks[key]):
            for places, how in ((strong, "no key update"), (weak, "share")):
                ids = sorted((each for key, each in places if key == entity), key=lambda i: i.int)
                if ids:
                    changed |= self._lock(entity, ids, how)
        self.held |= strong
        self.shared |= weak
        return changed

    def _lock(self, entity: str, ids: Sequence[UUID], how: str) -> bool:
        known = {each: self.rows.get((entity, each)) for each in ids}
        self._keep(entity, self._select(entity, how), ids)
        return any(
            before is not None and before != self.rows.get((entity, each))
            for each, before in known.items()
        )

    def _select(self, entity: str, how: str | None) -> Select[Any]:
        """Return the statement that reads, and perhaps locks, rows of an entity by id."""

        def make() -> Select[Any]:
            table = self.ctx.compiled.tables.of(entity)
            columns = [column for column in table.c if column.name != "sys_search"]
            statement = select(*columns).where(table.c.id == any_(IDS)).order_by(table.c.id)
            if how is None:
                return statement
            return statement.with_for_update(key_share=how != "share", read=how == "share")

        return self.ctx.compiled.keep(("rows", entity, how), make)

    def _keep(self, entity: str, statement: Select[Any], ids: Sequence[UUID]) -> None:
        for row in self.connection.execute(statement, {"ids": list(ids)}).mappings():
            self.rows[entity, row["id"]] = dict(row)
