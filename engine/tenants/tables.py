"""The registry's tables, in the schema `joinery`, outside every tenant's own schema.

Alembic's revisions in `engine.tenants.migrations` make them; a test holds the two together.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
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
_RANDOM_ID = text("gen_random_uuid()")

database = Table(
    "database",
    metadata,
    Column("name", Text, primary_key=True),
    Column("url", Text, comment="blank: the database that the registry itself lives in"),
    Column("password", LargeBinary,
           comment="sealed under the master key; null: none, or the server's own"),
    Column("draining", Boolean, nullable=False, server_default=text("false")),
)  # fmt: skip

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
    Column("second_factor", ARRAY(Text), nullable=False, server_default=text("'{}'::text[]"),
           comment="roles whose people give two proofs; *: everybody"),
    Column("template_version", Text, nullable=False, server_default=""),
    Column("plan", Text, nullable=False, server_default=""),
    Column("seats", Integer, comment="how many active people it may have; null: any"),
    Column("expires_on", Date, comment="its last day of writing; null: never"),
    Column("leaving_at", _INSTANT, comment="when it goes for good, while it is leaving"),
    Column("state_before", Text, comment="what it was before it was leaving; null: live"),
    Column("notes", Text, nullable=False, server_default=""),
    Column("logo", Text, nullable=False, server_default="",
           comment="digest of the picture among the tenant's own settings; blank: none"),
    Column("quiet", Boolean, nullable=False, server_default=text("false"),
           comment="nothing in it writes to anybody outside, as in a copy"),
)  # fmt: skip

tenant_work = Table(
    "tenant_work",
    metadata,
    Column("tenant", ForeignKey(tenant.c.name, onupdate="CASCADE", ondelete="CASCADE"),
           primary_key=True),
    Column("kind", Text, nullable=False, comment="clone, restore, move or delete"),
    Column("step", Text, nullable=False, comment="the last one that is done"),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'::jsonb"),
           comment="what it needs to go on"),
    Column("at", _INSTANT, nullable=False, server_default=_NOW),
)  # fmt: skip

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
    Column("ended_at", _INSTANT,
           comment="who proved themselves before then proves themselves anew"),
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
    Column("id", Uuid, nullable=False, unique=True, server_default=_RANDOM_ID),
    Column("agent", Text, nullable=False, server_default="",
           comment="what the browser calls itself"),
    Column("stage", Text, nullable=False, server_default="in",
           comment="second: a second proof is awaited; in: signed in"),
    Column("strong", Boolean, nullable=False, server_default=text("false"),
           comment="two proofs were given"),
    Column("proved_at", _INSTANT, nullable=False, server_default=_NOW),
)  # fmt: skip

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
    Column("id", Uuid, nullable=False, unique=True, server_default=_RANDOM_ID),
)  # fmt: skip

audit = Table(
    "audit",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("at", _INSTANT, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("account", Uuid, comment="whose account, also where there is none any more"),
    Column("email", Text, nullable=False, comment="the address as it was given"),
    Column("tenant", Text, nullable=False, comment="which tenant it is about, blank for none"),
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("session", Text, nullable=False),
    Column("times", BigInteger, nullable=False, comment="how often the same came in a minute"),
    Column("detail", JSONB, nullable=False),
    Index("audit_account_idx", "account", "at"),
    Index("audit_tenant_idx", "tenant", "at"),
)

taken = Table(
    "taken",
    metadata,
    Column("tenant", ForeignKey(tenant.c.name, onupdate="CASCADE", ondelete="CASCADE"),
           primary_key=True),
    Column("user", Uuid, primary_key=True, comment="the person's row in the tenant"),
    Column("kind", Text, primary_key=True, comment="exported or read"),
    Column("since", _INSTANT, nullable=False, comment="when the time began that is counted"),
    Column("records", BigInteger, nullable=False),
)  # fmt: skip

visit = Table(
    "visit",
    metadata,
    Column("session", ForeignKey(session.c.id, ondelete="CASCADE"), primary_key=True),
    Column("tenant", ForeignKey(tenant.c.name, onupdate="CASCADE", ondelete="CASCADE"),
           primary_key=True, index=True),
    Column("seen_at", _INSTANT, nullable=False, server_default=_NOW),
)  # fmt: skip

secret = Table(
    "secret",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False, comment="a key of this installation"),
)
