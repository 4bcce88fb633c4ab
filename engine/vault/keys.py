"""A tenant's keys: made when they are first needed, kept wrapped under the master key.

The tenant's role may read the wrapped keys and write none. Unwrapped keys stay in the process
for a few minutes, under the wrapped form that they were unwrapped from: another version, or
another tenant of the same name, is never mistaken for the one before.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from secrets import token_bytes
from uuid import UUID

from sqlalchemy import Connection

from engine.context import Tenant
from engine.database import Database, driver_of
from engine.errors import KeysClosed
from engine.schema.names import quoted
from engine.sealing import KEY_BYTES, MasterKey, Unsealable
from engine.tenants.lately import Lately
from engine.values.identity import new_id
from engine.vault.ring import DataKey, Ring

TABLE = "sys_key"

VALUES = "values"
"""The purpose of the key that values are encrypted under; it has versions."""

BLIND = "blind"
"""The purpose of the key that values are compared and found by; it has one version."""

KEPT_SECONDS = 300.0
"""How long an unwrapped key stays in the process."""

Row = tuple[UUID, str, int, str]
"""A wrapped key as its table holds it: id, purpose, version, wrapped."""


class Vault:
    """Gives out the keys of tenants; implements `engine.context.Rings`."""

    def __init__(self, database: Database, master: MasterKey) -> None:
        self._database = database
        self._master = master
        self._secrets: Lately[tuple[UUID, str], bytes] = Lately(seconds=KEPT_SECONDS)

    def ring(self, tenant: Tenant, connection: Connection | None = None) -> Ring:
        """Return a tenant's keys as they are now, made if there are none yet.

        They are read on `connection`, where there is one, else on one of their own. Raises
        `KeysClosed` where the master key is not the one they were wrapped under.
        """
        rows = self._read(tenant, connection)
        if not rows:
            self._make(tenant, 1, (VALUES, BLIND))
            rows = self._read(tenant, connection)
        try:
            return self._opened(rows)
        except Unsealable:
            raise KeysClosed(tenant=tenant.name) from None

    def _opened(self, rows: Sequence[Row]) -> Ring:
        """Return wrapped keys in the open."""
        keys = {
            version: DataKey.of(id_, version, self._unwrapped(id_, wrapped))
            for id_, purpose, version, wrapped in rows
            if purpose == VALUES
        }
        blinding = next(self._unwrapped(row[0], row[3]) for row in rows if row[1] == BLIND)
        return Ring(keys, max(keys), blinding)

    def rotate(self, tenant: Tenant) -> int:
        """Make the next version of the key that values are encrypted under; return its number."""
        version = self.ring(tenant).current + 1
        self._make(tenant, version, (VALUES,))
        return version

    def retire(self, tenant: Tenant, below: int) -> None:
        """Note that no value is encrypted any more under versions below this one."""
        self._write(
            tenant,
            "UPDATE {table} SET retired_at = %s"
            " WHERE purpose = %s AND version < %s AND retired_at IS NULL",
            [(datetime.now(UTC), VALUES, below)],
        )

    def rewrap(self, tenant: Tenant, former: MasterKey) -> int:
        """Wrap a tenant's keys under this master key; return how many were under `former`.

        Raises `Unsealable` for a key that is under neither.
        """
        moved: list[tuple[str, UUID]] = []
        for id_, _, _, wrapped in self._read(tenant, None):
            sealed = b64decode(wrapped)
            if self._opens(id_, sealed):
                continue
            secret = former.open(sealed, purpose=_purpose(id_))
            moved.append((self._wrapped(id_, secret), id_))
        if moved:
            self._write(tenant, "UPDATE {table} SET wrapped = %s WHERE id = %s", moved)
        return len(moved)

    def wrapped(self, tenant: Tenant, other: MasterKey, connection: Connection) -> dict[str, str]:
        """Return a tenant's keys by id, wrapped under another master key, for a place elsewhere."""
        return {
            str(id_): b64encode(
                other.seal(self._unwrapped(id_, wrapped), purpose=_purpose(id_))
            ).decode()
            for id_, _, _, wrapped in self._read(tenant, connection)
        }

    def adopt(self, tenant: Tenant, keys: Mapping[str, str], other: MasterKey) -> None:
        """Wrap a tenant's keys that came wrapped under `other`; raise `Unsealable`."""
        rows = []
        for written, sealed in keys.items():
            id_ = UUID(written)
            secret = other.open(b64decode(sealed), purpose=_purpose(id_))
            rows.append((self._wrapped(id_, secret), id_))
        self._write(tenant, "UPDATE {table} SET wrapped = %s WHERE id = %s", rows)

    def _make(self, tenant: Tenant, version: int, purposes: Sequence[str]) -> None:
        """Add keys; where another process was faster, its keys stay."""
        now = datetime.now(UTC)
        rows = [
            (id_ := new_id(now), purpose, version, self._wrapped(id_, token_bytes(KEY_BYTES)), now)
            for purpose in purposes
        ]
        self._write(
            tenant,
            "INSERT INTO {table} (id, purpose, version, wrapped, made_at)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (purpose, version) DO NOTHING",
            rows,
        )

    def _read(self, tenant: Tenant, connection: Connection | None) -> list[Row]:
        if connection is None:
            with self._database.reading_tenant(tenant) as own:
                return self._read(tenant, own)
        # All names are the tenant's own, every value is ours.
        statement = (
            "SELECT id, purpose, version::int, wrapped"  # noqa: S608
            f" FROM {quoted(tenant.schema)}.{TABLE} ORDER BY purpose, version"
        )
        return driver_of(connection).execute(statement.encode()).fetchall()

    def _write(self, tenant: Tenant, statement: str, rows: Sequence[Sequence[object]]) -> None:
        table = f"{quoted(tenant.schema)}.{TABLE}"
        with self._database.owner(tenant) as connection:
            cursor = driver_of(connection).cursor()
            for row in rows:
                cursor.execute(statement.format(table=table).encode(), row)

    def _unwrapped(self, id_: UUID, wrapped: str) -> bytes:
        found = self._secrets.get(
            (id_, wrapped), lambda: self._master.open(b64decode(wrapped), purpose=_purpose(id_))
        )
        assert found is not None  # noqa: S101 - opening answers or raises
        return found

    def _opens(self, id_: UUID, sealed: bytes) -> bool:
        try:
            self._master.open(sealed, purpose=_purpose(id_))
        except Unsealable:
            return False
        return True

    def _wrapped(self, id_: UUID, secret: bytes) -> str:
        return b64encode(self._master.seal(secret, purpose=_purpose(id_))).decode()


def _purpose(id_: UUID) -> str:
    """Return what a key is wrapped for: its id stays through clones, renamings and restores."""
    return f"tenant key {id_}"
