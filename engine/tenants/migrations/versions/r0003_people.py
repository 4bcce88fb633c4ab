"""Give people further proofs of who they are, letters, and sessions that they can see and end."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = "joinery"
_INSTANT = sa.DateTime(timezone=True)


def _instant(name: str, *, comment: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, _INSTANT, nullable=False, comment=comment)


def _now(name: str) -> sa.Column[Any]:
    return sa.Column(name, _INSTANT, nullable=False, server_default=sa.func.now())


def _text(name: str, comment: str | None = None, *, default: str | None = "") -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False, server_default=default, comment=comment)


def _bytes(name: str, comment: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary, nullable=False, comment=comment)


def _id() -> sa.Column[Any]:
    made = sa.text("gen_random_uuid()")
    return sa.Column("id", sa.Uuid, nullable=False, server_default=made)


def _account(table: str) -> sa.Column[Any]:
    target = sa.ForeignKey(f"{SCHEMA}.account.id", name=f"{table}_account_fk", ondelete="CASCADE")
    return sa.Column("account", sa.Uuid, target, nullable=False)


def _table(name: str, key: tuple[str, ...], *columns: sa.Column[Any]) -> None:
    op.create_table(name, *columns, sa.PrimaryKeyConstraint(*key, name=f"{name}_pk"), schema=SCHEMA)


def _index(table: str, column: str) -> None:
    op.create_index(f"{table}_{column}_idx", table, [column], schema=SCHEMA)


def upgrade() -> None:
    """Add the tables; wrong passwords are counted by key from now on, not kept one by one."""
    _proofs()
    _letters()
    _attempts()
    _sessions()


def _proofs() -> None:
    _table(
        "authenticator", ("account",),
        _account("authenticator"),
        _bytes("secret", "sealed under the master key"),
        sa.Column("last_step", sa.BigInteger, nullable=False, server_default="0",
                  comment="the newest code that was used: none works twice"),
        _now("created_at"),
        sa.Column("confirmed_at", _INSTANT, comment="null: shown, and not yet proven to work"),
    )  # fmt: skip
    _table("recovery_code", ("hash",), _bytes("hash", "SHA-256 of the code"),
           _account("recovery_code"))  # fmt: skip
    _index("recovery_code", "account")
    _table(
        "passkey", ("credential",),
        _bytes("credential", "as the authenticator names it"),
        _id(),
        _account("passkey"),
        _bytes("public_key"),
        sa.Column("uses", sa.BigInteger, nullable=False, comment="as the key itself counts them"),
        sa.Column("transports", postgresql.ARRAY(sa.Text), nullable=False),
        _text("label"),
        _now("created_at"),
        sa.Column("used_at", _INSTANT),
    )  # fmt: skip
    op.create_unique_constraint("passkey_id_key", "passkey", ["id"], schema=SCHEMA)
    _index("passkey", "account")
    _table(
        "identity", ("issuer", "subject"),
        _text("issuer", default=None),
        _text("subject", "who this is there", default=None),
        _account("identity"),
        _text("email", "as the issuer last said"),
        _now("created_at"),
        sa.Column("used_at", _INSTANT),
    )  # fmt: skip
    _index("identity", "account")


def _letters() -> None:
    _table(
        "letter", ("hash",),
        _bytes("hash", "SHA-256 of the link's secret"),
        _text("kind", "invitation, reset or address", default=None),
        _account("letter"),
        _text("detail", "the new address, if any"),
        _now("created_at"),
        _instant("ends_at"),
    )  # fmt: skip
    _index("letter", "account")
    _index("letter", "ends_at")


def _attempts() -> None:
    op.drop_table("attempt", schema=SCHEMA)
    _table(
        "familiar", ("account", "mark"),
        _account("familiar"),
        _bytes("mark", "SHA-256 of a device or an address"),
        _now("seen_at"),
    )  # fmt: skip
    _table(
        "guess", ("key",),
        _bytes("key", "whose attempts are counted together"),
        sa.Column("failures", sa.Integer, nullable=False),
        _now("last_at"),
        _instant("until", comment="none is looked at before"),
    )  # fmt: skip
    _index("guess", "last_at")
    _table("spent", ("mark",), _bytes("mark", "SHA-256 of what works only once"),
           _instant("ends_at"))  # fmt: skip
    _index("spent", "ends_at")


def _sessions() -> None:
    for column in (
        _id(),
        _text("agent", "what the browser calls itself"),
        _text("stage", "second: a second proof is awaited; in: signed in", default="in"),
        sa.Column("strong", sa.Boolean, nullable=False, server_default=sa.text("false"),
                  comment="two proofs were given"),
        _now("proved_at"),
    ):  # fmt: skip
        op.add_column("session", column, schema=SCHEMA)
    op.create_unique_constraint("session_id_key", "session", ["id"], schema=SCHEMA)
    op.add_column("token", _id(), schema=SCHEMA)
    op.create_unique_constraint("token_id_key", "token", ["id"], schema=SCHEMA)
    roles: sa.Column[Any] = sa.Column(
        "second_factor", postgresql.ARRAY(sa.Text), nullable=False,
        server_default=sa.text("'{}'::text[]"),
        comment="roles whose people give two proofs; *: everybody",
    )  # fmt: skip
    op.add_column("tenant", roles, schema=SCHEMA)
