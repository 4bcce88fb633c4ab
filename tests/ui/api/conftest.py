"""A store with an API, and people with tokens to call it."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from boot.wiring import House
from engine.context import Context
from engine.tenants.members import enrol
from engine.tenants.tokens import issue
from tests.conftest import TenantMaker
from tests.ui.api.calling import Api, Calling
from ui.factory import create_app

STORE = (Path(__file__).parent / "store.yaml").read_text("utf-8")


@pytest.fixture(scope="session")
def store(tenant_of: TenantMaker) -> Context:
    return tenant_of(STORE)


@pytest.fixture(scope="session")
def calling(serving: House, store: Context) -> Calling:
    """Enrol a new person with a role, and give them a token."""
    app = create_app(serving.services)

    def call(role: str = "administrator", *scopes: str, ctx: Context = store) -> Api:
        email = f"{role}-{uuid4().hex[:8]}@example.com"
        account = serving.accounts.create(email, name="Lin Xiao", password=None, language="")
        enrol(serving.accounts, serving.writer, ctx, account, roles=(role,))
        token = issue(serving.accounts.ledger, ctx.tenant.name, account.id, scopes or ("all",))
        return Api(app.test_client(), ctx, serving, token)

    return call


@pytest.fixture(scope="session")
def api(calling: Calling) -> Api:
    return calling()


@pytest.fixture
def name() -> str:
    """A name that no other record has."""
    return f"Acme {uuid4().hex[:10]}"
