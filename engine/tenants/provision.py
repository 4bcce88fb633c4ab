"""Making a tenant and taking it away again: role, schema, tables, the first rows of people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from engine.connections import Password
from engine.context import Tenant
from engine.database import APP_ROLE, Database, sqlstate
from engine.publish import found
from engine.schema.names import quoted
from engine.schema.previews import drop_previews
from engine.schema.revisions import Author, Document
from engine.store import ModelStore, Published
from engine.tenants.logins import let_in, shut_out
from engine.tenants.people import seat_system
from engine.tenants.registry import TenantRecord, TenantRegistry
from engine.tenants.roles import grant_role
from engine.tenants.tables import REGISTRY
from metamodel import builtin_digest

_IN_USE_ELSEWHERE = "2BP01"


@dataclass(frozen=True, slots=True)
class NewTenant:
    """What is asked for: a name, a language, the template's documents, its own layer last."""

    name: str
    documents: Sequence[Document]
    label: str = ""
    language: str = "en"
    template: str = ""
    database: str = ""


class Provisioning:
    """Makes and deletes tenants; what fails half-way is undone."""

    def __init__(
        self,
        database: Database,
        store: ModelStore,
        registry: TenantRegistry,
        *,
        password: Password | None = None,
    ) -> None:
        self._database = database
        self._store = store
        self._registry = registry
        self._password = password

    def create(self, wanted: NewTenant, *, author: str) -> tuple[TenantRecord, Published]:
        """Make a tenant with its first revision; starter records and people come after.

        Raises `TenantExists`, `NameInvalid` or `DefinitionInvalid`, and then leaves nothing.
        """
        # A template that cannot be loaded is refused before anything is made.
        self._store.compiled(wanted.documents)
        record = self._registry.add(
            wanted.name,
            label=wanted.label,
            language=wanted.language,
            template=wanted.template,
            database=wanted.database,
        )
        try:
            published = self._furnish(record.tenant, wanted, author)
        except BaseException:
            self._clear(record.tenant)
            raise
        self._registry.set_builtin(wanted.name, builtin_digest())
        self._registry.set_template(wanted.name, published.compiled.model.app.version)
        self._registry.set_state(wanted.name, "live")
        return self._registry.get(wanted.name), published

    def delete(self, name: str) -> None:
        """Delete a tenant with all its records, for good, at once; begun again it goes on."""
        tenant = self._registry.get(name).tenant
        self._registry.set_state(name, "leaving", leaving_at=datetime.now(UTC))
        self._clear(tenant)

    def house(self, tenant: Tenant) -> None:
        """Make a tenant's role and its empty schema where they are missing."""
        with self._database.owner(tenant) as connection:
            _make_role(connection, tenant)
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {quoted(tenant.schema)}"))
            for schema in (tenant.schema, REGISTRY):
                connection.execute(
                    text(f"GRANT USAGE ON SCHEMA {quoted(schema)} TO {quoted(tenant.role)}")
                )
            if self._password is not None:
                let_in(connection, tenant.role, self._password(tenant.role))

    def vacate(self, tenant: Tenant) -> None:
        """Take a tenant's schema away with all that is in it, and its role where it can go."""
        with self._database.owner(tenant) as connection:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            drop_previews(connection, tenant)
            connection.execute(text(f"DROP SCHEMA IF EXISTS {quoted(tenant.schema)} CASCADE"))
            _drop_role(connection, tenant)

    def _furnish(self, tenant: Tenant, wanted: NewTenant, author: str) -> Published:
        self.house(tenant)
        published = found(
            self._database,
            self._store,
            tenant,
            wanted.documents,
            author=Author(author),
            message="",
        )
        seat_system(self._database, tenant, published.compiled)
        return published

    def _clear(self, tenant: Tenant) -> None:
        self.vacate(tenant)
        self._registry.remove(tenant.name)


def _make_role(connection: Connection, tenant: Tenant) -> None:
    # Another database of the same server may hold a tenant of this name.
    if not _exists(connection, tenant.role):
        connection.execute(text(f"CREATE ROLE {quoted(tenant.role)} NOLOGIN NOINHERIT"))
    grant_role(connection, tenant.role, to=APP_ROLE)


def _drop_role(connection: Connection, tenant: Tenant) -> None:
    if not _exists(connection, tenant.role):
        return
    connection.execute(text(f"REVOKE ALL ON SCHEMA {REGISTRY} FROM {quoted(tenant.role)}"))
    shut_out(connection, tenant.role)
    try:
        with connection.begin_nested():
            connection.execute(text(f"DROP ROLE {quoted(tenant.role)}"))
    except DBAPIError as error:
        if sqlstate(error) != _IN_USE_ELSEWHERE:
            raise


def _exists(connection: Connection, role: str) -> bool:
    query = text("SELECT 1 FROM pg_roles WHERE rolname = :name")
    return connection.execute(query, {"name": role}).first() is not None
