"""Know what a tenant was before it was to be deleted, so that it comes back as that."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SCHEMA = "joinery"


def upgrade() -> None:
    """Add the column."""
    before = sa.Column(
        "state_before", sa.Text, comment="what it was before it was leaving; null: live"
    )
    op.add_column("tenant", before, schema=SCHEMA)
