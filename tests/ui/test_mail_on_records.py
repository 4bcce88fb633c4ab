"""What a record tells of the mail about it: what came back, what is repeated, what was left out."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from boot.wiring import House
from engine.values.identity import new_id
from tests.conftest import TenantMaker
from tests.ui.conftest import Visiting, Visitor, visits
from workflow.messages.message import Message, keep_all

APP = """
format: 1
app: {name: desk, label: Desk, version: "1", languages: [en]}
entities:
  customer:
    label: Customer
    title: name
    fields:
      name: {type: text, required: true}
      email: {type: email}
  job: {label: Job, title: name, fields: {name: {type: text}}}
roles:
  clerk:
    label: Clerk
    rights: {customer: {read: all}, job: {read: all}}
    fields: {customer: {email: mask}}
messages:
  hello: {label: Hello, entity: job, channels: [email], subject: Hello, text: Hello}
"""


@pytest.fixture(scope="module")
def visiting(serving: House, tenant_of: TenantMaker) -> Visiting:
    return visits(serving, tenant_of(APP))


def keep(who: Visitor, job: str, message: Message) -> None:
    """Keep a message about a job."""
    about = replace(message, entity="job", record=UUID(job), address="li@acme.example")
    who.house.database.unit(who.ctx, lambda connection: keep_all(connection, who.ctx, [about]))


def mail(who: Visitor, subject: str, body: str) -> Message:
    """Return a mail that somebody wrote."""
    now = who.ctx.now
    return Message(
        new_id(now), "out", "email", "sent", "", uuid4().hex, now,
        subject=subject, body=body, by=who.user,
    )  # fmt: skip


def test_a_record_tells_what_came_of_its_mail(visiting: Visiting) -> None:
    """Requirement T-17."""
    admin = visiting("administrator")
    job = admin.create("job", name="Pump")
    keep(admin, job, replace(mail(admin, "Offer", "Buy"), state="bounced", error="550"))
    answer = replace(
        mail(admin, "Re: Offer", "Two, please.\n\nOn Monday Lin wrote:\n> Buy"),
        direction="in", state="received", detail={"name": "Li", "files_refused": ["plan.exe"]},
    )  # fmt: skip
    keep(admin, job, answer)
    won = mail(admin, "You won", "Click")
    keep(admin, job, replace(won, direction="in", state="ignored", error="spam"))

    told = admin.get(f"/records/job/{job}/history").text
    assert "This address takes no mail" in told
    assert "Files that were not taken: plan.exe" in told
    fresh, quoted = told.split("Two, please.")[1].split("<details", 1)
    assert "wrote:" not in fresh
    assert "&gt; Buy" in quoted
    listed = admin.get("/admin/messages").text
    assert "This address takes no mail: look whether it is right. 550" in listed
    assert ">Spam<" in listed
    assert "plan.exe" in listed


def test_who_wrote_a_mail_sees_where_to_and_others_a_mask(visiting: Visiting) -> None:
    """Requirement T-17: an address that somebody typed is none that they may not see."""
    admin, clerk, other = visiting("administrator"), visiting("clerk"), visiting("clerk")
    job = admin.create("job", name="Pump")
    keep(admin, job, mail(clerk, "Offer", "Buy"))
    keep(admin, job, replace(mail(clerk, "By itself", "Buy"), automation="hello"))

    mine, theirs = (who.get(f"/records/job/{job}/history").text for who in (clerk, other))
    assert mine.count("li@acme.example") == 1
    assert "li@acme.example" not in theirs
