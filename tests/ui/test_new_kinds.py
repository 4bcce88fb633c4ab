"""A new kind of record is made on the screen, without a line of YAML (P-03, P-21)."""

from __future__ import annotations

import pytest

from boot.wiring import House
from engine.context import Context
from engine.tenants.tokens import Terms, issue
from metamodel.editing.document import at
from tests.conftest import TenantMaker
from tests.ui.conftest import SHOP, Visitor
from tests.ui.test_reshaping_pages import arrived, done, draft, labels, post, publish


@pytest.fixture
def admin(serving: House, tenant_of: TenantMaker) -> Visitor:
    """An administrator of a tenant that nobody else works in."""
    ctx: Context = tenant_of(SHOP)
    return arrived(serving, ctx, "administrator")


def test_a_new_kind_of_record_is_made_with_its_title_stages_and_rights(admin: Visitor) -> None:
    answer = done(
        post(
            admin, "/admin/forms/add/kind", label_zh="设备", label_en="", icon="tool",
            module="", titled="autonumber", pattern="EQ-{000}", title_zh="编号", owned=True,
            stages=True, role_seller="own", role_clerk="see",
        )
    )  # fmt: skip

    assert answer.json["location"].endswith("/admin/forms/she_bei")
    made = draft(admin)
    kind = at(made, ("entities", "she_bei"))
    assert at(kind, ("label",)) == {"zh": "设备"}
    assert at(kind, ("fields", "name", "pattern")) == "EQ-{000}"
    assert at(made, ("roles", "clerk", "rights", "she_bei")) == {"read": "all"}
    page = admin.get("/admin/forms/she_bei", language="zh").text
    assert labels(page, "stages") == ["新建", "进行中", "已完成"]
    publish(admin)
    assert admin.get("/records/she_bei").status_code == 200
    assert admin.get("/records/she_bei/new").status_code == 200


def test_a_kind_of_record_goes_into_the_trash_and_one_never_published_goes_at_once(
    admin: Visitor,
) -> None:
    done(post(admin, "/admin/forms/add/kind", label_en="Gadget", title_en="Called"))
    done(post(admin, "/admin/forms/gadget/retire"))

    assert "gadget" not in str(draft(admin))
    refused = post(admin, "/admin/forms/customer/retire")
    assert refused.status_code == 422
    assert refused.json["errors"]


def test_a_new_kind_of_record_without_a_name_is_asked_for_one(admin: Visitor) -> None:
    answer = post(admin, "/admin/forms/add/kind", label_en=" ")

    assert answer.status_code == 422
    assert answer.json["errors"][0]["path"] == ["label_en"]


def test_where_a_kind_is_used_names_the_tokens_that_reach_it(admin: Visitor) -> None:
    """By label and person, never by what opens the door."""
    accounts = admin.house.accounts
    account = accounts.works_as(admin.ctx.tenant.name, admin.user)
    assert account is not None
    secret = issue(
        accounts.ledger, admin.ctx.tenant.name, account.id, ["customer:read"],
        terms=Terms("Warehouse"),
    )  # fmt: skip

    customers, quotes = (admin.get(f"/admin/forms/{each}/used").text for each in
                         ("customer", "quote"))  # fmt: skip

    assert f"Warehouse: {account.email}" in customers
    assert "Warehouse" not in quotes
    assert secret not in customers
