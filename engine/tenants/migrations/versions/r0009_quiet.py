"""Know which tenants write to nobody, as a copy does until somebody lets it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SCHEMA = "joinery"


def upgrade() -> None:
    """Add the column."""
    quiet = sa.Column(
        "quiet",
        sa.Boolean,
        nullable=False,
        server_default=sa.text("false"),
        comment="nothing in it writes to anybody outside, as in a copy",
    )
    op.add_column("tenant", quiet, schema=SCHEMA)
