"""A-08: keys of tenants turn while people work, and move to another master key."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from engine.context import Context
from engine.doors import Bulk
from engine.errors import KeysClosed
from engine.schema.names import quoted
from engine.sealing import MasterKey, Unsealable
from engine.vault.keys import Vault
from engine.vault.ring import version_of
from engine.vault.rotation import BATCH, due, turn
from tests.conftest import Installation, TenantMaker
from tests.engine.vault.conftest import APP, Clinic


@pytest.fixture
def own(clinic: Clinic, tenant_of: TenantMaker) -> Clinic:
    """A clinic of its own, whose keys may turn."""
    return replace(clinic, system=tenant_of(APP))


def versions(clinic: Clinic, *records: Any) -> set[int]:
    """Return the versions of the key that values of patients are under."""
    return {
        version_of(value)
        for record in records
        for value in clinic.columns(record).values()
        if isinstance(value, bytes)
    }


def test_a_turned_key_encrypts_everything_anew_and_nothing_is_lost(own: Clinic) -> None:
    records = [own.create(name=f"P{at}", identity=f"11010119900{at:06}") for at in range(5)]
    before = own.read(records[0]).values

    own.house.vault.rotate(own.system.tenant)
    assert due(own.house.database, own.system) == 5
    assert turn(own.house.database, own.house.vault, own.system) == 5

    assert versions(own, *records) == {2}
    assert own.read(records[0]).values == before
    assert own.found('identity == "11010119900000003"') == {records[3]}
    assert turn(own.house.database, own.house.vault, own.system) == 0


def test_turning_goes_on_where_it_was_stopped(own: Clinic) -> None:
    class Stopped(Exception):  # noqa: N818 - not an error
        pass

    payloads = [{"name": "P", "account": f"A{at}"} for at in range(BATCH + 10)]
    own.house.writer.bulk(own.ctx(), "patient", Bulk(payloads))
    own.house.vault.rotate(own.system.tenant)

    def stop(done: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        turn(own.house.database, own.house.vault, own.system, progress=stop)
    assert due(own.house.database, own.system) == 10

    assert turn(own.house.database, own.house.vault, own.system) == 10


def test_values_under_both_versions_are_read_while_the_key_turns(own: Clinic) -> None:
    first = own.create(name="First", account="6222 0000 1111 2222")
    own.house.vault.rotate(own.system.tenant)
    second = own.create(name="Second", account="6222 0000 1111 3333")

    assert (versions(own, first), versions(own, second)) == ({1}, {2})
    assert own.read(first).values["account"] == "**** 2222"
    assert own.read(second).values["account"] == "**** 3333"


def test_keys_move_to_another_master_key_and_only_with_the_former_one(
    own: Clinic, installation: Installation
) -> None:
    record = own.create(name="Moved", account="6222 0000 1111 4444")
    here = MasterKey.read("5e" * 32)
    elsewhere = Vault(installation.database, MasterKey.read("ab" * 32))
    there = replace(own.system, rings=elsewhere)

    with pytest.raises(KeysClosed):
        elsewhere.ring(own.system.tenant)
    with pytest.raises(Unsealable):
        elsewhere.rewrap(own.system.tenant, MasterKey.read("cd" * 32))
    assert elsewhere.rewrap(own.system.tenant, here) == 2
    assert elsewhere.rewrap(own.system.tenant, here) == 0

    assert (
        own.house.reader.get(administrator(there), "patient", [record])[0].values["account"]
        == "**** 4444"
    )


def administrator(ctx: Context) -> Context:
    return replace(ctx, actor=replace(ctx.actor, roles=("administrator",)))


def test_values_of_a_lost_key_are_shown_as_there_and_unreadable(
    own: Clinic, installation: Installation
) -> None:
    record = own.create(name="Lost", account="6222 0000 1111 5555")
    lost = Vault(installation.database, MasterKey.read("ab" * 32))

    asking = replace(own.ctx(), rings=lost)

    assert own.read(record, asking).values["account"] == "***"
    with pytest.raises(KeysClosed):
        own.create(asking, name="New", account="6222")
    with pytest.raises(KeysClosed):
        own.house.services.unmasking.clear(asking, "patient", record, "account")


def test_the_role_of_requests_reads_wrapped_keys_and_writes_none(own: Clinic) -> None:
    own.create(name="Any", account="6222")
    table = f"{quoted(own.system.tenant.schema)}.sys_key"

    with own.house.database.reading(own.system) as connection:
        wrapped = connection.execute(text(f"SELECT wrapped FROM {table}")).scalars().all()
    assert len(wrapped) == 2
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET wrapped = ''"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            own.house.database.unit(own.system, lambda c, s=statement: c.execute(text(s)))


def test_neither_a_context_nor_a_vault_prints_a_key(own: Clinic) -> None:
    own.create(name="Any", account="6222")
    ring = own.house.vault.ring(own.system.tenant)

    assert "5e5e" not in repr(own.system) + repr(own.house.master_key)
    assert repr(ring) == "Ring(current=1)"
