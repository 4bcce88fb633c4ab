"""How Alembic reaches the registry: over the connection that it is handed."""

from __future__ import annotations

from alembic import context

from engine.tenants.tables import REGISTRY, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="registry_revision",
    version_table_schema=REGISTRY,
    include_schemas=True,
)
with context.begin_transaction():
    context.run_migrations()
