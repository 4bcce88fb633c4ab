"""Stages and options are split on a screen, which counts while the condition is written (P-04)."""

from __future__ import annotations

import pytest

from boot.wiring import House
from metamodel.editing.document import at
from tests.conftest import TenantMaker
from tests.ui.conftest import SHOP, Visitor
from tests.ui.test_reshaping_pages import NEXT, QUOTE, arrived, done, draft, post


@pytest.fixture
def admin(serving: House, tenant_of: TenantMaker) -> Visitor:
    """An administrator of a tenant of their own."""
    return arrived(serving, tenant_of(SHOP), "administrator")


def test_a_stage_or_an_option_is_split_by_a_condition_that_is_counted_before(
    admin: Visitor,
) -> None:
    """The dialog says how many records go; the plan says so, too, of stages and options (P-04)."""
    for name, rate in (("Small", "0.06"), ("Large", "0.13")):
        admin.create("quote", name=name, tax_rate=rate)
    split = f"{QUOTE}/split/stage/draft"

    assert "data-filter-lines" in done(admin.get(split)).text
    wrong = done(post(admin, f"{split}/count", takes="tax_rote > 10%")).json
    counted = done(post(admin, f"{split}/count", takes="「Tax rate」 > 10%")).json
    assert wrong["errors"]  # type: ignore[index]
    assert counted == {"errors": [], "said": "1 of 2 records."}
    assert post(admin, split, label_en="", label_zh="", takes="tax_rate > 1%").status_code == 422
    refused = post(admin, split, label_en="Large", takes="name").json
    assert [each["path"] for each in refused["errors"]] == [["takes"]]  # type: ignore[index]

    done(post(admin, split, label_en="High", label_zh="高", takes="「Tax rate」 > 10%"))
    done(
        post(admin, "/admin/forms/customer/split/level/key", label_en="Top", takes="founded < 2000")
    )
    said = draft(admin)
    stage = at(said, ("entities", "quote", "pipelines", "sales", "stages", "high"))
    assert stage == {
        "label": {"en": "High", "zh": "高"}, "probability": "20%", "$after": "draft",
        "takes": {"draft": "tax_rate > 10%"},
    }  # fmt: skip
    options = ("entities", "customer", "fields", "level", "options")
    assert at(said, (*options, "top", "takes")) == {"key": "founded < 2000"}
    assert (
        "1 record of Quote moves from Draft to High (「Tax rate」 &gt; 10%)."
        in admin.get(NEXT).text
    )


def test_options_that_fields_share_are_split_once_a_field_has_them_as_its_own(
    serving: House, tenant_of: TenantMaker
) -> None:
    """The field dialog says why they cannot be split, and how they can; no record moves (P-04)."""
    options = "{a: {label: A}, b: {label: B, $retire: true, into: a}}"
    shop = f"{SHOP}\nchoices: {{grades: {{options: {options}}}}}\n".replace(
        "      level:", "      grade: {type: choice, choices: grades}\n      level:", 1
    )
    admin = arrived(serving, tenant_of(shop), "administrator")
    grade = "/admin/forms/customer/fields/grade"
    admin.create("customer", name="Ada", grade="a")

    assert f'{grade}/options" data-close' in done(admin.get(grade)).text
    assert admin.get("/admin/forms/customer/split/grade/a").status_code == 404
    done(post(admin, f"{grade}/options"))

    made = done(admin.get(grade)).text
    assert "/split/grade/a" in made
    assert f"{grade}/options" not in made
    own = at(draft(admin), ("entities", "customer", "fields", "grade"))
    assert own == {
        "choices": None,
        "options": {"a": {"label": "A"}, "b": {"label": "B", "$retire": True, "into": "a"}},
    }
    assert "Every value that is there stays as it is." in admin.get(NEXT).text
