"""API tokens: whose they are, and when they stop."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from engine.accounts.ledger import Ledger
from engine.tenants import tokens
from engine.tenants.accounts import Accounts
from engine.tenants.errors import TenantError
from engine.tenants.registry import TenantRegistry
from tests.conftest import Installation


@pytest.fixture
def accounts(installation: Installation) -> Accounts:
    return Accounts(installation.database)


@pytest.fixture
def tenant(installation: Installation) -> str:
    name = f"acme-{uuid4().hex[:12]}"
    registry = TenantRegistry(installation.database)
    registry.add(name, label="", language="en", template="crm")
    registry.set_state(name, "live")
    return name


@pytest.fixture
def member(accounts: Accounts, tenant: str) -> UUID:
    made = accounts.create(f"{uuid4().hex}@example.com")
    accounts.join(made.id, tenant, user=uuid4())
    return made.id


def test_a_token_stands_for_its_owner_in_one_tenant(
    installation: Installation, accounts: Accounts, tenant: str, member: UUID
) -> None:
    made = tokens.issue(Ledger(installation.database), tenant, member, ["read", "quote:update"])

    bearer = accounts.bearer(made)

    assert bearer is not None
    assert bearer.account.id == member
    assert bearer.tenant == tenant
    assert bearer.scopes == {"read", "quote:update"}


@pytest.mark.parametrize("wrong", ["", "jn_", "jn_nonsense", "nonsense", "jn_\x00"])
def test_what_is_no_token_stands_for_nobody(accounts: Accounts, wrong: str) -> None:
    assert accounts.bearer(wrong) is None


def test_a_token_ends_with_its_owners_account_and_with_the_tenant(
    installation: Installation, accounts: Accounts, tenant: str, member: UUID
) -> None:
    made = tokens.issue(Ledger(installation.database), tenant, member, ["all"])
    registry = TenantRegistry(installation.database)

    registry.set_state(tenant, "archived")
    assert accounts.bearer(made) is None
    registry.set_state(tenant, "live")
    assert accounts.bearer(made) is not None
    accounts.set_active(member, active=False)
    assert accounts.bearer(made) is None


@pytest.mark.parametrize("scopes", [[], ["write"], ["quote"], ["quote:fly"], ["all", "Quote:read"]])
def test_a_scope_that_means_nothing_is_refused(
    installation: Installation, tenant: str, member: UUID, scopes: list[str]
) -> None:
    with pytest.raises(TenantError, match="ENTITY:RIGHT"):
        tokens.issue(Ledger(installation.database), tenant, member, scopes)


def test_a_token_in_use_ends_at_once_with_its_owners_account(
    installation: Installation, accounts: Accounts, tenant: str, member: UUID
) -> None:
    made = tokens.issue(Ledger(installation.database), tenant, member, ["all"])
    assert accounts.bearer(made) is not None

    accounts.set_active(member, active=False)

    assert accounts.bearer(made) is None
