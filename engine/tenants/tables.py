"""The registry's tables, in the schema `joinery`, outside every tenant's own schema.

Alembic's revisions in `engine.tenants.migrations` make them; a test holds the two together.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

REGISTRY = "joinery"
"""The schema of registry, accounts and queue."""

metadata = MetaData(
    schema=REGISTRY,
    naming_convention={
        "pk": "%(table_name)s_pk",
        "fk": "%(table_name)s_%(column_0_name)s_fk",
        "uq": "%(table_name)s_%(column_0_name)s_key",
        "ix": "%(table_name)s_%(column_0_name)s_idx",
    },
)

_INSTANT = DateTime(timezone=True)
_NOW = func.now()

database = Table(
    "database",
    metadata,
    Column("name", Text, primary_key=True),
    Column("url", Text, comment="blank: the database that the registry itself lives in"),
)

tenant = Table(
    "tenant",
    metadata,
    Column("name", Text, primary_key=True),
    Column("schema", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False, unique=True),
    Column("database", ForeignKey(database.c.name), nullable=False),
    Column("label", Text, nullable=False, server_default=""),
    Column("language", Text, nullable=False, server_default="en"),
    Column("template", Text, nullable=False, server_default=""),
    Column("builtin", Text, nullable=False, server_default="", comment="digest of its layer"),
    Column("state", Text, nullable=False, comment="making, live, archived or leaving"),
    Column("created_at", _INSTANT, nullable=False, server_default=_NOW),
)

account = Table(
    "account",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("email", Text, nullable=False, comment="as the person writes it"),
    Column("name", Text, nullable=False, server_default=""),
    Column("language", Text, nullable=False, server_default=""),
    Column("password", Text, comment="an Argon2id hash; null: cannot sign in with a password"),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("created_at", _INSTANT, nullable=False, server_default=_NOW),
    Index("account_email_key", text("lower(email)"), unique=True),
)

membership = Table(
    "membership",
    metadata,
    Column("tenant", ForeignKey(tenant.c.name, onupdate="CASCADE", ondelete="CASCADE"),
           primary_key=True),
    Column("account", ForeignKey(account.c.id, ondelete="CASCADE"), primary_key=True, index=True),
    Column("user", Uuid, nullable=False, comment="the person's row in the tenant"),
    Column("created_at", _INSTANT, nullable=False, server_default=_NOW),
)  # fmt: skip

session = Table(
    "session",
    metadata,
    Column("hash", LargeBinary, primary_key=True, comment="SHA-256 of the cookie's secret"),
    Column("account", ForeignKey(account.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("csrf", Text, nullable=False),
    Column("address", Text, nullable=False, server_default=""),
    Column("created_at", _INSTANT, nullable=False, server_default=_NOW),
    Column("seen_at", _INSTANT, nullable=False, server_default=_NOW),
    Column("ends_at", _INSTANT, nullable=False, index=True),
)

token = Table(
    "token",
    metadata,
    Column("hash", LargeBinary, primary_key=True, comment="SHA-256 of the token"),
    Column("start", Text, nullable=False, comment="its first characters, to tell tokens apart"),
    Column("tenant", ForeignKey(tenant.c.name, onupdate="CASCADE", ondelete="CASCADE"),
           nullable=False, index=True),
    Column("account", ForeignKey(account.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("label", Text, nullable=False, server_default=""),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("created_at", _INSTANT, nullable=False, server_default=_NOW),
    Column("used_at", _INSTANT),
    Column("ends_at", _INSTANT),
)  # fmt: skip

attempt = Table(
    "attempt",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("email", Text, nullable=False, comment="in lower case"),
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("session", Text, nullable=False),
    Column("times", BigInteger, nullable=False, comment="how often the same came in a minute"),
    Column("detail", JSONB, nullable=False),
    Index("audit_account_idx", "account", "at"),
    Index("audit_tenant_idx", "tenant", "at"),
)

secret = Table(
    "secret",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False, comment="a key of this installation"),
)
