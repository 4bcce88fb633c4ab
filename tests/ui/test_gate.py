"""What stands before every page and call: origins, names, sizes, proxies, cookies (A-*, N-01)."""

from __future__ import annotations

import io
import re
from urllib.parse import urljoin, urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from boot.wiring import House
from tests.ui.conftest import PASSWORD, Visitor
from ui.addresses import here
from ui.factory import create_app
from ui.forwarded import networks
from ui.session import CSRF_HEADER
from ui.settings import UiSettings

SITE = "https://crm.example"

HOSTILE = (
    "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example",
    "https://evil.example", "https:evil.example", "javascript:alert(1)", " //evil.example",
    "/\x00/evil.example", "///evil.example", "evil.example", "", "/a\r\nSet-Cookie: x=1",
    "data:text/html,x", "/\u2028/x y\\z",
)  # fmt: skip


def as_browsers_read(address: str) -> str:
    """Where a browser would go: it drops tabs and line breaks and turns backslashes."""
    trimmed = re.sub(r"[\t\r\n]", "", address).strip("".join(map(chr, range(33))))
    return urljoin(f"{SITE}/sign-in", trimmed.replace("\\", "/"))


def client(house: House, **settings: object) -> FlaskClient:
    return create_app(house.services, UiSettings(**settings)).test_client()  # type: ignore[arg-type]


def sign_in(browser: FlaskClient, email: str, base: str = "http://localhost") -> TestResponse:
    page = browser.get("/sign-in", base_url=base)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token is not None
    form = {"email": email, "password": PASSWORD, "csrf_token": token[1]}
    return browser.post("/sign-in", data=form, base_url=base)


@pytest.fixture(scope="module")
def email(serving: House) -> str:
    serving.accounts.create("gate@example.com", name="Gate", password=PASSWORD, language="")
    return "gate@example.com"


@given(st.one_of(st.text(), st.text("/\\.:@%\t\n evil").map(lambda text: f"/{text}")))
def test_no_address_leads_a_browser_to_another_site(address: str) -> None:
    led = urlsplit(as_browsers_read(here(address)))

    assert (led.scheme, led.netloc) == ("https", "crm.example")


@pytest.mark.parametrize("address", HOSTILE)
def test_an_address_that_might_lead_elsewhere_leads_home(visitor: Visitor, address: str) -> None:
    answer = visitor.client.get("/sign-in", query_string={"next": address})

    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("address", ["/shop/records/x?q=a&b=%2F%2Fx", "/产品/列表"])
def test_an_address_of_ours_is_kept(address: str) -> None:
    assert here(address) == address


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
     {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://localhost:81"}],
    ids=["another site", "no site", "cross-site", "a sister", "another port"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/{0}/records/customer", "/api/v1/{0}/records/customer"])
def test_a_change_from_another_site_is_refused_although_it_has_the_token(
    visitor: Visitor, path: str, headers: dict[str, str]
) -> None:
    where = path.format(visitor.ctx.tenant.name)
    sent = {CSRF_HEADER: visitor.csrf, **headers}

    assert (
        visitor.client.post(where, json={"values": {"name": "X"}}, headers=sent).status_code == 403
    )


def test_a_change_from_a_page_of_ours_is_taken(visitor: Visitor) -> None:
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin", CSRF_HEADER: visitor.csrf}

    answer = visitor.client.post(
        visitor.path("/records/customer"), json={"values": {"name": "Own"}}, headers=own
    )

    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/preferences"])
def test_no_form_of_another_site_signs_in_or_out_or_changes_the_language(
    visitor: Visitor, path: str
) -> None:
    answer = visitor.client.post(path, headers={"Origin": "https://evil.example"})

    assert answer.status_code == 403


def test_a_site_answers_to_its_own_names_only(serving: House) -> None:
    browser = client(serving, allowed_hosts=frozenset({"crm.example"}))

    assert browser.get("/sign-in", base_url="https://crm.example").status_code == 200
    assert browser.get("/sign-in", base_url="https://rebound.example").status_code == 400
    assert browser.get("/healthz", base_url="http://10.0.0.3:8000").status_code == 200


def test_over_https_cookies_are_for_this_host_alone_and_pages_stay_on_it(
    serving: House, email: str
) -> None:
    browser = client(serving, secure_cookies=True)

    answer = sign_in(browser, email, "http://localhost")

    assert re.match(r"__Host-joinery_session=\S+; Secure; HttpOnly; Path=/", cookie_of(answer))
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    assert "/sign-in" not in browser.get("/").headers["Location"]


def cookie_of(answer: TestResponse) -> str:
    """The session cookie without the instant at which it ends."""
    found = next(each for each in answer.headers.getlist("Set-Cookie") if "session" in each)
    return re.sub(r" (Expires=[^;]+|Max-Age=\d+);", "", found)


def test_a_trusted_proxy_tells_that_the_person_came_over_https(serving: House, email: str) -> None:
    browser = client(serving, trusted_proxies="127.0.0.1")

    plain, secure = (
        browser.get("/sign-in", headers={"X-Forwarded-Proto": scheme}).headers["Set-Cookie"]
        for scheme in ("http", "https")
    )

    assert plain.startswith("joinery_sign_in=")
    assert secure.startswith("__Host-joinery_sign_in=")


@pytest.mark.parametrize(
    ("proxies", "chain", "caller"),
    [
        ("", "9.9.9.9", "127.0.0.1"),
        ("127.0.0.1", "9.9.9.9", "9.9.9.9"),
        ("127.0.0.1", "6.6.6.6, 9.9.9.9", "9.9.9.9"),
        ("127.0.0.1, 10.0.0.0/8", "6.6.6.6, 9.9.9.9, 10.1.1.1", "9.9.9.9"),
        ("127.0.0.1", "9.9.9.9, nonsense", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("10.0.0.0/8", "9.9.9.9", "127.0.0.1"),
    ],
)
def test_the_callers_address_is_the_last_that_no_proxy_of_ours_has(
    serving: House, proxies: str, chain: str, caller: str
) -> None:
    app = create_app(serving.services, UiSettings(trusted_proxies=proxies))
    seen: list[str] = []
    inner = app.wsgi_app.inner  # type: ignore[attr-defined]
    app.wsgi_app.inner = lambda environ, start: (  # type: ignore[attr-defined]
        seen.append(environ["REMOTE_ADDR"]) or inner(environ, start)
    )

    app.test_client().get("/healthz", headers={"X-Forwarded-For": chain})

    assert seen == [caller]


def test_a_proxy_that_is_no_address_is_said_at_the_start() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        networks("127.0.0.1, nonsense")


def test_a_body_that_is_too_long_is_refused_before_it_is_read(visitor: Visitor) -> None:
    unread = io.BytesIO(b"x")
    address = f"/api/v1/{visitor.ctx.tenant.name}/files"

    answer = visitor.client.post(
        address, input_stream=unread, environ_overrides={"CONTENT_LENGTH": str(10 * 2**30)},
        content_type="application/octet-stream", headers={CSRF_HEADER: visitor.csrf},
    )  # fmt: skip

    assert answer.status_code == 413
    assert unread.tell() == 0


def test_a_body_that_does_not_say_its_length_is_counted(serving: House, email: str) -> None:
    browser = client(serving, max_body=1000, max_file=1000)
    sent = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}

    answer = browser.post(
        "/sign-in", input_stream=io.BytesIO(b"a=" + b"x" * 5000), environ_overrides=sent,
        content_type="application/x-www-form-urlencoded",
    )  # fmt: skip

    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/sign-in", "/nothing", "/api/v1/x/records/y", "/static/none"])
def test_every_answer_is_protected(visitor: Visitor, path: str) -> None:
    headers = visitor.client.get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'self'" in headers["Content-Security-Policy"]


def test_a_line_break_never_begins_a_header(visitor: Visitor) -> None:
    for path in ("/sign-in?next=/%0d%0aX-Injected:%201", "/%0d%0aX-Injected:1/records/customer"):
        answer = visitor.client.get(path)

        assert answer.status_code < 500
        assert "X-Injected" not in answer.headers
