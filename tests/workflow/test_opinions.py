"""What customers think: asked by mail, answered with a click or a mail, each counted once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from email.message import EmailMessage
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from boot.mailboxes import fetch
from tests import crm
from tests.workflow.conftest import Yard, Yards
from tests.workflow.mailing import Post, Writing, log_of, mail_server, writing
from ui.factory import create_app
from ui.settings import UiSettings

DESK = "service@example.com"

ENGLISH = {"Accept-Language": "en"}

APP = """
format: 1
app: {name: care, label: Care, version: "1", languages: [zh, en], timezone: Asia/Shanghai}
entities:
  customer: {label: Customer, title: name, fields: {name: {type: text}}}
  product: {label: Product, title: name, fields: {name: {type: text}}}
  contact:
    label: Contact
    title: name
    fields: {name: {type: text}, email: {type: email}, do_not_contact: {type: boolean}}
  ticket:
    label: Ticket
    title: subject
    owned: true
    fields:
      code: {type: text}
      subject: {type: text}
      kind: {type: choice, default: question, options: {question: {}, complaint: {}}}
      customer: {type: link, to: customer}
      contact: {type: link, to: contact}
      product: {type: link, to: product}
      survey_asked_on: {type: date}
      survey: {type: link, to: survey}
    pipelines:
      way: {field: stage, stages: {open: {label: Open}, closed: {label: Closed, ends: done}}}
  task:
    label: Task
    title: title
    fields:
      title: {type: text}
      kind: {type: choice, options: {revisit: {}}}
      due: {type: datetime}
      assignee: {type: user}
      about: {type: link, to: ticket}
  survey:
    label: Survey
    title: name
    fields:
      name: {type: text}
      trigger: {type: choice, options: {ticket_closed: {}, manual: {}}}
      status: {type: choice, options: {active: {}, closed: {}}}
  survey_answer:
    label: Answer
    child_of: {entity: survey, collection: answers}
    title_formula: 'TEXT(score, "0")'
    fields:
      customer: {type: link, to: customer, required: true}
      contact: {type: link, to: contact}
      product: {type: link, to: product}
      agent: {type: user}
      ticket: {type: link, to: ticket, inverse: survey_answers}
      score: {type: rating, required: true, min: 1, max: 5}
      comment: {type: long_text}
    unique: {once_per_ticket: [survey, ticket]}
"""


def of_template(part: str, name: str) -> dict[str, Any]:
    """Return an element of the template as it is written. Any: YAML."""
    document: Mapping[str, Any] = crm.layer().document
    return {key: value for key, value in document[part][name].items() if key != "module"}


def parts() -> str:
    """Return what the template asks with, mail in switched on."""
    by_mail = {**of_template("automations", "opinion_by_mail"), "active": True}
    asking = of_template("automations", "survey_after_closing")
    written = {
        "automations": {"survey_after_closing": asking, "opinion_by_mail": by_mail},
        "messages": {"survey_invitation": of_template("messages", "survey_invitation")},
        "public_forms": {"opinion": of_template("public_forms", "opinion")},
    }
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in written.items())


@pytest.fixture(scope="module")
def post() -> Iterator[Post]:
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def at(yard_with: Yards, post: Post) -> Writing:
    made = writing(yard_with(parts(), APP), post)
    made.yard.create("survey", {"name": "Old", "trigger": "ticket_closed", "status": "closed"})
    made.yard.create("survey", {"name": "S", "trigger": "ticket_closed", "status": "active"})
    return made


@pytest.fixture(scope="module")
def browser(at: Writing) -> FlaskClient:
    return create_app(at.yard.house.services, UiSettings(door_rate=0)).test_client()


def asked(at: Writing, subject: str) -> tuple[Any, EmailMessage]:
    """Close a ticket; return it, and the mail that asks about it a day later. Any: an id."""
    customer = str(at.yard.create("customer", {"name": "Acme"}))
    address = f"{subject}@acme.example"
    contact = str(at.yard.create("contact", {"name": "Li", "email": address}))
    ticket = at.yard.create("ticket", {"code": subject, "subject": subject, "customer": customer,
                                       "contact": contact})  # fmt: skip
    at.yard.update("ticket", ticket, stage="closed")
    at.yard.work()
    replace(at, yard=at.yard.later(days=1, minutes=1)).yard.work()
    at.send()
    return ticket, at.post.taken[-1]


def links(mail: EmailMessage) -> list[str]:
    page = mail.get_body(("html",))
    assert page is not None
    found = re.findall(r'href="https://crm\.example\.com([^"]+)"', page.get_content())
    return [unescape(each) for each in found]


def answers(yard: Yard, ticket: Any) -> list[tuple[Any, ...]]:
    return [row[1:] for row in yard.rows("survey_answer", "ticket", "score", "comment")
            if row[0] == ticket]  # fmt: skip


def sent(browser: FlaskClient, link: str, **said: str) -> str:
    page = browser.get(link, headers=ENGLISH)
    found = re.search(r'name="ticket" value="([^"]+)"', page.text)
    ticket = found[1] if found is not None else ""
    return browser.post(link, data={"ticket": ticket, **said}, headers=ENGLISH).text


def test_one_click_in_the_mail_brings_the_form_with_the_score_and_sends_it_once(
    at: Writing, browser: FlaskClient
) -> None:
    """Requirement V-26."""
    ticket, mail = asked(at, "leak")
    offered = links(mail)
    assert [each.rpartition("=")[2] for each in offered] == ["1", "2", "3", "4", "5"]
    plain = mail.get_body(("plain",))
    assert plain is not None and "/forms/" in plain.get_content()

    page = browser.get(offered[3], headers=ENGLISH)
    assert re.search(r'value="4" checked', page.text) and 'value="5" checked' not in page.text
    assert answers(at.yard, ticket) == []
    assert "We have got your answer" in sent(browser, offered[3], score="4", comment="Good")
    assert "We have got your answer" in sent(browser, offered[0], score="1")
    again = browser.get(offered[0], headers=ENGLISH)
    assert "We have got your answer" in again.text and "<form" not in again.text

    assert answers(at.yard, ticket) == [(4, "Good")]
    ((survey, customer),) = at.yard.rows("survey_answer", "survey", "customer")[-1:]
    row = at.yard.get("ticket", ticket)
    assert (survey, customer) == (row["survey"].id, row["customer"].id)


@pytest.mark.parametrize("link", ["", "?key=nonsense", "?key=" + "A" * 400, "?key=%00%ff"])
def test_a_form_about_a_record_is_open_to_nobody_who_was_not_sent_a_link(
    at: Writing, browser: FlaskClient, link: str
) -> None:
    address = f"/forms/{at.yard.ctx.tenant.name}/opinion{link}"
    assert browser.get(address).status_code == 404
    assert browser.post(address, data={"score": "5"}).status_code == 404


def test_a_score_that_a_link_brings_is_looked_at_as_any_other(
    at: Writing, browser: FlaskClient
) -> None:
    ticket, mail = asked(at, "odd")
    link = links(mail)[0]
    assert "checked" not in browser.get(link.replace("score=1", "score=%3Cb%3E9")).text

    assert "5" in sent(browser, link, score="9")
    assert answers(at.yard, ticket) == []
    at.yard.house.writer.delete(at.yard.ctx, "ticket", [ticket])
    closed = browser.get(link)
    assert closed.status_code == 404
    # Whoever was sent the link has no home page to go back to.
    assert "This form takes no answers" in closed.text
    assert 'href="/"' not in closed.text


@pytest.mark.parametrize(("said", "score"), [
    ("5", 5), ("4分，谢谢", 4), ("3\n\nLi", 3), ("2/5", 2), ("我们给 4 分", 4), ("非常满意！", 5),
    ("不满意", 2), ("非常不满意", 1), ("1. It still leaks", 1),
    ("2 weeks and it leaks again", None), ("20 pumps, please", None), ("Thank you", None),
    ("", None), ("> How content are you?\n\n4", 4),
])  # fmt: skip
def test_an_answer_by_mail_counts_where_it_gives_a_score_and_is_kept_anyway(
    at: Writing, said: str, score: int | None
) -> None:
    """Requirement V-26."""
    name = f"m{abs(hash(said)) % 10**8}"
    ticket, mail = asked(at, name)
    intake = fetch(at.yard.house, lambda _: at.yard.ctx).intake
    for again in range(2):
        raw = EmailMessage()
        raw["From"], raw["To"], raw["Subject"] = f"{name}@acme.example", DESK, "Re"
        raw["Message-ID"] = f"<{name}{again}@acme.example>"
        raw["In-Reply-To"] = mail["Message-ID"]
        raw.set_content(f"{said}\n\nOn Monday the desk wrote:\n> from 1 to 5 分")
        intake.take(at.yard.ctx, DESK, raw.as_bytes())
        at.yard.work()

    assert [row[0] for row in answers(at.yard, ticket)] == ([score] if score else [])
    kept = [each for each in log_of(at.yard.ctx, at.yard.house) if each.record == ticket]
    assert len([each for each in kept if each.direction == "in"]) == 2
