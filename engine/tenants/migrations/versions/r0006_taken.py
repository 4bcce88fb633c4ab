"""Know how many records people take, and which sessions they use a tenant with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SCHEMA = "joinery"


def upgrade() -> None:
    """Create the tables, and the moment from which somebody has to prove themselves anew."""
    op.create_table(
        "taken",
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("user", sa.Uuid, nullable=False, comment="the person's row in the tenant"),
        sa.Column("kind", sa.Text, nullable=False, comment="exported or read"),
        _instant("since", "when the time began that is counted"),
        sa.Column("records", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "user", "kind", name="taken_pk"),
        _of_tenant("taken_tenant_fk"),
        schema=SCHEMA,
    )
    op.create_table(
        "visit",
        sa.Column("session", sa.Uuid, nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column(
            "seen_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.PrimaryKeyConstraint("session", "tenant", name="visit_pk"),
        sa.ForeignKeyConstraint(
            ["session"], [f"{SCHEMA}.session.id"], name="visit_session_fk", ondelete="CASCADE"
        ),
        _of_tenant("visit_tenant_fk"),
        schema=SCHEMA,
    )
    op.create_index("visit_tenant_idx", "visit", ["tenant"], schema=SCHEMA)
    ended = sa.Column(
        "ended_at",
        sa.DateTime(timezone=True),
        comment="who proved themselves before then proves themselves anew",
    )
    op.add_column("membership", ended, schema=SCHEMA)


def _instant(name: str, comment: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, comment=comment)


def _of_tenant(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant"],
        [f"{SCHEMA}.tenant.name"],
        name=name,
        onupdate="CASCADE",
        ondelete="CASCADE",
    )
