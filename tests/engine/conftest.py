"""What tests of the engine share: a trading house to read from."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Protocol
from uuid import uuid4

import pytest

from engine.access.policy import Policy
from engine.database import Database
from engine.query.reader import Records
from engine.schema.revisions import Document
from engine.store import ModelStore
from engine.tenants.provision import NewTenant, Provisioning
from engine.tenants.registry import TenantRegistry
from tests.engine.house import APP, House, furnish


class HasDatabase(Protocol):
    """What is used of an installation."""

    @property
    def database(self) -> Database: ...


@pytest.fixture(scope="session")
def house(installation: HasDatabase, models: ModelStore) -> Iterator[House]:
    """Yield the house, its people and records chosen by a fixed seed."""
    database = installation.database
    provisioning = Provisioning(database, models, TenantRegistry(database))
    name = f"house{uuid4().hex[:10]}"
    documents = (Document("house", APP), Document("tenant", ""))
    record, _ = provisioning.create(NewTenant(name, documents), author="Tester")
    policy = Policy(database)
    found = House(record.tenant, database, models, policy, Records(database, policy, "secret"))
    furnish(found, Random(7))
    yield found
    provisioning.delete(name)
