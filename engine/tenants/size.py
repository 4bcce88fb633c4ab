"""How large a tenant is: its records, its people, its share of the disk."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, text

from engine.compiled import CompiledModel
from engine.context import Tenant
from engine.database import Database
from engine.tenants.people import SYSTEM_USER


@dataclass(frozen=True, slots=True)
class Size:
    """Live records as the planner estimates them, active people counted, bytes on disk."""

    records: int
    people: int
    bytes: int


def measure(database: Database, tenant: Tenant, compiled: CompiledModel) -> Size:
    """Return how large a tenant is; estimates are as old as its tables' statistics."""
    entities = compiled.model.entities
    own = [each.table for each in entities.values() if not each.system and each.pair is None]
    query = text(
        "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint, "
        "coalesce(sum(greatest(c.reltuples, 0)) FILTER (WHERE c.relname = ANY(:own)), 0)::bigint "
        "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = :schema AND c.relkind = 'r'"
    )
    users = compiled.tables.of("user")
    active = users.c[entities["user"].fields["active"].column]
    people = select(func.count()).where(
        active, users.c.sys_trashed_at.is_(None), users.c.id != SYSTEM_USER
    )
    with database.reading_tenant(tenant) as connection:
        size, records = connection.execute(query, {"schema": tenant.schema, "own": own}).one()
        count = connection.execute(people).scalar_one()
    return Size(records, count, size)
