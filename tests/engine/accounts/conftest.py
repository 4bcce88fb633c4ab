"""What tests of the door share: accounts that hash quickly, and what became of them in the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Connection

from engine.audit.event import PersonEvent
from engine.tenants.accounts import Accounts
from engine.tenants.identity import Account
from tests.conftest import Installation

PASSWORD = "correct horse 电池"


@dataclass
class Log:
    """Keeps what it is told."""

    events: list[PersonEvent] = field(default_factory=list)

    def note(self, event: PersonEvent) -> None:
        self.events.append(event)

    def within(self, connection: Connection, event: PersonEvent) -> None:
        self.events.append(event)

    def kinds(self) -> Sequence[str]:
        return [event.kind for event in self.events]


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def accounts(installation: Installation, log: Log) -> Accounts:
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    return Accounts(installation.database, hasher=quick, log=log)


@pytest.fixture
def who(accounts: Accounts) -> Account:
    return accounts.create(f"wang.{uuid4().hex}@example.com", name="王芳", password=PASSWORD)
