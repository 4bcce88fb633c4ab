"""A company with a tree of departments, positions, teams and people who are who they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from engine.access.policy import Policy
from engine.access.shares import Shares
from engine.audit.log import AuditLog
from engine.context import Context
from engine.database import Database
from engine.doors import Edit
from engine.query.reader import Records as Reader
from engine.query.spec import ListQuery
from engine.records.writer import Records as Writer
from engine.tenants.people import actor_of, actor_sentence
from engine.values.sending import Request, send

APP = """
format: 1
app: {name: company, label: Company, version: "1.0", languages: [en, zh]}
entities:
  client:
    label: Client
    owned: true
    title: name
    fields:
      name: {type: text, required: true, search: true}
      level: {type: choice, options: {key: {label: Key}, plain: {label: Plain}}}
      limit: {type: money}
    views:
      all: {label: All, type: list}
      keys: {label: Keys, type: list, filter: 'level == "key"'}
  deal:
    label: Deal
    owned: true
    title: name
    members: {collection: team, person: who, when: "not gone", write_when: 'access == "edit"'}
    follows: client
    fields:
      name: {type: text, required: true, search: true}
      client: {type: link, to: client, inverse: deals}
      size: {type: money}
    pipelines:
      sales: {field: stage, stages: {open: {label: Open}, won: {label: Won}, lost: {label: Lost}}}
    convert:
      again: {label: Again, steps: {deal: {create: deal, set: {name: name}}}}
  deal_member:
    label: Member
    child_of: {entity: deal, collection: team}
    fields:
      who: {type: user, required: true}
      gone: {type: boolean}
      access: {type: choice, options: {view: {label: View}, edit: {label: Edit}}}
  deal_line:
    label: Line
    title_formula: '"line"'
    child_of: {entity: deal, collection: lines}
    fields: {text: {type: text}}
roles:
  own:
    label: Own
    rights:
      client: {create: all, read: own, update: own, delete: own, export: own}
      deal: {create: all, read: own, update: own, delete: own}
  team: {label: Team, rights: {client: {read: team, update: team}}}
  department: {label: Department, rights: {client: {read: department, update: department}}}
  tree: {label: Tree, rights: {client: {read: department_tree, update: department_tree}}}
  reader: {label: Reader, rights: {client: {read: own}}}
  stranger: {label: Stranger, rights: {deal: {create: all}}}
  no_keys: {label: No keys, deny: {client: {read: {where: 'level == "key"'}}}}
  careful:
    label: Careful
    deny: {client: {fields: {limit: none}}, deal: {moves: [won]}}
  opens: {label: Opens, rights: {deal: {read: own, update: own}}, moves: {deal: [open, won, lost]}}
  listed:
    label: Listed
    rights: {client: {read: all}, deal: {create: all, read: all, update: all}}
    views: {client: [keys]}
    buttons: {deal: []}
    moves: {deal: [open, won]}
  hr:
    label: HR
    rights:
      user: {create: all, read: all, update: all, delete: all}
      position: {create: all, update: all, delete: all}
      department: {create: all, update: all}
    gives: [own, hr]
  boss: {label: Boss, all_rights: true}
"""


@dataclass(frozen=True, slots=True)
class Company:
    """A tenant with its doors; `ctx` acts as the system itself."""

    ctx: Context
    database: Database

    @property
    def policy(self) -> Policy:
        return Policy(self.database)

    @property
    def writer(self) -> Writer:
        return Writer(self.database, self.policy)

    @property
    def shares(self) -> Shares:
        return Shares(self.database, self.policy, AuditLog(self.database))

    def reader(self) -> Reader:
        """Return the door to reading."""
        return Reader(self.database, self.policy, "secret")

    def make(self, entity: str, ctx: Context | None = None, **values: Any) -> UUID:
        """Create one record and return its id."""
        return self.writer.create(ctx or self.ctx, entity, [values]).ids[0]

    def change(self, entity: str, id_: UUID, ctx: Context | None = None, **values: Any) -> None:
        """Change one record."""
        self.writer.update(ctx or self.ctx, entity, [Edit(id_, values)])

    def hire(self, name: str, *roles: str, **values: Any) -> UUID:
        """Make a person."""
        row = {"name": name, "email": f"{name}@company.example", "roles": list(roles), **values}
        return self.make("user", **row)

    def acting(self, person: UUID, **changes: Any) -> Context:
        """Return the context in which a person acts now, read from their rows as at sign-in."""
        asked = Request(actor_sentence(self.ctx.compiled), ({"who": person},))
        with self.database.reading(self.ctx) as connection:
            actor = actor_of(person, send(connection, self.ctx, asked))
        assert actor is not None, "who acts is active"
        return replace(self.ctx, actor=replace(actor, **changes))

    def seen(self, person: UUID, entity: str = "client", **changes: Any) -> set[str]:
        """Return what the records are called that a person's list shows now."""
        page = self.reader().find(self.acting(person, **changes), ListQuery(entity, limit=500))
        return {row.title for row in page.rows}

    def stored(self, entity: str, id_: UUID) -> Mapping[str, Any]:
        """Return a record's values as the system reads them."""
        return self.reader().get(self.ctx, entity, [id_])[0].values
