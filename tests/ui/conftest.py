"""A small sales app served to a signed-in person, as a browser would see it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from boot.connection import Address
from boot.settings import read_settings
from boot.wiring import House, furnish
from engine.context import Context
from engine.tenants.members import enrol
from tests.conftest import Installation, TenantMaker
from ui.factory import create_app
from ui.session import COOKIE, CSRF_HEADER

SHOP = """
format: 1
app: {name: shop, label: {zh: 小店, en: Shop}, version: "1", languages: [zh, en], currency: CNY}
entities:
  customer:
    label: {zh: 客户, en: Customer}
    plural: {en: Customers}
    title: name
    fields:
      name: {type: text, required: true, search: true, label: {zh: 名称, en: Name}}
      level: {type: choice, options: {key: {label: {zh: 重点, en: Key}}, other: {label: {zh: 普通, en: Other}}}}
      email: {type: email}
  product:
    label: {zh: 产品, en: Product}
    title: name
    fields:
      name: {type: text, required: true, search: true}
      list_price: {type: money, label: {zh: 标价, en: List price}}
  quote:
    label: {zh: 报价单, en: Quote}
    plural: {en: Quotes}
    title: name
    fields:
      name: {type: text, required: true, label: {zh: 主题, en: Subject}}
      customer: {type: link, to: customer, inverse: quotes, label: {zh: 客户, en: Customer}}
      urgent: {type: boolean, label: {zh: 加急, en: Urgent}}
      reason: {type: text, visible_when: urgent, required_when: urgent, label: {zh: 原因, en: Reason}}
      tax_rate: {type: percent, default: 13%, label: {zh: 税率, en: Tax rate}}
      lost_to: {type: text, label: {zh: 输给, en: Lost to}}
      subtotal: {type: money, formula: "SUM(lines.amount)", label: {zh: 小计, en: Subtotal}}
      total: {type: money, formula: "ROUND(subtotal * (1 + tax_rate), 2)", label: {zh: 合计, en: Total}}
    pipelines:
      sales:
        label: {zh: 销售, en: Sales}
        field: stage
        stages:
          draft: {label: {zh: 草稿, en: Draft}, probability: 20%}
          sent: {label: {zh: 已发, en: Sent}, probability: 50%}
          lost: {label: {zh: 输单, en: Lost}, ends: lost, must_fill: [lost_to]}
    views:
      all: {type: list, label: {zh: 全部, en: All}, columns: {name: {}, customer.name: {}, total: {total: sum}, stage: {}}, sort: [name]}
      board: {type: kanban, label: {zh: 看板, en: Board}, pipeline: sales, card: {customer: {}, total: {}}, sums: {total: {}}}
  quote_line:
    label: {zh: 明细, en: Line}
    child_of: {entity: quote, collection: lines}
    fields:
      product: {type: link, to: product, required: true, copy: {unit_price: product.list_price}, label: {zh: 产品, en: Product}}
      quantity: {type: decimal, scale: 2, default: 1, label: {zh: 数量, en: Quantity}}
      unit_price: {type: money, label: {zh: 单价, en: Unit price}}
      amount: {type: money, formula: "ROUND(quantity * unit_price, 2)", label: {zh: 金额, en: Amount}}
roles:
  clerk: {label: {zh: 文员, en: Clerk}, rights: {customer: {read: all}}}
dashboards:
  sales:
    label: {zh: 销售看板, en: Sales}
    widgets:
      total: {type: metric, label: {zh: 总额, en: Quoted}, entity: quote, measures: {total: "SUM(total)"}, at: [0, 0, 3, 2]}
      by_stage: {type: funnel, label: {zh: 漏斗, en: Funnel}, entity: quote, pipeline: sales, at: [3, 0, 5, 4]}
      by_customer: {type: bar, label: {zh: 客户, en: By customer}, entity: quote, group_by: {customer: customer}, measures: {total: "SUM(total)"}, at: [0, 4, 8, 4]}
"""

PASSWORD = "four words are enough"


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser of one person in one tenant."""

    client: FlaskClient
    ctx: Context
    house: House
    csrf: str

    def path(self, address: str) -> str:
        return f"/{self.ctx.tenant.name}{address}"

    def get(self, address: str, *, language: str = "en") -> TestResponse:
        return self.client.get(self.path(address), headers={"Accept-Language": language})

    def send(self, address: str, body: Any, *, csrf: str | None = None) -> TestResponse:
        headers = {CSRF_HEADER: self.csrf if csrf is None else csrf, "Accept-Language": "en"}
        return self.client.post(self.path(address), json=body, headers=headers)

    def create(self, entity: str, **values: Any) -> str:
        answer = self.send(f"/records/{entity}", {"values": values})
        assert answer.status_code == 200, answer.text
        return str(answer.json["location"]).rsplit("/", 1)[1]


Visiting = Callable[[str], Visitor]


@pytest.fixture(scope="session")
def serving(installation: Installation) -> House:
    return furnish(
        read_settings({}), Address(admin=None, app=installation.url), installation.database
    )


@pytest.fixture(scope="session")
def shop(tenant_of: TenantMaker) -> Context:
    return tenant_of(SHOP)


@pytest.fixture(scope="session")
def visiting(serving: House, shop: Context) -> Visiting:
    """Sign a new person in with a role."""
    app = create_app(serving.services)

    def visit(role: str) -> Visitor:
        email = f"{role}-{uuid4().hex[:8]}@example.com"
        account = serving.accounts.create(email, name="Lin Xiao", password=PASSWORD, language="")
        enrol(serving.accounts, serving.writer, shop, account, roles=(role,))
        client = app.test_client()
        signed_in = serving.accounts.sign_in(email, PASSWORD, address="127.0.0.1")
        assert signed_in is not None
        client.set_cookie(COOKIE, signed_in.secret)
        return Visitor(client, shop, serving, signed_in.csrf)

    return visit


@pytest.fixture(scope="session")
def visitor(visiting: Visiting) -> Visitor:
    return visiting("administrator")


def titles(html: str) -> list[str]:
    """The titles of a list's rows, in order."""
    return re.findall(r'class="row-link"[^>]*>([^<]*)<', html)
