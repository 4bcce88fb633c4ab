"""Note the version of the built-in layer that each tenant's own tables were made from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "joinery"


def upgrade() -> None:
    """Add the digest; tenants that were made before have none, and are brought up to date."""
    digest = sa.Column(
        "builtin", sa.Text, nullable=False, server_default="", comment="digest of its layer"
    )
    op.add_column("tenant", digest, schema=SCHEMA)
