"""The installation's master key: from a setting, else from a file that is made the first time.

The database keeps a proof of the key, so that a machine with another one, or with none, is told
so at once rather than when it first finds something that it cannot open.
"""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from boot.errors import BootError
from boot.settings import Settings
from engine.database import Database
from engine.sealing import MasterKey, Unsealable
from engine.tenants.tables import secret

FILE = "master.key"
"""Where the key lies under `home`, for its owner's eyes alone, unless a setting holds it."""

_PROOF, _PURPOSE = "master key", "proof of the master key"


def master_key(settings: Settings, database: Database) -> MasterKey:
    """Return the key of this installation; raise `BootError` where it is missing or another's."""
    with database.registry() as connection:
        proof = connection.execute(select(secret.c.value).where(secret.c.name == _PROOF)).scalar()
        key = _given(settings)
        if proof is None:
            key = key or _made(settings.home / FILE)
            proof = _proven(connection, key)
    if key is None:
        raise BootError(
            "This database was prepared with a master key, and this machine has none: set "
            f"JOINERY_MASTER_KEY, or copy {FILE} from the folder JOINERY_HOME of the machine that "
            "first served it."
        )
    _require_same(key, proof)
    return key


def _given(settings: Settings) -> MasterKey | None:
    written, place = settings.master_key, "The setting master_key"
    if not written:
        place = str(settings.home / FILE)
        try:
            written = Path(place).read_text("ascii")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise BootError(f"The master key in {place} cannot be read: {error}.") from None
    try:
        return MasterKey.read(written)
    except ValueError as error:
        raise BootError(f"{place} holds no master key: {error}.") from None


def _made(file: Path) -> MasterKey:
    """Write a new key to a file of its own; the key of whoever was quicker wins."""
    written = MasterKey.write_new()
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return MasterKey.read(file.read_text("ascii"))
    with os.fdopen(made, "w", encoding="ascii") as stream:
        stream.write(written + "\n")
    return MasterKey.read(written)


def _proven(connection: Connection, key: MasterKey) -> str:
    """Keep a proof of the key, and return the one that is kept: another process may be first."""
    proof = key.seal(b"", purpose=_PURPOSE).hex()
    connection.execute(insert(secret).values(name=_PROOF, value=proof).on_conflict_do_nothing())
    kept = connection.execute(select(secret.c.value).where(secret.c.name == _PROOF))
    return str(kept.scalar_one())


def _require_same(key: MasterKey, proof: str) -> None:
    try:
        key.open(bytes.fromhex(proof), purpose=_PURPOSE)
    except Unsealable:
        raise BootError(
            "This machine's master key is not the one that the database was prepared with. What "
            "is sealed under the other cannot be opened: set JOINERY_MASTER_KEY to that one."
        ) from None
