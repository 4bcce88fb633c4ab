"""Restoring a tenant from its backup: under the same name or another, here or anywhere else.

Nothing is made before the whole file was found right. What is half restored nobody sees; the
same call goes on with it, table by table, and deleting the tenant takes it away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Any
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert

from engine.compiled import CompiledModel
from engine.context import Tenant
from engine.database import Database
from engine.files.storage import Storage
from engine.sealing import MasterKey
from engine.store import ModelStore
from engine.tenants.errors import BackupRefused, TenantExists, TenantUnknown
from engine.tenants.provision import Provisioning
from engine.tenants.registry import TenantRecord, TenantRegistry
from engine.tenants.tables import membership
from engine.transfer import structure as forms
from engine.transfer.bundle import BundleReader, passphrase_key
from engine.transfer.forms import Structure
from engine.transfer.loading import Progress, load
from engine.transfer.work import Works
from engine.vault.keys import Vault

AccountOf = Callable[[str, str, str], UUID]
"""Finds the account of an e-mail address, or makes one of address, name and language."""

LOADED = "loaded"

_FILE = re.compile(r"files/([0-9a-f]{32})(\.small)?")


@dataclass(frozen=True, slots=True)
class Restoring:
    """Makes tenants from backups."""

    database: Database
    store: ModelStore
    registry: TenantRegistry
    provisioning: Provisioning
    works: Works
    storage: Storage
    vault: Vault
    key: MasterKey
    account_of: AccountOf

    def restore(
        self,
        file: IO[bytes],
        *,
        name: str = "",
        database: str = "",
        passphrase: str = "",
        progress: Progress,
    ) -> TenantRecord:
        """Make a tenant of a backup, by default under its own name; begun again, go on.

        Raises `BackupRefused`, `TenantExists`, `NameInvalid` or `WorkUnderWay`, each before
        anything is changed.
        """
        bundle = BundleReader(file)
        key = self._key(bundle, passphrase)
        bundle.require(key)
        structure = forms.read(bundle.manifest["structure"])
        told: Mapping[str, Any] = bundle.manifest["tenant"]
        if set(_tables(bundle)) != set(structure):
            raise BackupRefused("The backup has rows of other tables than it tells of.")
        with self.works.alone(name or told["name"]):
            record = self._entered(name or told["name"], told, database)
            self._restore(record, bundle, structure, key, progress)
        return self.registry.get(record.tenant.name)

    def _key(self, bundle: BundleReader, passphrase: str) -> MasterKey:
        salt = bundle.manifest.get("salt")
        if not salt:
            return self.key
        if not passphrase:
            raise BackupRefused("This backup was made with a passphrase: give it to restore it.")
        return passphrase_key(passphrase, bytes.fromhex(salt))

    def _entered(self, name: str, told: Mapping[str, Any], database: str) -> TenantRecord:
        """Return the registry's entry, made now or by a call that was cut short."""
        try:
            found = self.registry.get(name)
        except TenantUnknown:
            label = told["label"] if told["label"] != told["name"] else ""
            return self.registry.add(
                name,
                label=label,
                language=told["language"],
                template=told["template"],
                state="restoring",
                database=database,
            )
        if found.state != "restoring":
            raise TenantExists(
                f"There is a tenant {name!r} already: restore under another name with --as, or "
                f"delete it first with `joinery tenant delete {name} --now`.",
                tenant=name,
            )
        return found

    def _restore(
        self,
        record: TenantRecord,
        bundle: BundleReader,
        structure: Structure,
        key: MasterKey,
        progress: Progress,
    ) -> None:
        place = record.tenant
        told = bundle.manifest["tenant"]
        work = self.works.begin(place.name, "restore", {"signature": bundle.manifest["signature"]})
        if work.step != LOADED:
            self.provisioning.house(place)
            load(
                self.database,
                place,
                structure,
                lambda table: bundle.chunks(f"rows/{table.name}"),
                progress,
            )
            self.works.reached(place.name, LOADED)
        if bundle.manifest["keys"]:
            self.vault.adopt(place, bundle.manifest["keys"], key)
        self._put_files(place, bundle)
        self._seat_members(place, bundle.manifest["members"])
        # A model that this version cannot link is told now, while nobody sees the tenant.
        self._take_up(self.store.current(place).compiled, place)
        self.registry.set_builtin(place.name, told["builtin"])
        self.registry.set_template(place.name, told["template_version"])
        self.registry.set_logo(place.name, told.get("logo", ""))
        # What was done since the backup is done again: nobody is written to a second time.
        self.registry.set_state(place.name, "live", quiet=True)
        self.works.end(place.name)

    def _take_up(self, compiled: CompiledModel, place: Tenant) -> None:
        """Have runs gone on with that stood in the queue, which is in no backup.

        Messages that stood there are held back: nobody knows whether they were sent since.
        """
        if "sys_run" not in compiled.model.entities:
            return  # of a version in which nothing acted by itself
        runs, messages = (compiled.tables.of(key) for key in ("sys_run", "sys_message"))
        held = {"state": "held", "done_at": func.now(), "error": "tenant_restored"}
        queued = (runs.c.state == "waiting", runs.c.due.is_(None))
        with self.database.owner(place) as connection:
            connection.execute(update(runs).where(*queued).values(due=func.now()))
            connection.execute(update(messages).where(messages.c.state == "waiting").values(**held))

    def _put_files(self, place: Tenant, bundle: BundleReader) -> None:
        for name in bundle.manifest["parts"]:
            found = _FILE.fullmatch(name)
            if found:
                with bundle.open(name) as content:
                    self.storage.put(place, UUID(found[1]), content, small=bool(found[2]))

    def _seat_members(self, place: Tenant, members: list[dict[str, str]]) -> None:
        for each in members:
            account = self.account_of(each["email"], each["name"], each["language"])
            values = {"tenant": place.name, "account": account, "user": UUID(each["user"])}
            with self.database.registry() as connection:
                connection.execute(insert(membership).values(values).on_conflict_do_nothing())


def _tables(bundle: BundleReader) -> list[str]:
    names = bundle.manifest["parts"]
    wrong = [name for name in names if not name.startswith("rows/") and not _FILE.fullmatch(name)]
    if wrong:
        raise BackupRefused(f"The backup has a part that is not known: {wrong[0]!r}.")
    return [name.removeprefix("rows/") for name in names if name.startswith("rows/")]
