"""Let tenants live in several databases, expire, leave later, and be worked on in steps."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA = "joinery"
_INSTANT = sa.DateTime(timezone=True)

# Jobs that wait name their tenant by its role now, which outlives a new name.
_NAME_BY_ROLE = """
DO $$
BEGIN
    IF to_regclass('joinery.procrastinate_jobs') IS NOT NULL THEN
        UPDATE joinery.procrastinate_jobs j
        SET args = jsonb_set(j.args, '{tenant}', to_jsonb(t.role))
        FROM joinery.tenant t
        WHERE t.name = j.args ->> 'tenant' AND j.status IN ('todo', 'doing');
    END IF;
END $$
"""


def upgrade() -> None:
    """Add what the registry knows of databases and tenants beyond their names."""
    sealed = "sealed under the master key; null: none, or the server's own"
    of_databases: tuple[sa.Column[Any], ...] = (
        sa.Column("password", sa.LargeBinary, comment=sealed),
        sa.Column("draining", sa.Boolean, nullable=False, server_default=sa.text("false")),
    )
    of_tenants: tuple[sa.Column[Any], ...] = (
        _text("template_version"),
        _text("plan"),
        sa.Column("seats", sa.Integer, comment="how many active people it may have; null: any"),
        sa.Column("expires_on", sa.Date, comment="its last day of writing; null: never"),
        sa.Column("leaving_at", _INSTANT, comment="when it goes for good, while it is leaving"),
        _text("notes"),
    )
    for table, columns in (("database", of_databases), ("tenant", of_tenants)):
        for column in columns:
            op.add_column(table, column, schema=SCHEMA)
    _work()
    op.execute(_NAME_BY_ROLE)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _work() -> None:
    op.create_table(
        "tenant_work",
        sa.Column(
            "tenant",
            sa.Text,
            sa.ForeignKey(
                f"{SCHEMA}.tenant.name",
                name="tenant_work_tenant_fk",
                onupdate="CASCADE",
                ondelete="CASCADE",
            ),
        ),
        sa.Column("kind", sa.Text, nullable=False, comment="clone, restore, move or delete"),
        sa.Column("step", sa.Text, nullable=False, comment="the last one that is done"),
        sa.Column(
            "detail",
            postgresql.JSONB,
            nullable=False,
            server_default=sa.text("'{}'::jsonb"),
            comment="what it needs to go on",
        ),
        sa.Column("at", _INSTANT, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("tenant", name="tenant_work_pk"),
        schema=SCHEMA,
    )
