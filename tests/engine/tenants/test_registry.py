"""The list of tenants: names, schemas, states."""

from __future__ import annotations

from uuid import uuid4

import pytest

from engine.tenants.errors import NameInvalid, TenantExists, TenantUnknown
from engine.tenants.registry import TenantRegistry, require_name
from tests.conftest import Installation


@pytest.fixture
def registry(installation: Installation) -> TenantRegistry:
    return TenantRegistry(installation.database)


@pytest.fixture
def name() -> str:
    return f"acme-{uuid4().hex[:12]}"


def add(registry: TenantRegistry, name: str) -> None:
    registry.add(name, label="", language="zh", template="crm")


def test_a_new_tenant_is_in_the_making_with_a_schema_and_a_role(
    registry: TenantRegistry, name: str
) -> None:
    add(registry, name)

    record = registry.get(name)

    assert record.state == "making"
    assert record.tenant.schema.startswith("t_" + name.replace("-", "_") + "_")
    assert record.tenant.role == "jt_" + record.tenant.schema
    assert record in registry.all()


def test_a_renamed_tenant_keeps_its_schema_and_leaves_its_name_free(
    registry: TenantRegistry, name: str
) -> None:
    add(registry, name)
    before = registry.get(name).tenant

    registry.rename(name, f"{name}-new")
    add(registry, name)

    assert registry.get(f"{name}-new").tenant.schema == before.schema
    assert registry.get(name).tenant.schema != before.schema


def test_a_name_is_taken_once(registry: TenantRegistry, name: str) -> None:
    add(registry, name)
    add(registry, f"{name}-b")

    with pytest.raises(TenantExists):
        add(registry, name)
    with pytest.raises(TenantExists):
        registry.rename(f"{name}-b", name)


def test_what_is_not_there_is_said_to_be_missing(registry: TenantRegistry, name: str) -> None:
    with pytest.raises(TenantUnknown, match="joinery tenant list"):
        registry.get(name)
    with pytest.raises(TenantUnknown):
        registry.rename(name, f"{name}-new")


@pytest.mark.parametrize(
    "wrong",
    ["", "A", "1st", "a b", "客户", "a--b", "a-", "api", "static", "x" * 41, 'a"b', "a;b", "a\n"],
)
def test_a_name_that_would_break_addresses_or_schemas_is_refused(wrong: str) -> None:
    with pytest.raises(NameInvalid):
        require_name(wrong)


@pytest.mark.parametrize("right", ["a", "demo", "acme-2", "north_wind", "x" * 40])
def test_a_plain_name_is_accepted(right: str) -> None:
    require_name(right)
