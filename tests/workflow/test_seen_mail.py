"""Whether a mail was opened and clicked: what its record shows, what its addresses do (M-12)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from engine.jobs import Job
from engine.notices.tables import columns_of
from engine.tenants.registry import TenantRegistry
from tests.workflow.conftest import Yards
from tests.workflow.mailing import Writing, log_of, mail_server, queued, writing
from ui.factory import create_app
from ui.settings import UiSettings
from workflow.messages.following import TASK
from workflow.messages.message import RESULT
from workflow.messages.results import KeepResult
from workflow.messages.seen import NoteSeen

SITE = "https://crm.example.com"

OFFERS = """
  offer:
    label: Offer
    title: name
    owned: true
    fields:
      name: {type: text, required: true}
      address: {type: text}
      plain: {type: boolean}
      at: {type: datetime}
      opened_at: {type: datetime}
      clicked_at: {type: datetime}
      opens: {type: integer}
      clicks: {type: integer}
      state:
        type: choice
        default: queued
        options:
          queued: {label: Q}
          sent: {label: S}
          opened: {label: O}
          clicked: {label: C}
          replied: {label: R}
          suppressed: {label: H}
          failed: {label: F}
messages:
  spring:
    label: Spring
    entity: offer
    promotional: true
    subject: "{{ name }}"
    text: {en: "See https://shop.example.com/a?b=1&c=客户, or write to mailto:a@b.example."}
automations:
  mail:
    label: Mail
    trigger: {on: created, entity: offer}
    steps:
      mail:
        email:
          to: address
          message: spring
          tracked: not plain
          result: {state: state, at: at, opened: opened_at, clicked: clicked_at, opens: opens,
                   clicks: clicks}
  call:
    label: Whoever clicks is called
    trigger: {on: updated, entity: offer, fields: [clicked_at]}
    when: 'ISBLANK(previous.clicked_at)'
    steps: {call: {create: job, set: {name: name}}}
"""

TARGET = "https://shop.example.com/a?b=1&c=客户"


class Page(HTMLParser):
    """What programs that show mail make of one."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.pictures: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "a":
            self.links.append(str(told["href"]))
        if tag == "img":
            self.pictures.append(str(told["src"]))

    def handle_data(self, data: str) -> None:
        self.words += data


def page_of(mail: EmailMessage) -> Page:
    body = mail.get_body(("html",))
    assert body is not None
    return Page(body.get_content())


def path_of(address: str) -> str:
    assert address.startswith(SITE)
    return address.removeprefix(SITE)


class Street:
    """A yard that sends offers by a real mail server, and those who read them."""

    def __init__(self, at: Writing) -> None:
        self.at, self.yard = at, at.yard
        self.readers = self.browser()
        self.offer = self.sent()

    def browser(self) -> FlaskClient:
        return create_app(self.yard.house.services, UiSettings(door_rate=0)).test_client()

    def sent(self, **values: Any) -> UUID:
        known = {"name": "Spring", "address": "li@acme.example", **values}
        offer = self.yard.create("offer", known)
        self.yard.work()
        self.at.send()
        return offer

    @property
    def mail(self) -> EmailMessage:
        return self.at.post.taken[-1]

    @property
    def page(self) -> Page:
        return page_of(self.mail)

    def look(self, address: str, method: str = "GET", **headers: str) -> Any:
        """Ask for an address as whoever shows the mail does, and wait for what comes of it."""
        known = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.readers.open(path_of(address), method=method, headers=known, buffered=True)

    def waiting(self) -> list[Job]:
        return queued(self.yard, TASK)

    def note(self) -> None:
        """Do what waits, as a worker does."""
        house = self.yard.house
        system = lambda name: self.yard.ctx  # noqa: E731
        for name, task in (
            (TASK, NoteSeen(house.database, house.runner.hands.writing, system)),
            (RESULT, KeepResult(house.database, house.runner.hands.writing, system)),
        ):
            for job in queued(self.yard, name):
                task.run(job)
        self.forget()
        self.yard.work()

    def forget(self) -> None:
        with self.yard.house.database.queue(self.yard.ctx.tenant.database) as connection:
            connection.exec_driver_sql("SET LOCAL search_path TO joinery, pg_catalog")
            connection.exec_driver_sql(
                "DELETE FROM joinery.procrastinate_jobs WHERE task_name IN (%s, %s) "
                "AND args->>'tenant' = %s", (TASK, RESULT, self.yard.ctx.tenant.role)
            )  # fmt: skip

    def shown(self) -> Mapping[str, Any]:
        return self.yard.get("offer", self.offer)

    def told(self) -> tuple[Any, ...]:
        shown = self.shown()
        return shown["state"], shown["opens"], shown["clicks"]


@pytest.fixture
def street(yard_with: Yards) -> Iterator[Street]:
    with mail_server() as post:
        yield Street(writing(yard_with(OFFERS), post))


def test_a_mail_that_is_opened_and_clicked_shows_it_and_sets_off_what_waits_for_it(
    street: Street,
) -> None:
    """Requirement M-12."""
    page, words = street.page, street.mail.get_body(("plain",))
    street.note()
    assert street.told() == ("sent", None, None)

    picture = street.look(page.pictures[0])
    assert (picture.status_code, picture.mimetype) == (200, "image/gif")
    assert picture.headers["Cache-Control"] == "no-store"
    street.note()
    assert street.told() == ("opened", 1, 0)
    first = street.shown()["opened_at"]
    assert first is not None

    followed = street.look(page.links[0])
    assert followed.status_code == 302
    assert followed.headers["Location"] == "https://shop.example.com/a?b=1&c=%E5%AE%A2%E6%88%B7"
    assert followed.headers["Referrer-Policy"] == "no-referrer"
    street.note()
    street.look(page.pictures[0])
    street.note()
    assert street.told() == ("clicked", 2, 1)
    assert street.shown()["opened_at"] == first
    assert street.shown()["clicked_at"] is not None
    assert street.yard.rows("job", "name") == [("Spring",)]
    assert words is not None and TARGET in words.get_content() and "/mail/" not in str(words)


def test_only_links_of_pages_lead_by_way_of_the_site(street: Street) -> None:
    page = street.page

    assert [urlsplit(each).path for each in page.links] == ["/mail/link", "/unsubscribe"]
    assert street.mail["List-Unsubscribe"].strip("<>") == page.links[1]
    assert f"See {TARGET}, or write to mailto:a@b.example." in page.words
    assert "acme" not in page.links[0] and str(street.offer) not in page.links[0]


def test_what_is_not_to_be_followed_is_sent_as_it_is(street: Street) -> None:
    street.sent(plain=True)

    assert street.page.pictures == []
    assert street.page.links[0] == TARGET


def test_a_site_without_an_address_follows_nothing(yard_with: Yards) -> None:
    with mail_server() as post:
        at = writing(yard_with(OFFERS), post)
        carrier = at.task.carriers["email"]  # type: ignore[attr-defined]
        task = replace(at.task, carriers={"email": replace(carrier, site="")})  # type: ignore[type-var]
        street = Street(replace(at, task=task))

        assert street.page.pictures == []
        assert street.page.links == [TARGET]


def test_whoever_follows_a_link_has_opened_the_mail(street: Street) -> None:
    street.note()
    street.look(street.page.links[0])
    street.note()

    assert street.told() == ("clicked", 1, 1)


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", {}),
        ("GET", {"Purpose": "prefetch"}),
        ("GET", {"Sec_Purpose": "prefetch;prerender"}),
        ("GET", {"User_Agent": "Slackbot-LinkExpanding 1.0"}),
    ],
)
def test_programs_that_look_ahead_are_answered_and_not_counted(
    street: Street, method: str, headers: dict[str, str]
) -> None:
    assert street.look(street.page.links[0], method, **headers).status_code == 302
    assert street.look(street.page.pictures[0], method, **headers).status_code == 200

    assert street.waiting() == []


def test_one_mail_is_noted_once_while_that_waits_and_seldom_by_one_process(street: Street) -> None:
    for _ in range(3):
        street.look(street.page.pictures[0])
    assert len(street.waiting()) == 1

    noted = 0
    for _ in range(20):
        street.look(street.page.pictures[0])
        noted += len(street.waiting())
        street.note()
    assert noted == 3


def test_nobody_can_make_an_address_of_their_own(street: Street) -> None:
    picture, link = street.page.pictures[0], street.page.links[0]
    key = urlsplit(link).query.removeprefix("key=")
    bent = key[:40] + ("A" if key[40] != "A" else "B") + key[41:]

    for secret in ("", "nonsense", "%00", bent, urlsplit(picture).query.removeprefix("key=")):
        answer = street.look(f"{SITE}/mail/link?key={secret}")
        assert (answer.status_code, answer.headers.get("Location")) == (404, None)
    for secret in ("", "nonsense", bent, key):
        answer = street.look(f"{SITE}/mail/seen?key={secret}")
        assert (answer.status_code, answer.mimetype) == (200, "image/gif")
    assert street.waiting() == []
    assert street.readers.get("/mail/link?url=https://evil.example").status_code == 404


def test_links_lead_on_when_the_message_is_gone(street: Street) -> None:
    page, yard = street.page, street.yard
    street.note()
    yard.house.writer.delete(yard.ctx, "offer", [street.offer])
    assert street.look(page.links[0]).status_code == 302
    street.note()
    yard.house.writer.restore(yard.ctx, "offer", [street.offer])
    assert street.told() == ("sent", None, None)

    for name in ("offer", "sys_message"):
        gone = yard.ctx.compiled.tables.of(name).delete()
        yard.house.database.unit(yard.ctx, lambda connection, gone=gone: connection.execute(gone))
    assert street.look(page.links[0]).status_code == 302
    assert street.look(page.pictures[0]).status_code == 200
    street.note()


def test_links_lead_on_when_the_tenant_is_closed(street: Street) -> None:
    page, registry = street.page, TenantRegistry(street.yard.house.database)
    registry.set_state(street.yard.ctx.tenant.name, "archived")
    street.forget()

    assert street.look(page.links[0]).status_code == 302
    assert street.look(page.pictures[0]).status_code == 200
    assert street.waiting() == []


@pytest.mark.parametrize("state", ["replied", "failed", "suppressed"])
def test_a_state_never_goes_back(street: Street, state: str) -> None:
    street.note()
    street.yard.update("offer", street.offer, state=state)
    street.look(street.page.links[0])
    street.note()

    assert street.told() == (state, 1, 1)


def test_a_mail_that_came_back_stays_so_however_often_it_is_looked_at(street: Street) -> None:
    street.note()
    table, column = columns_of(street.yard.ctx, "sys_message")
    bounced = update(table).values({column["state"]: "bounced"})
    street.yard.house.database.unit(street.yard.ctx, lambda connection: connection.execute(bounced))
    street.look(street.page.pictures[0])
    street.note()

    assert street.told() == ("sent", 1, 0)


def test_a_mail_that_is_opened_before_it_shows_that_it_went_is_opened(street: Street) -> None:
    street.look(street.page.pictures[0])
    street.note()

    assert street.told() == ("opened", 1, 0)
    assert street.shown()["at"] is not None
    (message,) = log_of(street.yard.ctx, street.yard.house)
    house = street.yard.house
    again = KeepResult(house.database, house.runner.hands.writing, lambda _: street.yard.ctx)
    again.run(Job(0, street.yard.ctx.tenant.name, {"message": str(message.id)}, 1, _silent))
    assert street.told() == ("opened", 1, 0)


def _silent(done: int, total: int, note: str) -> None:
    """A job that reports to nobody."""
