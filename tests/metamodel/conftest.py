"""A small app that the tests of the metadata language share."""

from __future__ import annotations

from textwrap import dedent

import pytest

from metamodel import Layer, Model, load, read_text

SHOP = """
    format: 1
    app: {name: shop, label: {en: Shop, zh: 商店}, languages: [en, zh], currency: CNY}
    modules: {sales: {label: {en: Sales, zh: 销售}}}
    settings: {most: {type: percent, default: 20%, label: {en: Most, zh: 上限}}}
    choices:
      kinds:
        options:
          machine: {label: {en: Machine, zh: 整机}}
          part: {label: {en: Part, zh: 配件}}
    entities:
      customer:
        label: {en: Customer, zh: 客户}
        module: sales
        owned: true
        fields:
          name: {type: text, required: true, search: true, label: {en: Name, zh: 名称}}
          kind: {type: choice, choices: kinds, default: machine}
          owing: {type: money, formula: "SUM(quotes.total)", label: {en: Owing, zh: 欠款}}
      product:
        label: {en: Product, zh: 产品}
        fields:
          name: {type: text, unique: true}
          price: {type: money}
      quote:
        label: {en: Quote, zh: 报价单}
        module: sales
        title: code
        fields:
          code: {type: autonumber, pattern: "Q-{YYYY}-{0000}"}
          customer: {type: link, to: customer, inverse: quotes, required: true}
          kind: {type: choice, formula: "customer.kind", choices: kinds}
          about: {type: link, to: [customer, product]}
          tax_rate: {type: percent, default: 13%}
          net: {type: money, formula: "SUM(lines.amount)"}
          total: {type: money, formula: "ROUND(net * (1 + tax_rate), 2)"}
        pipelines:
          sales:
            field: stage
            stages:
              draft: {probability: 20%, normal_days: 14}
              sent: {probability: 50%, must_fill: [customer], enter_when: "COUNT(lines) > 0"}
              won: {probability: 100%, ends: won}
            moves: {draft: [sent]}
        rules:
          limit:
            refuse_when: "ANY(lines.discount > setting.most)"
            message: {en: Too much, zh: 过高}
            at: tax_rate
        unique: {once: [customer, code]}
      quote_line:
        label: {en: Line, zh: 明细}
        child_of: {entity: quote, collection: lines}
        fields:
          product: {type: link, to: product, required: true, copy: {unit_price: product.price}}
          quantity: {type: decimal, default: 1, min: 0}
          unit_price: {type: money}
          discount: {type: percent, default: 0%}
          amount: {type: money, formula: "ROUND(quantity * unit_price * (1 - discount), 2)"}
"""


def layer(text: str, name: str = "tenant.yaml") -> Layer:
    """Read a layer from indented text."""
    return read_text(dedent(text), name)


@pytest.fixture(scope="session")
def shop_layer() -> Layer:
    return layer(SHOP, "shop.yaml")


@pytest.fixture(scope="session")
def shop(shop_layer: Layer) -> Model:
    return load([shop_layer])
