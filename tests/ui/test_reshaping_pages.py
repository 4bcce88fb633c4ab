"""Forms, fields, stages, lists, rules changed on screens; plans and versions (P-03, P-30)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from werkzeug.test import TestResponse

from boot.wiring import House
from engine.context import Cause, Context
from metamodel import read_text
from metamodel.editing.document import at
from tests.conftest import TenantMaker
from tests.ui.conftest import SHOP, Visitor, visits

QUOTE = "/admin/forms/quote"

NEXT = "/admin/versions/next"

FIELDS = ("entities", "quote", "fields")

ITEMS = ("entities", "quote", "forms", "default", "tabs", "main", "sections", "basic", "items")


@pytest.fixture(scope="module")
def own_shop(serving: House, tenant_of: TenantMaker) -> Context:
    """A tenant that nobody else works in, since it is reshaped."""
    return tenant_of(SHOP)


@pytest.fixture
def admin(serving: House, own_shop: Context) -> Visitor:
    """An administrator without a draft."""
    return arrived(serving, own_shop, "administrator")


def arrived(serving: House, ctx: Context, role: str) -> Visitor:
    """Somebody new, in the tenant as it is by now."""
    now = serving.contexts.system(ctx.tenant.name, cause=Cause("cli"))
    return visits(serving, now)(role)


def post(admin: Visitor, address: str, **values: Any) -> TestResponse:
    return admin.send(address, {"values": values})


def done(answer: TestResponse) -> TestResponse:
    assert answer.status_code == 200, answer.text
    return answer


def draft(admin: Visitor) -> Mapping[str, object]:
    """What the administrator's own draft says."""
    ctx = admin.house.contexts.system(admin.ctx.tenant.name, cause=Cause("cli"))
    kept = admin.house.services.drafts.list(ctx)
    mine = next(each for each in kept if each.author == admin.user)
    return read_text(mine.layer, "draft").document


def over(admin: Visitor, address: str = NEXT) -> int:
    page = admin.get(address)
    found = re.search(r'data-over="(\d+)"', page.text)
    assert found is not None, (page.status_code, page.location, page.text[-900:])
    return int(found[1])


def publish(admin: Visitor, address: str = NEXT, *, allow_loss: bool = False) -> TestResponse:
    to = f"{NEXT}/publish" if address == NEXT else address
    values = {"message": "Tried", "allow_loss": allow_loss}
    return admin.send(to, {"values": values, "over": over(admin, address)})


def labels(html: str, panel: str) -> list[str]:
    part = html.partition(f'id="panel-{panel}"')[2].partition('role="tabpanel"')[0]
    return re.findall(r'class="part-open"[^>]*>(?:<b>)?(?:<span[^>]*>)?([^<]+)<', part)


def test_only_administrators_are_let_in(serving: House, own_shop: Context) -> None:
    seller = arrived(serving, own_shop, "seller")

    for address in ("/admin/forms", QUOTE, "/admin/versions", "/admin/versions/retired", NEXT):
        assert seller.get(address).status_code == 403
    assert post(seller, f"{QUOTE}/add/field", label_en="Mine").status_code == 403


def test_every_kind_of_record_is_listed_with_the_fields_in_the_form_s_order(admin: Visitor) -> None:
    kinds = admin.get("/admin/forms", language="zh").text
    page = admin.get(QUOTE, language="zh").text

    assert "报价单" in kinds
    assert "报价单的明细" in kinds
    assert labels(page, "fields")[:2] == ["主题", "客户"]
    assert labels(page, "stages") == ["草稿", "已发", "输单"]


def test_a_field_is_named_by_its_label_and_stands_behind_another_in_model_and_form(
    admin: Visitor,
) -> None:
    done(
        post(
            admin, f"{QUOTE}/add/field", label_zh="项目编号", label_en="", type="text",
            unique=True, after="customer",
        )
    )  # fmt: skip

    made = at(draft(admin), (*FIELDS, "xiang_mu_bian_hao"))
    assert made == {
        "type": "text",
        "label": {"zh": "项目编号"},
        "unique": True,
        "$after": "customer",
    }
    shown = labels(admin.get(QUOTE, language="zh").text, "fields")
    assert shown[shown.index("客户") + 1] == "项目编号"
    assert "1 change" in admin.get(QUOTE).text or "2 changes" in admin.get(QUOTE).text


@pytest.mark.parametrize(
    ("values", "at_input"),
    [
        ({"label_en": "", "type": "text"}, "label_en"),
        ({"label_en": "To", "type": "link"}, "to"),
        ({"label_en": "Sum", "type": "money", "formula": "SUM(lines.amuont)"}, "formula"),
        ({"label_en": "Twice", "type": "text", "name": "customer"}, "name"),
        ({"label_en": "Odd", "type": "text", "name": "Not A Name"}, "name"),
    ],
    ids=["no name", "no target", "formula", "name taken", "bad name"],
)
def test_what_is_wrong_with_a_field_is_said_at_its_input(
    admin: Visitor, values: dict[str, str], at_input: str
) -> None:
    answer = post(admin, f"{QUOTE}/add/field", **values)

    assert answer.status_code == 422
    assert answer.json["errors"][0]["path"] == [at_input]
    assert answer.json["errors"][0]["message"]


def test_options_are_added_renamed_coloured_moved_and_merged(admin: Visitor) -> None:
    options = [
        {"name": "other", "label": "Others", "color": "gray", "fate": ""},
        {"name": "", "label": "Partner", "color": "teal", "fate": ""},
        {"name": "key", "label": "Key", "color": "", "fate": "other"},
    ]
    values = {"label_en": "Level", "type": "choice", "options": options}

    done(post(admin, "/admin/forms/customer/fields/level", **values))

    written = at(draft(admin), ("entities", "customer", "fields", "level", "options"))
    assert at(written, ("other", "label", "en")) == "Others"
    assert at(written, ("partner", "color")) == "teal"
    assert at(written, ("key", "into")) == "other"
    assert at(written, ("key", "$retire")) is True
    dialog = admin.get("/admin/forms/customer/fields/level").text
    assert re.findall(r'data-option="(\w+)"', dialog) == ["other", "partner"]


def test_another_type_takes_what_only_the_old_one_could_say_with_it(admin: Visitor) -> None:
    values = {"label_en": "Level", "label_zh": "级别", "type": "text"}

    done(post(admin, "/admin/forms/customer/fields/level", **values))

    written = at(draft(admin), ("entities", "customer", "fields", "level"))
    assert at(written, ("type",)) == "text"
    assert at(written, ("options",)) is None
    plan = admin.get(NEXT).text
    assert "What it holds" in plan
    assert "<del>Choice</del>" in plan


def test_stages_are_added_moved_changed_and_merged(admin: Visitor) -> None:
    stages = f"{QUOTE}/stages"

    done(post(admin, f"{stages}/add/sales", label_en="Trial", probability="60", after="sent",
              must_fill=["customer"]))  # fmt: skip
    done(post(admin, f"{stages}/order/sales", do="up", name="trial"))
    done(post(admin, f"{stages}/of/sales/draft", label_en="First talk", label_zh="草稿"))
    done(post(admin, f"{stages}/of/sales/sent/retire", into="trial"))

    assert labels(admin.get(QUOTE).text, "stages") == ["First talk", "Trial", "Lost"]
    plan = admin.get(NEXT).text
    assert "Merged" in plan
    assert "First talk" in plan


def test_the_last_stage_and_the_title_stay(admin: Visitor) -> None:
    stages = f"{QUOTE}/stages/of/sales"
    done(post(admin, f"{stages}/draft/retire", into="sent"))
    done(post(admin, f"{stages}/lost/retire", into="sent"))

    last = post(admin, f"{stages}/sent/retire", into="$retire")
    title = post(admin, f"{QUOTE}/fields/name/retire")
    needed = post(admin, f"{QUOTE}/fields/subtotal/retire")

    assert [last.status_code, title.status_code, needed.status_code] == [422, 422, 422]
    assert "Quote › field “Total” › formula" in needed.json["errors"][0]["message"]


def test_items_of_the_form_are_moved_hidden_widened_and_shown_again(admin: Visitor) -> None:
    before = labels(admin.get(QUOTE).text, "form")
    place = {"place": "main/basic"}

    done(post(admin, f"{QUOTE}/form", do="down", name="name", **place))
    done(post(admin, f"{QUOTE}/form", do="hide", name="urgent", **place))
    done(post(admin, f"{QUOTE}/form", do="width", name="reason", width=2, **place))
    page = admin.get(QUOTE).text
    done(post(admin, f"{QUOTE}/form", do="show", name="urgent"))

    moved = labels(page, "form")
    assert moved[:2] == [before[1], before[0]]
    assert "Urgent" not in moved
    assert at(draft(admin), (*ITEMS, "reason", "width")) == 2
    assert "Urgent" in labels(admin.get(QUOTE).text, "form")


def test_columns_are_moved_hidden_added_and_the_order_is_chosen(admin: Visitor) -> None:
    lists = f"{QUOTE}/lists/all"

    done(post(admin, lists, do="up", name="stage"))
    done(post(admin, lists, do="hide", name="customer.name"))
    done(post(admin, lists, do="show", name="urgent"))
    done(post(admin, lists, do="sort", name="total", down=True))

    view = at(draft(admin), ("entities", "quote", "views", "all"))
    assert at(view, ("columns", "customer.name", "$retire")) is True
    assert at(view, ("columns", "urgent")) == {}
    page = admin.get(QUOTE).text.partition('data-keep="list-all"')[2]
    assert 'value="total" selected' in page
    assert re.findall(r'data-name="([^"]+)"', page)[:4] == ["name", "stage", "total", "urgent"]


def test_a_rule_is_written_with_labels_and_kept_by_names(admin: Visitor) -> None:
    admin.create("quote", name="Pumps")
    checking = post(admin, f"{QUOTE}/formula", formula="「税率」 > 50%", expect="rule").json
    wrong = post(admin, f"{QUOTE}/formula", formula="tax_r", expect="rule").json

    done(post(admin, f"{QUOTE}/rules/add", refuse_when="「税率」 > 50%",
              message_en="Too much tax", message_zh="税率过高", at="tax_rate"))  # fmt: skip

    assert checking["errors"] == []
    assert "Pumps" in checking["said"]
    assert wrong["errors"]
    assert {"text": "tax_rate", "label": "Tax rate"} in wrong["completions"]
    rules = at(draft(admin), ("entities", "quote", "rules"))
    assert rules == {
        "too_much_tax": {
            "refuse_when": "tax_rate > 50%",
            "message": {"zh": "税率过高", "en": "Too much tax"},
            "at": "tax_rate",
        }
    }


def test_the_last_change_is_taken_back_and_all_of_them_are_discarded(admin: Visitor) -> None:
    done(post(admin, f"{QUOTE}/add/field", label_en="One", type="text"))
    done(post(admin, f"{QUOTE}/add/field", label_en="Two", type="text"))

    done(admin.send(f"{NEXT}/undo", {}))
    shown = labels(admin.get(QUOTE).text, "fields")
    done(admin.send(f"{NEXT}/discard", {}))

    assert "One" in shown
    assert "Two" not in shown
    assert "One" not in labels(admin.get(QUOTE).text, "fields")
    assert admin.get(NEXT).status_code == 303


def test_what_goes_out_of_sight_asks_for_a_tick_and_comes_back_from_the_trash(
    admin: Visitor,
) -> None:
    done(post(admin, "/admin/forms/product/add/field", label_en="Maker", type="text"))
    done(publish(admin))
    record = admin.create("product", name="Pump", maker="Harbour Works")
    done(post(admin, "/admin/forms/product/fields/maker/retire"))

    refused = publish(admin)
    published = publish(admin, allow_loss=True)
    gone = admin.get(f"/records/product/{record}").text
    trash = admin.get("/admin/versions/retired").text
    done(post(admin, "/admin/versions/retired", path="entities/product/fields/maker"))
    done(publish(admin))

    assert refused.status_code in (409, 422)
    assert published.status_code == 200
    assert "Harbour Works" not in gone
    assert "Maker" in trash
    assert "1 value kept" in trash
    assert "Harbour Works" in admin.get(f"/records/product/{record}").text


def test_the_trash_counts_records_that_have_a_retired_option_or_stage_still(
    serving: House, tenant_of: TenantMaker
) -> None:
    admin = arrived(serving, tenant_of(SHOP), "administrator")
    for name in ("Ada", "Bo"):
        admin.create("customer", name=name, level="key")
    admin.create("quote", name="Pumps", stage="sent")
    options = [
        {"name": "other", "label": "Other"},
        {"name": "key", "label": "Key", "fate": "$retire"},
    ]
    done(post(admin, "/admin/forms/customer/fields/level",
              label_en="Level", type="choice", options=options))  # fmt: skip
    done(post(admin, f"{QUOTE}/stages/of/sales/sent/retire", into="$retire"))
    done(publish(admin, allow_loss=True))

    trash = re.sub(r"<[^>]+>", " ", admin.get("/admin/versions/retired").text)

    assert re.search(r"\bKey\b[^•]{0,300}?Records that have it: 2", trash, re.S)
    assert re.search(r"\bSent\b[^•]{0,300}?Records that have it: 1", trash, re.S)


def test_going_back_has_a_plan_of_its_own_and_what_it_took_comes_back(admin: Visitor) -> None:
    done(post(admin, "/admin/forms/product/add/field", label_en="Origin", type="text"))
    live = int(done(publish(admin)).json["location"].rpartition("=")[2])
    record = admin.create("product", name="Valve", origin="Ningbo")

    plan = admin.get(f"/admin/versions/{live - 1}/back").text
    done(publish(admin, f"/admin/versions/{live - 1}/back", allow_loss=True))
    compared = admin.get(f"/admin/versions/{live}/{live + 1}").text
    gone = admin.get(f"/records/product/{record}").text
    done(post(admin, "/admin/versions/retired", path="entities/product/fields/origin"))
    done(publish(admin))

    assert "data-must-tick" in plan
    assert "Origin" in compared
    assert "Ningbo" not in gone
    assert "Ningbo" in admin.get(f"/records/product/{record}").text
    assert "Tried" in admin.get("/admin/versions").text


def test_what_two_people_changed_is_decided_with_both_values(
    serving: House, own_shop: Context, admin: Visitor
) -> None:
    other = arrived(serving, own_shop, "administrator")
    field = "/admin/forms/product/fields/list_price"
    done(post(admin, field, label_en="Price", label_zh="标价", type="money"))
    done(post(other, field, label_en="Our price", label_zh="标价", type="money"))
    done(publish(other))

    page = admin.get(f"{NEXT}/conflicts").text
    path = re.search(r'data-conflict-path="([^"]+)"', page)
    assert path is not None
    led = admin.get(NEXT)
    done(post(admin, f"{NEXT}/conflicts", **{path[1]: "ours"}))

    assert "Our price" in page
    assert ">Price<" in page
    assert led.status_code == 303
    assert "Our price" in admin.get(NEXT).text
    done(publish(admin))
    assert "Price" in labels(admin.get("/admin/forms/product").text, "fields")


def test_columns_are_chosen_for_oneself(serving: House, admin: Visitor) -> None:
    other = arrived(serving, admin.ctx, "administrator")
    admin.create("product", name="Hose")
    view = admin.ctx.model.entities["product"].views["all"].key
    state = {"columns": ["list_price", "nonsense", "name"]}
    admin.send("/records/product/views/lay", {"values": {"over": view, "state": state}})

    page, theirs = (each.get("/records/product?view=all").text for each in (admin, other))

    assert re.findall(r'<th scope="col"[^>]* data-path="([^"]+)', page) == ["list_price", "name"]
    assert "fields=list_price%2Cname" in page
    assert 'data-path="list_price"' not in theirs.split('data-path="name"')[0]


@pytest.mark.parametrize(
    "address",
    [
        "/admin/forms/nothing", f"{QUOTE}/fields/nothing", f"{QUOTE}/stages/of/sales/nothing",
        f"{QUOTE}/rules/of/nothing", f"{QUOTE}/form/main/nothing", "/admin/versions/99/back",
        "/admin/versions/1/99", "/admin/forms/sys_draft",
    ],
)  # fmt: skip
def test_what_is_not_there_is_said_to_be_missing(admin: Visitor, address: str) -> None:
    if address.endswith("main/nothing"):
        assert post(admin, address, label_en="Named").status_code == 404
    else:
        assert admin.get(address).status_code == 404
