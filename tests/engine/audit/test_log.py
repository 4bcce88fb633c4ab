"""The audit log: what goes in stays, whoever a request runs as (A-10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from boot.wiring import House
from engine.audit.event import Event, PersonEvent
from engine.audit.log import AuditLog, InstallationLog
from engine.context import Context, Origin
from engine.database import Database
from engine.schema.revisions import Author
from tests.conftest import Installation, TenantMaker

APP = """
app: {name: audited, label: {en: Audited}}
entities:
  customer: {label: {en: Customer}, fields: {name: {type: text}}}
"""

ORIGIN = Origin("203.0.113.9", "Browser/1", "s-1")


@pytest.fixture(scope="module")
def ctx(tenant_of: TenantMaker) -> Context:
    return replace(tenant_of(APP), origin=ORIGIN)


@pytest.fixture
def database(installation: Installation) -> Iterator[Database]:
    yield installation.database


def test_an_event_says_who_when_from_where_and_what(ctx: Context, database: Database) -> None:
    record = uuid4()

    AuditLog(database).note(
        ctx, Event("shared", "customer", record, {"to": None}, {"to": uuid4()}, {"days": 3})
    )

    with database.auditing(ctx.tenant) as connection:
        row = connection.execute(
            text(f"SELECT * FROM {ctx.tenant.schema}.sys_audit WHERE record = :record"),
            {"record": record},
        ).one()
    assert (row.kind, row.name, row.door, row.entity) == ("shared", "System", "cli", "customer")
    assert (row.address, row.agent, row.session) == ("203.0.113.9", "Browser/1", "s-1")
    assert row.before == {"to": None}
    assert row.detail == {"days": 3}
    assert row.revision == ctx.revision


def test_an_event_of_a_change_is_there_exactly_if_the_change_is(
    ctx: Context, database: Database
) -> None:
    record = uuid4()

    def fails(connection: object) -> None:
        AuditLog(database).within(connection, ctx, [Event("imported", record=record)])  # type: ignore[arg-type]
        raise LookupError

    with pytest.raises(LookupError):
        database.unit(ctx, fails)

    assert _kinds(database, ctx, record) == []


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT count(*) FROM {schema}.sys_audit",
        "UPDATE {schema}.sys_audit SET name = 'somebody else'",
        "DELETE FROM {schema}.sys_audit",
        "TRUNCATE {schema}.sys_audit",
        "ALTER TABLE {schema}.sys_audit ADD COLUMN more text",
        "DROP TABLE {schema}.sys_audit",
        "INSERT INTO {schema}.sys_audit (id) VALUES (gen_random_uuid()) RETURNING id",
        "CREATE TRIGGER quiet BEFORE INSERT ON {schema}.sys_audit EXECUTE FUNCTION now()",
        "SELECT count(*) FROM joinery.audit",
        "SET LOCAL ROLE joinery_owner; SELECT 1",
    ],
)
def test_a_tenants_role_neither_reads_nor_changes_what_was_written(
    ctx: Context, database: Database, statement: str
) -> None:
    AuditLog(database).note(ctx, Event("shared"))

    with (
        pytest.raises(ProgrammingError, match="permission denied|must be owner|multiple commands"),
        database.adding(ctx.tenant) as connection,
    ):
        connection.execute(text(statement.format(schema=ctx.tenant.schema)))


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT count(*) FROM joinery.audit",
        "UPDATE joinery.audit SET email = ''",
        "DELETE FROM joinery.audit",
        "TRUNCATE joinery.audit",
        "SELECT count(*) FROM {schema}.sys_audit",
        "INSERT INTO {schema}.sys_audit (id) VALUES (gen_random_uuid())",
    ],
)
def test_the_applications_own_role_does_neither(
    ctx: Context, database: Database, statement: str
) -> None:
    InstallationLog(database).note(PersonEvent("sign_in", email="a@example.com"))

    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        database.registry() as connection,
    ):
        connection.execute(text(statement.format(schema=ctx.tenant.schema)))


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT count(*) FROM {schema}.sys_change",
        'SELECT count(*) FROM {schema}."user"',
        "SELECT count(*) FROM joinery.account",
    ],
)
def test_who_reads_the_audit_log_reads_nothing_else(
    ctx: Context, database: Database, statement: str
) -> None:
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|does not exist"),
        database.auditing(ctx.tenant) as connection,
    ):
        connection.execute(text(statement.format(schema=ctx.tenant.schema)))


def test_a_publish_and_a_table_made_anew_leave_the_rights_as_they_are(
    furnished: House, ctx: Context
) -> None:
    place, publisher = ctx.tenant, furnished.publisher
    with furnished.database.owner(place) as connection:
        connection.execute(text(f"DROP TABLE {place.schema}.sys_audit"))
        connection.execute(text(f"ALTER TABLE {place.schema}.sys_handover DROP COLUMN total"))

    proposal = publisher.propose(place, publisher.documents(place))
    publisher.publish(place, proposal, author=Author("Tester"))

    with furnished.database.owner(place) as connection:
        rights = connection.execute(
            text(
                "SELECT grantee, string_agg(privilege_type, ' ' ORDER BY privilege_type)"
                " FROM information_schema.role_table_grants WHERE table_name = 'sys_audit'"
                " AND table_schema = :schema AND grantee <> 'joinery_owner' GROUP BY 1 ORDER BY 1"
            ),
            {"schema": place.schema},
        ).all()
        told = connection.execute(text(f"SELECT kind FROM {place.schema}.sys_audit")).scalars()
        kinds = list(told)
    assert [tuple(each) for each in rights] == sorted(
        [("joinery_auditor", "SELECT"), (place.role, "INSERT")]
    )
    assert kinds == ["published"]


def test_whatever_a_client_sends_can_be_told(ctx: Context, database: Database) -> None:
    record = uuid4()
    strange = {"field": "a\0b\ud800", "nested": {"x\0": ["\0", Decimal("1.5")]}}
    odd = replace(ctx, origin=Origin("::1", "agent\0", ""))

    AuditLog(database).note(odd, Event("refused", "x\0", record, detail=strange))
    InstallationLog(database).note(PersonEvent("sign_in_refused", email="\ud800\0@x"))

    assert _kinds(database, ctx, record) == ["refused"]


def test_the_same_refusal_again_and_again_is_written_once_and_then_with_its_number(
    ctx: Context, database: Database
) -> None:
    record = uuid4()
    log = AuditLog(database)
    for _ in range(5):
        log.note(ctx, Event("refused", "customer", record, detail={"right": "delete"}))

    log.flush()

    with database.auditing(ctx.tenant) as connection:
        rows = connection.execute(
            text(f"SELECT times FROM {ctx.tenant.schema}.sys_audit WHERE record = :record"
                 " ORDER BY at"),
            {"record": record},
        ).scalars().all()  # fmt: skip
    assert rows == [1, 4]


def _kinds(database: Database, ctx: Context, record: object) -> list[str]:
    with database.auditing(ctx.tenant) as connection:
        return list(
            connection.execute(
                text(f"SELECT kind FROM {ctx.tenant.schema}.sys_audit WHERE record = :record"),
                {"record": record},
            ).scalars()
        )
