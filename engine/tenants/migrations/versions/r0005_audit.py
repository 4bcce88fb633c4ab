"""Keep an audit log of the installation, which the application adds to and cannot change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from engine.database import APP_ROLE, AUDITOR_ROLE

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCHEMA = "joinery"


def _text(name: str, comment: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, comment=comment)


def upgrade() -> None:
    """Create the table, and take back what the schema's default rights gave on it."""
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _text("kind"),
        sa.Column("account", sa.Uuid, comment="whose account, also where there is none any more"),
        _text("email", "the address as it was given"),
        _text("tenant", "which tenant it is about, blank for none"),
        _text("address"),
        _text("agent"),
        _text("session"),
        sa.Column(
            "times", sa.BigInteger, nullable=False, comment="how often the same came in a minute"
        ),
        sa.Column("detail", postgresql.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("id", name="audit_pk"),
        schema=SCHEMA,
    )
    op.create_index("audit_at_idx", "audit", ["at"], schema=SCHEMA)
    op.create_index("audit_account_idx", "audit", ["account", "at"], schema=SCHEMA)
    op.create_index("audit_tenant_idx", "audit", ["tenant", "at"], schema=SCHEMA)
    op.execute(f"REVOKE ALL ON {SCHEMA}.audit FROM {APP_ROLE}")
    op.execute(f"GRANT INSERT ON {SCHEMA}.audit TO {APP_ROLE}")
    op.execute(f"GRANT SELECT ON {SCHEMA}.audit TO {AUDITOR_ROLE}")
