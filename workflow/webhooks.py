"""Calls to addresses outside, signed, with an id by which a receiver knows one that comes twice.

The signature is that of Standard Webhooks (standardwebhooks.com, version 1.0): HMAC-SHA256
over `id.timestamp.body` with the tenant's secret. A call is sent until it is taken.
"""

from __future__ import annotations

import hmac
import json
import re
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection

from engine.context import Context, Tenant
from engine.errors import EngineError
from engine.jobs import Job, SaysWhen, defer
from engine.mail import Post
from engine.outgoing.calls import Outgoing
from engine.sealing import MasterKey
from workflow.told_calls import Fate

TASK = "automation.call"

_RESERVED = frozenset({"webhook-id", "webhook-timestamp", "webhook-signature", "content-type",
                       "content-length", "host"})  # fmt: skip


LONGEST_WAIT = 86_400.0
"""Seconds that a receiver may ask to be left alone."""


class CallFailed(EngineError, SaysWhen):
    """A call that was answered with anything but success; the job tries again.

    `wait` is as long as the receiver asks for, by `Retry-After` (RFC 9110, 10.2.3).
    """

    code = "call_failed"


class CallUnwanted(CallFailed):
    """A call that was answered with 410: its receiver is gone, and not called about it again."""

    code = "call_unwanted"
    wait = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call: where to, how, what it says, and of which run. Any: JSON of every shape."""

    id: UUID
    method: str
    url: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    run: UUID | None = None


class Caller(Protocol):
    """Something that has calls made after a transaction."""

    def call(self, ctx: Context, connection: Connection, call: Call) -> None:
        """Have a call made once the transaction is there, and not otherwise."""
        ...


@dataclass(frozen=True, slots=True)
class Calls:
    """Takes calls in the transaction that asks for them; a `Caller`.

    What they say lies sealed in the queue: it may be about people.
    """

    post: Post

    def call(self, ctx: Context, connection: Connection, call: Call) -> None:
        """Have a call made once the transaction is there, and not otherwise."""
        said = {
            "id": str(call.id), "method": call.method, "url": call.url,
            "headers": dict(call.headers), "body": call.body, "schema": ctx.tenant.schema,
        }  # fmt: skip
        runs = [] if call.run is None else [str(call.run)]
        job = {"sealed": self.post.sealed(said), "runs": runs}
        defer(connection, TASK, job, queue="mail")


class Silent:
    """Makes no calls: nobody outside is told of a rehearsal."""

    def call(self, ctx: Context, connection: Connection, call: Call) -> None:
        """Do nothing."""


def secret_of(key: MasterKey, schema: str) -> str:
    """Return the secret that a tenant's calls are signed with, as receivers are given it."""
    return "whsec_" + b64encode(key.derive(f"webhook {schema}")).decode()


def secret_for(key: MasterKey, tenant: Tenant) -> str:
    """Return the secret of a tenant."""
    return secret_of(key, tenant.schema)


def signature(key: MasterKey, schema: str, id_: str, at: int, body: bytes) -> str:
    """Return the signature of a call, as its header says it."""
    signed = f"{id_}.{at}.".encode() + body
    found = hmac.new(key.derive(f"webhook {schema}"), signed, sha256).digest()
    return "v1," + b64encode(found).decode()


@dataclass(frozen=True, slots=True)
class CallTask:
    """Makes one call; a `jobs.Task`, tried again for about a day unless its receiver is gone.

    `tell` tells its run of it.
    """

    post: Post
    key: MasterKey
    outgoing: Outgoing
    tell: Callable[[Job, str, Fate], None]
    attempts: int = 30

    def run(self, job: Job) -> None:
        """Make the call of a job; raise `CallFailed` or what the door to other machines says."""
        said = self.post.opened(job)
        id_ = f"msg_{said['id']}"
        try:
            self._make(said, id_)
        except CallUnwanted:
            raise
        except EngineError:
            self.tell(job, id_, "not_yet")
            raise
        self.tell(job, id_, "called")

    def _make(self, said: Mapping[str, Any], id_: str) -> None:
        body = json.dumps(said["body"], ensure_ascii=False, separators=(",", ":")).encode()
        at = int(time.time())
        own = {
            name: value for name, value in said["headers"].items() if name.lower() not in _RESERVED
        }
        headers = {
            **own,
            "Content-Type": "application/json",
            "webhook-id": id_,
            "webhook-timestamp": str(at),
            "webhook-signature": signature(self.key, said["schema"], id_, at, body),
        }
        answer = self.outgoing.call(said["method"], said["url"], headers=headers, content=body)
        if not answer.is_success:
            raise _failure(answer.status_code, answer.headers.get("Retry-After", ""))

    def drop(self, job: Job) -> None:
        """Tell that a call is not made, since its tenant writes to nobody outside."""
        self._tell_of(job, "not_called")

    def give_up(self, job: Job) -> None:
        """Tell that a call was never taken."""
        self._tell_of(job, "not_taken")

    def _tell_of(self, job: Job, fate: Fate) -> None:
        self.tell(job, f"msg_{self.post.opened(job)['id']}", fate)


def _failure(status: int, retry_after: str) -> CallFailed:
    if status == HTTPStatus.GONE:
        return CallUnwanted()
    failed = CallFailed(status=status)
    failed.wait = min(_seconds(retry_after), LONGEST_WAIT)
    return failed


def _seconds(retry_after: str) -> float:
    """Return how long a `Retry-After` asks to wait: it holds seconds, or when to come again."""
    if re.fullmatch(r"[0-9]{1,9}", retry_after.strip()):
        return float(retry_after)
    try:
        until = parsedate_to_datetime(retry_after)
    except ValueError:
        return 0.0
    # A date without a zone is Greenwich's, as HTTP has them all.
    return max((until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds(), 0.0)
