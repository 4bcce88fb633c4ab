"""Throw-away tenants to play scenarios on, for the tests of the runner and of the apps."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from engine.access.policy import Policy
from engine.query.reader import Records
from engine.records.writer import Records as Writer
from engine.scenarios import Stage, staged
from engine.schema.revisions import Document
from engine.store import ModelStore
from engine.tenants.provision import Provisioning
from engine.tenants.registry import TenantRegistry
from engine.vault.keys import Vault
from tests.conftest import Installation

Stages = Callable[[str], AbstractContextManager[Stage]]
"""From the text of an app to a stage of it."""


@pytest.fixture(scope="session")
def registry(installation: Installation) -> TenantRegistry:
    return TenantRegistry(installation.database)


@pytest.fixture(scope="session")
def stages(installation: Installation, registry: TenantRegistry, vault: Vault) -> Stages:
    database = installation.database
    access = Policy(database)
    provisioning = Provisioning(database, ModelStore(database), registry)

    def stage(app: str) -> AbstractContextManager[Stage]:
        return staged(
            database,
            provisioning,
            [Document("app.yaml", app), Document("tenant", "")],
            reader=Records(database, access, "a secret of tests"),
            writer=Writer(database, access),
            rings=vault,
        )

    return stage
