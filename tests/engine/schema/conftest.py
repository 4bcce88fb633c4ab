"""Tenants of a small app, made through the product's own provisioning."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from uuid import uuid4

import pytest

from engine.audit.log import AuditLog
from engine.backfill import Backfill
from engine.context import Actor, Cause, Context, Tenant
from engine.database import Database
from engine.publish import Publisher
from engine.schema import moving, structure
from engine.schema.revisions import Author, Document
from engine.store import ModelStore
from engine.tenants.provision import NewTenant, Provisioning
from engine.tenants.registry import TenantRegistry
from formula.backends.contract import Moment

APP = """
format: 1
app: {name: shop, label: Shop, version: "1.0", languages: [en]}
entities:
  customer:
    label: Customer
    title: name
    fields:
      name: {type: text, required: true, search: true, max_length: 120}
      budget: {type: money}
      level: {type: choice, options: {a: {label: Key}, b: {label: Other}}}
      vip: {type: boolean}
      note: {type: text}
  invoice:
    label: Invoice
    title: code
    fields:
      code: {type: text, unique: true}
      customer: {type: link, to: customer, inverse: invoices}
      total: {type: money, formula: "SUM(lines.amount)"}
  invoice_line:
    label: Line
    title_formula: '"line"'
    child_of: {entity: invoice, collection: lines}
    fields:
      amount: {type: money}
"""


@dataclass(frozen=True, slots=True)
class Shop:
    """One tenant, with what is needed to reshape it."""

    tenant: Tenant
    database: Database
    store: ModelStore
    publisher: Publisher

    def ctx(self) -> Context:
        """Return a context on the model published now."""
        compiled, revision = self.store.current(self.tenant)
        now = datetime(2026, 3, 1, tzinfo=UTC)
        return Context(
            tenant=self.tenant,
            compiled=compiled,
            revision=revision,
            actor=Actor(user=uuid4(), name="Tester", roles=("administrator",)),
            moment=Moment(now, now.date(), "UTC"),
            cause=Cause("cli"),
        )

    def layered(self, layer: str) -> tuple[Document, ...]:
        """Return the app with another layer of the tenant's own."""
        *base, _ = self.publisher.documents(self.tenant)
        return (*base, Document("tenant", layer))

    def publish(self, layer: str, *, allow_loss: bool = False) -> int:
        """Publish a layer, and return the revision's number."""
        proposal = self.publisher.propose(self.tenant, self.layered(layer))
        published = self.publisher.publish(
            self.tenant, proposal, author=Author("Tester"), allow_loss=allow_loss
        )
        return published.revision


class MakeShop(Protocol):
    """Makes a tenant of an app."""

    def __call__(self, app: str = APP) -> Shop: ...


class HasDatabase(Protocol):
    """What is used of an installation."""

    @property
    def database(self) -> Database: ...


@pytest.fixture
def make_shop(installation: HasDatabase, models: ModelStore) -> Iterator[MakeShop]:
    """Yield a maker of tenants, which are deleted at the end."""
    database = installation.database
    provisioning = Provisioning(database, models, TenantRegistry(database))
    made: list[str] = []

    def make(app: str = APP) -> Shop:
        name = f"shop{uuid4().hex[:10]}"
        made.append(name)
        wanted = NewTenant(name, (Document("shop", app), Document("tenant", "")))
        record, _ = provisioning.create(wanted, author="Tester")
        publisher = Publisher(database, models, Backfill(), AuditLog(database))
        return Shop(record.tenant, database, models, publisher)

    yield make
    for name in made:
        provisioning.delete(name)


@pytest.fixture
def shop(make_shop: Callable[[], Shop]) -> Shop:
    """Return a new tenant of the small app."""
    return make_shop()


def take_all_for_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every table, and every number of records that move, be planned for as a large one."""
    monkeypatch.setattr(structure, "SMALL", -1)
    monkeypatch.setattr(moving, "FEW", -1)


@pytest.fixture(params=["small", "large"])
def every_size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test as it is, and with tables that are written beside those who work."""
    if request.param == "large":
        take_all_for_large(monkeypatch)


@pytest.fixture(params=["small", pytest.param("large", marks=pytest.mark.thorough)])
def either_size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do the same where that takes long: everyday with tables as they are."""
    if request.param == "large":
        take_all_for_large(monkeypatch)
