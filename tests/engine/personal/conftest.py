"""A shop whose customers ask to be forgotten, and whose books must balance afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from io import BytesIO
from uuid import UUID

import pytest
from sqlalchemy import Connection, text

from boot.wiring import House
from engine.context import Context
from engine.doors import Edit
from engine.notices.telling import News, tell
from engine.personal.erasing import Erasures
from engine.records.formed import Stand
from engine.schema.names import quoted
from tests.conftest import TenantMaker
from tests.contents import dump
from workflow.messages.addresses import unsubscribe
from workflow.messages.outbox import Outbox, Wanted
from workflow.pools.holdings import Holding
from workflow.pools.holdings import keep as keep_holdings
from workflow.runs import Done, begin, keep

APP = """
format: 1
app: {name: forgetful, label: Forgetful, version: "1.0", languages: [en, zh]}
entities:
  customer:
    label: Customer
    title: name
    track: true
    fields:
      name: {type: text, required: true, search: true, personal_data: true}
      mail: {type: email, required: true, unique: true, personal_data: true}
      phone: {type: phone, search: true, personal_data: true}
      identity: {type: text, encrypted: true, unique: true, personal_data: true}
      born: {type: date, personal_data: true}
      income: {type: money, personal_data: true}
      debt: {type: money, personal_data: true}
      photo: {type: image, personal_data: true}
      level: {type: choice, options: {a: {label: A}, b: {label: B}}}
      greeting: {type: text, formula: '"Dear " & name'}
      bought: {type: money, formula: "SUM(orders.total)"}
      owes: {type: money, formula: "bought + debt"}
    rules:
      named: {refuse_when: 'LEFT(name, 6) == "Erased"', message: A name}
  order:
    label: Order
    title: number
    fields:
      number: {type: autonumber, pattern: "O-{000000}"}
      customer: {type: link, to: customer, inverse: orders, required: true, on_delete: restrict}
      receiver: {type: text, personal_data: true}
      buyer: {type: text, formula: "customer.name"}
      total: {type: money, formula: "SUM(lines.amount)"}
  order_line:
    label: Line
    child_of: {entity: order, collection: lines}
    fields:
      product: {type: text}
      amount: {type: money}
  contact:
    label: Contact
    title: name
    fields:
      name: {type: text, required: true, personal_data: true}
      customer: {type: link, to: customer, inverse: contacts}
roles:
  seller: {label: Seller, rights: {customer: {read: all, update: all}}}
"""

SECRETS = (
    "Li Wei Secret",
    "liwei@secret.cn",
    "13812345678",
    "110101199003077219",
    "Receiver Secret",
)


@dataclass(frozen=True, slots=True)
class Shop:
    """A tenant with one customer, orders, comments, files and a history."""

    house: House
    ctx: Context

    @property
    def erasures(self) -> Erasures:
        return self.house.services.erasures

    def customer(self) -> UUID:
        """Make a customer who has bought, and of whom much is kept."""
        name, mail, phone, identity, receiver = SECRETS
        write = self.house.writer
        values = {
            "name": f"Before {name}", "mail": mail, "phone": phone, "identity": identity,
            "born": "1990-03-07", "income": "5000.00", "debt": "70.50", "level": "a",
        }  # fmt: skip
        record = write.create(self.ctx, "customer", [values]).ids[0]
        self.change(record, name=name)
        lines = [{"product": "P", "amount": "10.10"}, {"product": "Q", "amount": "20.20"}]
        for _ in range(3):
            order = {"customer": str(record), "receiver": receiver, "lines": lines}
            write.create(self.ctx, "order", [order])
        write.create(self.ctx, "contact", [{"name": "Another Person", "customer": str(record)}])
        self.house.services.talk.say(
            self.ctx, "customer", record, f"{name} called from {phone}", ()
        )
        self.house.services.files.upload(
            self.ctx, "passport.txt", BytesIO(name.encode()), to=("customer", record)
        )
        self.write(record, mail, f"Dear {name}, we called {phone}")
        self.act(record, name, phone)
        form = {"fields": {"name": f"{name}, typed and not saved"}}
        entity = self.ctx.model.entities["customer"]
        self.house.services.desk.keep(self.ctx, entity, record, form, None)
        return record

    def write(self, record: UUID, address: str, words: str) -> None:
        """Write to a customer, about their record and about none, and hear no more of them."""
        about = Wanted("email", address, words, words, entity="customer", record=record)
        none = Wanted("sms", address, words, words)

        def unit(connection: Connection) -> None:
            for each in (about, none):
                Outbox(frozenset({"email"})).put(self.ctx, connection, each)
            unsubscribe(connection, self.ctx, address)

        self.house.database.unit(self.ctx, unit)

    def act(self, record: UUID, name: str, phone: str) -> None:
        """Let automations read a customer, wait and tell of them; somebody gives them back."""
        about = Stand("customer", record, given={"said": f"{name} wants to be called"})
        read = (Done("", "begun", {"values": {"customer.name": name}}),)
        typed = Stand(given={"phone": phone})
        person = {"name": "Bo", "email": f"{record.hex}@example.com", "active": True}
        colleague = self.house.writer.create(self.ctx, "user", [person]).ids[0]
        said = {"text": f"{name} waits for you", "automation": "call"}

        def unit(connection: Connection) -> None:
            waits = replace(begin(self.ctx, "call", about), steps=read)
            over = replace(begin(self.ctx, "form", typed), state="done", steps=read)
            keep(connection, self.ctx, [waits, over])
            by, at = self.ctx.actor.user, self.ctx.now
            back = Holding("customer", record, "returned", by, at, note=f"{name} is away")
            keep_holdings(connection, self.ctx, [back])
            tell(self.ctx, connection, [colleague], News("told", "customer", record, said))
            tell(self.ctx, connection, [colleague], News("told", words=said))

        self.house.database.unit(self.ctx, unit)

    def change(self, record: UUID, **values: object) -> None:
        """Change a customer."""
        self.house.writer.update(self.ctx, "customer", [Edit(record, values)])

    def erase(self, record: UUID, *, entity: str = "customer") -> UUID:
        """Erase somebody."""
        begun = self.erasures.begin(self.ctx, entity, record)
        return self.erasures.run(self.ctx, begun.id).id

    def sums(self) -> dict[str, str]:
        """Return the total of every number that is stored, by table and column."""
        schema = self.ctx.tenant.schema
        found: dict[str, str] = {}
        with self.house.database.owner(self.ctx.tenant) as connection:
            for entity in self.ctx.model.entities.values():
                if entity.system or entity.builtin:
                    continue
                for each in entity.fields.values():
                    if each.type in ("money", "integer", "decimal") and each.column:
                        name = f"{quoted(schema)}.{quoted(entity.table)}"
                        total = connection.execute(
                            text(f"SELECT coalesce(sum({quoted(each.column)}), 0) FROM {name}")
                        )
                        found[f"{entity.key}.{each.key}"] = str(total.scalar_one())
        return found

    def dump(self) -> str:
        """Return everything that the tenant's schema holds, as text."""
        return dump(self.house.database, self.ctx.tenant)


@pytest.fixture
def shop(furnished: House, tenant_of: TenantMaker) -> Shop:
    ctx = tenant_of(APP)
    return Shop(furnished, replace(ctx, actor=replace(ctx.actor, roles=("administrator",))))
