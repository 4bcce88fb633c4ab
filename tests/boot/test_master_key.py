"""The master key: made once, kept from other eyes, and the same on every machine."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select

from boot.errors import BootError
from boot.master_key import FILE, master_key
from boot.settings import Settings
from engine.database import Database
from engine.sealing import MasterKey
from engine.tenants.tables import secret
from tests.conftest import Installation


@pytest.fixture
def unproven(installation: Installation) -> Iterator[Database]:
    """An installation that has seen no master key yet; its own proof comes back afterwards."""
    kept = _exchange(installation.database, None)
    yield installation.database
    _exchange(installation.database, kept)


def _exchange(database: Database, proof: str | None) -> str | None:
    """Put another proof in place of the one there is; return that one."""
    is_proof = secret.c.name == "master key"
    with database.registry() as connection:
        found = connection.execute(select(secret.c.value).where(is_proof)).scalar()
        connection.execute(delete(secret).where(is_proof))
        if proof is not None:
            connection.execute(insert(secret).values(name="master key", value=proof))
    return found


def test_the_first_key_is_made_for_its_owners_eyes_and_stays(
    unproven: Database, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path)

    made = master_key(settings, unproven)

    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert master_key(settings, unproven) == made


def test_another_machine_needs_the_same_key(unproven: Database, tmp_path: Path) -> None:
    master_key(Settings(home=tmp_path / "first"), unproven)
    written = (tmp_path / "first" / FILE).read_text("ascii")
    second = Settings(home=tmp_path / "second")

    with pytest.raises(BootError, match="this machine has none"):
        master_key(second, unproven)
    with pytest.raises(BootError, match="not the one"):
        master_key(replace(second, master_key=MasterKey.write_new()), unproven)
    assert master_key(replace(second, master_key=written), unproven) is not None


def test_a_key_that_is_none_is_refused_without_being_shown(
    unproven: Database, tmp_path: Path
) -> None:
    with pytest.raises(BootError, match="64 hexadecimal digits") as refusal:
        master_key(Settings(home=tmp_path, master_key="hunter2"), unproven)

    assert "hunter2" not in str(refusal.value)
    assert "hunter2" not in repr(Settings(home=tmp_path, master_key="hunter2"))
