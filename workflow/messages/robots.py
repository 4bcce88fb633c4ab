"""Robots of groups in 企业微信 and 钉钉: one call each, signed where the robot asks for it."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import assert_never
from urllib.parse import urlencode

from engine.context import Context
from engine.outgoing.calls import Outgoing
from workflow.messages.channels import Robot
from workflow.messages.errors import NotCarried, Unreachable
from workflow.messages.message import Message

LONGEST = 1_800
"""Characters of a message: both services take about 2,000."""


@dataclass(frozen=True, slots=True)
class RobotCarrier:
    """Says messages in groups; a `Carrier`. `robots` finds those of a tenant."""

    outgoing: Outgoing
    robots: Callable[[Context], tuple[Robot, ...]]

    def carry(self, ctx: Context, message: Message) -> None:
        """Say a message in the group that it is for."""
        named = (each for each in self.robots(ctx) if each.name == message.address)
        robot = next(named, None)
        if robot is None:
            raise Unreachable(said="robot_gone")
        answer = self.outgoing.call(
            "POST",
            signed(robot, ctx.now),
            headers={"Content-Type": "application/json"},
            content=json.dumps(body_of(robot, message), ensure_ascii=False).encode(),
        )
        if not answer.is_success or _code(answer.content):
            raise NotCarried(status=answer.status_code, answered=_code(answer.content))


def signed(robot: Robot, now: datetime) -> str:
    """Return the address that a robot is called at now."""
    if robot.kind == "wecom" or not robot.secret:
        return robot.address
    at = str(int(now.timestamp() * 1000))
    mark = hmac.digest(robot.secret.encode(), f"{at}\n{robot.secret}".encode(), sha256)
    joint = "&" if "?" in robot.address else "?"
    return robot.address + joint + urlencode({"timestamp": at, "sign": b64encode(mark).decode()})


def body_of(robot: Robot, message: Message) -> dict[str, object]:
    """Return what a robot is told."""
    text = f"{message.subject}\n{message.body}".strip()[:LONGEST]
    match robot.kind:
        case "wecom" | "dingtalk":
            return {"msgtype": "text", "text": {"content": text}}
        case other:
            assert_never(other)


def _code(content: bytes) -> int:
    """Return the code of an answer, 0 for success; one that says none is no success."""
    try:
        found = json.loads(content).get("errcode", -1)
    except (ValueError, AttributeError):
        return -1
    return found if isinstance(found, int) else -1
