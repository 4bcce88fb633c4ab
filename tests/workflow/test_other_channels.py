"""Messages by other channels: robots of groups, and gateways to text messages and WeChat."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from dataclasses import replace
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from boot.errors import BootError
from boot.messaging import outbox
from boot.settings import read_settings
from engine.sealing import MasterKey
from tests.workflow.conftest import APP, Yards
from tests.workflow.mailing import Post, Writing, log_of, writing
from tests.workflow.test_people import person
from tests.workflow.test_webhooks import Receiver
from tests.workflow.test_webhooks import receiver as receiver
from workflow.messages.channels import Cabinet, Channels, Robot
from workflow.webhooks import secret_for

OTHERS = """
roles: {worker: {label: Worker, rights: {delivery: {read: all}}}}
messages:
  late:
    label: Late
    entity: delivery
    channels: [robot, sms]
    subject: "Late: {{ code }}"
    text: {en: "{{ code }} is late", zh: "{{ code }} 已延误"}
automations:
  groups:
    label: Groups
    trigger: {on: created, entity: delivery}
    when: value > 0
    steps: {tell: {notify: {roles: [worker], message: late}}}
  customer:
    label: Customer
    trigger: {on: created, entity: delivery}
    when: not ISBLANK(note)
    steps: {text: {send: {channel: sms, to: note, text: "{{ code }} comes", whom: customer}}}
"""


PROMOTING = """
messages:
  offer:
    {label: Offer, entity: delivery, promotional: true, subject: Offer, text: "Buy {{ code }}"}
automations:
  mail:
    label: Mail
    trigger: {on: created, entity: delivery}
    when: value > 0
    steps: {mail: {email: {to: '"li@acme.example"', message: offer, whom: customer}}}
  text:
    label: Text
    trigger: {on: created, entity: delivery}
    when: value == 0
    steps: {text: {send: {channel: sms, to: '"138 0000 1111"', message: offer, whom: customer}}}
"""


def set_up(at: Writing, *robots: Robot) -> None:
    ctx, cabinet = at.yard.ctx, Cabinet(at.yard.house.master_key)
    at.yard.house.database.unit(
        ctx, lambda connection: cabinet.write(ctx, connection, Channels(robots=robots))
    )


def states(at: Writing) -> list[tuple[str, str, str]]:
    found = [
        (each.channel, each.address, each.state) for each in log_of(at.yard.ctx, at.yard.house)
    ]
    return sorted(found)


def test_groups_hear_from_their_robots_each_signed_as_it_asks(
    yard_with: Yards, receiver: Receiver
) -> None:
    at = writing(yard_with(OTHERS), Post())
    address = receiver.url
    receiver.body = b'{"errcode": 0}'
    set_up(at, Robot("Sales", "dingtalk", address, "SEC1"), Robot("Stock", "wecom", address))
    person(at.yard, "ann", phone="138 0000 1111")
    at.yard.create("delivery", {"code": "D-1", "value": "1"})
    at.yard.work()
    assert at.send() == []

    texts = [json.loads(body)["text"]["content"] for _, body in receiver.taken]
    assert texts == ["Late: D-1\nD-1 is late"] * 2
    signed = [parse_qs(urlsplit(path).query) for path in receiver.paths]
    (asked,) = [each for each in signed if "sign" in each]
    at_ = asked["timestamp"][0]
    mark = hmac.digest(b"SEC1", f"{at_}\nSEC1".encode(), sha256)
    assert unquote(asked["sign"][0]) == b64encode(mark).decode()
    assert states(at) == [
        ("robot", "Sales", "sent"), ("robot", "Stock", "sent"), ("sms", "138 0000 1111", "logged"),
    ]  # fmt: skip


def test_a_robot_that_refuses_is_asked_again(yard_with: Yards, receiver: Receiver) -> None:
    at = writing(yard_with(OTHERS), Post())
    receiver.body = b'{"errcode": 310000, "errmsg": "sign not match"}'
    set_up(at, Robot("Sales", "wecom", receiver.url))
    at.yard.create("delivery", {"code": "D-1", "value": "1"})
    at.yard.work()

    assert at.send() == ["message_not_carried"]
    receiver.body = b'{"errcode": 0}'
    assert at.send() == []

    assert states(at) == [("robot", "Sales", "sent")]


def test_text_messages_go_through_a_gateway_signed_and_once_it_took_them(
    yard_with: Yards, receiver: Receiver
) -> None:
    at = writing(yard_with(OTHERS), Post(), gateways=f"sms={receiver.url}")
    receiver.answers = [503, 200, 410]
    customer = at.yard.create("customer", {"name": "Acme"})
    at.yard.create("delivery", {"code": "D-1", "note": "+86 138-0000-1111",
                                "customer": str(customer)})  # fmt: skip
    at.yard.work()
    assert at.send() == ["message_not_carried"]
    assert at.send() == []

    (first, _), (second, body) = receiver.taken
    assert first["webhook-id"] == second["webhook-id"]
    said: dict[str, Any] = json.loads(body)
    assert (said["to"], said["text"], said["channel"]) == ("+86 138-0000-1111", "D-1 comes", "sms")
    secret = b64decode(secret_for(at.yard.house.master_key, at.yard.ctx.tenant)[6:])
    signed = f"{second['webhook-id']}.{second['webhook-timestamp']}.".encode() + body
    expected = "v1," + b64encode(hmac.digest(secret, signed, sha256)).decode()
    assert second["webhook-signature"] == expected
    (kept,) = log_of(at.yard.ctx, at.yard.house)
    assert (kept.state, kept.whom) == ("sent", customer)

    at.yard.create("delivery", {"code": "D-2", "note": "139 0000 1111"})
    at.yard.work()
    assert at.send() == []
    assert ("sms", "139 0000 1111", "bounced") in states(at)


def test_what_a_customer_is_sent_counts_together_over_all_channels(
    yard_with: Yards, receiver: Receiver
) -> None:
    """Requirement M-28."""
    app = APP.replace("timezone:", "contact_limit: {most: 2, within: 7d}, timezone:")
    at = writing(
        yard_with(PROMOTING, app), Post("smtp://127.0.0.1:9"), gateways=f"sms={receiver.url}"
    )
    customer = str(at.yard.create("customer", {"name": "Acme"}))
    for minute, value in enumerate(("1", "0", "1", "0")):
        yard = at.yard.later(minutes=minute)
        yard.create("delivery", {"code": f"D-{minute}", "value": value, "customer": customer})
        yard.work()

    assert [(each.channel, each.address, each.state, each.error) for each in
            log_of(at.yard.ctx, at.yard.house)] == [
        ("email", "li@acme.example", "waiting", ""),
        ("sms", "138 0000 1111", "waiting", ""),
        ("email", "li@acme.example", "held", "too_often"),
        ("sms", "138 0000 1111", "held", "too_often"),
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", ["pigeon=https://a.example", "sms", "sms=ftp://a.example"])
def test_gateways_that_cannot_be_meant_are_refused_at_the_start(wrong: str) -> None:
    key = MasterKey(b"0" * 32)

    with pytest.raises(BootError, match="gateways"):
        outbox(replace(read_settings({}), gateways=wrong), key)
