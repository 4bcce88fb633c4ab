"""Building every service, once, in one place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from boot.connection import Address, addressed
from boot.estate import estate, limits
from boot.health import Readiness
from boot.master_key import master_key
from boot.people import people
from boot.settings import Settings
from engine.access.compare import Comparer
from engine.access.explain import Explainer
from engine.access.policy import Policy
from engine.access.shares import Shares
from engine.accounts.people import People
from engine.audit.log import AuditLog, InstallationLog
from engine.audit.reader import AuditReader
from engine.audit.seen import MaskedReads
from engine.audit.watch import Watch
from engine.backfill import Backfill
from engine.database import Database
from engine.doors import Access, Reader, Writer
from engine.errors import Unavailable
from engine.exchange.exporting import Exporter
from engine.exchange.importing import Importer
from engine.files.storage import Storage
from engine.files.uploads import Files
from engine.history.comments import Talk
from engine.leaving.service import Handovers
from engine.outgoing.allowance import Allowance
from engine.outgoing.calls import Outgoing
from engine.personal.erasing import Erasures
from engine.personal.giving import PersonFiles
from engine.publish import Publisher
from engine.query.reader import Records as RecordReader
from engine.query.stages import StageMemory
from engine.query.why import Figures
from engine.records.writer import Records as RecordWriter
from engine.reshaping import Reshaping
from engine.sealing import MasterKey
from engine.store import ModelStore
from engine.tenants.accounts import Accounts
from engine.tenants.contexts import Contexts
from engine.tenants.databases import Databases
from engine.tenants.errors import NotPrepared
from engine.tenants.install import cookie_key, require_current
from engine.tenants.provision import Provisioning
from engine.tenants.registry import TenantRegistry
from engine.vault.keys import Vault
from engine.vault.unmasking import Unmasking
from metamodel.cache import ModelCache
from ui.services import Services


@dataclass(frozen=True, slots=True)
class House:
    """Every service of an installation, wired together."""

    settings: Settings
    address: Address
    database: Database
    databases: Databases
    registry: TenantRegistry
    accounts: Accounts
    people: People
    store: ModelStore
    provisioning: Provisioning
    publisher: Publisher
    reshaping: Reshaping
    contexts: Contexts
    access: Access
    explainer: Explainer
    figures: Figures
    comparer: Comparer
    shares: Shares
    reader: Reader
    writer: Writer
    stages: StageMemory
    importer: Importer
    exporter: Exporter
    storage: Storage
    files: Files
    talk: Talk
    unmasking: Unmasking
    erasures: Erasures
    person_files: PersonFiles
    health: Readiness
    audit: AuditLog
    audit_reader: AuditReader
    handovers: Handovers
    doors: InstallationLog
    secret_key: str
    master_key: MasterKey
    vault: Vault
    outgoing: Outgoing

    def tell_the_rest(self) -> None:
        """Write into the audit logs what was only counted so far."""
        self.audit.flush()
        self.doors.flush()

    @property
    def services(self) -> Services:
        """What screens and API are given of it."""
        return Services(
            accounts=self.accounts,
            people=self.people,
            contexts=self.contexts,
            reader=self.reader,
            writer=self.writer,
            stages=self.stages,
            access=self.access,
            explainer=self.explainer,
            figures=self.figures,
            comparer=self.comparer,
            shares=self.shares,
            health=self.health,
            importer=self.importer,
            exporter=self.exporter,
            files=self.files,
            talk=self.talk,
            unmasking=self.unmasking,
            erasures=self.erasures,
            person_files=self.person_files,
            audit=self.audit,
            audit_reader=self.audit_reader,
            handovers=self.handovers,
            reshaping=self.reshaping,
            registry=self.registry,
            secret_key=self.secret_key,
        )


@contextmanager
def house(settings: Settings) -> Iterator[House]:
    """Yield every service over a prepared database; connections are closed at the end.

    Raises `BootError`, `NotPrepared` or `Unavailable` with what to do about it.
    """
    with addressed(settings) as address:
        url = address.app.render_as_string(hide_password=False)
        database = Database.connect(url, limits=limits(settings))
        try:
            _require_prepared(address, database)
            built = furnish(settings, address, database)
            yield built
            built.tell_the_rest()
        finally:
            database.close()


def _require_prepared(address: Address, database: Database) -> None:
    """Raise `NotPrepared` where only the application's own role finds the door closed."""
    try:
        require_current(database)
    except Unavailable as error:
        if address.admin is None:
            raise
        reason = str(error.params.get("reason", "")).rpartition("FATAL:")[2].strip()
        raise NotPrepared(
            f"The database answers, but does not let Joinery's own role in ({reason}): "
            "prepare it with `joinery init`."
        ) from error


def furnish(settings: Settings, address: Address, database: Database) -> House:
    """Build every service on a database."""
    store = ModelStore(database, cache=ModelCache(settings.home / "cache" / "models"))
    audit, doors = AuditLog(database), InstallationLog(database)
    watch = Watch(audit)
    key = master_key(settings, database)
    places = estate(settings, database, store, key)
    accounts = Accounts(database, log=doors, key=key)
    outgoing = Outgoing(Allowance.of(settings.outgoing_allowed))
    vault = Vault(database, key)
    contexts = Contexts(database, store, audit, vault, doors)
    secret = cookie_key(database)
    access = Policy(database)
    reader = RecordReader(
        database, access, secret, seen=watch.count, opened=MaskedReads(audit).note
    )
    writer = RecordWriter(database, access)
    publisher = Publisher(database, store, Backfill(vault), audit)
    storage = Storage(settings.files or (settings.home / "files").as_uri())
    return House(
        settings=settings,
        address=address,
        database=database,
        databases=places.databases,
        registry=places.registry,
        accounts=accounts,
        people=people(settings, accounts, outgoing, (reader, writer, access)),
        store=store,
        provisioning=places.provisioning,
        publisher=publisher,
        reshaping=Reshaping(publisher),
        contexts=contexts,
        access=access,
        explainer=Explainer(database, access),
        figures=Figures(database, access),
        comparer=Comparer(database, access),
        shares=Shares(database, access, audit),
        reader=reader,
        writer=writer,
        stages=StageMemory(database, access),
        importer=Importer(database, writer, access, contexts, audit),
        exporter=Exporter(database, access, audit, seen=watch.count),
        storage=storage,
        talk=Talk(database, access),
        unmasking=Unmasking(database, access, audit),
        erasures=Erasures(database, access, storage, audit),
        person_files=PersonFiles(database, access, storage, audit),
        files=Files(database, access, storage, settings.file_size * 1_000_000),
        health=Readiness(database, places.databases),
        audit=audit,
        audit_reader=AuditReader(database, audit),
        handovers=Handovers(database, access, writer, accounts, publisher, contexts, audit),
        doors=doors,
        secret_key=secret,
        master_key=key,
        vault=vault,
        outgoing=outgoing,
    )
