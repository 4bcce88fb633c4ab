"""Duplicates: said while typing, found in bulk, made one, and parted again (C-31, L-20)."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from werkzeug.test import TestResponse

from boot.wiring import House
from engine.context import Cause
from engine.doors import Edit
from engine.query.spec import LinkValue
from tests.conftest import TenantMaker
from tests.ui.conftest import Visiting, Visitor, visits
from ui.session import CSRF_HEADER

FIRM = """
format: 1
app: {name: firm, label: {zh: 公司, en: Firm}, version: "1", languages: [zh, en], currency: CNY}
entities:
  customer:
    label: {zh: 客户, en: Customer}
    title: name
    owned: true
    fields:
      name: {type: text, required: true, search: true, label: {zh: 名称, en: Name}}
      phone: {type: phone, search: true, label: {zh: 电话, en: Phone}}
      city: {type: text, label: {zh: 城市, en: City}}
      secret: {type: text, encrypted: true, label: {zh: 密, en: Secret}}
      parent:
        type: link
        to: customer
        inverse: branches
        on_delete: clear
        label: {zh: 上级, en: Parent}
      friends:
        {type: links, to: customer, inverse: friend_of, label: {zh: 伙伴, en: Friends}}
    duplicates:
      phone: {match: {phone: exact}, action: warn}
      name: {match: {name: normalized}, action: warn}
      branch: {match: {parent: exact, city: exact}, action: warn}
  contact:
    label: {zh: 联系人, en: Contact}
    title: name
    fields:
      name: {type: text, required: true}
      customer: {type: link, to: customer, inverse: contacts, required: true, on_delete: cascade}
roles:
  seller:
    label: {zh: 销售, en: Seller}
    rights:
      customer: {create: all, read: own, update: own, delete: own}
      contact: {create: all, read: all, update: all}
  clerk:
    label: {zh: 文员, en: Clerk}
    rights: {customer: {create: all, read: all, update: all, delete: all}}
    fields: {customer: {phone: mask, city: none}}
"""


@pytest.fixture(scope="module")
def visiting(furnished: House, tenant_of: TenantMaker) -> Visiting:
    """Sign new people in to a firm with rules for duplicates."""
    return visits(furnished, tenant_of(FIRM))


@pytest.fixture
def visitor(visiting: Visiting) -> Visitor:
    return visiting("administrator")


def _alike(visitor: Visitor, **values: str) -> list[dict[str, object]]:
    answer = visitor.send("/alike/customer", {"values": values})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.json["lines"]
    return found


def _phone() -> str:
    return "139" + str(uuid4().int)[:8]


def test_a_record_that_is_there_already_is_said_while_it_is_typed(visitor: Visitor) -> None:
    phone = _phone()
    visitor.create("customer", name=f"A {phone}", phone=phone)

    assert [each["title"] for each in _alike(visitor, phone=phone)] == [f"A {phone}"]
    assert _alike(visitor, phone=_phone()) == []
    assert [each["field"] for each in _alike(visitor, name=f"Ａ {phone}".lower())] == ["name"]


def test_records_that_belong_to_the_same_are_said(visitor: Visitor) -> None:
    parent = visitor.create("customer", name=uuid4().hex)
    branch = visitor.create("customer", name=uuid4().hex, parent=parent, city="Suzhou")

    found = _alike(visitor, parent=parent, city="Suzhou")

    assert [str(each["url"]).rsplit("/", 1)[1] for each in found] == [branch]


def test_a_company_of_nearly_the_same_name_is_said(visitor: Visitor) -> None:
    visitor.create("customer", name="苏州恒远精密机械有限公司")

    near = _alike(visitor, name="苏州恒远精密机械股份公司")

    assert [each["title"] for each in near] == ["苏州恒远精密机械有限公司"]
    assert _alike(visitor, name="无锡新光食品有限公司") == []


def test_of_a_record_of_somebody_else_only_that_it_is_there_is_said(visiting: Visiting) -> None:
    phone = _phone()
    visiting("administrator").create("customer", name=f"Hidden {phone}", phone=phone)

    found = _alike(visiting("seller"), phone=phone)

    assert [(each["title"], each["url"]) for each in found] == [("", "")]
    assert "somebody else" in str(found[0]["said"])


def test_no_answer_says_what_somebody_may_not_read(visiting: Visiting) -> None:
    """Who asks for a number that they see only a mask of learns nothing of whose it is."""
    phone = _phone()
    visiting("administrator").create("customer", name=f"Masked {uuid4().hex}", phone=phone)

    assert _alike(visiting("clerk"), phone=phone) == []


def test_nobody_shares_by_merging_what_they_may_not_share(visiting: Visiting) -> None:
    """A record given to somebody to write is not passed on with the shares of another."""
    admin, seller, other = visiting("administrator"), visiting("seller"), visiting("seller")
    kept = admin.create("customer", name=uuid4().hex)
    gone = seller.create("customer", name=uuid4().hex)
    for giver, record, to in ((admin, kept, seller), (seller, gone, other)):
        gift = {"kind": "person", "person": str(to.user), "right": "write"}
        given = giver.send(f"/records/customer/{record}/shares", {"values": gift})
        assert given.status_code == 200, given.text

    merged = seller.send(f"/records/customer/{kept}/merge?with={gone}", {"theirs": []})

    assert merged.status_code == 200, merged.text
    assert other.get(f"/records/customer/{kept}").status_code == 404


def test_an_undo_names_no_fields_that_somebody_may_not_read(visiting: Visiting) -> None:
    """A-23: who trashed a record is told who took it back, and not what else they changed."""
    admin, clerk = visiting("administrator"), visiting("clerk")
    record = clerk.create("customer", name=uuid4().hex)
    done = clerk.send("/records/customer/bulk", {"ids": [record], "trash": True}).json
    house = admin.house
    ctx = house.contexts.system(admin.ctx.tenant.name, cause=Cause("cli"))
    house.writer.restore(ctx, "customer", [UUID(record)])
    edit = Edit(UUID(record), {"city": "Suzhou", "name": uuid4().hex})
    house.writer.update(ctx, "customer", [edit])

    undone = clerk.send("/records/customer/bulk/undo", {"change_sets": [done["change_set"]]}).json

    assert (undone["done"], undone["kept"]) == (0, 1)
    assert "Name" in undone["why"][0]["reason"]
    assert "City" not in undone["why"][0]["reason"]


def test_groups_hold_only_what_a_person_sees(visiting: Visiting) -> None:
    admin, seller = visiting("administrator"), visiting("seller")
    phone = _phone()
    for name in ("one", "two"):
        admin.create("customer", name=f"{name} {phone}", phone=phone)
    seller.create("customer", name=f"mine {phone}", phone=phone)

    assert f"two {phone}" in admin.get("/records/customer/duplicates").text
    assert phone not in seller.get("/records/customer/duplicates").text


def test_two_are_made_one_and_parted_again(visitor: Visitor) -> None:
    phone = _phone()
    kept = visitor.create("customer", name=f"Kept {phone}")
    gone = visitor.create("customer", name=f"Gone {phone}", city="Suzhou", phone=phone)
    child = visitor.create("customer", name=f"Child {phone}", parent=gone, friends=[gone])
    contact = visitor.create("contact", name="Wang", customer=gone)
    api = f"/api/v1/{visitor.ctx.tenant.name}/records/customer/{gone}/comments"
    said = visitor.client.post(
        api, json={"body": "Hello", "mentions": []}, headers={"X-CSRF-Token": visitor.csrf}
    )
    assert said.status_code == 201, said.text

    page = visitor.get(f"/records/customer/{kept}/merge?with={gone}")
    merged = visitor.send(
        f"/records/customer/{kept}/merge?with={gone}", {"theirs": ["city", "phone"]}
    )

    assert page.status_code == 200
    assert merged.status_code == 200, merged.text
    values = _values(visitor, "customer", kept)
    assert (values["city"], _linked(_values(visitor, "contact", contact)["customer"])) == (
        "Suzhou", kept,
    )  # fmt: skip
    assert _linked(_values(visitor, "customer", child)["parent"]) == kept
    assert "Hello" in visitor.get(f"/records/customer/{kept}/history").text
    assert visitor.get(f"/records/customer/{gone}").status_code == 404

    undone = visitor.send(merged.json["undo"].removeprefix(f"/{visitor.ctx.tenant.name}"), {})

    assert undone.status_code == 200, undone.text
    assert undone.json["message"] == "Parted again"
    assert _values(visitor, "customer", kept)["city"] is None
    assert _linked(_values(visitor, "contact", contact)["customer"]) == gone
    assert _linked(_values(visitor, "customer", child)["parent"]) == gone
    assert "Hello" in visitor.get(f"/records/customer/{gone}/history").text


def test_what_was_changed_since_stays_when_two_are_parted(visitor: Visitor) -> None:
    kept, gone = (visitor.create("customer", name=uuid4().hex, city=city) for city in ("A", "B"))
    merged = visitor.send(f"/records/customer/{kept}/merge?with={gone}", {"theirs": ["city"]})
    visitor.send(f"/records/customer/{kept}", {"values": {"city": "C"}})

    undone = visitor.send(merged.json["undo"].removeprefix(f"/{visitor.ctx.tenant.name}"), {})

    assert "1 " in undone.json["message"]
    assert _values(visitor, "customer", kept)["city"] == "C"
    assert _values(visitor, "customer", gone)["city"] == "B"


def test_nobody_merges_what_they_may_not_delete(visiting: Visiting) -> None:
    seller = visiting("seller")
    mine = seller.create("customer", name=uuid4().hex)
    other = visiting("administrator").create("customer", name=uuid4().hex)

    answer = seller.send(f"/records/customer/{mine}/merge?with={other}", {"theirs": []})

    assert answer.status_code == 404


def _values(visitor: Visitor, entity: str, record: str) -> dict[str, object]:
    ctx = visitor.house.contexts.system(visitor.ctx.tenant.name, cause=Cause("cli"))
    return dict(visitor.house.reader.get(ctx, entity, [UUID(record)])[0].values)


def _linked(value: object) -> str:
    return str(value.id) if isinstance(value, LinkValue) else ""


def test_duplicates_are_found_merged_and_parted_over_the_api(visitor: Visitor) -> None:
    """C-31: the same as on the screens, under the same rights."""
    phone = _phone()
    kept, gone = (visitor.create("customer", name=f"{each} {phone}", phone=phone) for each in "AB")

    def call(address: str, body: object) -> TestResponse:
        path = f"/api/v1/{visitor.ctx.tenant.name}{address}"
        return visitor.client.post(path, json=body, headers={CSRF_HEADER: visitor.csrf})

    groups = visitor.client.get(f"/api/v1/{visitor.ctx.tenant.name}/duplicates/customer").json
    [group] = [each for each in groups["data"] if kept in [one["id"] for one in each["records"]]]
    like = call("/duplicates/customer", {"values": {"phone": phone}}).json["data"]
    merged = call(f"/records/customer/{kept}/merge", {"with": gone, "values": {"city": "Suzhou"}})
    again = call(f"/records/customer/{kept}/merge", {"with": gone})
    parted = call(f"/merges/{merged.json['id']}/undo", {})

    assert (group["fields"], group["count"]) == (["phone"], 2)
    assert {each["id"] for each in like} == {kept, gone}
    assert (merged.status_code, merged.json["gone"]) == (201, gone)
    assert again.status_code == 404
    assert (parted.status_code, parted.json["kept"]) == (200, [])
    assert visitor.get(f"/records/customer/{gone}").status_code == 200
