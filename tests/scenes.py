"""Throw-away tenants to play scenarios on, for the tests of the runner and of the apps."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from boot.wiring import acting_writer
from engine.access.policy import Policy
from engine.query.reader import Records
from engine.scenarios import Doors, Stage, staged
from engine.schema.revisions import Document
from engine.store import ModelStore
from engine.tenants.provision import Provisioning
from engine.tenants.registry import TenantRegistry
from engine.vault.keys import Vault
from tests.conftest import Installation
from workflow.messages.outbox import Outbox
from workflow.playing import Playing
from workflow.queueing import never
from workflow.rehearsing import Following
from workflow.webhooks import Silent

Stages = Callable[[str], AbstractContextManager[Stage]]
"""From the text of an app to a stage of it."""


@pytest.fixture(scope="session")
def registry(installation: Installation) -> TenantRegistry:
    return TenantRegistry(installation.database)


@pytest.fixture(scope="session")
def stages(
    installation: Installation, models: ModelStore, registry: TenantRegistry, vault: Vault
) -> Stages:
    database = installation.database
    access = Policy(database)
    provisioning = Provisioning(database, models, registry)

    writer, runner = acting_writer(database, access, never, Silent(), Outbox())
    reader = Records(database, access, "a secret of tests")
    playing = Playing(database, reader, runner)
    doors = Doors(reader, writer, vault, Following(database, runner), playing)

    def stage(app: str) -> AbstractContextManager[Stage]:
        documents = [Document("app.yaml", app), Document("tenant", "")]
        return staged(database, provisioning, documents, doors)

    return stage
