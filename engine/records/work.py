"""One unit of work while it runs: its transaction, its change set, and what it has read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.expression import Executable

from engine.access.policy import Policy
from engine.context import Context
from engine.database import Rows, Values
from engine.values.graph import Hop
from engine.values.identity import new_id
from engine.values.sending import Request, send_all, sentence
from metamodel.model import Entity, Model

IDS = bindparam("ids", type_=ARRAY(Uuid()))

Place = tuple[str, UUID]
"""A record by entity key and id."""


@dataclass(frozen=True, slots=True)
class Way:
    """A run of links upwards, beginning at records of `entity`."""

    entity: str
    hops: tuple[Hop, ...] = ()


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

    def ask(
        self, key: tuple[Hashable, ...], make: Callable[[], Executable], *rows: Values
    ) -> Request:
        """Return a request for a statement that is made once and kept with the model."""
        return Request(sentence(self.connection, self.ctx, key, make), rows)

    def send(self, requests: Sequence[Request]) -> list[Rows]:
        """Run requests in order in one round trip; return the rows of each."""
        return send_all(self.connection, self.ctx, requests) if requests else []

    def run(self, key: tuple[Hashable, ...], make: Callable[[], Executable], **values: Any) -> Rows:
        """Run one statement and return its rows. Any: binds of every type."""
        return self.send([self.ask(key, make, values)])[0]

    def read(self, entity: str, ids: Collection[UUID]) -> dict[UUID, Mapping[str, Any]]:
        """Return whole rows by id, trashed ones too; those read before are not read again."""
        missing = [each for each in ids if (entity, each) not in self.rows]
        if missing:
            request = self._rows(entity, (), "", missing)
            self.keep(entity, request, self.send([request])[0])
        return {each: self.rows[entity, each] for each in ids if (entity, each) in self.rows}

    def lock(
        self,
        exclusive: Iterable[Place],
        shared: Iterable[Place] = (),
        leaving: Collection[Place] = (),
    ) -> bool:
        """Lock rows in the one order over all entities; return whether any had changed meanwhile.

        Whole rows are read again under the lock. Rows that are `leaving` for the trash wait for
        whoever is writing a link to them, and let nobody begin to.
        """
        strong = set(exclusive) - self.held
        weak = set(shared) - strong - self.held - self.shared
        asked: list[tuple[str, Request]] = []
        for entity in sorted(
            {entity for entity, _ in strong | weak}, key=lambda key: self.entity(key).rank
        ):
            away = strong & set(leaving)
            for places, how in ((away, "leave"), (strong - away, "update"), (weak, "share")):
                ids = sorted(each for key, each in places if key == entity)
                if ids:
                    asked.append((entity, self._rows(entity, (), how, ids)))
        known = {place: self.rows.get(place) for place in strong | weak}
        for (entity, request), rows in zip(
            asked, self.send([request for _, request in asked]), strict=True
        ):
            self.keep(entity, request, rows)
        self.held |= strong
        self.shared |= weak
        return any(before and before != self.rows.get(place) for place, before in known.items())

    def lock_upwards(self, ways: Collection[Way], ids: Collection[UUID]) -> None:
        """Lock records and what lies above them along ways of links, all in one round trip.

        Each way is a run of links, the first of them the records' own; the empty way stands
        for the records themselves. Whoever finds other rows above afterwards must run again.
        """
        asked = [(end_of(way), self._rows(end_of(way), way.hops, "update", ids)) for way in
                 sorted(ways, key=lambda way: self.entity(end_of(way)).rank)]  # fmt: skip
        answers = self.send([request for _, request in asked])
        for (entity, request), rows in zip(asked, answers, strict=True):
            self.keep(entity, request, rows)
            self.held.update((entity, row[0]) for row in rows)

    def in_order(self, places: Iterable[Place]) -> bool:
        """Return whether locking these after all that is held keeps to the one order.

        Lines among themselves do: whoever holds one holds the record that it belongs to.
        """
        highest = max((self.entity(entity).rank for entity, _ in self.held), default=-1)
        return all(self.entity(entity).rank >= highest for entity, _ in places)

    def keep(self, entity: str, request: Request, rows: Rows) -> None:
        """Keep whole rows that were read."""
        names = request.sentence.columns
        for row in rows:
            self.rows[entity, row[0]] = dict(zip(names, row, strict=True))

    def _rows(self, entity: str, hops: tuple[Hop, ...], how: str, ids: Collection[UUID]) -> Request:
        """Return the request that reads, and perhaps locks, rows at the end of links upwards."""

        def make() -> Select[Any]:
            table = self.ctx.compiled.tables.of(entity)
            columns = [column for column in table.c if column.name != "sys_search"]
            statement = select(*columns).where(self._above(entity, hops)).order_by(table.c.id)
            if not how:
                return statement
            return statement.with_for_update(key_share=how == "update", read=how == "share")

        return self.ask(("rows", entity, hops, how), make, {"ids": list(ids)})

    def _above(self, entity: str, hops: tuple[Hop, ...]) -> ColumnElement[bool]:
        """Return the condition on rows of `entity` that the links of given rows lead to them."""
        identity = self.ctx.compiled.tables.of(entity).c.id
        if not hops:
            return identity == any_(IDS)
        hop = hops[-1]
        below = self.ctx.compiled.tables.of(hop.owner).alias()
        each = self.entity(hop.owner).fields[hop.link]
        link = below.c[each.columns.get(hop.target) or each.column]
        inner: ColumnElement[bool] = below.c.id == any_(IDS)
        if hops[:-1]:
            table = self.ctx.compiled.tables.of(hop.owner)
            inner = below.c.id.in_(select(table.c.id).where(self._above(hop.owner, hops[:-1])))
        return identity.in_(select(link).where(inner))


def end_of(way: Way) -> str:
    """Return the entity at the end of a way."""
    return way.hops[-1].target if way.hops else way.entity
