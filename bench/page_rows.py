"""A tenant of the CRM as large as pages are measured on, in a folder that can be kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import yaml
from sqlalchemy import URL, create_engine, text

from bench.dashboards import APP
from bench.filled import prepared
from bench.rows import Rows, Sizes, everything, fill_schema, identity
from boot.catalogue import template_documents
from boot.wiring import House
from engine.context import Cause, Context
from engine.records.recompute import mend
from engine.schema.revisions import Document
from engine.tenants.members import enrol
from engine.tenants.provision import NewTenant
from engine.tenants.starters import plant

TENANT = "pages"

DASHBOARD = "eight"
"""The dashboard of eight widgets."""

RELATED = 200
"""Records that belong to each customer, and lines of each quote."""

LONG_QUOTE = 1_000
"""Lines of the one long quote."""

QUOTES = 20

PEOPLE = 500

COLUMN = 10_000
"""Cards in each of the six columns of the bids' board."""

EMAIL, PASSWORD = "chief@pages.example", "four words are enough"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Opened:
    """A filled tenant: every service over it, its system's context, somebody's session."""

    served: House
    ctx: Context
    secret: str


@dataclass(frozen=True, slots=True)
class Place:
    """A page by its path; `target` in milliseconds, 0 for none; `typed` a quote to type into.

    What is `long` Lighthouse does not open: it would look at every line for minutes.
    """

    name: str
    path: str
    target: float = 0.0
    typed: bool = False
    long: bool = False


def places(tenant: Opened) -> tuple[Place, ...]:
    """Return the pages that are measured."""
    with tenant.served.database.owner(tenant.ctx.tenant) as connection:
        ids = {
            name: connection.execute(text(f"SELECT {identity(entity, number)}")).scalar_one()
            for name, entity, number in _RECORDS
        }
    records = f"/{TENANT}/records"
    return (
        Place("list", f"{records}/opportunity", 1_000),
        Place("list of customers", f"{records}/customer"),
        Place("record", f"{records}/customer/{ids['customer']}", 1_000),
        Place("board", f"{records}/bid?view=board", 1_200),
        Place("board of all deals", f"{records}/opportunity?view=board"),
        Place("dashboard", f"/{TENANT}/dashboards/{DASHBOARD}", 1_500),
        Place("calendar", f"{records}/bid?view=deadlines"),
        Place("new form", f"{records}/opportunity/new"),
        Place("quote", f"{records}/quote/{ids['quote']}/edit", typed=True),
        Place("long quote", f"{records}/quote/{ids['long quote']}/edit", typed=True, long=True),
    )


_RECORDS = (("customer", "customer", "7"), ("quote", "quote", "2"), ("long quote", "quote", "1"))
"""What is opened of which entity, by the number that it was made with."""


@contextmanager
def opened(home: Path, rows: int) -> Iterator[Opened]:
    """Yield the tenant of a folder, made and filled where it is not there yet.

    Raises `SystemExit` where the database's role may not create roles.
    """
    with prepared(home) as (served, admin):
        if TENANT not in {each.tenant.name for each in served.registry.all()}:
            _fill(served, _made(served), admin, rows)
        ctx = served.contexts.system(TENANT, cause=Cause("cli"))
        signed_in = served.accounts.sign_in(EMAIL, PASSWORD, address="127.0.0.1")
        assert signed_in is not None
        yield Opened(served, ctx, signed_in.secret)


def _made(served: House) -> Context:
    """Make a tenant of the CRM with the eight widgets, and somebody who may see everything."""
    board = yaml.safe_load(APP.read_text("utf-8"))["dashboards"]["sales"]
    own = yaml.safe_dump({"dashboards": {DASHBOARD: board}}, allow_unicode=True)
    *chain, _ = template_documents("crm", served.settings.home / "cache" / "apps")
    documents = (*chain, Document("tenant", own))
    served.provisioning.create(NewTenant(TENANT, documents, language="en"), author="bench")
    ctx = served.contexts.system(TENANT, cause=Cause("cli"))
    plant(ctx, served.writer)
    account = served.accounts.create(EMAIL, name="Chief", password=PASSWORD, language="en")
    enrol(served.accounts, served.writer, ctx, account, roles=("administrator",))
    return ctx


def _fill(served: House, ctx: Context, admin: URL, rows: int) -> None:
    """Insert all rows and work out what is computed; the database knows of their number first."""
    engine = create_engine(admin, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        fill_schema(connection, ctx.tenant.schema, ctx.model, _rows(rows))
        connection.execute(text("ANALYZE"))
        for _ in mend(served.database, ctx):
            pass
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def _rows(opportunities: int) -> Sequence[Rows]:
    """Return what is filled in, parents first: customers have `RELATED` opportunities each."""
    customers = max(1, opportunities // RELATED)
    shared = everything(Sizes(opportunities, customers, QUOTES, RELATED))
    return (_people(), *(_fuller(each) for each in shared), _bids(customers))


def _people() -> Rows:
    return Rows(
        "user",
        PEOPLE,
        {
            "name": "'Person ' || i",
            "email": "'p' || i || '@pages.example'",
            "active": "true",
            "system": "false",
        },
    )


def _fuller(rows: Rows) -> Rows:
    """Return rows with what tells them apart on pages: whose they are, since when; a long quote."""
    if rows.entity == "opportunity":
        more = {
            "owner": identity("user", f"(1 + i % {PEOPLE})"),
            "source": "(ARRAY['referral','website','exhibition'])[1 + i % 3]",
            "created_at": "timestamptz '2026-01-01' + i * interval '10 seconds'",
        }
        return replace(rows, fields={**rows.fields, **more})
    if rows.entity == "quote_line":
        behind = f"2 + (i - {LONG_QUOTE} - 1) / {RELATED}"
        quote = identity("quote", f"(CASE WHEN i <= {LONG_QUOTE} THEN 1 ELSE {behind} END)")
        number = LONG_QUOTE + (QUOTES - 1) * RELATED
        return replace(rows, number=number, fields={**rows.fields, "quote": quote})
    return rows


def _bids(customers: int) -> Rows:
    """Return as many bids as fill each column of their board; they belong to the first deals."""
    stages = "'preparing','submitted','clarifying','won','lost','cancelled'"
    return Rows(
        "bid",
        6 * COLUMN,
        {
            "name": "'Tender ' || i",
            "opportunity": identity("opportunity", "i"),
            "customer": identity("customer", f"(1 + i % {customers})"),
            "deadline": "timestamptz '2026-01-01' + i * interval '1 hour'",
            "bid_amount": "(i::bigint * 7919 % 10000000) / 100.0",
            "stage": f"(ARRAY[{stages}])[1 + i % 6]",
        },
    )
