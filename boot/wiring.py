"""Building every service, once, in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection

from boot.acting import Acting, acting, open_to_all
from boot.catalogue import ComingAlong
from boot.connection import Address, addressed
from boot.estate import Estate, estate, limits
from boot.health import Readiness
from boot.master_key import master_key
from boot.messaging import outbox
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
from engine.audit.watch import READ, Watch
from engine.backfill import Backfill
from engine.conversions import Conversions
from engine.database import Database
from engine.delivering import Deliveries
from engine.desk import Desk
from engine.documents.press import Press
from engine.documents.service import Documents
from engine.drafts import Drafts, OwnDrafts, Previews
from engine.drafts.going_out import GoingOut
from engine.drafts.kept_upgrades import KeptUpgrades
from engine.errors import Unavailable
from engine.exchange.changing import ChangingMany
from engine.exchange.exporting import Exporter
from engine.exchange.guided import GuidedImports
from engine.exchange.importing import Importer
from engine.exchange.questions import Questions
from engine.exchange.taking_back import TakingBack
from engine.files.pages import PagePictures
from engine.files.storage import Storage
from engine.files.uploads import Files
from engine.going_live import GoingLive
from engine.history.comments import Talk
from engine.leaving.service import Handovers
from engine.mail import Post
from engine.merging import Lookalikes, Merging
from engine.notices import Notices, Preferences
from engine.outgoing.allowance import Allowance
from engine.outgoing.calls import Outgoing
from engine.personal.erasing import Erasures
from engine.personal.giving import PersonFiles
from engine.publish import Publisher
from engine.query.explaining import Costs
from engine.query.reader import Records as RecordReader
from engine.query.stages import StageMemory
from engine.query.standings import Standings
from engine.query.told import Telling
from engine.query.why import Figures
from engine.records.held import Held
from engine.records.hooks import Hooks
from engine.records.writer import Records as RecordWriter
from engine.reshaping import Reshaping
from engine.retired import Retirees
from engine.scenarios.rehearsal import Rehearsal
from engine.scenarios.stage import Doors
from engine.sealing import MasterKey
from engine.store import ModelStore
from engine.tenants.accounts import Accounts
from engine.tenants.contexts import Contexts
from engine.tenants.databases import Databases
from engine.tenants.errors import NotPrepared
from engine.tenants.install import cookie_key, require_current
from engine.tenants.logo import Logos
from engine.tenants.provision import Provisioning
from engine.tenants.registry import TenantRegistry
from engine.tenants.starters import Planting
from engine.tenants.taken import Takings
from engine.tenants.visits import Visits
from engine.transfer.on_demand import OnDemand
from engine.transfer.shelf import Shelf
from engine.undoing import Undoing
from engine.upgrading.offers import Offers
from engine.vault.keys import Vault
from engine.vault.unmasking import Unmasking
from engine.versions import Versions
from engine.views import SavedViews
from metamodel.cache import ModelCache
from ui.bundle import LETTERS
from ui.services import Services
from ui.wording import PaperWording
from workflow.approvals.locks import Locks
from workflow.automations import Automations
from workflow.doing import Hands, Later
from workflow.messages.outbox import Outbox
from workflow.playing import Playing
from workflow.pools.holders import Holders
from workflow.queueing import later, never
from workflow.rehearsing import Following
from workflow.runner import Runner
from workflow.service_levels.timekeeper import Timekeeper
from workflow.service_levels.watching import Promises
from workflow.trying import Trials
from workflow.webhooks import Caller, Calls, Silent


@dataclass(frozen=True, slots=True)
class House:
    """What every service of an installation stands on, wired together, and the services."""

    settings: Settings
    address: Address
    database: Database
    estate: Estate
    accounts: Accounts
    store: ModelStore
    publisher: Publisher
    contexts: Contexts
    access: Policy
    reader: RecordReader
    writer: RecordWriter
    runner: Runner
    storage: Storage
    audit: AuditLog
    watch: Watch
    doors: InstallationLog
    secret_key: str
    master_key: MasterKey
    vault: Vault
    outgoing: Outgoing
    services: Services = field(init=False)

    @property
    def databases(self) -> Databases:
        """The databases that tenants are placed on."""
        return self.estate.databases

    @property
    def registry(self) -> TenantRegistry:
        """The tenants of the installation."""
        return self.estate.registry

    @property
    def provisioning(self) -> Provisioning:
        """What makes tenants, and takes them away."""
        return self.estate.provisioning

    @property
    def shelf(self) -> Shelf:
        """Where backups are kept: those of each night where a storage is set, those asked for."""
        settings = self.settings
        url = settings.backups or (settings.home / "backups").as_uri()
        return Shelf(url, kept=settings.backups_kept, nightly=bool(settings.backups))

    @property
    def rehearsal(self) -> Rehearsal:
        """What plays an app's scenarios on a throw-away copy."""
        writer, runner = acting_writer(self.database, self.access, never, Silent(), Outbox())
        following = Following(self.database, runner)
        playing = Playing(self.database, self.reader, runner)
        doors = Doors(self.reader, writer, self.vault, following, playing)
        return Rehearsal(self.database, self.publisher, self.provisioning, self.registry, doors)

    @property
    def trials(self) -> Trials:
        """What tries automations, and takes back what they did."""
        taken_back = (self.database, self.access, never, Silent(), Outbox())
        _, runner = acting_writer(*taken_back)
        return Trials(self.database, runner)

    @property
    def importer(self) -> Importer:
        """What takes files of rows in."""
        return Importer(self.database, self.writer, self.access, self.contexts, self.audit)

    @property
    def guided(self) -> GuidedImports:
        """What leads people through an import."""
        return GuidedImports(self.database, self.importer, self.access)

    @property
    def files(self) -> Files:
        """The files of records."""
        most = self.settings.file_size * 1_000_000
        return Files(self.database, self.access, self.storage, most)

    @property
    def logos(self) -> Logos:
        """The logos of tenants."""
        return Logos(self.database, self.registry, self.audit)

    @property
    def deliveries(self) -> Deliveries:
        """What people have sent to themselves; nothing where no mail server is set up."""
        post = Post(self.accounts.key) if self.settings.smtp else None
        return Deliveries(self.database, post)

    @property
    def standings(self) -> Standings:
        """What tells of pipelines' past."""
        return Standings(self.database, self.access)

    @property
    def versions(self) -> Versions:
        """The versions of tenants' applications, and the way back to them."""
        return Versions(self.going_out, self.store)

    @property
    def going_out(self) -> GoingOut:
        """What publishes, after the scenarios that a change can touch."""
        return GoingOut(self.database, self.publisher, self.rehearsal)

    def tell_the_rest(self) -> None:
        """Write into the audit logs what was only counted so far."""
        self.audit.flush()
        self.doors.flush()

    def __post_init__(self) -> None:
        # Made at once: a setting that cannot be meant is refused at the start.
        object.__setattr__(self, "services", self._served())

    def _offers(self) -> Offers:
        along = ComingAlong(self.settings.home / "cache" / "apps")
        return Offers(self.publisher, along, KeptUpgrades(self.database))

    def _served(self) -> Services:
        database, access, audit = self.database, self.access, self.audit
        drafts = Drafts(database, self.store, self.going_out)
        press, stages = Press(LETTERS), StageMemory(database, access)
        return Services(
            accounts=self.accounts, people=self._people(), contexts=self.contexts,
            reader=self.reader, writer=self.writer, stages=stages, standings=self.standings,
            costs=Costs(
                database, access, self.reader, standings=self.standings, stages=stages
            ),
            access=access, explainer=Explainer(database, access), figures=Figures(database, access),
            comparer=Comparer(database, access), shares=Shares(database, access, audit),
            health=Readiness(database, self.databases),
            importer=self.importer, guided=self.guided,
            import_questions=Questions(database, self.importer, self.guided, access, self.reader),
            taking_back=TakingBack(database, Undoing(database, self.writer)),
            exporter=Exporter(database, access, audit, seen=self.watch.count),
            files=self.files, page_pictures=PagePictures(),
            changing=ChangingMany(database, self.writer, self.contexts),
            documents=self._documents(press), press=press,
            desk=Desk(database, access), talk=Talk(database, access),
            notices=Notices(database, access),
            preferences=Preferences(database), unmasking=Unmasking(database, access, audit),
            erasures=Erasures(database, access, self.storage, audit),
            person_files=PersonFiles(database, access, self.storage, audit), audit=audit,
            audit_reader=AuditReader(database, audit), handovers=self._handovers(),
            undoing=Undoing(database, self.writer),
            lookalikes=Lookalikes(database, access, self.reader),
            merging=Merging(database, access, self.writer, Undoing(database, self.writer)),
            saved_views=SavedViews(database), deliveries=self.deliveries,
            reshaping=Reshaping(self.going_out),
            conversions=Conversions(database, self.writer, audit), drafts=drafts,
            offers=self._offers(),
            own_drafts=OwnDrafts(database), previews=Previews(database, self.store, drafts),
            versions=self.versions,
            going_live=GoingLive(database, self.publisher, drafts, self.versions),
            retired=Retirees(database), visits=Visits(database), logos=self.logos,
            backups=OnDemand(database, audit, self.shelf), registry=self.registry,
            trials=self.trials, secret_key=self.secret_key, **self._acting(),
        )  # fmt: skip

    def _acting(self) -> Acting:
        outside = open_to_all(self.registry, self.contexts)
        records = (self.reader, self.access)
        return acting(self.database, records, self.runner, self.master_key, outside)

    def _documents(self, press: Press) -> Documents:
        telling = Telling(self.database, self.access, seen=self.watch.count)
        return Documents(telling, self.files, self.logos, press, PaperWording)

    def _handovers(self) -> Handovers:
        doors = (self.database, self.access, self.writer, self.accounts, self.publisher)
        return Handovers(*doors, self.contexts, self.audit)

    def _people(self) -> People:
        records = (self.reader, self.writer, self.access)
        return people(self.settings, self.accounts, self.outgoing, records)


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


def acting_writer(
    database: Database, access: Policy, goes_on: Later, caller: Caller, outbox: Outbox,
    *, papers: Callable[[Connection], Documents] | None = None,
) -> tuple[RecordWriter, Runner]:  # fmt: skip
    """Return the door to writing, and what automations do through the same door.

    Without `papers` it is a rehearsal, which is taken back at the end.
    """
    made: list[RecordWriter] = []

    def writing(connection: Connection, *, whole: bool = False) -> RecordWriter:
        return made[0].within(connection, rehearsed=papers is None, whole=whole)

    hands = Hands(access, PaperWording, writing, goes_on, caller, outbox, papers)
    runner = Runner(hands)
    hooks: tuple[Hooks, ...] = (
        Locks(access), Promises(Timekeeper(hands)), Automations(runner), Holders(access)
    )  # fmt: skip
    made.append(RecordWriter(database, access, hooks))
    return made[0], runner


def furnish(settings: Settings, address: Address, database: Database) -> House:
    """Build everything that services stand on, over a database."""
    store = ModelStore(database, cache=ModelCache(settings.home / "cache" / "models"))
    audit, doors = AuditLog(database), InstallationLog(database)
    watch = Watch(audit, Takings(database, READ))
    key, secret = master_key(settings, database), cookie_key(database)
    vault = Vault(database, key)
    access = Policy(database)
    opened = MaskedReads(audit).note
    places = estate(settings, database, store, key)
    outside = Calls(Post(key)), outbox(settings, key)
    storage = Storage(settings.files or (settings.home / "files").as_uri())
    logos = Logos(database, places.registry, audit)

    def papers(connection: Connection) -> Documents:
        inside = Held(connection)
        files = Files(inside, access, storage, settings.file_size * 1_000_000)
        return Documents(Telling(inside, access), files, logos, Press(LETTERS), PaperWording)

    writer, runner = acting_writer(database, access, later, *outside, papers=papers)
    return House(
        settings=settings,
        address=address,
        database=database,
        estate=places,
        accounts=Accounts(database, log=doors, key=key),
        store=store,
        publisher=Publisher(database, store, Backfill(vault), audit, Planting(writer)),
        contexts=Contexts(database, store, audit, vault, doors),
        access=access,
        reader=RecordReader(database, access, secret, seen=watch.count, opened=opened),
        writer=writer,
        runner=runner,
        storage=storage,
        audit=audit,
        watch=watch,
        doors=doors,
        secret_key=secret,
        master_key=key,
        vault=vault,
        outgoing=Outgoing(Allowance.of(settings.outgoing_allowed)),
    )
