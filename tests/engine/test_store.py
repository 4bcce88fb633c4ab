"""Which model a tenant runs on: alike tenants share one, and a restart links nothing anew."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import get_ident
from time import sleep
from uuid import uuid4

import pytest

from bench.bundles import app_of
from engine import store as store_module
from engine.context import Tenant
from engine.schema.revisions import Document
from engine.store import ModelStore, model_of
from engine.tenants.provision import NewTenant, Provisioning
from engine.tenants.registry import TenantRegistry
from metamodel import diff
from metamodel.cache import ModelCache
from metamodel.linking.memory import Memory
from metamodel.model import Model
from tests.conftest import Installation

MEGABYTE = 1_000_000

DOCUMENTS = (Document("large", app_of(8)), Document("tenant", ""))


@pytest.fixture(scope="module")
def tenants(installation: Installation) -> Iterator[tuple[Tenant, ...]]:
    database = installation.database
    provisioning = Provisioning(database, ModelStore(database), TenantRegistry(database))
    names = [f"alike{uuid4().hex[:10]}" for _ in range(3)]
    made = [provisioning.create(NewTenant(n, DOCUMENTS), author="Tester")[0] for n in names]
    yield tuple(record.tenant for record in made)
    for name in names:
        provisioning.delete(name)


def test_a_further_tenant_of_the_same_template_costs_under_a_megabyte(
    installation: Installation, tenants: tuple[Tenant, ...]
) -> None:
    store = ModelStore(installation.database)
    first, *others = tenants
    compiled = store.current(first).compiled
    tracemalloc.start()

    alike = [store.current(other).compiled for other in others]

    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert all(each is compiled for each in alike)
    assert grown < len(others) * MEGABYTE


def test_a_new_process_takes_published_models_from_the_folder(
    installation: Installation, tenants: tuple[Tenant, ...], tmp_path: Path
) -> None:
    folder = tmp_path / "models"
    before = ModelStore(installation.database, cache=ModelCache(folder)).current(tenants[0])

    after = ModelStore(installation.database, cache=ModelCache(folder)).current(tenants[0])

    assert len(list(folder.iterdir())) == 1
    assert not diff(before.compiled.model, after.compiled.model)
    assert [each.name for each in after.compiled.tables.by_entity.values()] == [
        each.name for each in before.compiled.tables.by_entity.values()
    ]


def test_many_who_ask_at_once_for_what_was_published_wait_for_one_that_makes_it(
    installation: Installation, tenants: tuple[Tenant, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    def slowly(documents: Sequence[Document], memory: Memory) -> Model:
        made.append(get_ident())
        sleep(0.05)
        return model_of(documents, memory)

    monkeypatch.setattr(store_module, "model_of", slowly)
    store = ModelStore(installation.database)

    with ThreadPoolExecutor(4) as people:
        served = list(people.map(store.current, [tenants[0]] * 4))

    assert len(made) == 1
    assert len({id(each.compiled) for each in served}) == 1
