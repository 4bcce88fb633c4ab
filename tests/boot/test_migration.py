"""A tenant that another version of the product made gets the tables that this one needs."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, text
from sqlalchemy.pool import NullPool

from tests.acceptance.product import Product


@pytest.fixture
def product(tmp_path: Path, fresh_database: URL) -> Product:
    made = Product(tmp_path, fresh_database.render_as_string(hide_password=False))
    made.joinery("init")
    return made


def test_a_table_that_is_missing_is_made_and_nothing_else_changes(
    product: Product, fresh_database: URL
) -> None:
    product.joinery("tenant", "create", "older", "--template", "crm")
    engine = create_engine(fresh_database, poolclass=NullPool)
    with engine.begin() as connection:
        schema = connection.execute(
            text("SELECT schema FROM joinery.tenant WHERE name = 'older'")
        ).scalar_one()
        connection.execute(text(f"DROP TABLE {schema}.sys_request"))
        connection.execute(text(f"ALTER TABLE {schema}.sys_import DROP COLUMN message"))

    first = product.joinery("migrate", "older")
    again = product.joinery("migrate", "--all")

    with engine.connect() as connection:
        there = connection.execute(text(f"SELECT to_regclass('{schema}.sys_request')")).scalar()
        connection.execute(text(f"SELECT message FROM {schema}.sys_import"))
    assert there == f"{schema}.sys_request"
    assert "brought up to date" in first.stdout
    assert "nothing to do" in again.stdout


def test_migrate_wants_a_tenant_or_all(product: Product) -> None:
    product.joinery("migrate", status=64)
