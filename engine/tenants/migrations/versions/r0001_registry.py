"""Make the registry: databases, tenants, accounts, memberships, sessions, tokens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "joinery"
_INSTANT = sa.DateTime(timezone=True)


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, _INSTANT, nullable=False, server_default=sa.func.now())


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


def _to(name: str, target: str, table: str, *, update: str | None = None) -> sa.ForeignKey:
    return sa.ForeignKey(
        f"{SCHEMA}.{target}",
        name=f"{table}_{name}_fk",
        onupdate=update,
        ondelete="CASCADE",
    )


def upgrade() -> None:
    """Create every table of the registry's first form."""
    _tenants()
    _people()
    _access()
    _installation()


def _tenants() -> None:
    op.create_table(
        "database",
        sa.Column("name", sa.Text),
        sa.Column("url", sa.Text, comment="blank: the database that the registry itself lives in"),
        sa.PrimaryKeyConstraint("name", name="database_pk"),
        schema=SCHEMA,
    )
    op.bulk_insert(
        sa.table("database", sa.column("name", sa.Text), schema=SCHEMA), [{"name": "default"}]
    )
    op.create_table(
        "tenant",
        sa.Column("name", sa.Text),
        _text("schema"),
        _text("role"),
        sa.Column(
            "database",
            sa.Text,
            sa.ForeignKey(f"{SCHEMA}.database.name", name="tenant_database_fk"),
            nullable=False,
        ),
        _text("label", ""),
        _text("language", "en"),
        _text("template", ""),
        sa.Column("state", sa.Text, nullable=False, comment="making, live, archived or leaving"),
        _now("created_at"),
        sa.PrimaryKeyConstraint("name", name="tenant_pk"),
        sa.UniqueConstraint("schema", name="tenant_schema_key"),
        sa.UniqueConstraint("role", name="tenant_role_key"),
        schema=SCHEMA,
    )


def _people() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid),
        sa.Column("email", sa.Text, nullable=False, comment="as the person writes it"),
        _text("name", ""),
        _text("language", ""),
        sa.Column(
            "password",
            sa.Text,
            comment="an Argon2id hash; null: cannot sign in with a password",
        ),
        sa.Column("active", sa.Boolean, nullable=False, server_default=sa.text("true")),
        _now("created_at"),
        sa.PrimaryKeyConstraint("id", name="account_pk"),
        schema=SCHEMA,
    )
    op.create_index(
        "account_email_key", "account", [sa.text("lower(email)")], unique=True, schema=SCHEMA
    )
    op.create_table(
        "membership",
        sa.Column("tenant", sa.Text, _to("tenant", "tenant.name", "membership", update="CASCADE")),
        sa.Column("account", sa.Uuid, _to("account", "account.id", "membership")),
        sa.Column("user", sa.Uuid, nullable=False, comment="the person's row in the tenant"),
        _now("created_at"),
        sa.PrimaryKeyConstraint("tenant", "account", name="membership_pk"),
        schema=SCHEMA,
    )
    op.create_index("membership_account_idx", "membership", ["account"], schema=SCHEMA)


def _access() -> None:
    op.create_table(
        "session",
        sa.Column("hash", sa.LargeBinary, comment="SHA-256 of the cookie's secret"),
        sa.Column("account", sa.Uuid, _to("account", "account.id", "session"), nullable=False),
        _text("csrf"),
        _text("address", ""),
        _now("created_at"),
        _now("seen_at"),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="session_pk"),
        schema=SCHEMA,
    )
    op.create_index("session_account_idx", "session", ["account"], schema=SCHEMA)
    op.create_index("session_ends_at_idx", "session", ["ends_at"], schema=SCHEMA)
    op.create_table(
        "token",
        sa.Column("hash", sa.LargeBinary, comment="SHA-256 of the token"),
        sa.Column(
            "start", sa.Text, nullable=False, comment="its first characters, to tell tokens apart"
        ),
        sa.Column(
            "tenant",
            sa.Text,
            _to("tenant", "tenant.name", "token", update="CASCADE"),
            nullable=False,
        ),
        sa.Column("account", sa.Uuid, _to("account", "account.id", "token"), nullable=False),
        _text("label", ""),
        sa.Column("scopes", postgresql.ARRAY(sa.Text), nullable=False),
        _now("created_at"),
        sa.Column("used_at", _INSTANT),
        sa.Column("ends_at", _INSTANT),
        sa.PrimaryKeyConstraint("hash", name="token_pk"),
        schema=SCHEMA,
    )
    op.create_index("token_tenant_idx", "token", ["tenant"], schema=SCHEMA)
    op.create_index("token_account_idx", "token", ["account"], schema=SCHEMA)


def _installation() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True)),
        sa.Column("email", sa.Text, nullable=False, comment="in lower case"),
        _text("address"),
        _now("at"),
        sa.PrimaryKeyConstraint("id", name="attempt_pk"),
        schema=SCHEMA,
    )
    op.create_index("attempt_email_idx", "attempt", ["email", "at"], schema=SCHEMA)
    op.create_index("attempt_address_idx", "attempt", ["address", "at"], schema=SCHEMA)
    op.create_table(
        "secret",
        sa.Column("name", sa.Text),
        sa.Column("value", sa.Text, nullable=False, comment="a key of this installation"),
        sa.PrimaryKeyConstraint("name", name="secret_pk"),
        schema=SCHEMA,
    )
