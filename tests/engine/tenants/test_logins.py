"""With a login of its own, whatever SQL runs on a tenant's connection reaches nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from engine.database import Database
from engine.jobs import defer
from engine.sealing import MasterKey
from engine.tenants.logins import let_all_in, passwords
from tests.conftest import Installation

KEY = MasterKey.read("5e" * 32)

APP = """
format: 1
app: {name: walls, label: Walls, version: "1.0", languages: [en]}
entities:
  secret:
    label: Secret
    title: name
    fields:
      name: {type: text}
"""


@dataclass(frozen=True, slots=True)
class Walled:
    """Two tenants that log in by themselves, and a raw connection of the first."""

    ours: Any
    theirs: Any
    database: Database
    raw: psycopg.Connection[Any]


@pytest.fixture(scope="module")
def walled(installation: Installation, tenant_of: Any) -> Iterator[Walled]:
    ours, theirs = tenant_of(APP), tenant_of(APP)
    password = passwords(KEY)
    assert let_all_in(installation.database, [ours.tenant, theirs.tenant], password) == 2
    assert let_all_in(installation.database, [ours.tenant, theirs.tenant], password) == 0
    database = Database.connect(installation.url.render_as_string(hide_password=False))
    database.extend(lambda name: installation.url, password)
    url = installation.url.set(
        drivername="postgresql", username=ours.tenant.role, password=password(ours.tenant.role)
    )
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as raw:
        yield Walled(ours, theirs, database, raw)
    database.close()


def test_a_tenant_works_under_its_own_login(walled: Walled) -> None:
    ctx = walled.ours
    table = ctx.compiled.tables.of("secret")
    name = ctx.model.entities["secret"].fields["name"].column
    asked = text("SELECT session_user, current_user")

    walled.database.unit(ctx, lambda on: on.execute(table.insert().values({
        "id": "00000000-0000-7000-8000-0000000000aa", name: "ours"})))  # fmt: skip
    job = walled.database.unit(ctx, lambda on: defer(on, "note_login", {}))
    with walled.database.reading(ctx) as connection:
        who = connection.execute(asked).one()
        rows = connection.execute(table.select().with_only_columns(table.c[name])).scalars().all()

    assert tuple(who) == (ctx.tenant.role, ctx.tenant.role)
    assert rows == ["ours"]
    assert job is not None


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM {theirs}.secret",
        "INSERT INTO {theirs}.secret (id) VALUES (gen_random_uuid())",
        "SELECT * FROM joinery.tenant",
        "SELECT * FROM joinery.account",
        "SELECT * FROM joinery.session",
        "SELECT * FROM joinery.secret",
        "SELECT * FROM joinery.database",
        "SELECT * FROM joinery.audit",
        "SELECT * FROM joinery.procrastinate_jobs",
        "SELECT * FROM {ours}.sys_audit",
        "DELETE FROM {ours}.sys_audit",
        "UPDATE {ours}.sys_revision SET number = 7",
        "DELETE FROM {ours}.sys_change",
        "TRUNCATE {ours}.secret",
        "DROP TABLE {ours}.secret",
        "ALTER TABLE {ours}.secret DISABLE TRIGGER ALL",
        "CREATE TABLE {ours}.mine (id int)",
        "CREATE TABLE public.mine (id int)",
        "CREATE SCHEMA mine",
        "SELECT * FROM pg_catalog.pg_authid",
        "SELECT * FROM pg_catalog.pg_shadow",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY {ours}.secret TO PROGRAM 'cat'",
        "COPY {ours}.secret TO '/tmp/out'",
        "SELECT lo_import('/etc/passwd')",
        "SET ROLE joinery_owner",
        "SET ROLE joinery_app",
        "SET ROLE joinery_auditor",
        "SET ROLE {their_role}",
        "SET SESSION AUTHORIZATION joinery_app",
        "SELECT set_config('role', 'joinery_owner', false)",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'joinery_app'",
        "ALTER ROLE joinery_app PASSWORD 'x'",
        "CREATE EXTENSION dblink SCHEMA {ours}",
        "CREATE EXTENSION file_fdw SCHEMA {ours}",
        "CREATE FOREIGN DATA WRAPPER mine",
        "CREATE FUNCTION {ours}.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE LANGUAGE plpython3u",
        "CREATE DATABASE mine",
        "CREATE ROLE mine LOGIN",
        "CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION {ours}.mine()",
        "CREATE PUBLICATION mine FOR ALL TABLES",
        "CREATE SUBSCRIPTION mine CONNECTION 'host=127.0.0.1' PUBLICATION theirs",
        "COPY {ours}.secret FROM PROGRAM 'cat /etc/passwd'",
        "COPY {ours}.secret FROM '/etc/passwd'",
        "COPY {theirs}.secret TO STDOUT",
        "SELECT pg_ls_dir('/')",
        "SELECT pg_stat_file('/etc/passwd')",
        "SELECT pg_read_binary_file('PG_VERSION')",
        "SELECT pg_current_logfile()",
        "SELECT lo_export(1, '/tmp/out')",
        "SELECT pg_reload_conf()",
        "SELECT pg_rotate_logfile()",
        "SELECT pg_switch_wal()",
        "SELECT pg_create_restore_point('x')",
        "SELECT pg_export_snapshot(), pg_backup_start('x')",
        "ALTER SYSTEM SET shared_buffers = '1GB'",
        "ALTER DATABASE postgres SET work_mem = '1GB'",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "ALTER TABLE {ours}.secret OWNER TO CURRENT_USER",
        "ALTER TABLE {ours}.sys_audit OWNER TO CURRENT_USER",
        "GRANT joinery_owner TO CURRENT_USER",
        "GRANT {their_role} TO CURRENT_USER",
        "COMMENT ON TABLE {ours}.secret IS 'x'",
        "SECURITY LABEL ON TABLE {ours}.secret IS 'x'",
        "DO $$ BEGIN LOCK TABLE {theirs}.secret IN ACCESS SHARE MODE; END $$",
        "SELECT * FROM pg_catalog.pg_largeobject",
        "SELECT * FROM pg_catalog.pg_user_mapping",
        "SELECT * FROM pg_catalog.pg_statistic",
        "SELECT * FROM pg_catalog.pg_hba_file_rules",
        "SELECT * FROM pg_catalog.pg_file_settings",
        "SET session_replication_role = replica",
        "SET log_statement = 'none'",
        "SET SESSION AUTHORIZATION {their_role}",
        "DO $$ BEGIN EXECUTE 'SET ROLE joinery_owner'; END $$",
        "DO $$ BEGIN PERFORM set_config('role', 'joinery_owner', false); END $$",
        "SELECT query_to_xml('SELECT * FROM {theirs}.secret', true, true, '')",
        "SELECT table_to_xml('{theirs}.secret', true, true, '')",
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = 'joinery_app'",
    ],
)
def test_sql_by_hand_on_such_a_connection_reaches_nothing_else(
    walled: Walled, statement: str
) -> None:
    """Done when: SQL run by hand on a connection logged in as A's role reads nothing of others."""
    written = statement.format(
        ours=walled.ours.tenant.schema,
        theirs=walled.theirs.tenant.schema,
        their_role=walled.theirs.tenant.role,
    )

    with pytest.raises(psycopg.Error) as refused:
        rows = walled.raw.execute(written.encode()).fetchall()
        # A function that ends other sessions answers for none of them.
        assert rows, "it ran and found nothing to do"
    assert refused.value.sqlstate in {"42501", "0LP01", "22023", "0A000", "58P01", "3F000"}, written


def test_what_others_do_is_not_told(walled: Walled) -> None:
    rows = walled.raw.execute(
        "SELECT query FROM pg_stat_activity WHERE usename <> current_user AND query IS NOT NULL"
    ).fetchall()

    assert {row[0] for row in rows} <= {"<insufficient privilege>", ""}


def test_a_login_has_the_time_outs_of_everybody(walled: Walled) -> None:
    found = [
        walled.raw.execute(f"SHOW {name}".encode()).fetchone()
        for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    ]

    assert found == [("1min",), ("10s",), ("2min",)]


def test_the_password_of_a_tenant_follows_from_the_master_key_alone(walled: Walled) -> None:
    role = walled.ours.tenant.role

    assert passwords(KEY)(role) == passwords(MasterKey.read("5e" * 32))(role)
    assert passwords(KEY)(role) != passwords(KEY)(walled.theirs.tenant.role)
    assert passwords(KEY)(role) != passwords(MasterKey.read("7a" * 32))(role)


def test_nobody_but_roles_of_the_installation_enters_its_database(
    walled: Walled, installation: Installation
) -> None:
    with installation.database.registry() as connection:
        granted = connection.execute(
            text(
                "SELECT has_database_privilege('public', current_database(), 'CONNECT'), "
                "has_database_privilege(:role, current_database(), 'CONNECT')"
            ),
            {"role": walled.ours.tenant.role},
        ).one()

    assert tuple(granted) == (False, True)
