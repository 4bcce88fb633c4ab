"""What comes without a sign-in: signed calls of programs, public forms, the way out of mail."""

from __future__ import annotations

import hmac
import json
import re
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.workflow.conftest import Yard, Yards
from tests.workflow.mailing import Post, log_of, mail_server, writing
from tests.workflow.test_messages import MAILING
from ui.factory import create_app
from ui.settings import UiSettings

ARRIVING = """
automations:
  paid:
    label: Paid
    trigger:
      on: webhook
      entity: delivery
      input: {code: {type: text, required: true}, amount: {type: money}}
      match: {code: input.code}
    steps: {note: {set: {value: input.amount, note: '"paid"'}}}
  asked:
    label: Asked
    trigger: {on: form, form: ask}
    steps: {mark: {create: note, set: {about: name}}}
public_forms:
  ask:
    label: {en: Ask us, zh: 联系我们}
    entity: job
    fields: {name: {required: true, label: {en: Your question}}, minutes: {}}
    set: {customer: 'null'}
    thanks: {en: We will call}
    hourly: 3
"""


ENGLISH = {"Accept-Language": "en"}


@pytest.fixture(scope="module")
def yard(yard_with: Yards) -> Yard:
    return yard_with(ARRIVING)


@pytest.fixture(scope="module")
def browser(yard: Yard) -> FlaskClient:
    """A browser to which people are as quick as programs."""
    services = yard.house.services
    quick = replace(services, public_forms=replace(services.public_forms, soonest=0))
    return create_app(quick, UiSettings(door_rate=0)).test_client()


def signed(yard: Yard, body: bytes, *, id_: str, ago: int = 0) -> dict[str, str]:
    ((_, _, secret),) = yard.house.services.webhooks_in.offered(yard.ctx)
    at = int(time.time()) - ago
    mark = hmac.digest(b64decode(secret.removeprefix("whsec_")), f"{id_}.{at}.".encode() + body,
                       sha256)  # fmt: skip
    said = "v1," + b64encode(mark).decode()
    return {"webhook-id": id_, "webhook-timestamp": str(at), "webhook-signature": f"v1,x {said}"}


def call(yard: Yard, browser: FlaskClient, body: Any, **other: Any) -> TestResponse:
    raw = json.dumps(body).encode()
    headers = {**signed(yard, raw, id_=other.pop("id_", "m1"), **other)}
    return browser.post(f"/hooks/{yard.ctx.tenant.name}/paid", data=raw, headers=headers)


def test_a_signed_call_sets_an_automation_off_once_on_the_records_that_it_names(
    yard: Yard, browser: FlaskClient
) -> None:
    one, other = (yard.create("delivery", {"code": code}) for code in ("W-1", "W-2"))
    body = {"code": "W-1", "amount": "12.50", "more": {"than": "asked"}}
    first, again = (call(yard, browser, body) for _ in range(2))
    yard.work()

    assert [(each.status_code, each.json) for each in (first, again)] == [(202, {"runs": 1})] * 2
    assert str(yard.get("delivery", one)["value"]).startswith("12.5")
    assert yard.get("delivery", other)["note"] is None
    assert len(yard.runs("paid")) == 1


@pytest.mark.parametrize("wrong", ["old", "endless", "unsigned", "changed", "other secret"])
def test_a_call_that_is_not_signed_as_it_should_be_is_refused(
    yard: Yard, browser: FlaskClient, wrong: str
) -> None:
    raw = b'{"code": "W-1"}'
    headers = signed(yard, raw, id_="m2", ago=400 if wrong == "old" else 0)
    if wrong == "unsigned":
        headers = {}
    if wrong == "endless":
        headers["webhook-timestamp"] = "9" * 400
    if wrong == "other secret":
        headers["webhook-signature"] = "v1," + b64encode(b"0" * 32).decode()
    sent = raw + b" " if wrong == "changed" else raw

    answer = browser.post(f"/hooks/{yard.ctx.tenant.name}/paid", data=sent, headers=headers)

    assert (answer.status_code, answer.json["code"]) == (401, "webhook_unverified")


def test_what_a_call_says_wrongly_is_told(yard: Yard, browser: FlaskClient) -> None:
    answer = call(yard, browser, {"amount": "much"}, id_="m3")
    told = {(each["path"][-1], each["code"]) for each in answer.json["errors"]}
    assert (answer.status_code, told) == (422, {("amount", "invalid_number")})

    assert call(yard, browser, [1], id_="m4").status_code == 400
    missing = browser.post(f"/hooks/{yard.ctx.tenant.name}/nothing")
    unknown = browser.post("/hooks/nobody/paid")
    assert (missing.status_code, unknown.status_code) == (404, 404)


PROBLEM = "application/problem+json"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "webhook_body"),
        (b"{", 400, "webhook_body"),
        (b'"text"', 400, "webhook_body"),
        (b"[" * 100_000, 400, "webhook_body"),
        (b'{"code": "\xff"}', 400, "webhook_body"),
        (b'{"code": NaN}', 422, "record_refused"),
        (b'{"code": "a\\u0000b"}', 422, "record_refused"),
        (b'{"code": "\\ud800"}', 422, "record_refused"),
        (b'{"code": {"deep": 1}}', 422, "record_refused"),
        (b'{"code": "W", "amount": 1e999}', 422, "record_refused"),
        (b'{"code": "W", "amount": ' + b"9" * 5_000 + b"}", 400, "webhook_body"),
        (b'{"code": "' + b"x" * 1_000_000 + b'"}', 413, "too_large"),
        (b'{"code": "' + b"x" * 10_000_000 + b'"}', 413, "too_large"),
    ],
    ids=lambda value: None if isinstance(value, int | str) else repr(value[:24]),
)
def test_a_hostile_body_is_answered_with_a_problem_document(
    yard: Yard, browser: FlaskClient, body: bytes, status: int, code: str
) -> None:
    """Requirement V-17."""
    before = len(yard.runs())
    answer = browser.post(f"/hooks/{yard.ctx.tenant.name}/paid", data=body,
                          headers=signed(yard, body, id_=sha256(body).hexdigest()))  # fmt: skip

    assert (answer.status_code, answer.mimetype) == (status, PROBLEM)
    assert (answer.json["status"], answer.json["code"]) == (status, code)
    assert answer.json["detail"]
    assert len(yard.runs()) == before


def test_whoever_calls_is_told_what_is_wrong_in_one_form(yard: Yard, browser: FlaskClient) -> None:
    address = f"/hooks/{yard.ctx.tenant.name}/paid"
    said = [
        browser.post("/hooks/nobody/paid"),
        browser.post(f"/hooks/{yard.ctx.tenant.name}/nothing"),
        browser.get(address),
        browser.post(address, data=b"{}"),
    ]
    throttled = create_app(yard.house.services, UiSettings(door_rate=1)).test_client()
    said += [throttled.post(address, data=b"{}") for _ in range(2)]

    assert [each.status_code for each in said] == [404, 404, 405, 401, 401, 429]
    assert {each.mimetype for each in said} == {PROBLEM}
    assert int(said[-1].headers["Retry-After"]) > 0


def test_an_id_stands_for_one_call_and_no_other(yard: Yard, browser: FlaskClient) -> None:
    """A call that was caught on its way is of no use a second time, changed or not."""
    yard.create("delivery", {"code": "W-9"})
    body = {"code": "W-9", "amount": "1"}
    before = len(yard.runs("paid"))

    said = [call(yard, browser, body, id_="same") for _ in range(3)]
    other = call(yard, browser, {"code": "W-9", "amount": "2"}, id_="same")

    assert [each.status_code for each in said] == [202, 202, 202]
    assert (other.status_code, other.json["code"]) == (422, "key_reused")
    assert len(yard.runs("paid")) == before + 1


def opened(yard: Yard, browser: FlaskClient) -> str:
    """Open the form, and return the ticket that it brings back."""
    page = browser.get(f"/forms/{yard.ctx.tenant.name}/ask", headers=ENGLISH)
    assert page.status_code == 200
    found = re.search(r'name="ticket" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def test_an_answer_to_a_public_form_becomes_a_record_once(yard: Yard, browser: FlaskClient) -> None:
    """Requirement V-17."""
    ticket = opened(yard, browser)
    address = f"/forms/{yard.ctx.tenant.name}/ask"
    sent = {"ticket": ticket, "name": "How <b>long</b>?", "minutes": "12"}
    pages = [browser.post(address, data=sent, headers=ENGLISH) for _ in range(2)]
    yard.work()

    assert all("We will call" in page.text for page in pages)
    assert yard.rows("job", "name", "minutes") == [("How <b>long</b>?", 12)]
    assert yard.rows("note", "about") == [("How <b>long</b>?",)]


def test_pressing_send_twice_at_once_is_thanked_twice_and_makes_one_record(
    yard: Yard, browser: FlaskClient
) -> None:
    """Requirement V-17."""
    address, ticket = f"/forms/{yard.ctx.tenant.name}/ask", opened(yard, browser)
    name = uuid4().hex

    def send(_: int) -> str:
        sent = {"ticket": ticket, "name": name}
        client = browser.application.test_client()
        found = client.post(address, data=sent, headers=ENGLISH,
                            environ_base={"REMOTE_ADDR": "203.0.113.8"})  # fmt: skip
        return found.text

    with ThreadPoolExecutor(3) as pool:
        pages = list(pool.map(send, range(3)))

    assert all("We will call" in page for page in pages)
    assert [row for row in yard.rows("job", "name") if row == (name,)] == [(name,)]


def test_what_is_wrong_with_an_answer_is_said_beside_it_and_nothing_typed_is_lost(
    yard: Yard, browser: FlaskClient
) -> None:
    ticket = opened(yard, browser)
    sent = {"ticket": ticket, "name": "Me & you", "minutes": "many", "stage": "over"}
    page = browser.post(f"/forms/{yard.ctx.tenant.name}/ask", data=sent,
                        headers=ENGLISH)  # fmt: skip

    assert page.status_code == 422
    assert 'value="Me &amp; you"' in page.text
    assert "is not a whole number" in page.text or "is not a number" in page.text


def test_programs_are_kept_from_filling_a_form_in(yard: Yard, browser: FlaskClient) -> None:
    before = len(yard.rows("job", "id"))
    address = f"/forms/{yard.ctx.tenant.name}/ask"

    hasty = create_app(yard.house.services, UiSettings(door_rate=0)).test_client()

    def send(origin: str = "203.0.113.1", by: FlaskClient = browser, **more: str) -> int:
        return by.post(address, data={"name": "Spam", **more},
                            environ_base={"REMOTE_ADDR": origin}).status_code  # fmt: skip

    assert send() == 409
    fresh = hasty.get(address).text
    ticket = re.search(r'name="ticket" value="([^"]+)"', fresh)
    assert ticket is not None and send(by=hasty, ticket=ticket[1]) == 409
    assert send(ticket=opened(yard, browser), website_address="x") == 200
    assert len(yard.rows("job", "id")) == before

    said = [send("203.0.113.7", ticket=opened(yard, browser)) for _ in range(4)]
    assert said == [200, 200, 200, 429]
    assert len(yard.rows("job", "id")) == before + 3


@pytest.fixture
def post() -> Iterator[Post]:
    with mail_server() as server:
        yield server


def test_one_click_ends_offers_and_another_takes_that_back(yard_with: Yards, post: Post) -> None:
    at = writing(yard_with(MAILING.replace("MESSAGE", "offer")), post)
    browser = create_app(at.yard.house.services, UiSettings(door_rate=0)).test_client()
    at.yard.create("delivery", {"code": "D-1", "note": "li@acme.example"})
    at.yard.work()
    at.send()
    (mail,) = post.taken
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = mail["List-Unsubscribe"].strip("<>").replace("https://crm.example.com", "")
    assert "acme" not in link

    asked = browser.get(link, headers=ENGLISH)
    assert (asked.status_code, "li@acme.example" in asked.text) == (200, True)
    assert "退订" in browser.get(link, headers={"Accept-Language": "zh-CN"}).text
    done = browser.post(link, data={"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200

    def states() -> list[tuple[str, str]]:
        yard = at.yard.later(minutes=len(log_of(at.yard.ctx, at.yard.house)))
        yard.create("delivery", {"code": "D-2", "note": "li@acme.example"})
        yard.work()
        return [(each.state, each.error) for each in log_of(at.yard.ctx, at.yard.house)]

    assert states() == [("sent", ""), ("held", "unsubscribed")]
    browser.post(link, data={"again": "1"})
    assert states() == [("sent", ""), ("held", "unsubscribed"), ("waiting", "")]
    browser.post(link, data={"List-Unsubscribe": "One-Click"})
    at.send()
    assert len(post.taken) == 1
    last = log_of(at.yard.ctx, at.yard.house)[-1]
    assert (last.state, last.error) == ("held", "unsubscribed")
    assert browser.get("/unsubscribe?key=nonsense").status_code == 404
