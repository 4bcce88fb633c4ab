"""A yard that acts by itself: deliveries, jobs made from them, people who are told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from boot.wiring import House
from engine.context import Context
from engine.doors import Edit
from engine.jobs import Job
from engine.notices.tables import columns_of
from formula.backends.contract import Moment
from tests.conftest import TenantMaker
from workflow.clock import Clock
from workflow.runs import Run, newest
from workflow.task import RunTask

APP = """
format: 1
app: {name: yard, label: Yard, version: "1.0", languages: [en, zh], timezone: Asia/Shanghai}
entities:
  customer:
    label: Customer
    owned: true
    title: name
    fields:
      name: {type: text, required: true}
      state: {type: choice, options: {good: {label: Good}, bad: {label: Bad}}}
      received: {type: integer, formula: 'COUNT(deliveries, status == "received")'}
      big: {type: boolean}
  product:
    label: Product
    title: name
    fields:
      name: {type: text, required: true}
      needs_install: {type: boolean}
  delivery:
    label: Delivery
    owned: true
    title: code
    fields:
      code: {type: text, required: true}
      customer: {type: link, to: customer, inverse: deliveries}
      status:
        {type: choice, default: sent, options: {sent: {label: Sent}, received: {label: Received}}}
      note: {type: text}
      value: {type: money}
      size: {type: text}
      checked_on: {type: date}
  delivery_line:
    label: Line
    title_formula: product.name
    child_of: {entity: delivery, collection: lines}
    fields:
      product: {type: link, to: product, required: true}
      count: {type: integer, default: 1}
  job:
    label: Job
    title: name
    fields:
      name: {type: text, required: true}
      customer: {type: link, to: customer, inverse: jobs}
      about: {type: link, to: delivery, inverse: jobs}
      worker: {type: user}
      minutes: {type: integer, min: 0}
    pipelines:
      way:
        field: stage
        stages: {new: {label: New}, busy: {label: Busy}, over: {label: Over, ends: done}}
  note:
    label: Note
    title: about
    fields:
      about: {type: text}
      job: {type: link, to: job, inverse: notes}
"""

AUTOMATIONS = """
automations:
  install:
    label: {en: Install after delivery, zh: 签收后安装}
    trigger: {on: updated, entity: delivery, fields: [status]}
    when: 'status == "received" and previous.status != "received"'
    steps:
      per_line:
        each: lines
        filter: product.needs_install
        steps:
          job:
            create: job
            set: {name: 'product.name & " × " & count', customer: this.customer, about: this.id}
          note: {create: note, set: {about: 'this.code', job: input.job}}
  sized:
    label: Size
    immediate: true
    trigger: {on: created, entity: delivery}
    when: value > 0
    steps:
      way:
        branch:
          large: {when: value >= 1000, steps: {mark: {set: {size: '"large"'}}}}
        otherwise:
          mark: {set: {size: '"small"'}}
"""


@dataclass(frozen=True, slots=True)
class Yard:
    """A tenant that acts by itself, and whoever goes on with what it began."""

    house: House
    ctx: Context

    def create(self, entity: str, values: dict[str, Any]) -> UUID:
        return self.house.writer.create(self.ctx, entity, [values]).ids[0]

    def update(self, entity: str, id_: UUID, **values: Any) -> None:
        self.house.writer.update(self.ctx, entity, [Edit(id_, values)])

    def get(self, entity: str, id_: UUID) -> dict[str, Any]:
        (record,) = self.house.reader.get(self.ctx, entity, [id_])
        fields = self.ctx.model.entities[entity].fields
        return {fields[key].name: value for key, value in record.values.items()}

    def rows(self, entity: str, *names: str) -> list[tuple[Any, ...]]:
        """Return values of all live records, the oldest first. Any: of every type."""
        table = self.ctx.compiled.tables.of(entity)
        fields = self.ctx.model.entities[entity].fields
        columns = [table.c[fields[name].column] for name in names]
        with self.house.database.reading(self.ctx) as connection:
            rows = connection.execute(
                select(*columns).where(table.c.sys_trashed_at.is_(None)).order_by(table.c.id)
            )
            return [tuple(row) for row in rows]

    def runs(self, automation: str = "") -> list[Run]:
        """Return the last runs, the oldest first."""
        with self.house.database.reading(self.ctx) as connection:
            return newest(connection, self.ctx, automation)[::-1]

    def tick(self) -> int:
        """Look at the time, as a worker does each minute; return how many runs are begun."""
        clock = Clock(self.house.database, self.house.runner, lambda: [], lambda name: self.ctx)
        return clock.look(self.ctx)

    def at(self, moment: str) -> Yard:
        """Return the same yard at a time on the clock of its zone."""
        zone = self.ctx.moment.zone
        local = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone))
        now = Moment(local.astimezone(UTC), local.date(), zone)
        return replace(self, ctx=replace(self.ctx, moment=now))

    def later(self, **lapse: int) -> Yard:
        """Return the same yard some time later."""
        now = self.ctx.moment.now + timedelta(**lapse)
        return replace(self, ctx=replace(self.ctx, moment=replace(self.ctx.moment, now=now)))

    def work(self) -> int:
        """Run what waits in the queue and is due, as a worker does; return how much that was."""
        task = RunTask(self.house.database, self.house.runner, lambda name: self.ctx, nobody)
        count = 0
        while waiting := [run for run in self.runs() if run.state == "waiting" and self._due(run)]:
            for run in waiting:
                task.run(Job(0, self.ctx.tenant.name, {"runs": [str(run.id)]}, 1, silent))
                count += 1
        return count

    def _due(self, run: Run) -> bool:
        return run.due is None or run.due <= self.ctx.now

    def told(self) -> list[tuple[UUID, Any]]:
        table, column = columns_of(self.ctx, "sys_notice")
        with self.house.database.reading(self.ctx) as connection:
            rows = connection.execute(
                select(column["person"], column["words"]).order_by(column["id"])
            )
            return [(row[0], row[1]) for row in rows]


def nobody(tenant: str, user: UUID) -> Context | None:
    return None


def silent(done: int, total: int, note: str) -> None:
    """A job that reports to nobody."""


class Yards(Protocol):
    """Makes a tenant of the yard with automations of its own, in YAML."""

    def __call__(self, automations: str, app: str = APP) -> Yard: ...


@pytest.fixture(scope="session")
def yard_with(tenant_of: TenantMaker, house: House) -> Yards:
    """Make a tenant of the yard with automations of its own, in YAML."""

    def make(automations: str, app: str = APP) -> Yard:
        return Yard(house, tenant_of(app + automations))

    return make


@pytest.fixture(scope="session")
def yard(yard_with: Yards) -> Yard:
    return yard_with(AUTOMATIONS)


def product(yard: Yard, *, needs_install: bool = True) -> UUID:
    return yard.create("product", {"name": uuid4().hex[:8], "needs_install": needs_install})
