"""The audit log speaks of fields, roles and states as people call them (A-10)."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from boot.wiring import House
from engine.audit.event import Event
from tests.conftest import TenantMaker
from tests.ui.conftest import Visitor, visits

APP = """
format: 1
app: {name: files, label: {zh: 档案, en: Files}, version: "1", languages: [zh, en]}
settings:
  bulk_read_limit: {type: integer, default: 100, label: {zh: 上限, en: Limit}}
entities:
  client:
    label: {zh: 客户, en: Client}
    title: name
    fields:
      name: {type: text, label: {zh: 名称, en: Name}}
      email: {type: email, label: {zh: 邮箱, en: E-mail}}
      mobile: {type: phone, label: {zh: 手机, en: Mobile}}
roles:
  clerk: {label: {zh: 文员, en: Clerk}, rights: {client: {read: all}}}
"""

EVENTS = (
    Event("masked_read", "client", detail={"fields": ["email", "mobile"], "record": "-"}),
    Event("exported", "client", detail={"format": "csv", "fields": ["name"], "whole": False}),
    Event("roles_changed", detail={"roles": ["clerk"]}),
    Event("refused", detail={"code": "forbidden"}),
    Event("imported", "client", detail={"mode": "upsert", "state": "done", "created": 12345}),
)


@pytest.fixture(scope="module")
def admin(serving: House, tenant_of: TenantMaker) -> Visitor:
    made = visits(serving, tenant_of(APP))("administrator")
    for event in EVENTS:
        serving.audit.note(made.ctx, event)
    return made


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "zh",
            [
                "字段",
                "邮箱、手机",
                "完整",
                "否",
                "角色",
                "文员",
                "无权操作",
                "新增和更新",
                "12,345",
            ],
        ),
        ("en", ["Fields", "E-mail, Mobile", "Complete", "no", "Clerk", "Not allowed", "12,345"]),
    ],
)
def test_details_are_told_with_labels(admin: Visitor, language: str, said: list[str]) -> None:
    page = admin.get("/admin/log", language=language).text

    assert [word for word in said if word not in page] == []
    told = re.sub(r"<[^>]+>", "\n", page)
    assert re.findall(r"^\s*(?:fields|whole|mode|code|email, mobile)\s*$", told, re.M) == []


def test_the_log_begins_with_who_read_very_many_records(admin: Visitor, serving: House) -> None:
    """A-11."""
    reader = replace(admin.ctx, actor=replace(admin.ctx.actor, name="Wang Fang", kind="person"))
    before = admin.get("/admin/log").text

    serving.watch.count(reader, "client", 101)

    after = admin.get("/admin/log").text
    assert "Wang Fang read" not in before
    assert "Wang Fang read 101 records within 10 minutes" in after
    assert "Wang Fang 在 10 分钟内查看了 101 条记录" in admin.get("/admin/log", language="zh").text
