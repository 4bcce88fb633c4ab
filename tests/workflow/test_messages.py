"""Messages to people outside: written once, carried until they are taken, kept back by one gate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import Connection

from engine.context import Actor
from engine.errors import NotFound
from tests.workflow.conftest import APP, Yard, Yards
from tests.workflow.mailing import Post, log_of, mail_server, writing
from tests.workflow.test_people import person
from workflow.messages.gate import MOST_AN_HOUR
from workflow.messages.outbox import Outbox, Wanted

MAILING = """
roles:
  worker:
    label: Worker
    rights: {delivery: {read: all}}
  blind: {label: Blind, rights: {customer: {read: own}}}
messages:
  sent:
    label: {en: On its way, zh: 已发货}
    entity: delivery
    channels: [app, email]
    subject: {en: "Delivery {{ code }}", zh: "发货 {{ code }}"}
    text: {en: "{{ code }} is worth {{ value }}", zh: "{{ code }} 价值 {{ value }}"}
  offer:
    label: Offer
    entity: delivery
    promotional: true
    subject: "Offer {{ code }}"
    text: {en: "Buy <more>\\n\\nSoon"}
automations:
  confirm:
    label: Confirm
    trigger: {on: created, entity: delivery}
    when: not ISBLANK(note)
    steps:
      write: {email: {to: note, cc: '"desk@yard.example"', message: MESSAGE, whom: customer}}
"""


COPY = """ cc: '"desk@yard.example"',"""


@pytest.fixture
def post() -> Iterator[Post]:
    with mail_server() as server:
        yield server


def test_mail_goes_out_after_the_change_and_is_kept_with_its_record(
    yard_with: Yards, post: Post
) -> None:
    """Requirement T-17."""
    at = writing(yard_with(MAILING.replace("MESSAGE", "sent")), post)
    id_ = at.yard.create("delivery", {"code": "D-1", "value": "12.50", "note": "li@acme.example"})

    at.yard.work()
    assert post.taken == []
    assert at.send() == []

    (mail,) = post.taken
    assert (mail["To"], mail["Cc"]) == ("li@acme.example", "desk@yard.example")
    assert (mail["Subject"], mail["From"]) == ("Delivery D-1", "Yard <yard@crm.example.com>")
    body = mail.get_body(("plain",))
    assert body is not None and body.get_content().startswith("D-1 is worth 12.5")
    (kept,) = log_of(at.yard.ctx, at.yard.house)
    assert (kept.state, kept.record, kept.attempts) == ("sent", id_, 1)
    assert f"<{kept.message_id}>" == mail["Message-ID"]
    assert mail["List-Unsubscribe"] is None


def test_mail_is_sent_again_under_the_same_id_until_it_is_taken(
    yard_with: Yards, post: Post
) -> None:
    at = writing(yard_with(MAILING.replace("MESSAGE", "sent")), post)
    at.yard.create("delivery", {"code": "D-1", "note": "li@acme.example"})
    at.yard.work()
    post.away = 2

    assert at.send() == ["mail_failed"]
    assert [each.state for each in log_of(at.yard.ctx, at.yard.house)] == ["waiting"]
    assert at.send() == []
    assert at.send() == []

    (kept,) = log_of(at.yard.ctx, at.yard.house)
    assert [f"<{kept.message_id}>"] == [mail["Message-ID"] for mail in post.taken]
    assert (kept.state, kept.attempts) == ("sent", 2)


def test_an_address_that_its_server_refuses_is_not_written_to_again(
    yard_with: Yards, post: Post
) -> None:
    at = writing(yard_with(MAILING.replace("MESSAGE", "sent").replace(COPY, "")), post)
    post.refused["gone@acme.example"] = "550 No such user here"
    for minute in (0, 1):
        yard = at.yard.later(minutes=minute)
        yard.create("delivery", {"code": "D", "note": "Gone@acme.example"})
        yard.work()
        assert at.send() == []

    first, second = log_of(at.yard.ctx, at.yard.house)
    assert (first.state, first.error) == ("bounced", "550")
    assert (second.state, second.error) == ("held", "bounced")


def test_a_copy_that_is_refused_is_no_matter_and_does_not_count_for_the_address(
    yard_with: Yards, post: Post
) -> None:
    at = writing(yard_with(MAILING.replace("MESSAGE", "sent")), post)
    post.refused = {"desk@yard.example": "550 No", "gone@acme.example": "550 No"}
    for minute, name in enumerate(("li", "gone")):
        yard = at.yard.later(minutes=minute)
        if minute:
            del post.refused["desk@yard.example"]
        yard.create("delivery", {"code": "D", "note": f"{name}@acme.example"})
        yard.work()
        assert at.send() == []

    assert [each.state for each in log_of(at.yard.ctx, at.yard.house)] == ["sent", "bounced"]


def test_more_of_the_same_conversation_is_told_to_be_so(yard_with: Yards, post: Post) -> None:
    again = """
  again:
    label: Again
    trigger: {on: updated, entity: delivery, fields: [status]}
    steps:
      write: {email: {to: note, subject: "More of {{ code }}", text: "It is {{ status }}"}}
"""
    at = writing(yard_with(MAILING.replace("MESSAGE", "sent") + again), post)
    id_ = at.yard.create("delivery", {"code": "D-1", "note": "li@acme.example"})
    at.yard.work()
    at.yard.update("delivery", id_, status="received")
    at.yard.work()
    at.send()

    first, second = post.taken
    assert second["In-Reply-To"] == first["Message-ID"] == second["References"]
    assert second["Subject"] == "More of D-1"


def test_a_customer_is_sent_no_more_than_the_app_allows(yard_with: Yards, post: Post) -> None:
    """Requirement M-28."""
    app = APP.replace("timezone:", "contact_limit: {most: 2, within: 7d}, timezone:")
    at = writing(yard_with(MAILING.replace("MESSAGE", "offer"), app), post)
    customer = at.yard.create("customer", {"name": "Acme"})
    for minute, name in enumerate(("li", "wu", "he")):
        yard = at.yard.later(minutes=minute)
        given = {"code": name, "note": f"{name}@acme.example", "customer": str(customer)}
        yard.create("delivery", given)
        yard.work()
    later = at.yard.later(days=8)
    later.create("delivery", {"code": "late", "note": "he@acme.example", "customer": str(customer)})
    later.work()

    kept = log_of(at.yard.ctx, at.yard.house)
    assert [each.state for each in kept] == ["waiting", "waiting", "held", "waiting"]
    assert kept[2].error == "too_often"


def test_what_waits_is_held_back_where_nobody_is_to_be_written_to_any_more(
    yard_with: Yards, post: Post
) -> None:
    at = writing(yard_with(MAILING.replace("MESSAGE", "offer")), post)
    at.yard.create("delivery", {"code": "D-1", "note": "li@acme.example"})
    at.yard.work()
    quiet = replace(at.yard.ctx, tenant=replace(at.yard.ctx.tenant, quiet=True))

    writing(replace(at.yard, ctx=quiet), post).send()

    (kept,) = log_of(at.yard.ctx, at.yard.house)
    assert (kept.state, kept.error, post.taken) == ("held", "tenant_quiet", [])


def test_nobody_is_sent_more_within_an_hour_than_anybody_reads(yard_with: Yards) -> None:
    yard, outbox = yard_with(""), Outbox()

    def sent(at: Yard, count: int) -> list[tuple[str, str]]:
        def unit(connection: Connection) -> list[tuple[str, str]]:
            wanted = [Wanted("email", "li@acme.example", str(n), "Hello") for n in range(count)]
            put = [outbox.put(at.ctx, connection, each) for each in wanted]
            return [(each.state, each.error) for each in put]

        return at.house.database.unit(at.ctx, unit)

    assert sent(yard, MOST_AN_HOUR + 1)[-2:] == [("logged", ""), ("held", "too_many")]
    assert sent(yard.later(hours=2), 1) == [("logged", "")]


def test_people_are_written_to_in_their_language_about_what_they_may_read(
    yard_with: Yards, post: Post
) -> None:
    told = """
  told:
    label: Told
    trigger: {on: updated, entity: delivery, fields: [status]}
    steps: {tell: {notify: {roles: [worker, blind], message: sent}}}
"""
    at = writing(yard_with(MAILING.replace("MESSAGE", "sent") + told), post)
    ann = person(at.yard, "ann", language="zh")
    person(at.yard, "bob", "blind")
    id_ = at.yard.create("delivery", {"code": "D-1", "value": "3"})
    at.yard.update("delivery", id_, status="received")
    at.yard.work()
    at.send()

    assert [(mail["To"], mail["Subject"]) for mail in post.taken] == [
        ("ann@yard.example", "发货 D-1")
    ]
    assert [who for who, _ in at.yard.told()] == [ann]


def test_without_a_mail_server_messages_can_be_looked_at_all_the_same(yard_with: Yards) -> None:
    yard = yard_with(MAILING.replace("MESSAGE", "sent"))
    yard.create("delivery", {"code": "D-1", "note": "li@acme.example"})
    yard.work()

    (kept,) = log_of(yard.ctx, yard.house)
    assert (kept.state, kept.address, kept.subject) == ("logged", "li@acme.example", "Delivery D-1")


def test_whoever_sees_addresses_masked_sees_them_masked_in_messages_too(yard_with: Yards) -> None:
    masked = MAILING.replace("MESSAGE", "sent").replace(
        "blind: {label: Blind, rights: {customer: {read: own}}}",
        "blind: {label: Blind, rights: {delivery: {read: all}}, fields: {delivery: {note: mask}}}",
    )
    yard = yard_with(masked)
    id_ = yard.create("delivery", {"code": "D-1", "note": "li@acme.example"})
    yard.work()
    book = yard.house.services.message_book

    def seen(role: str) -> tuple[str, str, str]:
        ctx = replace(yard.ctx, actor=Actor(uuid4(), role, (role,)))
        (message,) = book.latest(ctx, ("delivery", id_), None, 10)
        assert book.of_record(ctx, "delivery", id_) == [message]
        return message.address, message.subject, message.body[:5]

    assert seen("worker") == ("li@acme.example", "Delivery D-1", "D-1 i")
    assert seen("blind") == ("***", "***", "")
    with pytest.raises(NotFound):
        seen("nobody")
