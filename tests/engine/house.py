"""A small trading house with people, departments and records, made once for reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, Text, bindparam, func, insert

from engine.access.policy import Policy
from engine.context import Actor, Cause, Context, Tenant
from engine.database import Database
from engine.query.reader import Records
from engine.store import ModelStore
from engine.values.searchkeys import search_tokens, sort_key
from formula.backends.contract import Moment

APP = """
format: 1
app: {name: house, label: House, version: "1.0", languages: [en, zh]}
settings:
  floor: {type: money, default: 100, label: Floor}
entities:
  customer:
    label: Customer
    owned: true
    title: name
    fields:
      name: {type: text, required: true, search: true, max_length: 120}
      phone: {type: phone, search: true}
      level: {type: choice, options: {key: {label: Key}, plain: {label: Plain}, new: {label: New}}}
      credit: {type: money}
      since: {type: date}
      vip: {type: boolean}
      owing: {type: money, stored: false, formula: "SUM(quotes.total, open)"}
      worth: {type: money, stored: false, formula: "credit - 10"}
  contact:
    label: Contact
    title: name
    fields:
      name: {type: text, required: true, search: true}
      customer: {type: link, to: customer, inverse: contacts, required: true}
  quote:
    label: Quote
    title: code
    owned: true
    fields:
      code: {type: text, search: true}
      customer: {type: link, to: customer, inverse: quotes}
      contact: {type: link, to: contact, filter: "customer == this.customer"}
      open: {type: boolean}
      total: {type: money, formula: "SUM(lines.amount)"}
      double: {type: money, stored: false, formula: "total * 2"}
      level: {type: text, stored: false, formula: "customer.level & \\"!\\""}
  quote_line:
    label: Line
    title_formula: '"line"'
    child_of: {entity: quote, collection: lines}
    fields:
      amount: {type: money}
      note: {type: text}
  activity:
    label: Activity
    title: subject
    fields:
      subject: {type: text}
      about: {type: link, to: [customer, quote], inverse: activities}
roles:
  own: {label: Own, rights: {customer: {read: own, update: own}, quote: {read: own}}}
  team: {label: Team, rights: {customer: {read: team}, quote: {read: team}}}
  department: {label: D, rights: {customer: {read: department}, quote: {read: department}}}
  tree:
    label: Tree
    see_sql: true
    rights: {customer: {read: department_tree, update: own}, quote: {read: department_tree}}
  everything: {label: All, rights: {"*": {create: all, read: all, update: all, delete: all}}}
  keys:
    label: Keys
    rights:
      customer: {read: {where: 'level == "key" or vip'}}
      quote: {read: {where: 'COUNT(lines, amount > 50) > 0'}}
  blind_keys:
    label: Blind keys
    rights: {customer: {read: all, update: {where: 'level == "key"'}}}
    fields: {customer: {level: none}}
  everything_but_quotes:
    label: Everything but quotes
    rights: {customer: {read: all}, quote: {read: own}, contact: {read: all}}
  no_plain:
    label: No plain
    rights: {customer: {create: all}}
    deny: {customer: {read: {where: 'level == "plain"'}}}
  masked:
    label: Masked
    rights: {customer: {read: all}, quote: {read: all}, contact: {read: all}, activity: {read: all}}
    fields: {customer: {phone: mask, credit: none}}
  quotes_only: {label: Quotes, rights: {quote: {read: all}, activity: {read: all}}}
"""

NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)


@dataclass(frozen=True, slots=True, repr=False)
class House:
    """One tenant with its doors to reading, and its rows as plain values by field key."""

    tenant: Tenant
    database: Database
    store: ModelStore
    policy: Policy
    reader: Records
    rows: dict[str, dict[UUID, dict[str, Any]]] = field(default_factory=dict)

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """Keep the rows out of what hypothesis prints."""
        printer.text("house")

    def ctx(self, *roles: str, user: UUID | None = None, **changes: Any) -> Context:
        """Return a context of somebody with these roles; nobody in particular by default."""
        compiled, revision = self.store.current(self.tenant)
        actor = Actor(user or uuid4(), "Somebody", roles or ("administrator",))
        return Context(
            tenant=self.tenant,
            compiled=compiled,
            revision=revision,
            actor=replace(actor, **changes),
            moment=Moment(NOW, date(2026, 3, 1), "Asia/Shanghai"),
            cause=Cause("api"),
        )

    def person(self, user: UUID, *roles: str) -> Context:
        """Return a context of one of the house's people."""
        row = self.rows["user"][user]
        top = row["department"]
        below = {top} if top else set()
        for _ in self.rows["department"]:
            below |= {d for d, r in self.rows["department"].items() if r["parent"] in below}
        teams = {r["team"] for r in self.rows["team_member"].values() if r["member"] == user}
        return self.ctx(
            *roles, user=user, department=top, departments=tuple(below), teams=tuple(teams)
        )

    def put(self, entity: str, /, **values: Any) -> UUID:
        """Insert one row by field key, as the writer would leave it."""
        return self.put_all(entity, [values])[0]

    def put_all(self, entity: str, rows: list[Mapping[str, Any]]) -> list[UUID]:
        """Insert rows by field key; `sys_…` columns by their own names."""
        ctx = self.ctx()
        kind = ctx.model.entities[entity]
        table = ctx.compiled.tables.of(entity)
        ids, stored = [], []
        for values in rows:
            key = values.get("id") or uuid4()
            ids.append(key)
            self.rows.setdefault(entity, {})[key] = {"id": key, **values}
            line: dict[str, Any] = {"id": key}
            for name, value in values.items():
                if name.startswith("sys_") or name == "id":
                    line[name] = value
                elif kind.fields[name].columns:
                    target, one = value
                    line[kind.fields[name].columns[target]] = one
                else:
                    line[kind.fields[name].column] = value
                    if kind.fields[name].sort_column:
                        line[kind.fields[name].sort_column] = sort_key(value)
            texts = [values.get(f.key) for f in kind.fields.values() if f.search]
            line["sys_search"] = search_tokens(texts)
            stored.append(line)
        names = sorted({name for line in stored for name in line} - {"sys_search"})
        with self.database.owner(self.tenant) as connection:
            for line in stored:
                tokens = line.pop("sys_search")
                cells = {name: line[name] for name in names if name in line}
                if "sys_search" in table.c:
                    cells["sys_search"] = _vector(tokens)
                statement = insert(table).values(**cells)
                connection.execute(statement)
        return ids


def _vector(tokens: list[str]) -> Any:
    return func.array_to_tsvector(bindparam("tokens", tokens, type_=ARRAY(Text())))


def furnish(house: House, dice: Random) -> None:
    """Fill the house with departments in a tree, people in teams, and records of theirs."""
    head = house.put("department", name="Head", parent=None)
    north = house.put("department", name="North", parent=head)
    south = house.put("department", name="South", parent=head)
    far = house.put("department", name="Far north", parent=north)
    people = [
        house.put("user", name=f"P{i}", email=f"p{i}@x.y", active=True, department=where)
        for i, where in enumerate([head, north, south, far, far, None])
    ]
    teams = [house.put("team", name=f"T{i}") for i in range(2)]
    for team, member in ((0, 1), (0, 2), (1, 3)):
        house.put("team_member", team=teams[team], member=people[member])
    customers = house.put_all("customer", [_customer(dice, i, people, house) for i in range(60)])
    contacts = house.put_all(
        "contact", [{"name": f"Contact {i}", "customer": dice.choice(customers)} for i in range(30)]
    )
    for i in range(60):
        _quote(house, dice, i, customers, contacts, people)
    quotes = list(house.rows["quote"])
    for i in range(10):
        target = dice.choice([("customer", dice.choice(customers)), ("quote", dice.choice(quotes))])
        house.put("activity", subject=f"Call {i}", about=target)


def _customer(dice: Random, i: int, people: list[UUID], house: House) -> dict[str, Any]:
    owner = dice.choice([*people, None])
    return {
        "name": dice.choice(["液压泵厂", "Müller", "北京机械", "acme", "Äpfel", "上海"])
        + f" {i % 40}",
        "phone": f"1380000{i:04d}",
        "level": dice.choice(["key", "plain", "new", None]),
        "credit": dice.choice([None, Decimal(i * 10), Decimal("50.50")]),
        "since": dice.choice([None, date(2025, 1, 1 + i % 28)]),
        "vip": dice.random() < 0.3,
        "owner": owner,
        "department": house.rows["user"][owner]["department"] if owner else None,
        "created_at": NOW,
        "sys_trashed_at": NOW if dice.random() < 0.1 else None,
    }


def _quote(
    house: House,
    dice: Random,
    i: int,
    customers: list[UUID],
    contacts: list[UUID],
    people: list[UUID],
) -> None:
    amounts = [Decimal(dice.randrange(100)) for _ in range(dice.randrange(4))]
    owner = dice.choice([*people, None])
    quote = house.put(
        "quote",
        code=f"Q-{i:03d}",
        customer=dice.choice([*customers, None]),
        contact=dice.choice([*contacts, None]),
        open=dice.random() < 0.5,
        total=sum(amounts, Decimal()),
        owner=owner,
        department=house.rows["user"][owner]["department"] if owner else None,
    )
    for position, amount in enumerate(amounts):
        house.put("quote_line", quote=quote, amount=amount, sys_position=position)
