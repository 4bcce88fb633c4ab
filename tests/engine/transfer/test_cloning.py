"""A clone is the tenant as it was at one moment, or its shape, or all but what tells of people."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import Connection, delete, select, text

from engine.access.policy import Policy
from engine.accounts.ledger import Ledger
from engine.context import Tenant
from engine.errors import Busy, EngineError
from engine.query.reader import Records as Reader
from engine.records.formed import Stand
from engine.records.writer import Records as Writer
from engine.schema.apply import run_statement
from engine.schema.live import read_live
from engine.schema.noting import NOTES, begin_noting, end_noting, end_table, note_table
from engine.schema.revisions import Document
from engine.schema.running import TABLE, Begun, Journal
from engine.schema.steps import NEXT, Plan
from engine.schema.tables import stored_columns
from engine.tenants.errors import TenantExists, WorkUnderWay
from engine.tenants.provision import NewTenant
from engine.tenants.quiet import keep_quiet
from engine.transfer.catalog import read_structure
from engine.transfer.rows import moment
from tests.engine.house import House
from tests.engine.transfer.conftest import Estate, Estates, dying, everything, quiet
from tests.engine.vault.conftest import APP as CLINIC
from tests.engine.vault.conftest import IDENTITY
from tests.killing import killed
from workflow.messages.outbox import Outbox, Wanted
from workflow.runs import begin, keep


@pytest.fixture
def name() -> str:
    return f"copy{uuid4().hex[:8]}"


def test_a_clone_has_every_row_every_file_and_the_same_form(
    estate: Estate, furnished: House, name: str
) -> None:
    """N-01."""
    record = estate.cloning.clone(furnished.tenant.name, name, progress=quiet)

    assert record.state == "live"
    assert everything(estate, record.tenant) == everything(estate, furnished.tenant)
    with moment(estate.database, furnished.tenant) as connection:
        form = read_structure(connection, furnished.tenant)
    with moment(estate.database, record.tenant) as connection:
        assert read_structure(connection, record.tenant) == form
    [file] = furnished.rows["sys_file"]
    with estate.storage.open(record.tenant, file) as content:
        assert content.read() == b"plan"
    estate.farewell.at_once(name)


def test_what_waits_is_done_by_the_original_alone(
    estate: Estate, furnished: House, name: str
) -> None:
    """N-01, P-06. A run that goes on and a mail that is sent in both would reach people twice."""
    ctx = furnished.ctx()
    outbox = Outbox(frozenset({"email"}))

    def unit(connection: Connection) -> None:
        parked = replace(begin(ctx, "asked", Stand()), state="parked")
        keep(connection, ctx, [begin(ctx, "later", Stand()), parked])
        for address in ("a@example.com", "b@example.com"):
            outbox.put(ctx, connection, Wanted("email", address, "Hello", "Hello"))

    estate.database.unit(ctx, unit)

    record = estate.cloning.clone(furnished.tenant.name, name, progress=quiet)

    def states(place: Tenant) -> list[str]:
        runs, messages = (ctx.compiled.tables.of(key) for key in ("sys_run", "sys_message"))
        with estate.database.owner(place) as connection:
            found = [*connection.execute(select(runs.c.state)).scalars()]
            return sorted([*found, *connection.execute(select(messages.c.state)).scalars()])

    assert states(furnished.tenant) == ["parked", "waiting", "waiting", "waiting"]
    assert states(record.tenant) == ["held", "held", "parked", "stopped"]
    estate.farewell.at_once(name)
    # Others compare this tenant with its copies.
    with estate.database.owner(furnished.tenant) as connection:
        for key in ("sys_run", "sys_message"):
            connection.execute(delete(ctx.compiled.tables.of(key)))


@pytest.mark.parametrize("mask", [False, True], ids=["whole", "masked"])
def test_a_copy_writes_to_nobody_until_it_is_let(
    estate: Estate, furnished: House, name: str, *, mask: bool
) -> None:
    """N-01, P-06. Schedules that begin later would reach people twice, or programs."""
    estate.cloning.clone(furnished.tenant.name, name, mask=mask, progress=quiet)
    outbox = Outbox(frozenset({"email"}))

    def written(place: str) -> tuple[str, str]:
        ctx = estate.system(place)
        wanted = Wanted("email", f"{uuid4().hex}@example.com", "Hello", "Hello")
        done = estate.database.unit(ctx, lambda connection: outbox.put(ctx, connection, wanted))
        return done.state, done.error

    assert written(name) == ("held", "tenant_quiet")
    assert not estate.registry.get(furnished.tenant.name).tenant.quiet

    keep_quiet(Ledger(estate.database), name, quiet=False)

    assert written(name) == ("waiting", "")
    estate.farewell.at_once(name)


def test_what_a_publish_under_way_makes_for_itself_is_not_copied(
    estate: Estate, furnished: House, name: str
) -> None:
    """N-01, P-05. What it has to do yet are statements: they must not run in another tenant."""
    place = furnished.tenant
    begun = Begun(2, "Tester", "", Plan(place.schema, ()))
    Journal.begin(estate.database, place, begun).end("done")
    table = furnished.ctx().model.entities["user"].table
    with estate.database.owner(place) as connection:
        for statement in (*begin_noting(place.schema), *note_table(place.schema, table, ("id",))):
            run_statement(connection, statement)
        beside = f'ALTER TABLE {place.schema}."{table}" ADD COLUMN "{NEXT}x" text'
        run_statement(connection, beside)

    record = estate.cloning.clone(place.name, name, progress=quiet)

    with estate.database.owner(place) as connection:
        for statement in (*end_table(place.schema, table), *end_noting(place.schema)):
            run_statement(connection, statement)
        run_statement(connection, f'ALTER TABLE {place.schema}."{table}" DROP COLUMN "{NEXT}x"')
    with estate.database.owner(record.tenant) as connection:
        live = read_live(connection, record.tenant)
    assert {TABLE, NOTES} & set(live) == set()
    assert f"{NEXT}x" not in live[table].columns
    assert everything(estate, record.tenant) == everything(estate, place)
    estate.farewell.at_once(name)


def test_tables_keep_their_form_while_they_are_copied(estate: Estate, furnished: House) -> None:
    """A column that changed places with another would be copied as of before it was filled."""
    place = furnished.tenant
    tables = furnished.ctx().compiled.tables

    with moment(estate.database, place) as source:
        source.execute(text("SELECT 1"))
        for key in ("customer", "sys_document", "user"):
            table = f'{place.schema}."{tables.of(key).name if key != "sys_document" else key}"'
            with (
                pytest.raises(Busy),
                estate.database.owner(place) as publishing,
            ):
                run_statement(publishing, "SET LOCAL lock_timeout = '50ms'")
                run_statement(publishing, f"ALTER TABLE {table} ADD COLUMN later text")


def test_nothing_in_a_tenants_schema_refers_to_anything_outside_it(
    estate: Estate, furnished: House
) -> None:
    with estate.database.owner(furnished.tenant) as connection:
        assert outsiders(connection, furnished.tenant) == ()


def test_a_clone_may_live_on_another_database(estate: Estate, furnished: House, name: str) -> None:
    record = estate.cloning.clone(furnished.tenant.name, name, database="two", progress=quiet)

    assert record.tenant.database == "two"
    assert everything(estate, record.tenant) == everything(estate, furnished.tenant)
    estate.farewell.at_once(name)


def test_a_masked_clone_holds_nothing_of_people(
    estate: Estate, furnished: House, name: str
) -> None:
    emails = [row["email"] for row in furnished.rows["user"].values()]

    record = estate.cloning.clone(furnished.tenant.name, name, mask=True, progress=quiet)

    rows = everything(estate, record.tenant)
    held = b"\n".join(line for lines in rows.values() for line in lines).decode()
    assert [each for each in emails if each in held] == []
    assert rows["sys_change"] == rows["sys_file"] == rows["sys_audit"] == []
    assert len(rows["customer"]) == len(furnished.rows["customer"])
    assert len(rows["user"]) == len(furnished.rows["user"]) + 1
    estate.farewell.at_once(name)


def test_a_masked_clone_drops_what_is_encrypted_and_takes_new_secrets(
    estate: Estate, name: str
) -> None:
    """A-11, N-01: neither ciphertext nor what finds it goes along."""
    made = NewTenant(f"{name}src", (Document("clinic", CLINIC), Document("tenant", "")))
    origin = estate.provisioning.create(made, author="Tester")[0].tenant.name
    writer = Writer(estate.database, Policy(estate.database))
    values = {"name": "Ada Lovelace", "identity": IDENTITY, "mobile": "13800138000"}
    ctx = replace(estate.system(origin), rings=estate.vault)
    [patient] = writer.create(ctx, "patient", [values]).ids

    estate.cloning.clone(origin, name, mask=True, progress=quiet)

    ctx = replace(estate.system(name), rings=estate.vault)
    table, fields = ctx.compiled.tables.of("patient"), ctx.model.entities["patient"].fields
    with estate.database.reading(ctx) as connection:
        row = connection.execute(select(table).where(table.c.id == patient)).mappings().one()
    for key in ("identity", "account", "mobile", "mail"):
        each = fields[key]
        held = (*stored_columns(each), each.blind_column, each.tail_column)
        assert [row[column] for column in held if column] == [None] * len(list(filter(None, held)))
    assert "Ada" not in str(dict(row))
    [other] = writer.create(ctx, "patient", [{"name": "New", "identity": IDENTITY}]).ids
    read = Reader(estate.database, Policy(estate.database), "secret").get(ctx, "patient", [other])
    assert read[0].values["identity"] not in (None, IDENTITY)
    for made in (name, origin):
        estate.farewell.at_once(made)


@pytest.mark.parametrize("at", [1, 12, 1000])
def test_a_clone_that_was_killed_is_finished_by_starting_again(
    estate: Estate, estates: Estates, furnished: House, name: str, at: int
) -> None:
    source = furnished.tenant.name
    killed(estate.database, lambda: estates.build().cloning.clone(source, name, progress=dying(at)))
    assert estate.registry.get(name).state == "making"

    record = estate.cloning.clone(source, name, progress=quiet)

    assert record.state == "live"
    assert everything(estate, record.tenant) == everything(estate, furnished.tenant)
    estate.farewell.at_once(name)


def test_what_was_begun_otherwise_is_not_gone_on_with(
    estate: Estate, estates: Estates, furnished: House, name: str
) -> None:
    source = furnished.tenant.name
    killed(estate.database, lambda: estates.build().cloning.clone(source, name, progress=dying(3)))

    with pytest.raises(WorkUnderWay):
        estate.cloning.clone(source, name, mask=True, progress=quiet)

    estate.farewell.at_once(name)


def test_a_name_that_is_taken_is_refused(estate: Estate, furnished: House) -> None:
    with pytest.raises(TenantExists):
        estate.cloning.clone(furnished.tenant.name, furnished.tenant.name, progress=quiet)
    with pytest.raises(EngineError):
        estate.cloning.clone("nobody", f"x{uuid4().hex[:8]}", progress=quiet)


def outsiders(connection: Connection, tenant: Tenant) -> tuple[str, ...]:
    """Return what in a tenant's schema refers to anything outside it: nothing may.

    Types, operators and functions of PostgreSQL itself are everywhere the same.
    """
    found = connection.execute(
        text(
            "SELECT DISTINCT pg_describe_object(d.classid, d.objid, d.objsubid) || ' needs ' "
            "|| pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid) "
            "FROM pg_depend d "
            "JOIN pg_class c ON d.classid = 'pg_class'::regclass AND d.objid = c.oid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace "
            "CROSS JOIN LATERAL pg_identify_object(d.refclassid, d.refobjid, d.refobjsubid) i "
            "WHERE n.nspname = :schema AND d.refobjid >= 16384 "
            "AND coalesce(i.schema, i.identity) IS DISTINCT FROM :schema "
            "AND i.schema IS DISTINCT FROM 'pg_toast'"
        ),
        {"schema": tenant.schema},
    )
    return tuple(found.scalars())
