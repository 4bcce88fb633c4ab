"""Backing a tenant up to one file while people work in it: rows, files, people, wrapped keys.

All rows are of one moment. Encrypted values stay encrypted; their keys go along, wrapped under
the passphrase where one is given, else as they are, under the installation's master key.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_bytes
from typing import IO, Any

from sqlalchemy import Connection, select

from engine.context import Tenant
from engine.database import Database
from engine.files.storage import Storage
from engine.schema.revisions import newest
from engine.sealing import MasterKey
from engine.tenants.registry import TenantRecord, TenantRegistry
from engine.tenants.tables import account, membership
from engine.transfer import structure as forms
from engine.transfer.bundle import CHUNK, BundleWriter, passphrase_key
from engine.transfer.catalog import read_structure
from engine.transfer.keeping import FILES, file_ids
from engine.transfer.loading import Progress
from engine.transfer.rows import rows_of
from engine.transfer.settled import Finisher, settled_moment
from engine.vault.keys import Vault


@dataclass(frozen=True, slots=True)
class Backups:
    """Makes backups of tenants."""

    database: Database
    registry: TenantRegistry
    storage: Storage
    vault: Vault
    key: MasterKey
    finish: Finisher

    def back_up(
        self, name: str, path: Path, *, passphrase: str = "", progress: Progress
    ) -> TenantRecord:
        """Write a tenant to the file at `path`, which appears when it is whole.

        It begins when what a publish has to do after its switch is done. Raises `TenantUnknown`,
        `PublishRunning` where that takes too long, or `BackupRefused` where the schema holds what
        is not ours.
        """
        record = self.registry.get(name)
        place = record.tenant
        salt = token_bytes(16)
        key = passphrase_key(passphrase, salt) if passphrase else self.key
        with (
            BundleWriter(path) as bundle,
            settled_moment(self.database, place, self.finish) as source,
        ):
            found = read_structure(source, place)
            for done, table in enumerate(found.values(), start=1):
                bundle.add(f"rows/{table.name}", rows_of(source, place, table))
                progress(table.name, done, len(found) + 1)
            if FILES in found:
                self._add_files(bundle, source, place)
            told = {
                "made_at": datetime.now(UTC).isoformat(),
                "salt": salt.hex() if passphrase else "",
                "tenant": _told(record),
                "revision": newest(source, place)[0],
                "structure": forms.written(found),
                "members": self._members(name),
                "keys": self.vault.wrapped(place, key, source) if passphrase else {},
            }
            bundle.finish(told, key)
        return record

    def _add_files(self, bundle: BundleWriter, source: Connection, place: Tenant) -> None:
        """Add the bytes of every file; one that is gone from the storage is gone here, too."""
        for id_ in file_ids(source, place):
            for small in (False, True):
                with (
                    suppress(FileNotFoundError),
                    self.storage.open(place, id_, small=small) as content,
                ):
                    name = f"files/{id_.hex}{'.small' if small else ''}"
                    bundle.add(name, _chunks(content))

    def _members(self, name: str) -> list[dict[str, str]]:
        people = select(account.c.email, account.c.name, account.c.language, membership.c.user)
        joined = people.join(account, account.c.id == membership.c.account)
        with self.database.registry() as connection:
            rows = connection.execute(joined.where(membership.c.tenant == name))
            return [
                {"email": row.email, "name": row.name, "language": row.language,
                 "user": str(row.user)}
                for row in rows
            ]  # fmt: skip


def _told(record: TenantRecord) -> dict[str, Any]:
    return {
        "name": record.tenant.name,
        "label": record.label,
        "language": record.language,
        "template": record.template,
        "template_version": record.template_version,
        "builtin": record.builtin,
        "logo": record.logo,
    }


def _chunks(content: IO[bytes]) -> Iterator[bytes]:
    while chunk := content.read(CHUNK):
        yield chunk
