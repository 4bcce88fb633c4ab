"""Carries texts, WeChat, voice and faxes by programs between us and their providers.

Each is called at one address with what is to be said, signed after Standard Webhooks with the
tenant's secret, under an id by which one that comes twice is known. Any success means: taken; an
answer `{"cost": "0.05"}` tells what it cost. Pages of a fax go along as files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from engine.context import Context
from engine.outgoing.calls import Outgoing
from engine.sealing import MasterKey
from workflow.messages.enclosing import Papers, enclosed_with
from workflow.messages.errors import NotCarried, Unreachable
from workflow.messages.message import Message
from workflow.webhooks import signature

CARRIED = ("sms", "wechat", "voice", "fax")
"""Channels that gateways carry."""

LONGEST_COST = 40
"""Characters of a cost that are kept."""

GONE = 410
"""The status with which a gateway says that an address takes no messages at all."""


@dataclass(frozen=True, slots=True)
class GatewayCarrier:
    """Hands messages of a channel to the gateway at an address; a `Carrier`."""

    address: str
    key: MasterKey
    outgoing: Outgoing
    papers: Papers

    def carry(self, ctx: Context, message: Message) -> Mapping[str, object]:
        """Hand a message over, a fax with its pages; return what it cost, where that is told."""
        said: dict[str, object] = {
            "id": str(message.id), "channel": message.channel, "to": message.address,
            "subject": message.subject, "text": message.body, "tenant": ctx.tenant.name,
        }  # fmt: skip
        if message.channel == "fax":
            pages = enclosed_with(ctx, self.papers, message)
            said |= {"files": [asdict(each) for each in pages]}
        body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
        at, id_ = int(ctx.now.timestamp()), f"msg_{message.id}"
        headers = {
            "Content-Type": "application/json",
            "webhook-id": id_,
            "webhook-timestamp": str(at),
            "webhook-signature": signature(self.key, ctx.tenant.schema, id_, at, body),
        }
        answer = self.outgoing.call("POST", self.address, headers=headers, content=body)
        if answer.status_code == GONE:
            raise Unreachable(said=str(GONE))
        if not answer.is_success:
            raise NotCarried(status=answer.status_code)
        return _told(answer.content)


def _told(answer: bytes) -> Mapping[str, object]:
    """Return what of an answer is kept; a gateway may say anything, or nothing."""
    try:
        found = json.loads(answer)
    except ValueError:
        return {}
    cost = found.get("cost") if isinstance(found, dict) else None
    return {"cost": str(cost)[:LONGEST_COST]} if isinstance(cost, str | int | float) else {}


def read_gateways(text: str) -> Mapping[str, str]:
    """Return the address for each channel of `sms=https://…, wechat=https://…`.

    Raises `ValueError` with what cannot be meant.
    """
    found: dict[str, str] = {}
    for each in filter(None, (part.strip() for part in text.split(","))):
        channel, _, address = each.partition("=")
        if channel.strip() not in CARRIED:
            raise ValueError(f"{channel!r} is none of {', '.join(CARRIED)}")
        if not address.startswith(("https://", "http://")):
            raise ValueError(f"{channel} has no address that begins with https://")
        found[channel.strip()] = address.strip()
    return found
