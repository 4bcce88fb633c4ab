"""The job that brings one notice to one device, as the person who owns it may see it then."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from engine.context import Context
from engine.errors import EngineError
from engine.jobs import Job
from engine.notices.service import Notice, Notices
from engine.outgoing.calls import Outgoing
from engine.pushing.devices import Device, Devices
from engine.pushing.encrypting import encrypted
from engine.pushing.signing import Signer, coded

GONE = frozenset({404, 410})
"""Answers with which a service says that a device is not there any more."""

LIFE = 86_400
"""Seconds for which a service keeps what a device cannot be told now."""

LONGEST = 240
"""Letters of a line: what does not fit on a closed screen is not sent to one."""


class PushFailed(EngineError):
    """A push service that does not take a message; the job tries again."""

    code = "push_failed"


@dataclass(frozen=True, slots=True)
class Said:
    """What a device shows: two lines, and the page that it leads to."""

    title: str
    body: str
    url: str


class Wording(Protocol):
    """Says notices in the words of the person whose context it is given."""

    def said(self, ctx: Context, notice: Notice) -> Said:
        """Return a notice in words."""
        ...


@dataclass(frozen=True, slots=True)
class PushTask:
    """Brings a notice to a device; a `jobs.Task`.

    `person` finds the context of somebody in a language, None for who may not enter. One that was
    read meanwhile, or that the person may not read any more, is not brought, and none is by a
    copy that writes to nobody. Brought twice it is
    shown once: devices know it by its tag.
    """

    devices: Devices
    notices: Notices
    wording: Wording
    signer: Signer
    outgoing: Outgoing
    system: Callable[[str], Context]
    person: Callable[[str, UUID, str], Context | None]
    attempts: int = 6

    def run(self, job: Job) -> None:
        """Bring the notice of a job; raise `PushFailed`, or what the door to others says."""
        named = job.payload
        person, name = UUID(named["person"]), str(named["device"])
        device = self.devices.read(self.system(job.tenant), person, name)
        ctx = None if device is None else self.person(job.tenant, person, device.language)
        if device is None or ctx is None:
            return
        notice = self.notices.unread(ctx, UUID(named["notice"]))
        if notice is None or ctx.tenant.quiet:
            return
        status = self._bring(ctx, device, notice)
        if status in GONE:
            self.devices.lose(ctx, person, name)
        elif not 200 <= status < 300:
            raise PushFailed(status=status)

    def _bring(self, ctx: Context, device: Device, notice: Notice) -> int:
        said = self.wording.said(ctx, notice)
        words = {"title": said.title[:LONGEST], "body": said.body[:LONGEST], "url": said.url}
        told = json.dumps({**words, "tag": str(notice.id)}, ensure_ascii=False).encode()
        headers = {
            "Authorization": self.signer.authorization(device.endpoint, ctx.now),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(LIFE),
            "Topic": coded(notice.id.bytes),
            "Urgency": "high" if notice.kind in ("mention", "approval") else "normal",
        }
        content = encrypted(told, device.key, device.secret)
        answer = self.outgoing.call("POST", device.endpoint, headers=headers, content=content)
        return answer.status_code
