"""The functions of formulas in the database: made once, told by version, closed to tenants."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from engine.context import Context
from engine.tenants.errors import NotPrepared
from engine.tenants.functions import functions_version, install_functions
from engine.tenants.install import initialise, require_current
from formula import library
from tests.conftest import Installation, TenantMaker

APP = """
    format: 1
    app: {name: small, label: Small}
    entities: {note: {label: Note, fields: {name: {type: text}}}}
"""


@pytest.fixture
def owner(installation: Installation) -> Iterator[Connection]:
    """A transaction of the owner's that is taken back."""
    with installation.database.owner() as connection:
        yield connection
        connection.rollback()


def test_a_prepared_database_has_the_functions_of_this_version(owner: Connection) -> None:
    assert functions_version(owner) == library.version()


def test_functions_of_another_version_are_made_anew(owner: Connection) -> None:
    owner.execute(
        text(
            "CREATE OR REPLACE FUNCTION joinery.formula_version() RETURNS text "
            "LANGUAGE sql IMMUTABLE AS 'SELECT ''old'''"
        )
    )
    gone = "CREATE FUNCTION joinery.formula_gone() RETURNS int LANGUAGE sql AS 'SELECT 1'"
    owner.execute(text(gone))

    install_functions(owner)

    assert functions_version(owner) == library.version()
    assert owner.execute(text("SELECT to_regprocedure('joinery.formula_gone()')")).scalar() is None


def test_a_database_without_them_is_told_what_to_do(installation: Installation) -> None:
    with installation.database.owner() as connection:
        connection.execute(text("DROP FUNCTION joinery.formula_version()"))

    with pytest.raises(NotPrepared, match="functions of formulas.*joinery init"):
        require_current(installation.database)

    initialise(installation.admin_url, app_password="another")
    require_current(installation.database)


def test_a_tenant_may_call_them_and_neither_change_them_nor_read_their_table(
    installation: Installation, tenant_of: TenantMaker
) -> None:
    ctx: Context = tenant_of(APP)

    with installation.database.reading(ctx) as connection:
        said = connection.execute(
            text("SELECT joinery.formula_pinyin('重庆', 'spaced'), joinery.formula_rmb_upper(1.5)")
        ).one()
    assert said == ("chong qing", "壹元伍角整")
    for forbidden in (
        "SELECT 1 FROM joinery.formula_reading",
        "DROP FUNCTION joinery.formula_version()",
        "CREATE FUNCTION joinery.formula_mine() RETURNS text LANGUAGE sql AS 'SELECT 1'",
    ):
        with pytest.raises(ProgrammingError, match="permission denied|must be owner"):
            installation.database.unit(ctx, partial(_execute, forbidden))


def _execute(statement: str, connection: Connection) -> None:
    connection.execute(text(statement))
