"""A small shop to write to: customers, products, quotes with lines, orders made from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from engine.access.policy import Policy
from engine.context import Context
from engine.database import Database
from engine.doors import Edit
from engine.records.draft import read_row
from engine.records.recompute import Difference, check
from engine.records.writer import Records

APP = """
format: 1
app: {name: shop, label: Shop, version: "1.0", languages: [en, zh]}
entities:
  customer:
    label: Customer
    owned: true
    title: name
    fields:
      name: {type: text, required: true, search: true, max_length: 120}
      email: {type: email, unique: true}
      industry:
        type: choice
        options: {steel: {label: Steel}, food: {label: Food}, gone: {label: G, active: false}}
      primary: {type: link, to: contact, on_delete: clear}
      billed: {type: link, to: contact, on_delete: clear, filter: "customer == this.id"}
      phone: {type: phone}
      limit: {type: money}
      quoted: {type: money, formula: "SUM(quotes.total)"}
      won: {type: money, formula: 'SUM(quotes.total, stage == "won")'}
      strained: {type: boolean, formula: "limit > 0 and quoted > limit / 2"}
      quotes_open: {type: integer, formula: 'COUNT(quotes, stage == "open")'}
    duplicates: {same: {match: {name: normalized, phone: exact}, action: block}}
    rules:
      limited: {refuse_when: "limit > 0 and quoted > limit", message: Beyond the limit}
  contact:
    label: Contact
    title: name
    fields:
      name: {type: text, required: true, search: true}
      customer: {type: link, to: customer, inverse: contacts, required: true, on_delete: cascade}
  prospect:
    label: Prospect
    title: heading
    fields:
      person: {type: text, required: true, max_length: 120}
      company: {type: text, search: true}
      heading:
        {type: text, search: true,
         formula: 'IF(ISBLANK(company), person, company & " · " & person)'}
    pipelines:
      following: {field: stage, stages: {new: {label: New}, lost: {label: Lost, ends: lost}}}
      reaching: {field: reach, stages: {far: {label: Far}, near: {label: Near}}}
  product:
    label: Product
    title: name
    fields:
      name: {type: text, required: true, search: true, unique: true}
      list_price: {type: money}
      kind: {type: choice, default: part, options: {machine: {label: Machine}, part: {label: Part}}}
      first_price: {type: money, formula: "list_price * 2", freeze_on: created}
    duplicates: {same: {match: {name: normalized}, action: warn}}
  quote:
    label: Quote
    title: code
    owned: true
    fields:
      code: {type: autonumber, pattern: "Q-{YYYY}{MM}-{0000}"}
      customer:
        {type: link, to: customer, inverse: quotes, required: true,
         copy: {contact: customer.primary}}
      contact: {type: link, to: contact, filter: "customer == this.customer", on_delete: restrict}
      tax_rate: {type: percent, default: 13%, min: 0%, max: 100%}
      reason: {type: text}
      due: {type: date, default_formula: 'DATEADD(TODAY(), 30, "day")'}
      subtotal: {type: money, formula: "SUM(lines.amount)"}
      machines: {type: money, formula: 'SUM(lines.amount, product.kind == "machine")'}
      total: {type: money, formula: "ROUND(subtotal * (1 + tax_rate), 2)"}
      order: {type: link, to: order, on_delete: clear}
    pipelines:
      sales:
        field: stage
        stages:
          open: {label: Open}
          sent: {label: Sent, enter_when: "COUNT(lines) > 0"}
          won: {label: Won, ends: won}
          lost: {label: Lost, ends: lost, must_fill: [reason]}
        moves: {open: [sent, lost], sent: [won, lost]}
    convert:
      to_order:
        label: Make order
        when: 'stage != "lost"'
        steps:
          order:
            create: order
            set: {customer: "customer", about: "\\"from \\" & code"}
            lines:
              lines:
                each: lines
                set: {product: "product", amount: "amount", share: "amount / this.subtotal"}
        remember: {order: order}
        move: sent
      to_calls:
        label: Note two calls
        steps:
          here: {create: activity, set: {subject: '"this"', about: "id"}}
          there: {create: activity, set: {subject: '"them"', about: "customer"}}
      to_large_order:
        label: Make an order of the large lines
        steps:
          order:
            create: order
            set: {customer: "customer"}
            lines:
              lines:
                each: lines
                when: "amount > this.subtotal / 2"
                set: {product: "product", amount: "amount"}
    rules:
      no_return:
        {refuse_when: 'previous.stage == "won" and stage != "won"', message: Won is won, at: stage}
      no_change:
        refuse_when: 'previous.stage == "won" and total != previous.total'
        message: What is won keeps its total
  quote_line:
    label: Line
    title_formula: '"line"'
    child_of: {entity: quote, collection: lines}
    fields:
      product:
        {type: link, to: product, required: true, copy: {unit_price: product.list_price}}
      quantity: {type: decimal, scale: 2, default: 1, min: 0}
      unit_price: {type: money}
      discount: {type: percent, default: 0%, min: 0%, max: 100%}
      amount: {type: money, formula: "ROUND(quantity * unit_price * (1 - discount), 2)"}
      wanted_by: {type: link, to: contact, filter: "customer == this.quote.customer"}
      unit_cost: {type: money, formula: "product.list_price / 2", freeze_on: created}
      cost: {type: money, formula: "quantity * unit_cost"}
  order:
    label: Order
    title: about
    fields:
      about: {type: text, search: true}
      customer: {type: link, to: customer, inverse: orders, required: true}
      total: {type: money, formula: "SUM(lines.amount)"}
    duplicates:
      buyer:
        {against: customer, match: {about: normalized}, fields: {about: name}, action: warn}
  order_line:
    label: Order line
    title_formula: '"line"'
    child_of: {entity: order, collection: lines}
    fields:
      product: {type: link, to: product, required: true}
      amount: {type: money}
      share: {type: percent}
  activity:
    label: Activity
    title: subject
    fields:
      subject: {type: text, required: true}
      about: {type: link, to: [customer, quote], inverse: activities, on_delete: cascade}
roles:
  sales:
    label: Sales
    rights:
      customer: {create: own, read: own, update: own, delete: own}
      quote: {create: all, read: all, update: own}
      product: {read: all}
    fields: {customer: {limit: read}}
    moves: {quote: [open, sent]}
"""


@dataclass(frozen=True, slots=True, repr=False)
class Shop:
    """A tenant with its door to writing, and rows as plain values by field key."""

    ctx: Context
    database: Database
    records: Records

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """Keep the model out of what hypothesis prints."""
        printer.text("shop")

    @classmethod
    def open(cls, ctx: Context, database: Database) -> Shop:
        """Return the shop that a context leads to."""
        return cls(ctx, database, Records(database, Policy(database)))

    def acting(self, **actor: Any) -> Shop:
        """Return the shop as somebody else writes to it."""
        return replace(self, ctx=replace(self.ctx, actor=replace(self.ctx.actor, **actor)))

    def create(self, entity: str, payload: Mapping[str, Any]) -> UUID:
        """Create one record and return its id."""
        return self.records.create(self.ctx, entity, [payload]).ids[0]

    def update(self, entity: str, id_: UUID, values: Mapping[str, Any]) -> None:
        """Change one record."""
        self.records.update(self.ctx, entity, [Edit(id_, values)])

    def get(self, entity: str, id_: UUID) -> dict[str, Any]:
        """Return a row as it is stored, by field key, with its engine columns and its lines."""
        kind = self.ctx.model.entities[entity]
        table = self.ctx.compiled.tables.of(entity)
        with self.database.reading(self.ctx) as connection:
            row = connection.execute(select(table).where(table.c.id == id_)).mappings().one()
        found: dict[str, Any] = dict(read_row(kind, row)[0])
        found["sys_version"], found["sys_trashed_at"] = row["sys_version"], row["sys_trashed_at"]
        for collection in kind.collections.values():
            if collection.children:
                found[collection.name] = self.members(collection.entity, collection.via, id_)
        return found

    def members(self, entity: str, via: str, id_: UUID) -> list[dict[str, Any]]:
        """Return the live records of an entity that point to one, lines in their order."""
        kind = self.ctx.model.entities[entity]
        table = self.ctx.compiled.tables.of(entity)
        link = table.c[kind.fields[via].column]
        order = table.c.sys_position if "sys_position" in table.c else table.c.id
        statement = select(table).where(link == id_, table.c.sys_trashed_at.is_(None))
        with self.database.reading(self.ctx) as connection:
            rows = connection.execute(statement.order_by(order)).mappings().all()
        return [dict(read_row(kind, row)[0]) for row in rows]

    def quote_of_one(self, price: str) -> tuple[UUID, UUID, UUID]:
        """Make a customer with a quote of one line; return the three ids."""
        customer = self.create("customer", {"name": "Acme"})
        product = self.create("product", {"name": f"Pump {customer}", "list_price": price})
        quote = self.create(
            "quote", {"customer": str(customer), "lines": [{"product": str(product)}]}
        )
        return customer, quote, self.get("quote", quote)["lines"][0]["id"]

    def differences(self) -> list[Difference]:
        """Return every stored value that is not what it must be."""
        return list(check(self.database, self.ctx))
