"""The log of messages, and what a tenant sets up to write and be written to, as pages and calls."""

from __future__ import annotations

from email.message import EmailMessage
from urllib.parse import quote
from uuid import uuid4

import pytest
from sqlalchemy import select

from boot.mailboxes import fetch
from engine.notices.tables import columns_of
from tests.ui.conftest import Visiting, Visitor
from ui.session import CSRF_HEADER
from workflow.messages.channels import Cabinet
from workflow.messages.outbox import Outbox, Wanted


def write(visitor: Visitor, address: str, channel: str = "email", **other: object) -> None:
    """Have something written to an address, where no mail server is set up."""
    wanted = Wanted(channel, address, "An <offer>", "Buy\n\nnow", **other)  # type: ignore[arg-type]
    visitor.house.database.unit(
        visitor.ctx, lambda connection: Outbox().put(visitor.ctx, connection, wanted)
    )


def test_administrators_look_through_what_was_written_and_nobody_else_does(
    visiting: Visiting,
) -> None:
    """Requirement T-17."""
    admin, seller = visiting("administrator"), visiting("seller")
    customer = admin.create("customer", name="Acme")
    write(admin, "li@acme.example", entity="customer", record=customer)
    write(admin, "138@sms", "sms")

    page = admin.get("/admin/messages").text
    assert "An &lt;offer&gt;" in page
    assert "li@acme.example" in page
    narrowed = admin.get("/admin/messages?channel=sms&q=138").text
    assert "li@acme.example" not in narrowed
    assert "138@sms" in narrowed
    assert admin.get("/admin/messages", language="zh").text.count("仅记录") >= 2
    assert seller.get("/admin/messages").status_code == 403
    assert seller.get("/admin/messages/channels").status_code == 403


def test_mailboxes_are_set_up_and_their_passwords_are_never_shown(visiting: Visiting) -> None:
    admin = visiting("administrator")
    page = "/admin/messages/channels"
    sent = {"address": "desk@shop.example", "host": "imap.shop.example", "password": "s3cret-pass",
            "csrf_token": admin.csrf}  # fmt: skip

    wrong = admin.client.post(admin.path(f"{page}/mailboxes"), data={**sent, "port": "imap"})
    assert wrong.status_code == 422
    assert 'value="imap.shop.example"' in wrong.text
    done = admin.client.post(admin.path(f"{page}/mailboxes"), data=sent)
    assert done.status_code == 303

    shown = admin.get(page).text
    assert "desk@shop.example" in shown
    assert "s3cret-pass" not in shown
    table, column = columns_of(admin.ctx, "sys_setting")
    with admin.house.database.reading(admin.ctx) as connection:
        kept = str(connection.execute(select(column["value"])).all())
        (mailbox,) = Cabinet(admin.house.master_key).read(admin.ctx, connection).mailboxes
    assert "s3cret-pass" not in kept
    assert (mailbox.port, mailbox.password, mailbox.plain) == (993, "s3cret-pass", False)

    assert admin.send(f"{page}/mailboxes/0/remove", {}).status_code == 200
    assert "desk@shop.example" not in admin.get(page).text


def test_a_robot_of_a_group_is_set_up(visiting: Visiting) -> None:
    admin = visiting("administrator")
    page = "/admin/messages/channels"
    sent = {"name": "Sales", "kind": "dingtalk", "csrf_token": admin.csrf, "secret": "SEC1",
            "robot_address": "https://oapi.dingtalk.com/robot/send?access_token=t0ken"}  # fmt: skip

    assert admin.client.post(admin.path(f"{page}/robots"), data=sent).status_code == 303

    shown = admin.get(page).text
    assert "Sales" in shown
    assert "t0ken" not in shown
    assert "SEC1" not in shown


def test_a_person_writes_a_mail_from_a_record_and_is_told_what_is_wrong_with_it(
    visiting: Visiting,
) -> None:
    """Requirement T-17."""
    admin = visiting("administrator")
    customer = admin.create("customer", name="Acme")
    address = f"/records/customer/{customer}/mail"
    api = f"/api/v1/{admin.ctx.tenant.name}/records/customer/{customer}/messages"

    assert 'value="Acme"' in admin.get(address).text
    wrong = admin.send(address, {"values": {"to": "acme", "subject": " ", "text": ""}})
    told = {(each["path"][0], each["code"]) for each in wrong.json["errors"]}
    assert (wrong.status_code, told) == (
        422, {("to", "invalid_email"), ("subject", "required"), ("text", "required")}
    )  # fmt: skip

    mail = {"to": "li@acme.example", "subject": "Hello", "text": "How\nare you?"}
    done = admin.send(address, {"values": mail})
    again = admin.client.post(api, json=mail, headers={CSRF_HEADER: admin.csrf})
    assert (done.status_code, again.status_code) == (200, 201)
    listed = admin.client.get(api).json["data"]
    assert [(each["state"], each["address"]) for each in listed] == [("logged", mail["to"])] * 2
    assert listed[1]["thread"] == listed[0]["message_id"]


def test_whoever_may_not_change_a_record_does_not_write_from_it(visiting: Visiting) -> None:
    admin, seller = visiting("administrator"), visiting("seller")
    customer = admin.create("customer", name="Acme")
    mail = {"to": "li@acme.example", "subject": "Hello", "text": "Hello"}

    answer = seller.send(f"/records/customer/{customer}/mail", {"values": mail})

    assert answer.status_code in (403, 404)


HOSTILE = ("\0", "a\ud800b", "x" * 100_000, "%_\\'\"", "\r\nBcc: wu@acme.example", "\u202e\u200b")


@pytest.mark.parametrize("name", ["q", "channel", "state", "direction", "since", "until", "cursor"])
@pytest.mark.parametrize("said", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_is_looked_for_in_the_log_is_answered(
    visiting: Visiting, name: str, said: str
) -> None:
    admin = visiting("administrator")
    asked = quote(said.encode("utf-8", "surrogatepass"))

    for page in (f"/admin/messages?{name}={asked}", f"/admin/automations/runs?{name}={asked}"):
        assert admin.get(page).status_code in (200, 400, 404, 414, 422)


def test_what_no_mail_can_bear_is_refused_with_what_is_wrong_and_where(visiting: Visiting) -> None:
    admin = visiting("administrator")
    customer = admin.create("customer", name="Acme")
    addresses = (f"/records/customer/{customer}/mail",)
    api = f"/api/v1/{admin.ctx.tenant.name}/records/customer/{customer}/messages"
    good = {"to": "li@acme.example", "subject": "Hello", "text": "Hello"}
    wrong = [(name, said) for name in good for said in HOSTILE[:3]]
    wrong += [("to", f"li@acme.example{said}") for said in HOSTILE[4:]]
    wrong += [("to", said) for said in ("li", "li@", "a@b", "a@b.c, d@e.f", "<li@acme.example>")]
    wrong.append(("to", "=?utf-8?q?li=40evil.example=2C?=@acme.example"))
    for name, said in wrong:
        answers = [admin.send(each, {"values": {**good, name: said}}) for each in addresses]
        answers.append(admin.client.post(api, json={**good, name: said},
                                         headers={CSRF_HEADER: admin.csrf}))  # fmt: skip
        for answer in answers:
            assert answer.status_code == 422, (name, said[:40], answer.text[:200])
            assert {each["path"][-1] for each in answer.json["errors"]} == {name}
    assert admin.client.get(api).json["data"] == []

    folded = {**good, "subject": "Hello\r\nBcc: wu@acme.example\u2028X-Evil: yes"}
    assert admin.send(addresses[0], {"values": folded}).status_code == 200
    (kept,) = admin.client.get(api).json["data"]
    assert kept["subject"] == "Hello Bcc: wu@acme.example X-Evil: yes"


def test_whoever_may_not_see_a_record_sees_neither_its_mail_nor_the_files_of_it(
    visiting: Visiting,
) -> None:
    admin, seller = visiting("administrator"), visiting("seller")
    quote = admin.create("quote", name="Pumps")
    write(admin, "li@acme.example", entity="quote", record=quote)
    intake = fetch(admin.house, lambda _: admin.ctx).intake
    first = admin.client.get(_messages(admin, quote)).json["data"][0]
    answer = EmailMessage()
    answer["From"], answer["Message-ID"] = "li@acme.example", f"<{uuid4()}@acme.example>"
    answer["In-Reply-To"] = f"<{first['message_id']}>"
    answer.set_content("In secret")
    answer.add_attachment(b"%PDF-1.4 x", maintype="application", subtype="pdf", filename="a.pdf")
    kept = intake.take(admin.ctx, "desk@shop.example", answer.as_bytes())
    stray = EmailMessage()
    stray["From"], stray["Message-ID"] = "wu@acme.example", f"<{uuid4()}@acme.example>"
    stray.add_attachment(b"%PDF-1.4 y", maintype="application", subtype="pdf", filename="b.pdf")
    lost = intake.take(admin.ctx, "desk@shop.example", stray.as_bytes())
    assert kept is not None and lost is not None and str(kept.record) == str(quote)

    assert seller.client.get(_messages(seller, quote)).status_code == 404
    assert "In secret" not in seller.get(f"/records/quote/{quote}").text
    for file in (*kept.files, *lost.files):
        address = f"/api/v1/{admin.ctx.tenant.name}/files/{file.id}"
        assert seller.client.get(address).status_code in (403, 404)
    assert admin.client.get(f"/api/v1/{admin.ctx.tenant.name}/files/{kept.files[0].id}").data


def _messages(visitor: Visitor, quote: object) -> str:
    return f"/api/v1/{visitor.ctx.tenant.name}/records/quote/{quote}/messages"
