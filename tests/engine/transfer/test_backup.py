"""A backup is one file that brings a tenant back, here or elsewhere, or is refused whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, select, text

from engine.records.formed import Stand
from engine.sealing import MasterKey
from engine.tenants.errors import BackupRefused, TenantExists, TenantUnknown
from engine.transfer.bundle import MANIFEST
from tests.budget import examples
from tests.engine.house import House
from tests.engine.transfer.conftest import Estate, Estates, dying, everything, quiet
from tests.killing import killed
from workflow.messages.outbox import Outbox, Wanted
from workflow.runs import begin, keep


@pytest.fixture
def name() -> str:
    return f"back{uuid4().hex[:8]}"


@pytest.fixture(scope="module")
def backup(
    estate: Estate, furnished: House, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A backup of the furnished tenant."""
    estate.vault.ring(furnished.tenant)
    path = tmp_path_factory.mktemp("backups") / "first.backup"
    estate.backups.back_up(furnished.tenant.name, path, progress=quiet)
    yield path


def test_a_restored_tenant_has_every_row_file_and_member(
    estate: Estate, furnished: House, backup: Path, name: str
) -> None:
    """A-12."""
    with backup.open("rb") as file:
        record = estate.restoring.restore(file, name=name, database="two", progress=quiet)

    assert (record.state, record.tenant.database) == ("live", "two")
    # What was done since the backup is done again, and nobody written to a second time.
    assert record.tenant.quiet
    assert everything(estate, record.tenant) == everything(estate, furnished.tenant)
    [stored] = furnished.rows["sys_file"]
    with estate.storage.open(record.tenant, stored) as content:
        assert content.read() == b"plan"
    assert members(estate, name) == members(estate, furnished.tenant.name)
    estate.farewell.at_once(name)


def test_what_waited_in_a_backup_goes_on_and_sends_nothing_twice(
    estate: Estate, furnished: House, tmp_path: Path, name: str
) -> None:
    """A-12, P-06. The queue is in no backup, and what was sent since it was made nobody knows."""
    ctx, path = furnished.ctx(), tmp_path / "waiting.backup"
    later = ctx.now + timedelta(days=3)

    def unit(connection: Connection) -> None:
        waits = begin(ctx, "waits", Stand())
        parked = replace(begin(ctx, "asked", Stand()), state="parked")
        keep(connection, ctx, [begin(ctx, "queued", Stand()), replace(waits, due=later), parked])
        wanted = Wanted("email", "a@example.com", "Hello", "Hello")
        Outbox(frozenset({"email"})).put(ctx, connection, wanted)

    runs, messages = (ctx.compiled.tables.of(key) for key in ("sys_run", "sys_message"))
    estate.database.unit(ctx, unit)
    try:
        estate.backups.back_up(furnished.tenant.name, path, progress=quiet)
    finally:
        # Others compare this tenant with its backups.
        with estate.database.owner(furnished.tenant) as connection:
            connection.execute(delete(runs))
            connection.execute(delete(messages))
    with path.open("rb") as file:
        record = estate.restoring.restore(file, name=name, progress=quiet)

    with estate.database.owner(record.tenant) as connection:
        found = connection.execute(select(runs.c.automation, runs.c.state, runs.c.due)).all()
        [(state, error)] = connection.execute(select(messages.c.state, messages.c.error))
    dues = {row.automation: (row.state, row.due) for row in found}
    assert (record.tenant.quiet, state, error) == (True, "held", "tenant_restored")
    assert dues["waits"] == ("waiting", later)
    assert dues["asked"] == ("parked", None)
    # The clock wakes what is due.
    assert dues["queued"][0] == "waiting"
    assert dues["queued"][1] is not None
    estate.farewell.at_once(name)


def test_a_passphrase_takes_a_tenant_with_its_keys_to_another_installation(
    estate: Estate, estates: Estates, furnished: House, tmp_path: Path, name: str
) -> None:
    ring = estate.vault.ring(furnished.tenant)
    path = tmp_path / "sealed.backup"
    estate.backups.back_up(furnished.tenant.name, path, passphrase="a b c", progress=quiet)
    elsewhere = estates.build(key=MasterKey.read("7a" * 32))

    with path.open("rb") as file, pytest.raises(BackupRefused):
        elsewhere.restoring.restore(file, name=name, progress=quiet)
    with path.open("rb") as file, pytest.raises(BackupRefused):
        elsewhere.restoring.restore(file, name=name, passphrase="a b d", progress=quiet)
    with path.open("rb") as file:
        record = elsewhere.restoring.restore(file, name=name, passphrase="a b c", progress=quiet)

    found = elsewhere.vault.ring(record.tenant)
    assert (found.blinding, found.keys[1].nonces) == (ring.blinding, ring.keys[1].nonces)
    elsewhere.farewell.at_once(name)
    elsewhere.database.close()


def test_without_a_passphrase_another_master_key_opens_nothing(
    estates: Estates, backup: Path, name: str
) -> None:
    elsewhere = estates.build(key=MasterKey.read("7a" * 32))

    with backup.open("rb") as file, pytest.raises(BackupRefused, match="passphrase"):
        elsewhere.restoring.restore(file, name=name, progress=quiet)

    elsewhere.database.close()


@pytest.mark.parametrize("at", [1, 12, 1000])
def test_a_restore_that_was_killed_is_seen_by_nobody_and_finished_by_starting_again(
    estate: Estate, estates: Estates, furnished: House, backup: Path, name: str, at: int
) -> None:
    def half() -> None:
        with backup.open("rb") as file:
            estates.build().restoring.restore(file, name=name, progress=dying(at))

    killed(estate.database, half)
    assert estate.registry.get(name).state == "restoring"
    with backup.open("rb") as file:
        record = estate.restoring.restore(file, name=name, progress=quiet)

    assert everything(estate, record.tenant) == everything(estate, furnished.tenant)
    estate.farewell.at_once(name)


def test_a_backup_that_was_killed_leaves_no_file(
    estate: Estate, estates: Estates, furnished: House, tmp_path: Path
) -> None:
    path = tmp_path / "half.backup"

    killed(
        estate.database,
        lambda: estates.build().backups.back_up(furnished.tenant.name, path, progress=dying(5)),
    )

    assert not path.exists()


@given(where=st.floats(0, 1), mask=st.integers(1, 255))
@settings(max_examples=examples(12))
def test_a_file_with_one_byte_changed_changes_nothing(
    estate: Estate, backup: Path, where: float, mask: int
) -> None:
    content = bytearray(backup.read_bytes())
    content[min(int(where * len(content)), len(content) - 1)] ^= mask
    damaged = backup.with_name("damaged.backup")
    damaged.write_bytes(content)
    name = f"back{uuid4().hex[:8]}"

    try:
        with damaged.open("rb") as file:
            estate.restoring.restore(file, name=name, progress=quiet)
    except BackupRefused:
        with pytest.raises(TenantUnknown):
            estate.registry.get(name)
    else:
        # A byte that no reader looks at, such as a time in the archive's directory.
        estate.farewell.at_once(name)


@pytest.mark.parametrize("content", [b"", b"PK", b"no archive at all" * 100])
def test_a_file_that_is_no_backup_is_refused(
    estate: Estate, tmp_path: Path, content: bytes, name: str
) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)

    with path.open("rb") as file, pytest.raises(BackupRefused):
        estate.restoring.restore(file, name=name, progress=quiet)


def test_a_manifest_that_somebody_else_wrote_is_refused(
    estate: Estate, backup: Path, tmp_path: Path, name: str
) -> None:
    forged = tmp_path / "forged.backup"
    with ZipFile(backup) as old, ZipFile(forged, "w") as new:
        for each in old.namelist():
            content = old.read(each)
            new.writestr(each, content.replace(b'"DELETE"', b'"TRUNCATE"'))

    with forged.open("rb") as file, pytest.raises(BackupRefused):
        estate.restoring.restore(file, name=name, progress=quiet)


@pytest.mark.parametrize(
    "wrong",
    [
        {"salt": "no digits"},
        {"salt": 5},
        {"parts": None},
        {"parts": {"rows/user": {"size": "much"}}},
        {"tenant": {"name": "only"}},
        {"structure": {}},
        {"members": [{"email": "who@example.com"}]},
        {"keys": []},
    ],
)
def test_a_manifest_that_tells_other_things_than_ours_is_refused_before_any_key_is_made(
    estate: Estate, backup: Path, tmp_path: Path, name: str, wrong: dict[str, object]
) -> None:
    forged = tmp_path / "forged.backup"
    with ZipFile(backup) as old, ZipFile(forged, "w") as new:
        for each in old.namelist():
            content = old.read(each)
            told = {**json.loads(content), **wrong} if each == MANIFEST else None
            new.writestr(each, content if told is None else json.dumps(told))

    with forged.open("rb") as file, pytest.raises(BackupRefused, match=next(iter(wrong))):
        estate.restoring.restore(file, name=name, passphrase="p", progress=quiet)


def test_nobody_else_on_the_machine_reads_a_backup(backup: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600


def test_a_name_that_is_taken_is_left_alone(estate: Estate, furnished: House, backup: Path) -> None:
    before = everything(estate, furnished.tenant)

    with backup.open("rb") as file, pytest.raises(TenantExists):
        estate.restoring.restore(file, progress=quiet)

    assert everything(estate, furnished.tenant) == before


def members(estate: Estate, name: str) -> list[tuple[str, str]]:
    """Return who may enter a tenant, and as whom."""
    query = text(
        'SELECT a.email, m."user"::text FROM joinery.membership m '
        "JOIN joinery.account a ON a.id = m.account WHERE m.tenant = :name ORDER BY 1"
    )
    with estate.database.registry() as connection:
        return [(row[0], row[1]) for row in connection.execute(query, {"name": name})]
