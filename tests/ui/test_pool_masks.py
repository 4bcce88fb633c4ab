"""What a pool hides of a record before it is claimed leads nowhere: a mask is no number to call."""

from __future__ import annotations

import pytest

from boot.wiring import House
from tests.conftest import TenantMaker
from tests.ui.conftest import Visiting, visits

APP = """
format: 1
app: {name: desk, label: Desk, version: "1", languages: [en]}
entities:
  lead:
    label: Lead
    owned: true
    title: name
    fields:
      name: {type: text, required: true}
      mobile: {type: phone}
      email: {type: email}
      hotline: {type: phone}
roles:
  seller: {label: Seller, rights: {lead: {read: own, update: own}}}
pools:
  free: {label: Free, entity: lead, members: {roles: [seller]}, masked: [mobile, email]}
"""


@pytest.fixture(scope="module")
def visiting(serving: House, tenant_of: TenantMaker) -> Visiting:
    return visits(serving, tenant_of(APP))


def test_a_masked_number_or_address_is_no_link(visiting: Visiting) -> None:
    """Requirement C-13."""
    seller = visiting("seller")
    values = {"name": "Acme", "mobile": "13812345678", "email": "li@acme.example",
              "hotline": "02155550000", "owner": None}  # fmt: skip
    system = seller.house.contexts.system(seller.ctx.tenant.name, cause=seller.ctx.cause)
    lead = seller.house.writer.create(system, "lead", [values]).ids[0]

    page = seller.get(f"/pools/free/{lead}").text
    assert "138****5678" in page
    assert "l***@acme.example" in page
    assert "tel:1385678" not in page
    assert "mailto:l" not in page
    assert 'href="tel:02155550000"' in page
    assert "12345678" not in page
