"""Sendings of the template that count who opens and clicks, and pages of any mail (M-12)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import NotFound
from engine.sealing import MasterKey
from metamodel.loader import read_text
from tests import crm
from tests.workflow.conftest import Yards
from tests.workflow.mailing import mail_server, writing
from tests.workflow.test_people import person
from tests.workflow.test_seen_mail import Page, Street, page_of
from workflow.messages.following import LINK, PICTURE, Marks, Sign, read_sign
from workflow.messages.message import Message
from workflow.messages.paging import Paging, Question

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "write-and-be-written-to.md"

KEY = MasterKey(bytes(range(32)))

ROLE, MESSAGE = "jt_acme_abc2345", UUID(int=7)

MARKS = Marks(KEY, "https://crm.example.com", ROLE, MESSAGE)

WORDS = st.lists(
    st.one_of(
        st.sampled_from(
            ["https://x.cn/1?a=1&b=2#c", "http://例子.cn/客户", "http://[::1]/", "https://[bad",
             "<b>", "http://", "mailto:a@b.cn", "tel:110", "#top", "\n", "\n\n", "。", "&amp;",
             '"', "'", "https://crm.example.com/mail/link?key=x", "https://x.cn/" + "a" * 1_100]
        ),
        st.text(max_size=12),
    ),
    max_size=8,
).map(" ".join)  # fmt: skip


def paging(words: str, marks: Marks | None, **more: Any) -> Paging:
    message = Message(
        MESSAGE, "out", "email", "sent", "a@b.cn", "1@b.cn", datetime.now(UTC), body=words
    )
    return Paging(message, "https://crm.example.com/unsubscribe?key=out", marks=marks, **more)


def led(link: str) -> str:
    """Return where a link of a page leads in the end."""
    address = f"{MARKS.site}{LINK}?key="
    if not link.startswith(address) or link == f"{address}x":
        return link
    sign = read_sign(KEY, LINK, link.removeprefix(address))
    assert (sign.tenant, sign.message) == (ROLE, MESSAGE)
    return sign.target


@given(words=WORDS)
def test_a_page_that_is_followed_says_the_same_and_leads_where_it_led(words: str) -> None:
    followed, plain = paging(words, MARKS), paging(words, None)
    ours, theirs = Page(followed.page), Page(plain.page)

    assert followed.words == plain.words
    assert ours.words == theirs.words
    assert [led(each) for each in ours.links] == theirs.links
    assert ours.links[-1] == "https://crm.example.com/unsubscribe?key=out"
    assert theirs.pictures == []
    (picture,) = ours.pictures
    key = urlsplit(picture).query.removeprefix("key=")
    assert read_sign(KEY, PICTURE, key) == Sign(ROLE, MESSAGE)


def test_scores_of_a_question_lead_by_way_of_the_site_too() -> None:
    link = "https://crm.example.com/forms/acme/opinion?key=k"
    asked = Question("How?", link, ((1, f"{link}&score=1"), (2, f"{link}&score=2")))

    page = Page(paging("", MARKS, question=asked).page)

    assert [led(each) for each in page.links[:2]] == [f"{link}&score=1", f"{link}&score=2"]


@given(path=st.sampled_from([LINK, PICTURE]), secret=st.text(max_size=200))
def test_what_was_not_made_here_is_not_found(path: str, secret: str) -> None:
    with pytest.raises(NotFound):
        read_sign(KEY, path, secret)


def test_addresses_stay_short() -> None:
    assert len(MARKS.picture) < 150
    assert len(MARKS.leading("https://shop.example.com/spring/pumps")) < 200


class Campaign(Street):
    """The template's sendings, by a real mail server."""

    def sent(self, **values: Any) -> UUID:
        return self.sending(**values) if values else UUID(int=0)

    def sending(self, *, tracked: bool | None) -> UUID:
        """Return a sending to two customers that has gone as far as it gets."""
        yard, owner = self.yard, str(self.owner)
        named = f"spring {tracked}"
        members = [{"customer": str(each)} for each in self.customers]
        campaign = yard.create(
            "campaign", {"name": named, "kind": "mail", "owner": owner, "members": members}
        )
        counted = {} if tracked is None else {"tracked": tracked}
        send = yard.create("mass_send", {
            "name": named, "template": str(self.template), "campaign": str(campaign),
            "frequency_days": 0, "owner": owner, **counted,
        })  # fmt: skip
        for stage, more in (
            ("approved", {"scheduled_at": "2026-03-02T18:00:00Z"}),
            ("sending", {}),
        ):
            yard.house.writer.move(
                yard.ctx, "mass_send", [send], pipeline="process", to=stage, values=more
            )
        yard.work()
        self.at.send()
        self.note()
        return send

    def begin(self) -> None:
        yard = self.yard
        self.owner = person(yard, "mia", "marketing")
        self.customers = [
            yard.create("customer", {"name": name, "email": f"{name}@acme.example"})
            for name in ("li", "wu")
        ]
        self.template = yard.create("message_template", {
            "name": "Spring", "channel": "email", "subject": "Spring", "status": "approved",
            "body": '<p>看<a href="https://shop.example.com/spring">新品</a>吧。</p>',
        })  # fmt: skip

    def figures(self, send: UUID) -> tuple[Any, ...]:
        got = self.yard.get("mass_send", send)
        return tuple(got[name] for name in ("sent", "opened", "open_rate", "clicked", "click_rate"))


def example() -> str:
    """Return the automation of the page that tells how to have whoever clicks called."""
    (found,) = re.findall(
        r"```yaml\n(automations:\n  call_who_clicked.*?)```", PAGE.read_text("utf-8"), re.S
    )
    return str(found)


@pytest.fixture(scope="module")
def campaign(yard_with: Yards) -> Iterator[Campaign]:
    with mail_server() as post:
        document = dict(crm.layer().document)
        added = read_text(f"format: 1\n{example()}", "mine").document["automations"]
        document["automations"] = {**document["automations"], **added}
        app = json.dumps(document, default=float)
        made = Campaign(writing(yard_with("", app), post))
        made.begin()
        yield made


def test_a_sending_tells_how_many_opened_its_mail_and_clicked(campaign: Campaign) -> None:
    send = campaign.sending(tracked=True)
    first, second = (page_of(each) for each in campaign.at.post.taken[-2:])
    assert campaign.figures(send) == (2, 0, Decimal("0"), 0, Decimal("0"))

    campaign.look(first.pictures[0])
    campaign.look(second.links[0])
    campaign.note()

    assert campaign.figures(send) == (2, 2, Decimal("1"), 1, Decimal("0.5"))
    states = campaign.yard.rows("message", "status", "opens", "clicks")
    assert states[-2:] == [("opened", 1, 0), ("clicked", 1, 1)]
    ((asked, who),) = campaign.yard.rows("task", "title", "assignee")
    assert (asked, who) == ("Spring", campaign.owner)


def test_a_sending_counts_nothing_until_it_is_told_to(campaign: Campaign) -> None:
    send = campaign.sending(tracked=None)

    assert campaign.page.pictures == []
    assert campaign.page.links[0] == "https://shop.example.com/spring"
    assert "看新品 <https://shop.example.com/spring>吧。" in campaign.page.words
    assert campaign.figures(send) == (2, 0, None, 0, None)


def test_a_message_to_one_customer_is_not_followed(campaign: Campaign) -> None:
    li = str(campaign.customers[0])
    campaign.yard.create("message", {
        "customer": li, "address": "one@acme.example", "subject": "You", "status": "queued",
        "body": "<p>See https://shop.example.com/you</p>", "owner": str(campaign.owner),
    })  # fmt: skip
    campaign.yard.work()
    campaign.at.send()

    assert campaign.mail["To"] == "one@acme.example"
    assert campaign.page.pictures == []
    assert campaign.page.links[0] == "https://shop.example.com/you"
