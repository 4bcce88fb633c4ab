"""Roles as an administrator sees and changes them."""

from __future__ import annotations

import re

import pytest

from boot.wiring import House
from tests.conftest import TenantMaker
from tests.ui.conftest import SHOP, Visiting, Visitor, visits

EDITS = [{"path": "rights/customer/update", "value": "all"}]


@pytest.fixture
def shop_of_ones_own(serving: House, tenant_of: TenantMaker) -> Visiting:
    """A tenant that nobody else works in, since its roles are changed."""
    return visits(serving, tenant_of(SHOP))


def revision(page: str) -> int:
    found = re.search(r'data-over="(\d+)"', page)
    assert found is not None
    return int(found[1])


def scope(page: str, path: str) -> str:
    found = re.search(rf'data-path="{path}" data-was="([^"]*)"', page)
    assert found is not None
    return found[1]


def test_the_matrix_says_what_a_role_may_do(visitor: Visitor) -> None:
    page = visitor.get("/admin/roles/seller").text

    assert scope(page, "rights/quote/read") == "own"
    assert scope(page, "rights/quote/create") == "all"
    assert scope(page, "rights/quote/delete") == ""
    assert "rights/quote_line/read" not in page


def test_nobody_else_is_shown_or_let_in(visiting: Visiting) -> None:
    seller = visiting("seller")

    assert "/admin" not in seller.get("/records/customer").text
    for address in ("/admin", "/admin/roles", "/admin/roles/seller"):
        assert seller.get(address).status_code == 403
    publish = {"edits": EDITS, "over": 1}
    assert seller.send("/admin/roles/seller/publish", publish).status_code == 403


def test_a_previewed_change_is_published_and_holds_at_once(shop_of_ones_own: Visiting) -> None:
    admin, seller = shop_of_ones_own("administrator"), shop_of_ones_own("seller")
    customer = admin.create("customer", name="Harbour Works")
    mend = {"values": {"name": "Mine"}}
    assert seller.send(f"/records/customer/{customer}", mend).status_code == 403
    shown = admin.send("/admin/roles/seller/preview", {"edits": EDITS})
    assert "Customers · Change" in shown.json["html"]
    assert scope(admin.get("/admin/roles/seller").text, "rights/customer/update") == ""

    answer = admin.send("/admin/roles/seller/publish", {"edits": EDITS, "over": shown.json["over"]})

    assert answer.status_code == 200
    assert scope(admin.get("/admin/roles/seller").text, "rights/customer/update") == "all"
    assert seller.send(f"/records/customer/{customer}", mend).status_code == 200


def test_what_somebody_else_published_meanwhile_is_not_overwritten(
    shop_of_ones_own: Visiting,
) -> None:
    admin = shop_of_ones_own("administrator")
    over = revision(admin.get("/admin/roles/seller").text)
    mine = {"edits": EDITS, "over": over}
    theirs = {"edits": [{"path": "rights/product/read", "value": "all"}], "over": over}
    assert admin.send("/admin/roles/clerk/publish", theirs).status_code == 200

    refused = admin.send("/admin/roles/seller/publish", mine)
    again = admin.send("/admin/roles/seller/publish", {**mine, "over": over + 1})

    assert refused.status_code == 409
    assert again.status_code == 200
    assert scope(admin.get("/admin/roles/clerk").text, "rights/product/read") == "all"


def test_every_mistake_in_an_edit_comes_back_with_its_place(visitor: Visitor) -> None:
    edits = [
        {"path": "rights/customer/read", "value": {"where": "nmae == 1"}},
        {"path": "rights/quote/read", "value": "everything"},
    ]

    answer = visitor.send("/admin/roles/seller/preview", {"edits": edits})

    assert answer.status_code == 422
    places = {tuple(error["path"][:3]) for error in answer.json["errors"]}
    assert {("rights", "customer", "read"), ("rights", "quote", "read")} <= places


def test_a_role_is_copied_given_and_retired(shop_of_ones_own: Visiting) -> None:
    admin = shop_of_ones_own("administrator")
    values = {"name": "trainee", "label_en": "Trainee", "copy_of": "seller"}

    made = admin.send("/admin/roles", {"values": values})
    page = admin.get("/admin/roles/trainee").text
    again = admin.send("/admin/roles", {"values": values})
    retired = admin.send("/admin/roles/trainee/retire", {"values": {}})

    assert made.status_code == 200
    assert scope(page, "rights/quote/read") == "own"
    assert again.json["errors"][0]["path"] == ["name"]
    assert retired.status_code == 200
    assert admin.get("/admin/roles/trainee").status_code == 404


def test_the_administrator_s_own_role_stays_as_it_is(visitor: Visitor) -> None:
    assert "<fieldset" in visitor.get("/admin/roles/administrator").text

    answer = visitor.send("/admin/roles/administrator/preview", {"edits": EDITS})

    assert answer.status_code == 403


def test_fields_of_an_entity_are_shown_with_what_the_role_may_do(visitor: Visitor) -> None:
    page = visitor.get("/admin/roles/seller/fields/customer").text

    assert 'data-path="fields/customer/founded"' in page


@pytest.mark.parametrize(
    "body",
    [
        {"values": {}, "version": 1, "text": "x"},
        {"edits": "all", "over": "1"},
        {"edits": [{"path": 7, "value": {"where": 1}}, 5, {"path": "///"}], "over": []},
        {"values": {"roles": 5, "name": ["x"]}},
        [1],
    ],
)
def test_bodies_of_an_unexpected_shape_are_answered_and_change_nothing(
    visitor: Visitor, body: object
) -> None:
    over = revision(visitor.get("/admin/roles/seller").text)
    here = "/admin/roles"

    answers = [
        visitor.send(address, body).status_code
        for address in (f"{here}/seller/preview", f"{here}/seller/publish", here,
                        f"/admin/people/{visitor.user}/gains", "/admin/people")
    ]  # fmt: skip

    assert all(status < 500 for status in answers), answers
    assert visitor.send(f"{here}/nobody/preview", {"edits": EDITS}).status_code == 404
    assert revision(visitor.get("/admin/roles/seller").text) == over
