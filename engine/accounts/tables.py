"""The registry's tables about people: further proofs, letters, and what is known of attempts.

They stand in the registry's schema beside those of `engine.tenants.tables`.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from engine.tenants.tables import account, metadata

_INSTANT = DateTime(timezone=True)
_NOW = func.now()


def _whose(*, primary_key: bool = False, index: bool = False) -> Column[object]:
    key = ForeignKey(account.c.id, ondelete="CASCADE")
    return Column("account", key, primary_key=primary_key, nullable=False, index=index or None)


authenticator = Table(
    "authenticator",
    metadata,
    _whose(primary_key=True),
    Column("secret", LargeBinary, nullable=False, comment="sealed under the master key"),
    Column("last_step", BigInteger, nullable=False, server_default="0",
           comment="the newest code that was used: none works twice"),
    Column("created_at", _INSTANT, nullable=False, server_default=_NOW),
    Column("confirmed_at", _INSTANT, comment="null: shown, and not yet proven to work"),
)  # fmt: skip

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("hash", LargeBinary, primary_key=True, comment="SHA-256 of the code"),
    _whose(index=True),
)

passkey = Table(
    "passkey",
    metadata,
    Column("credential", LargeBinary, primary_key=True, comment="as the authenticator names it"),
    Column("id", Uuid, nullable=False, unique=True, server_default=text("gen_random_uuid()")),
    _whose(index=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("uses", BigInteger, nullable=False, comment="as the key itself counts them"),
    Column("transports", ARRAY(Text), nullable=False),
    Column("label", Text, nullable=False, server_default=""),
    Column("created_at", _INSTANT, nullable=False, server_default=_NOW),
    Column("used_at", _INSTANT),
)

identity = Table(
    "identity",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True, comment="who this is there"),
    _whose(index=True),
    Column("email", Text, nullable=False, server_default="", comment="as the issuer last said"),
    Column("created_at", _INSTANT, nullable=False, server_default=_NOW),
    Column("used_at", _INSTANT),
)

letter = Table(
    "letter",
    metadata,
    Column("hash", LargeBinary, primary_key=True, comment="SHA-256 of the link's secret"),
    Column("kind", Text, nullable=False, comment="invitation, reset or address"),
    _whose(index=True),
    Column("detail", Text, nullable=False, server_default="", comment="the new address, if any"),
    Column("created_at", _INSTANT, nullable=False, server_default=_NOW),
    Column("ends_at", _INSTANT, nullable=False, index=True),
)

familiar = Table(
    "familiar",
    metadata,
    _whose(primary_key=True),
    Column("mark", LargeBinary, primary_key=True, comment="SHA-256 of a device or an address"),
    Column("seen_at", _INSTANT, nullable=False, server_default=_NOW),
)

guess = Table(
    "guess",
    metadata,
    Column("key", LargeBinary, primary_key=True, comment="whose attempts are counted together"),
    Column("failures", Integer, nullable=False),
    Column("last_at", _INSTANT, nullable=False, server_default=_NOW, index=True),
    Column("until", _INSTANT, nullable=False, comment="none is looked at before"),
)

spent = Table(
    "spent",
    metadata,
    Column("mark", LargeBinary, primary_key=True, comment="SHA-256 of what works only once"),
    Column("ends_at", _INSTANT, nullable=False, index=True),
)
