"""The log of messages, and what a tenant sets up to write and be written to, as pages and calls."""

from __future__ import annotations

from sqlalchemy import select

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
