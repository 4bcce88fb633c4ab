"""Preparing a database: roles without power, a registry as the code declares it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import URL, create_engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.pool import NullPool

from engine.accounts import tables as people
from engine.database import Database
from engine.tenants.errors import NotPrepared, RightsMissing
from engine.tenants.install import cookie_key, initialise, require_current
from engine.tenants.tables import metadata
from tests.conftest import Installation


def test_migrations_make_exactly_the_declared_tables(installation: Installation) -> None:
    assert people.guess.metadata is metadata
    declared = set(metadata.tables)
    options = {
        "version_table": "registry_revision",
        "version_table_schema": "joinery",
        "include_schemas": True,
        "include_name": lambda name, kind, _: kind != "schema" or name == "joinery",
        "include_object": lambda thing, name, kind, *_: (
            kind != "table" or f"joinery.{name}" in declared
        ),
    }

    with installation.database.owner() as connection:
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, metadata)

    assert differences == []


def test_preparing_again_changes_nothing(installation: Installation) -> None:
    key = cookie_key(installation.database)

    warnings = initialise(installation.admin_url, app_password="another")

    assert warnings == ()
    assert cookie_key(installation.database) == key
    require_current(installation.database)


def test_no_role_of_ours_is_a_superuser_and_only_the_application_logs_in(
    installation: Installation,
) -> None:
    with installation.database.registry() as connection:
        rows = connection.execute(
            text(
                "SELECT rolname, rolsuper, rolcanlogin, rolinherit FROM pg_roles "
                "WHERE rolname IN ('joinery_app', 'joinery_owner') ORDER BY rolname"
            )
        ).all()

    assert rows == [("joinery_app", False, True, False), ("joinery_owner", False, False, False)]


def test_the_application_has_none_of_the_owners_rights_until_it_takes_the_role(
    installation: Installation,
) -> None:
    create = text("CREATE TABLE joinery.mine (id int)")

    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        installation.database.registry() as connection,
    ):
        connection.execute(create)


def test_nobody_may_call_set_config(installation: Installation) -> None:
    step_out = text("SELECT set_config('role', 'joinery_owner', true)")

    with (
        pytest.raises(ProgrammingError, match="permission denied for function set_config"),
        installation.database.registry() as connection,
    ):
        connection.execute(step_out)


def test_an_empty_database_is_told_from_a_prepared_one(database_url: URL) -> None:
    database = Database.connect(database_url.render_as_string(hide_password=False))

    with pytest.raises(NotPrepared, match="joinery init"):
        require_current(database)

    database.close()


def test_an_account_without_the_right_to_make_roles_is_refused(
    installation: Installation,
) -> None:
    with pytest.raises(RightsMissing, match="CREATEROLE"):
        initialise(installation.url, app_password=None)


@pytest.fixture
def maker(installation: Installation) -> Iterator[URL]:
    """An account that is no superuser and may make roles, with a database of its own."""
    name = f"joinery_test_{uuid4().hex[:8]}"
    admin = create_engine(installation.admin_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN CREATEROLE PASSWORD 'm'"))
        connection.execute(text(f"CREATE DATABASE {name} OWNER {name}"))
    yield installation.admin_url.set(database=name, username=name, password="m")
    with admin.connect() as connection:
        connection.execute(text(f"REVOKE joinery_owner FROM {name} CASCADE"))
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        connection.execute(text(f"DROP ROLE {name}"))


def test_an_account_without_admin_over_the_roles_is_told_who_can(
    installation: Installation, maker: URL
) -> None:
    with installation.database.registry() as connection:
        version = connection.execute(text("SELECT current_setting('server_version_num')::int"))
        if version.scalar_one() < 160000:
            pytest.skip("before PostgreSQL 16 the right to make roles is a right over all of them")

    with pytest.raises(RightsMissing, match="superuser"):
        initialise(maker, app_password=None)


def test_an_account_that_may_make_roles_can_prepare_a_database_of_its_own(
    installation: Installation, maker: URL
) -> None:
    with create_engine(installation.admin_url, poolclass=NullPool).begin() as connection:
        connection.execute(text(f"GRANT joinery_owner TO {maker.username} WITH ADMIN OPTION"))

    assert "REVOKE EXECUTE" in initialise(maker, app_password=None)[0]
