"""Logs hold no secret and nobody's data, whatever an error quotes (N-01)."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, text

from boot.logs import Redacted, log_to, redacted
from engine.errors import Unavailable
from tests.conftest import Installation

SECRET = "Xq7hunter2Zz"

SENTENCES = (
    f"connecting to postgresql://app:{SECRET}@db.example:5432/crm failed",
    f"Authorization: Bearer {SECRET}",
    f"authorization={SECRET}",
    f"Cookie: joinery_session={SECRET}; other=1",
    f"password={SECRET}&email=a",
    f'{{"password": "{SECRET}", "n": 1}}',
    f"{{'client_secret': '{SECRET}'}}",
    f"GET /sign-in?next=/x&code={SECRET} 200",
    f"JOINERY_MASTER_KEY={SECRET}",
    f"X-CSRF-Token: {SECRET}",
    f"api_key: {SECRET}",
    f"mail to {SECRET}@example.com bounced",
    f"Basic {SECRET}==",
    f"new_password = '{SECRET} and more'",
)

PERSONAL = ("13800138000", "+86 138 0013 8000", "11010519491231002X", "6222021234567890123")


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_secret_is_taken_out_of_whatever_is_said(sentence: str) -> None:
    assert SECRET not in redacted(sentence)


@pytest.mark.parametrize("number", PERSONAL)
def test_numbers_of_people_are_taken_out(number: str) -> None:
    assert number not in redacted(f"called {number} twice")


def test_what_tells_where_to_look_is_kept() -> None:
    said = "Exception on /acme/records/customer/0199f0c3-5a1b-7c2d-8e3f-0123456789ab [POST]"

    assert redacted(said) == said


@given(st.text(), st.text())
def test_every_line_is_json_whatever_was_said(before: str, after: str) -> None:
    record = logging.makeLogRecord({"msg": before + "%" + after, "levelno": logging.ERROR})

    assert "\n" not in (line := Redacted().format(record))
    assert isinstance(json.loads(line), dict)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The lines of the root logger, which is put back afterwards."""
    root = logging.getLogger()
    handlers, level, stream = root.handlers[:], root.level, io.StringIO()
    log_to(stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def broken(connection: Connection) -> None:
    connection.execute(text("CREATE TEMPORARY TABLE person (name text UNIQUE)"))
    for _ in range(2):
        connection.execute(text("INSERT INTO person VALUES (:name)"), {"name": SECRET})


def test_an_error_of_the_database_names_its_rule_and_not_the_row(
    installation: Installation, log: io.StringIO
) -> None:
    engine = create_engine(installation.admin_url)
    try:
        with engine.connect() as connection:
            broken(connection)
    except Exception:
        logging.getLogger("here").exception("Saving failed for %s", f"token={SECRET}")
    finally:
        engine.dispose()

    [line] = log.getvalue().splitlines()
    told = json.loads(line)
    assert SECRET not in line
    assert told["errors"][0]["kind"] == "sqlalchemy.exc.IntegrityError"
    assert "23505" in told["errors"][0]["said"]
    assert "person_name_key" in told["errors"][0]["said"]
    assert any("test_logs.py" in place for place in told["errors"][0]["places"])


def test_values_that_an_error_quotes_are_taken_out_of_it_and_of_what_led_to_it(
    log: io.StringIO,
) -> None:
    try:
        try:
            int(SECRET)
        except ValueError as error:
            raise Unavailable(f'the value "{SECRET}" is none') from error
    except Unavailable:
        logging.getLogger("here").exception("Broken")

    told = json.loads(log.getvalue())
    assert SECRET not in log.getvalue()
    assert [each["kind"] for each in told["errors"]] == [
        "engine.errors.Unavailable",
        "builtins.ValueError",
    ]
