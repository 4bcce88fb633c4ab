"""What the screens and the API are given: doors to records, people and models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn, Protocol, TypeVar
from uuid import UUID

from engine.access.compare import Comparer
from engine.access.explain import Explainer
from engine.access.shares import Shares
from engine.accounts.people import People
from engine.audit.event import Auditing
from engine.audit.reader import AuditReader
from engine.connections import Held
from engine.context import NOWHERE, Cause, Context, Origin
from engine.conversions import Conversions
from engine.delivering import Deliveries
from engine.desk import Desk
from engine.documents.press import Press
from engine.documents.service import Documents
from engine.doors import Access, Reader, Writer
from engine.drafts import Drafts, OwnDrafts, Previews
from engine.exchange.changing import ChangingMany
from engine.exchange.exporting import Exporter
from engine.exchange.guided import GuidedImports
from engine.exchange.importing import Importer
from engine.exchange.questions import Questions
from engine.exchange.taking_back import TakingBack
from engine.failed_jobs import FailedJobs
from engine.files.pages import PagePictures
from engine.files.uploads import Files
from engine.going_live import GoingLive
from engine.history.comments import Talk
from engine.leaving.service import Handovers
from engine.merging import Lookalikes, Merging
from engine.notices import Notices, Preferences
from engine.personal.erasing import Erasures
from engine.personal.giving import PersonFiles
from engine.pushing import Devices
from engine.query.explaining import Costs
from engine.query.stages import StageMemory
from engine.query.standings import Standings
from engine.query.why import Figures
from engine.reshaping import Reshaping
from engine.retired import Retirees
from engine.tenants.accounts import Accounts
from engine.tenants.identity import Account as Account
from engine.tenants.identity import Bearer as Bearer
from engine.tenants.identity import SignedIn as SignedIn
from engine.tenants.logo import Logos
from engine.tenants.registry import TenantRegistry
from engine.tenants.visits import Visits
from engine.transfer.on_demand import OnDemand
from engine.undoing import Undoing
from engine.upgrading.offers import Offers
from engine.vault.unmasking import Unmasking
from engine.versions import Versions
from engine.views import SavedViews
from workflow.approvals.boxes import Boxes
from workflow.approvals.renewing import Renewals
from workflow.approvals.service import Approvals
from workflow.approvals.standing import UnderWay
from workflow.arriving.forms import PublicForms
from workflow.arriving.webhooks import WebhooksIn
from workflow.buttons import Buttons
from workflow.messages.book import MessageBook
from workflow.messages.following import Followings
from workflow.messages.leaving import Leavings
from workflow.messages.writing import Correspondence
from workflow.pools.service import Pools
from workflow.run_book import RunBook
from workflow.trying import Trials

T = TypeVar("T")


class Contexts(Protocol):
    """From a signed-in person to a `Context` on a tenant's present model."""

    def make(
        self,
        name: str,
        account: UUID,
        *,
        language: str,
        cause: Cause,
        origin: Origin = NOWHERE,
        session: SignedIn | None = None,
    ) -> Context:
        """Return a context; raise `NotFound` where the tenant is not theirs."""
        ...

    def turn_away(self, name: str, account: UUID, origin: Origin) -> NoReturn:
        """Raise `NotFound` for a tenant that is not a person's; their attempt is told of."""
        ...

    def run(self, ctx: Context, work: Callable[[Context], T]) -> T:
        """Run `work`, once more on a fresh context if the tenant was reshaped meanwhile."""
        ...

    def forget(self) -> None:
        """Forget what was known for a moment of tenants and their people."""
        ...


class Health(Protocol):
    """Whether this installation can serve."""

    def ready(self) -> tuple[str, ...]:
        """Return what is wrong, in sentences; empty when all is well."""
        ...

    def further(self) -> tuple[str, ...]:
        """Return what is wrong with databases that only some tenants live on."""
        ...

    def jobs(self) -> Mapping[str, int]:
        """Return how many jobs are in each state, in the queues of all databases."""
        ...

    def connections(self) -> Held:
        """Return how many connections to databases this process holds."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """Everything an application is built from; made by `boot.wiring.build` alone."""

    accounts: Accounts
    people: People
    contexts: Contexts
    reader: Reader
    writer: Writer
    stages: StageMemory
    standings: Standings
    costs: Costs
    access: Access
    explainer: Explainer
    figures: Figures
    comparer: Comparer
    shares: Shares
    health: Health
    importer: Importer
    guided: GuidedImports
    import_questions: Questions
    changing: ChangingMany
    taking_back: TakingBack
    exporter: Exporter
    files: Files
    page_pictures: PagePictures
    documents: Documents
    press: Press
    desk: Desk
    talk: Talk
    notices: Notices
    preferences: Preferences
    devices: Devices
    unmasking: Unmasking
    erasures: Erasures
    person_files: PersonFiles
    audit: Auditing
    audit_reader: AuditReader
    handovers: Handovers
    saved_views: SavedViews
    deliveries: Deliveries
    undoing: Undoing
    lookalikes: Lookalikes
    merging: Merging
    reshaping: Reshaping
    drafts: Drafts
    offers: Offers
    own_drafts: OwnDrafts
    conversions: Conversions
    previews: Previews
    versions: Versions
    going_live: GoingLive
    retired: Retirees
    logos: Logos
    visits: Visits
    backups: OnDemand
    webhooks_in: WebhooksIn
    public_forms: PublicForms
    leavings: Leavings
    followings: Followings
    message_book: MessageBook
    correspondence: Correspondence
    registry: TenantRegistry
    approvals: Approvals
    approval_boxes: Boxes
    approvals_running: UnderWay
    renewals: Renewals
    runs: RunBook
    trials: Trials
    failed_jobs: FailedJobs
    buttons: Buttons
    pools: Pools
    secret_key: str
