"""An author looks at a draft as if it were live, and nobody else does (P-04)."""

from __future__ import annotations

import pytest

from boot.wiring import House
from metamodel.editing import Add
from tests.conftest import TenantMaker
from tests.ui.conftest import SHOP, Visiting, Visitor, visits

NICKNAME = Add(
    ("entities", "customer", "fields"),
    "nickname",
    {"type": "text", "label": {"en": "Nickname", "zh": "昵称"}},
)


@pytest.fixture(scope="module")
def visiting(serving: House, tenant_of: TenantMaker) -> Visiting:
    return visits(serving, tenant_of(SHOP))


def _looking(admin: Visitor) -> str:
    """Begin a draft with one more field, and look at it; return its name."""
    drafts, ctx = admin.house.services.drafts, admin.ctx
    ctx = admin.house.contexts.make(
        ctx.tenant.name, _account(admin), language="en", cause=ctx.cause
    )
    name = drafts.create(ctx, "Names").name
    drafts.edit(ctx, name, [NICKNAME])
    form = {"csrf_token": admin.csrf, "draft": name}
    answer = admin.client.post(admin.path("/preview"), data=form)
    assert answer.status_code == 303, answer.text
    return name


def _account(admin: Visitor) -> object:
    return admin.house.accounts.session(_secret(admin)).account.id  # type: ignore[union-attr]


def _secret(admin: Visitor) -> str:
    cookie = admin.client.get_cookie("joinery_session")
    assert cookie is not None
    return cookie.value


def test_pages_show_the_draft_to_its_author_alone(visiting: Visiting) -> None:
    admin, seller = visiting("administrator"), visiting("seller")
    customer = admin.create("customer", name="Harbour Works")

    _looking(admin)

    page = admin.get(f"/records/customer/{customer}/edit").text
    assert "Nickname" in page
    assert "only you see this" in page
    theirs = seller.get(f"/records/customer/{customer}").text
    assert "Nickname" not in theirs and "only you see this" not in theirs


def test_nothing_is_saved_in_a_preview(visiting: Visiting) -> None:
    admin = visiting("administrator")
    _looking(admin)

    answer = admin.send("/records/customer", {"values": {"name": "Nobody"}})

    assert answer.status_code in (403, 409)
    assert "preview" in answer.text
    assert admin.get("/records/customer/new").status_code == 200


def test_leaving_shows_the_app_as_it_is(visiting: Visiting) -> None:
    admin = visiting("administrator")
    _looking(admin)

    left = admin.client.post(admin.path("/preview/leave"), data={"csrf_token": admin.csrf})

    assert left.status_code == 303
    assert "Nickname" not in admin.get("/records/customer/new").text


def test_a_preview_whose_draft_is_gone_is_over(visiting: Visiting) -> None:
    admin = visiting("administrator")
    name = _looking(admin)

    drafts = admin.house.services.drafts
    ctx = admin.house.contexts.make(
        admin.ctx.tenant.name, _account(admin), language="en", cause=admin.ctx.cause
    )
    drafts.discard(ctx, name)

    assert "Nickname" not in admin.get("/records/customer/new").text


def test_a_preview_cannot_be_entered_from_elsewhere_or_by_others(visiting: Visiting) -> None:
    admin, seller = visiting("administrator"), visiting("seller")

    name = _looking(admin)

    assert admin.client.post(admin.path("/preview"), data={"draft": name}).status_code == 403
    form = {"csrf_token": seller.csrf, "draft": name}
    assert seller.client.post(seller.path("/preview"), data=form).status_code == 403
