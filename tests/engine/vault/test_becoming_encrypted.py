"""A-08: a field that was stored in the clear becomes encrypted, and nothing clear is left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from boot.wiring import House
from engine.context import Context
from engine.errors import PlanBlocked
from engine.schema.revisions import Author, Document
from engine.tenants.contexts import context_of
from engine.vault.keys import Vault
from tests.conftest import TenantMaker
from tests.engine.vault.conftest import Clinic

PLAIN = """
format: 1
app: {name: plain, label: Plain, version: "1.0", languages: [en]}
entities:
  patient:
    label: Patient
    title: name
    fields:
      name: {type: text, required: true}
      identity: {type: text, search: true}
      account: {type: text, encrypted: true, max_length: 40}
"""

LAYER = """
format: 1
entities: {patient: {fields: {identity: {encrypted: true}}}}
"""


@dataclass(frozen=True, slots=True)
class Shop:
    """A tenant that is reshaped."""

    clinic: Clinic
    house: House

    def publish(self, layer: str) -> Clinic:
        """Publish a layer and return the tenant on its new model."""
        tenant = self.clinic.system.tenant
        *base, _ = self.house.publisher.documents(tenant)
        proposal = self.house.publisher.propose(tenant, (*base, Document("tenant", layer)))
        published = self.house.publisher.publish(tenant, proposal, author=Author("tests"))
        made: Context = context_of(
            tenant, published.compiled, published.revision, self.clinic.system.actor, "en",
            self.clinic.system.cause,
        )  # fmt: skip
        return replace(self.clinic, system=replace(made, rings=self.clinic.system.rings))


@pytest.fixture
def shop_of(furnished: House, tenant_of: TenantMaker) -> Callable[[str], Shop]:
    return lambda app: Shop(Clinic(furnished, tenant_of(app)), furnished)


SECRETS = ("110101199003077219", "Quite-Secret-Number", "another secret of old")


def test_values_history_search_and_sort_keys_are_purged(shop_of: Callable[[str], Shop]) -> None:
    shop = shop_of(PLAIN)
    records = [shop.clinic.create(name=f"P{at}", identity=s) for at, s in enumerate(SECRETS)]
    shop.clinic.update(records[2], identity="changed once")
    shop.clinic.create(name="None")

    clinic = shop.publish(LAYER)

    dump = clinic.dump().lower()
    for secret in (*SECRETS, "changed once", "another", "quite"):
        assert secret.lower() not in dump
    assert clinic.found(f'identity == "{SECRETS[0]}"') == {records[0]}
    assert clinic.found('identity == "changed once"') == {records[2]}
    assert clinic.read(records[0]).values["identity"] == "110***********7219"
    entries = clinic.house.reader.history(clinic.ctx(), "patient", records[2])
    told = {c.after for entry in entries for c in entry.changes if c.field == "identity"}
    assert told == {"***"}


def test_publishing_it_again_changes_nothing(shop_of: Callable[[str], Shop]) -> None:
    shop = shop_of(PLAIN)
    record = shop.clinic.create(name="P", identity=SECRETS[0])
    clinic = shop.publish(LAYER)
    before = clinic.columns(record)

    again = shop.house.publisher.propose(
        clinic.system.tenant, shop.house.publisher.documents(clinic.system.tenant)
    )

    assert again.plan.steps == ()
    assert clinic.columns(record) == before


def test_what_is_encrypted_does_not_lie_open_again(
    shop_of: Callable[[str], Shop], vault: Vault
) -> None:
    shop = shop_of(PLAIN)
    shop.clinic.create(name="P", account="6222")

    with pytest.raises(PlanBlocked) as raised:
        shop.publish("format: 1\nentities: {patient: {fields: {account: {encrypted: false}}}}")

    assert [each.code for each in raised.value.params["effects"]] == ["encryption_off"]


def test_values_that_are_the_same_once_encrypted_stand_against_uniqueness(
    shop_of: Callable[[str], Shop],
) -> None:
    shop = shop_of(PLAIN)
    shop.clinic.create(name="P", identity="110 101")
    shop.clinic.create(name="Q", identity="110101")

    with pytest.raises(PlanBlocked) as raised:
        shop.publish(LAYER.replace("encrypted: true", "encrypted: true, unique: true"))

    assert [each.code for each in raised.value.params["effects"]] == ["not_unique"]


def test_other_changes_look_at_encrypted_fields_and_count_nothing_of_them(
    shop_of: Callable[[str], Shop],
) -> None:
    shop = shop_of(PLAIN)
    record = shop.clinic.create(name="P", account="6222 0000 1111 2222")

    clinic = shop.publish(
        "format: 1\nentities: {patient: {fields: "
        "{account: {max_length: 5, required: true}, note: {type: text}}}}"
    )

    assert clinic.read(record).values["account"] == "**** 2222"


def test_uniqueness_asked_of_ciphertext_is_counted_by_the_blind_index(
    shop_of: Callable[[str], Shop],
) -> None:
    shop = shop_of(PLAIN)
    for name in ("P", "Q"):
        shop.clinic.create(name=name, account="62220000")

    with pytest.raises(PlanBlocked) as raised:
        shop.publish("format: 1\nentities: {patient: {fields: {account: {unique: true}}}}")

    [effect] = raised.value.params["effects"]
    assert (effect.code, effect.rows, effect.samples) == ("not_unique", 2, ())
