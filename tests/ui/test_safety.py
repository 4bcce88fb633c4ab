"""What protects people: sessions, tokens, headers, and text that stays text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.ui.conftest import PASSWORD, Visitor


def test_nobody_sees_a_page_without_signing_in(visitor: Visitor) -> None:
    stranger = visitor.client.application.test_client()

    answer = stranger.get(visitor.path("/records/customer"))

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in?next=")


def test_signing_in_opens_a_session_that_scripts_cannot_read(visitor: Visitor) -> None:
    account = visitor.house.accounts.create(
        "door@example.com", name="Door", password=PASSWORD, language=""
    )
    browser = visitor.client.application.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/sign-in").text)
    assert token is not None

    form = {"email": account.email, "password": PASSWORD, "csrf_token": token[1]}
    answer = browser.post("/sign-in", data=form)

    cookie = answer.headers["Set-Cookie"]
    assert answer.status_code == 303
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_wrong_password_is_said_and_keeps_the_address(visitor: Visitor) -> None:
    browser = visitor.client.application.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/sign-in").text)
    assert token is not None

    form = {"email": "who@example.com", "password": "no", "csrf_token": token[1]}
    answer = browser.post("/sign-in", data=form)

    assert answer.status_code == 401
    assert 'value="who@example.com"' in answer.text


def test_a_change_without_its_token_is_refused(visitor: Visitor) -> None:
    answer = visitor.send("/records/customer", {"values": {"name": "Forged"}}, csrf="wrong")

    assert answer.status_code == 403


def test_signing_in_never_leads_to_another_site(visitor: Visitor) -> None:
    for address in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:1"):
        answer = visitor.client.get("/sign-in", query_string={"next": address})

        assert answer.headers["Location"] == "/"


def test_pages_allow_no_script_or_style_but_our_own(visitor: Visitor) -> None:
    for address in ("/records/quote", "/records/quote/new", "/dashboards/sales"):
        answer = visitor.get(address)

        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert " style=" not in answer.text
        assert not re.search(r"\son[a-z]+=", answer.text)


def test_text_that_looks_like_markup_stays_text(visitor: Visitor) -> None:
    customer = visitor.create("customer", name='<img src=x onerror="alert(1)">')

    for address in (
        "/records/customer?q=img",
        f"/records/customer/{customer}",
        f"/records/customer/{customer}/edit",
    ):
        assert "<img src=x" not in visitor.get(address).text


def test_another_tenant_is_not_there(visitor: Visitor) -> None:
    assert visitor.client.get("/elsewhere/records/customer").status_code == 404


def test_what_does_not_exist_is_a_page_that_says_so(visitor: Visitor) -> None:
    for address in ("/records/nothing", "/records/customer/not-an-id", "/dashboards/none"):
        answer = visitor.get(address)

        assert answer.status_code == 404
        assert "<h1>" in answer.text


def test_health_says_whether_the_database_answers(visitor: Visitor) -> None:
    assert visitor.client.get("/healthz").status_code == 200
    assert visitor.client.get("/readyz").json == {"problems": []}


DAILY = {"every": "daily", "at": "08:00"}

ODD: tuple[Any, ...] = (None, 1, "x", [1], {"a": [1]}, "\0", "\ud800", True, 10**30)
"""JSON that no page of ours sends."""


@pytest.mark.parametrize(
    ("path", "make"),
    [
        ("/dashboards/keep?key=a", lambda odd: {"x": odd}),
        ("/deliveries", lambda odd: {"values": {"what": f"report:{odd}", "pdf": True, **DAILY}}),
        ("/records/customer/views", lambda odd: {"values": {"title": odd, "state": odd}}),
        (
            "/records/customer/views",
            lambda odd: {"values": {"title": "x", "state": {"colors": odd, "options": {"a": odd}}}},
        ),
        (
            "/records/customer/views",
            lambda odd: {"values": {"title": "x", "state": {"columns": [odd], "height": odd}}},
        ),
        ("/records/customer/views/reset", lambda odd: {"values": {"over": odd}}),
        ("/records/customer/bulk", lambda odd: {"ids": odd, "values": odd}),
        ("/records/customer/bulk/undo", lambda odd: {"change_sets": odd}),
        ("/records/customer/grid", lambda odd: {"edits": [odd], "creates": [odd]}),
        (
            "/desk/customer/new/draft",
            lambda odd: {"draft": {"fields": {"name": odd}, "grids": odd}, "version": odd},
        ),
        ("/inbox/mark", lambda odd: {"values": {"ids": odd, "state": odd}}),
        ("/reports", lambda odd: {"values": {"title": odd, "state": odd}}),
    ],
)
def test_what_no_page_sends_is_refused_and_breaks_nothing(
    visitor: Visitor, path: str, make: Callable[[Any], Any]
) -> None:
    """B-01: texts that cannot be kept, lists for words, numbers without measure."""
    for odd in ODD:
        assert visitor.send(path, make(odd)).status_code < 500, odd


def test_the_parts_of_a_dashboard_are_arranged_by_what_means_something(visitor: Visitor) -> None:
    made: Any = visitor.send("/dashboards/own", {"values": {"title": "Mine"}}).json
    own = str(made["location"]).removeprefix(f"/{visitor.ctx.tenant.name}")

    for odd in ODD:
        assert visitor.send(own, {"values": {"widgets": [odd, odd]}}).status_code < 500, odd


@pytest.mark.parametrize(
    "address",
    [
        "/records/customer/views/dialog?view=x",
        "/dashboards/sales?period=9999-12-31&as_of=9999-12-31",
        f"/reports/new?entity=customer&measure={'9' * 30}&group={'9' * 30}",
    ],
)
def test_an_address_that_means_nothing_breaks_nothing(visitor: Visitor, address: str) -> None:
    assert visitor.get(address).status_code < 500
