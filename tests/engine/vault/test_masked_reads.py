"""A-10: who opens a record and reads what is a mask for others is in the audit log, once."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from boot.wiring import House
from engine.context import Context, Origin
from tests.conftest import TenantMaker

APP = """
format: 1
app: {name: seen, label: Seen, version: "1.0", languages: [en]}
entities:
  client:
    label: Client
    title: name
    fields: {name: {type: text}, phone: {type: phone}}
roles:
  whole: {label: Whole, rights: {client: {create: all, read: all, update: all}}}
  part: {label: Part, rights: {client: {read: all}}, fields: {client: {phone: mask}}}
"""


def told(house: House, ctx: Context) -> list[UUID]:
    """Return the records of which the log tells that somebody read a masked field."""
    table = ctx.compiled.tables.of("sys_audit")
    with house.database.owner(ctx.tenant) as connection:
        rows = connection.execute(select(table.c.record).where(table.c.kind == "masked_read"))
        return list(rows.scalars())


def test_opening_a_record_is_told_once_for_each_session(
    furnished: House, tenant_of: TenantMaker
) -> None:
    system = tenant_of(APP)
    values = [{"name": "A", "phone": "13800000001"}, {"name": "B", "phone": "13800000002"}]
    first, second = furnished.writer.create(system, "client", values).ids[:2]
    whole = replace(system, actor=replace(system.actor, kind="person", roles=("whole",)))
    part = replace(whole, actor=replace(whole.actor, roles=("part",)))

    for ctx in (whole, whole, part, system):
        furnished.reader.get(ctx, "client", [first])
    furnished.reader.get(whole, "client", [second])
    furnished.reader.get(replace(whole, origin=Origin(session="other")), "client", [first])

    assert told(furnished, system) == [first, second, first]
