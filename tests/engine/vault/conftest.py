"""A clinic of few fields, some of them encrypted, that tests of secrets share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from boot.wiring import House
from engine.context import Actor, Context
from engine.doors import Edit
from engine.query.parse import parse_filter
from engine.query.spec import ListQuery, Record
from engine.values.identity import new_id
from tests.conftest import TenantMaker
from tests.contents import dump

APP = """
format: 1
app: {name: clinic, label: Clinic, version: "1.0", languages: [en, zh]}
entities:
  patient:
    label: Patient
    title: name
    fields:
      name: {type: text, required: true, search: true, personal_data: true}
      identity:
        {type: text, max_length: 40, encrypted: true, unique: true, search: true,
         personal_data: true, label: Identity number}
      account: {type: text, encrypted: true, personal_data: true}
      mobile: {type: phone, encrypted: true, search: true}
      mail: {type: email, encrypted: true}
      note: {type: long_text}
      known: {type: boolean, formula: "not ISBLANK(identity)"}
    duplicates: {same: {match: {mobile: normalized}, action: warn}}
    rules:
      reachable:
        {refuse_when: 'ISBLANK(mobile) and ISBLANK(mail) and name == "Nobody"', message: No way}
  visit:
    label: Visit
    fields:
      patient: {type: link, to: patient, inverse: visits}
      fee: {type: money}
roles:
  doctor:
    label: Doctor
    rights:
      patient: {create: all, read: all, update: all, export: all, import: all}
      visit: {create: all, read: all}
    fields: {patient: {identity: write, account: read, mobile: write, mail: write}}
  clerk:
    label: Clerk
    rights: {patient: {create: all, read: all, update: all, export: all}, visit: {read: all}}
"""

IDENTITY = "11010119900307721X"


@dataclass(frozen=True, slots=True)
class Clinic:
    """A tenant with encrypted fields, and the doors to it."""

    house: House
    system: Context

    def ctx(self, *roles: str) -> Context:
        """Return a context of somebody with these roles, an administrator by default."""
        actor = Actor(new_id(self.system.now), "Somebody", roles or ("administrator",))
        return replace(self.system, actor=actor)

    def create(self, ctx: Context | None = None, **values: object) -> UUID:
        """Make a patient."""
        change = self.house.writer.create(ctx or self.ctx(), "patient", [values])
        return change.ids[0]

    def update(self, record: UUID, ctx: Context | None = None, **values: object) -> None:
        """Change a patient."""
        self.house.writer.update(ctx or self.ctx(), "patient", [Edit(record, values)])

    def read(self, record: UUID, ctx: Context | None = None) -> Record:
        """Return a patient as somebody reads it."""
        return self.house.reader.get(ctx or self.ctx(), "patient", [record])[0]

    def found(
        self, formula: str = "", *, search: str = "", ctx: Context | None = None
    ) -> set[UUID]:
        """Return the patients that a filter and a search find."""
        who = ctx or self.ctx()
        asked = parse_filter(who, "patient", formula) if formula else None
        page = self.house.reader.find(who, ListQuery("patient", asked, search))
        return {row.id for row in page.rows}

    def dump(self) -> str:
        """Return everything that the tenant's schema holds, as text."""
        return dump(self.house.database, self.system.tenant)

    def columns(self, record: UUID) -> dict[str, Any]:
        """Return a patient's row as it lies in its table."""
        table = self.system.compiled.tables.of("patient")
        with self.house.database.reading(self.system) as connection:
            found = connection.execute(table.select().where(table.c.id == record)).mappings().one()
            return dict(found)


@pytest.fixture(scope="session")
def clinic(furnished: House, tenant_of: TenantMaker) -> Clinic:
    return Clinic(furnished, tenant_of(APP))
