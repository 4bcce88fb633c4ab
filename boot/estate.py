"""Where tenants live and how they enter: the databases, the registry, provisioning."""

from __future__ import annotations

from dataclasses import dataclass

from boot.settings import Settings
from engine.connections import Limits, Password
from engine.database import Database
from engine.sealing import MasterKey
from engine.store import ModelStore
from engine.tenants.databases import Databases
from engine.tenants.logins import passwords
from engine.tenants.provision import Provisioning
from engine.tenants.registry import TenantRegistry


@dataclass(frozen=True, slots=True)
class Estate:
    """The services that know where tenants are; `password` where each logs in as its own role."""

    databases: Databases
    registry: TenantRegistry
    provisioning: Provisioning
    password: Password | None


def estate(settings: Settings, database: Database, store: ModelStore, key: MasterKey) -> Estate:
    """Build them, and tell `database` where its further databases are."""
    databases = Databases(database, key, most=settings.tenants_per_database)
    password = passwords(key) if settings.tenant_login else None
    database.extend(databases.address, password)
    registry = TenantRegistry(database, databases.chosen)
    provisioning = Provisioning(database, store, registry, password=password)
    return Estate(databases, registry, provisioning, password)


def limits(settings: Settings, *, threads: int = 10) -> Limits:
    """Return what the pools of a process hold that answers so many requests at once."""
    return Limits(
        size=threads,
        overflow=threads * 2,
        idle=settings.connections,
        tenants=settings.tenants_per_connection,
    )
