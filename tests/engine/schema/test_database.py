"""Units of work run under the tenant's role and lock, and again where PostgreSQL asks for it."""

from __future__ import annotations

from dataclasses import replace
from threading import Barrier, Thread
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from engine.database import ATTEMPTS, Database, RunAgain, driver_of, lock_key
from engine.errors import Busy, ModelChanged, StorageFull, Unavailable


def test_a_unit_runs_under_the_tenants_role_with_nothing_on_the_search_path(shop: Any) -> None:
    found = shop.database.unit(
        shop.ctx(),
        lambda connection: connection.execute(
            text("SELECT current_user, current_setting('search_path')")
        ).one(),
    )

    assert tuple(found) == (shop.tenant.role, "pg_catalog")


def test_a_unit_on_an_older_revision_is_refused_before_it_runs(shop: Any) -> None:
    ran: list[bool] = []

    with pytest.raises(ModelChanged):
        shop.database.unit(replace(shop.ctx(), revision=7), lambda connection: ran.append(True))

    assert ran == []


def test_a_unit_that_asks_for_it_runs_again_and_leaves_nothing_of_the_first_run(shop: Any) -> None:
    runs: list[int] = []

    def work(connection: Connection) -> int:
        _add_customer(connection, shop)
        runs.append(len(runs))
        if len(runs) < 3:
            raise RunAgain
        return _customers(connection, shop)

    assert shop.database.unit(shop.ctx(), work) == 1
    assert len(runs) == 3


def test_a_unit_that_never_gets_through_is_reported_as_busy(shop: Any) -> None:
    runs: list[bool] = []

    def work(connection: Connection) -> None:
        runs.append(True)
        raise RunAgain

    with pytest.raises(Busy):
        shop.database.unit(shop.ctx(), work)
    assert len(runs) == ATTEMPTS


@pytest.mark.parametrize("state", ["53100", "53200", "53400"])
def test_a_database_without_room_says_so_and_keeps_nothing(shop: Any, state: str) -> None:
    def work(connection: Connection) -> None:
        _add_customer(connection, shop)
        raising = f"RAISE SQLSTATE '{state}' USING MESSAGE = 'could not extend file'"
        driver_of(connection).execute(f"DO $$ BEGIN {raising}; END $$".encode())

    with pytest.raises(StorageFull):
        shop.database.unit(shop.ctx(), work)

    assert shop.database.unit(shop.ctx(), lambda connection: _customers(connection, shop)) == 0


def test_a_database_that_takes_too_long_is_reported_as_busy(shop: Any) -> None:
    def work(connection: Connection) -> None:
        _add_customer(connection, shop)
        connection.execute(text("SET LOCAL statement_timeout = '20ms'"))
        connection.execute(text("SELECT pg_sleep(10)"))

    with pytest.raises(Busy):
        shop.database.unit(shop.ctx(), work)

    assert shop.database.unit(shop.ctx(), lambda connection: _customers(connection, shop)) == 0


def test_two_units_that_deadlock_both_succeed(shop: Any) -> None:
    ids = _two_customers(shop)
    barrier = Barrier(2, timeout=20)
    runs: list[int] = []
    failures: list[BaseException] = []

    def cross(first: str, second: str) -> None:
        def work(connection: Connection) -> None:
            runs.append(1)
            _touch(connection, shop, first)
            if len(runs) <= 2:
                barrier.wait()
            _touch(connection, shop, second)

        try:
            shop.database.unit(shop.ctx(), work)
        except BaseException as error:
            failures.append(error)

    threads = [Thread(target=cross, args=pair) for pair in (ids, ids[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert len(runs) == 3


def test_reading_cannot_write(shop: Any) -> None:
    with pytest.raises(DBAPIError, match="read-only"), shop.database.reading(shop.ctx()) as found:
        _add_customer(found, shop)


def test_a_tenants_role_reads_no_other_tenants_rows(make_shop: Any) -> None:
    one, other = make_shop(), make_shop()
    query = text(f'SELECT count(*) FROM "{other.tenant.schema}".customer')

    with pytest.raises(DBAPIError, match="denied"):
        one.database.unit(one.ctx(), lambda connection: connection.execute(query))


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT set_config('role', 'joinery_owner', true)",
        "SELECT 1; RESET ROLE",
        "INSERT INTO {schema}.sys_revision DEFAULT VALUES",
        "UPDATE {schema}.sys_change SET entity = ''",
        "DROP TABLE {schema}.customer",
        "SELECT * FROM joinery.account",
    ],
)
@pytest.mark.parametrize("bare", [True, False], ids=["driver", "sqlalchemy"])
def test_a_tenants_role_cannot_step_over_its_wall(shop: Any, statement: str, bare: bool) -> None:
    written = statement.format(schema=f'"{shop.tenant.schema}"')

    def work(connection: Connection) -> None:
        if bare:
            driver_of(connection).execute(written.encode())
        else:
            connection.execute(text(written))

    with pytest.raises((DBAPIError, psycopg.Error)) as refused:
        shop.database.unit(shop.ctx(), work)
    assert (
        "denied" in str(refused.value)
        or "multiple commands" in str(refused.value)
        or ("must be owner" in str(refused.value))
    )


def test_the_application_itself_reads_no_tenants_rows(shop: Any) -> None:
    query = text(f'SELECT count(*) FROM "{shop.tenant.schema}".customer')

    with pytest.raises(DBAPIError, match="denied"), shop.database.registry() as connection:
        connection.execute(query)


def test_connections_that_the_server_closed_are_replaced_without_a_word(shop: Any) -> None:
    with shop.database.registry() as connection:
        first = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with shop.database.owner() as connection:
        others = text(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE pid = :first AND pid <> pg_backend_pid()"
        )
        connection.execute(text("RESET ROLE"))
        connection.execute(others, {"first": first})

    assert shop.database.unit(shop.ctx(), lambda connection: _customers(connection, shop)) == 0


def test_a_server_that_is_away_is_reported_as_unavailable(shop: Any) -> None:
    away = Database.connect("postgresql://joinery_app@127.0.0.1:1/none?connect_timeout=2")

    with pytest.raises(Unavailable):
        away.unit(shop.ctx(), lambda connection: None)
    away.close()


def test_a_unit_waits_while_the_model_is_switched_and_then_sees_the_new_revision(
    shop: Any,
) -> None:
    ctx = shop.ctx()
    outcome: list[BaseException] = []

    def write() -> None:
        try:
            shop.database.unit(ctx, lambda connection: _add_customer(connection, shop))
        except BaseException as error:
            outcome.append(error)

    with shop.database.owner(shop.tenant) as connection:
        connection.execute(text(f"SELECT pg_advisory_xact_lock({lock_key(shop.tenant)})"))
        writer = Thread(target=write)
        writer.start()
        connection.execute(
            text(
                f'INSERT INTO "{shop.tenant.schema}".sys_revision SELECT 2, at, author, '
                "author_name, message, documents, template, template_version, summary "
                f'FROM "{shop.tenant.schema}".sys_revision'
            )
        )
    writer.join()

    assert [type(error) for error in outcome] == [ModelChanged]


def _name_column(shop: Any) -> str:
    return str(shop.ctx().model.entities["customer"].fields["name"].column)


def _add_customer(connection: Connection, shop: Any) -> None:
    table = shop.ctx().compiled.tables.of("customer")
    connection.execute(
        table.insert().values({"id": text("gen_random_uuid()"), _name_column(shop): "A"})
    )


def _customers(connection: Connection, shop: Any) -> int:
    query = text(f'SELECT count(*) FROM "{shop.tenant.schema}".customer')
    return int(connection.execute(query).scalar_one())


def _two_customers(shop: Any) -> tuple[str, str]:
    for _ in range(2):
        shop.database.unit(shop.ctx(), lambda connection: _add_customer(connection, shop))
    query = text(f'SELECT id::text FROM "{shop.tenant.schema}".customer')
    with shop.database.reading(shop.ctx()) as connection:
        one, other = connection.execute(query).scalars()
    return str(one), str(other)


def _touch(connection: Connection, shop: Any, record: str) -> None:
    query = text(f'UPDATE "{shop.tenant.schema}".customer SET sys_version = 2 WHERE id = :id')
    connection.execute(query, {"id": record})
