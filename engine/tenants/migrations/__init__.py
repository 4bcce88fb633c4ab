"""Alembic revisions of the registry; tenants' own tables are never migrated from here."""
