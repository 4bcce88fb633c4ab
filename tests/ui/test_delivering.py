"""Figures by mail: through a real mail server, once, as the person who asked for them (P-*)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from socket import socket
from urllib.parse import urlencode

import pypdfium2
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import text

from boot.wiring import House
from engine.context import Cause, Context
from engine.delivering import Deliveries, Delivery, DeliveryTask
from engine.documents.press import Press
from engine.doors import Edit
from engine.jobs import Job
from engine.mail import MailServer, Post, SendMail, Smtp
from engine.views import SavedView
from tests.clock import on
from tests.ui.conftest import Visiting, Visitor
from ui.bundle import read_bundle
from ui.figure_papers import FigurePapers
from ui.rendering import create_renderer

DELIVERY = Delivery("dashboard", "sales", ("pdf", "xlsx"), "daily", "08:00", "Asia/Shanghai")


class Inbox:
    """Takes whatever mail comes."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        found = message_from_bytes(envelope.content or b"", policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.taken.append(found)
        return "250 OK"


@dataclass(frozen=True, slots=True)
class Office:
    """Deliveries, and what does their jobs as a worker would."""

    house: House
    inbox: Inbox
    deliveries: Deliveries
    post: Post
    smtp: Smtp
    sent: set[int] = field(default_factory=set)
    press: Press | None = None

    def task(self, at: datetime, system: Context) -> DeliveryTask:
        def person(tenant: str, account: object, language: str, cause: Cause) -> Context:
            made = self.house.contexts.make(tenant, account, language=language, cause=cause)  # type: ignore[arg-type]
            return on(made, at)

        def address(ctx: Context) -> str:
            account = self.house.accounts.works_as(ctx.tenant.name, ctx.actor.user)
            return account.email if account is not None else ""

        services = self.house.services
        papers = FigurePapers(
            services, create_renderer(read_bundle()), self.press or services.press
        )
        return DeliveryTask(self.deliveries, papers, person, address, lambda _: on(system, at))

    def run(self, visitor: Visitor, saved: SavedView, due: str, at: datetime) -> None:
        """Do a delivery's job, and whatever the post was given by it."""
        account = str(saved.spec["account"])
        payload = {"delivery": str(saved.id), "account": account, "language": "en", "due": due}
        self.task(at, visitor.ctx).run(Job(1, visitor.ctx.tenant.name, payload, 1, lambda *_: None))
        tenant = visitor.ctx.tenant
        with self.house.database.queue(tenant.database) as connection:
            waiting = text(
                "SELECT id, args -> 'payload' FROM joinery.procrastinate_jobs "
                "WHERE task_name = 'mail.send' AND args ->> 'tenant' = :tenant"
            )
            rows = connection.execute(waiting, {"tenant": tenant.role}).all()
        for number, mail in rows:
            if number not in self.sent:
                self.sent.add(number)
                SendMail(self.post, self.smtp).run(Job(1, "", mail, 1, lambda *_: None))


@pytest.fixture
def office(serving: House) -> Iterator[Office]:
    inbox = Inbox()
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        post = Post(serving.master_key)
        server = MailServer.read(f"smtp://127.0.0.1:{port}")
        deliveries = Deliveries(serving.database, post)
        smtp = Smtp(server, "Joinery <no@example.com>")
        with serving.database.queue() as connection:
            known = connection.execute(text("SELECT id FROM joinery.procrastinate_jobs")).scalars()
            before = set(known)
        yield Office(serving, inbox, deliveries, post, smtp, before)
    finally:
        controller.stop()


def acting(visitor: Visitor) -> Context:
    """The visitor as a person of the tenant, not the system that made it."""
    account = visitor.house.accounts.works_as(visitor.ctx.tenant.name, visitor.user)
    assert account is not None
    return visitor.house.contexts.make(
        visitor.ctx.tenant.name, account.id, language="en", cause=Cause("form")
    )


def account_of(visitor: Visitor) -> object:
    account = visitor.house.accounts.works_as(visitor.ctx.tenant.name, visitor.user)
    assert account is not None
    return account.id


def subscribed(office: Office, visitor: Visitor, delivery: Delivery = DELIVERY) -> SavedView:
    return office.deliveries.subscribe(acting(visitor), "Sales", delivery, account_of(visitor))  # type: ignore[arg-type]


def test_a_dashboard_arrives_as_pdf_and_workbook_once_however_often_its_job_runs(
    office: Office, visitor: Visitor
) -> None:
    visitor.create("customer", name="Mailed Works")
    saved = subscribed(office, visitor)
    due = str(saved.spec["due"])
    at = datetime.fromisoformat(due) + timedelta(minutes=1)

    office.run(visitor, saved, due, at)
    office.run(visitor, saved, due, at)

    [mail] = office.inbox.taken
    files = {each.get_filename(""): each for each in mail.iter_attachments()}
    assert sorted(name.rpartition(".")[2] for name in files) == ["pdf", "xlsx"]
    pdf = next(each.get_content() for name, each in files.items() if name.endswith("pdf"))
    with pypdfium2.PdfDocument(BytesIO(pdf)) as paper:
        words = paper[0].get_textpage().get_text_range()
    assert "Quoted" in words
    assert "By level" in "".join(words)
    [kept] = [each for each in office.deliveries.mine(acting(visitor)) if each.id == saved.id]
    assert datetime.fromisoformat(kept.spec["due"]) > at
    office.deliveries.cancel(acting(visitor), saved.id)


def test_what_was_ended_is_sent_no_more(office: Office, visitor: Visitor) -> None:
    saved = subscribed(office, visitor)
    office.deliveries.cancel(acting(visitor), saved.id)

    office.run(visitor, saved, str(saved.spec["due"]), datetime.now(UTC) + timedelta(days=2))

    assert office.inbox.taken == []


def test_who_lost_the_right_is_told_so_and_sent_no_figures(
    office: Office, visiting: Visiting
) -> None:
    """A delivery is made under the rights of the day it is sent."""
    seller = visiting("seller")
    saved = subscribed(office, seller)

    office.run(seller, saved, str(saved.spec["due"]), datetime.now(UTC) + timedelta(days=2))

    [mail] = office.inbox.taken
    assert list(mail.iter_attachments()) == []
    assert "not open to you" in str(mail.get_body(("plain",)))


def test_what_cannot_be_made_today_is_told_and_tried_again_the_next_time(
    office: Office, visitor: Visitor
) -> None:
    saved = subscribed(office, visitor)
    due = str(saved.spec["due"])
    at = datetime.fromisoformat(due) + timedelta(minutes=1)

    replace(office, press=Press(Path("/nowhere"))).run(visitor, saved, due, at)

    [mail] = office.inbox.taken
    assert "could not be made this time" in str(mail.get_body(("plain",)))
    [kept] = [each for each in office.deliveries.mine(acting(visitor)) if each.id == saved.id]
    assert datetime.fromisoformat(kept.spec["due"]) > at
    office.deliveries.cancel(acting(visitor), saved.id)


def test_figures_of_somebody_locked_out_wait_until_they_are_let_in_again(
    office: Office, visiting: Visiting
) -> None:
    """Those who look after the tenant are told, once."""
    chief, away = visiting("administrator"), visiting("administrator")
    saved = subscribed(office, away)
    working, locked = acting(away), {"active": False}
    first = datetime.fromisoformat(str(saved.spec["due"])) + timedelta(minutes=1)
    away.house.writer.update(away.ctx, "user", [Edit(away.user, locked, None)])

    due, told = str(saved.spec["due"]), []
    for day in (0, 1):
        office.run(away, saved, due, first + timedelta(days=day))
        told.append(chief.get("/inbox?show=notices").text.count("Sales is not sent"))
        [kept] = [each for each in office.deliveries.mine(working) if each.id == saved.id]
        due = str(kept.spec["due"])

    assert office.inbox.taken == []
    assert told[0] == told[1] > 0
    away.house.writer.update(away.ctx, "user", [Edit(away.user, {"active": True}, None)])
    office.run(away, saved, due, first + timedelta(days=2))
    assert len(office.inbox.taken) == 1
    office.deliveries.cancel(working, saved.id)


def test_a_report_of_a_person_holds_what_they_may_see(office: Office, visiting: Visiting) -> None:
    chief, seller = visiting("administrator"), visiting("seller")
    chief.create("quote", name="Kept from sellers", customer=chief.create("customer", name="Far"))
    state = urlencode([("entity", "quote"), ("group", "name"), ("measure", "COUNT()")])
    made = chief.send("/reports", {"values": {"state": state, "title": "Q", "sharing": "everyone"}})
    report = str(made.json["location"]).rsplit("/", 1)[1]
    delivery = replace(DELIVERY, what="report", name=report, formats=("pdf",))
    texts = []
    for each in (chief, seller):
        saved = subscribed(office, each, delivery)
        office.run(each, saved, str(saved.spec["due"]), datetime.now(UTC) + timedelta(days=2))
        [pdf] = [part.get_content() for part in office.inbox.taken[-1].iter_attachments()]
        with pypdfium2.PdfDocument(BytesIO(pdf)) as paper:
            texts.append(paper[0].get_textpage().get_text_range())

    assert "Kept from sellers" in texts[0]
    assert "Kept from sellers" not in texts[1]
    assert len(office.inbox.taken) == 2


def test_the_dialog_says_where_to_and_takes_what_is_chosen(visitor: Visitor) -> None:
    dialog = visitor.get("/deliveries?what=dashboard:sales&title=Sales").text
    chosen = {"what": "dashboard:sales", "title": "Sales", "every": "weekly", "weekday": "5",
              "at": "07:30", "pdf": True}  # fmt: skip

    taken = visitor.send("/deliveries", {"values": chosen})
    refused = visitor.send("/deliveries", {"values": {**chosen, "at": "25:00", "pdf": False}})
    kept = visitor.get("/deliveries?what=dashboard:sales&title=Sales").text
    opened = {"Sec-Fetch-Dest": "document"}
    page = visitor.client.get(visitor.path("/deliveries"), headers=opened).text

    assert "@example.com" in dialog
    assert taken.status_code == 200
    assert refused.status_code == 422
    assert {error["path"][0] for error in refused.json["errors"]} == {"at", "formats"}
    assert "every week, Friday 07:30" in kept
    assert "every week, Friday 07:30" in page
    assert "<main" in page, "an address opened by itself is a whole page"
