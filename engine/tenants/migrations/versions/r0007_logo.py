"""Know which tenants have a logo: the digest of it, blank for none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SCHEMA = "joinery"


def upgrade() -> None:
    """Add the column."""
    logo = sa.Column(
        "logo",
        sa.Text,
        nullable=False,
        server_default="",
        comment="digest of the picture among the tenant's own settings; blank: none",
    )
    op.add_column("tenant", logo, schema=SCHEMA)
