"""Calls of other programs, signed after Standard Webhooks, each taken once.

The signature is checked before anything else is read; whoever has the secret of one automation
sets off that one and no other.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select

from engine.context import Context
from engine.database import Database
from engine.errors import EngineError, NotFound
from engine.once import Answer, Once, Repeated
from engine.records.formed import Stand, values_here
from engine.records.work import Work
from engine.requests import claim, settle
from engine.sealing import MasterKey
from metamodel.automation import Automation
from workflow.arriving.beginning import active, set_off
from workflow.inputs import read_inputs
from workflow.runner import Runner

PATH = "/hooks"

TOLERANCE = 300
"""Seconds that a call may be old, or ahead of our clock."""

MOST_RECORDS = 1_000
"""Records that one call is about."""

LONGEST_ID = 200


class Unverified(EngineError):
    """A call without a signature, with a wrong one, or one of long ago."""

    code = "webhook_unverified"


class TooManyRecords(EngineError):
    """A call that would be about more records than one call may."""

    code = "webhook_too_many"


class NoObject(EngineError):
    """A body that is no JSON object."""

    code = "webhook_body"


@dataclass(frozen=True, slots=True)
class Signed:
    """What a call says of itself, in its headers, and its body as it came."""

    id: str
    timestamp: str
    signature: str
    body: bytes


@dataclass(frozen=True, slots=True)
class WebhooksIn:
    """The door for calls of other programs; `system` makes the context of a tenant by name."""

    database: Database
    runner: Runner
    key: MasterKey
    system: Callable[[str], Context]

    def offered(self, ctx: Context) -> list[tuple[Automation, str, str]]:
        """Return the automations that calls set off, their paths, and the secrets they ask for."""
        return [
            (each, f"{PATH}/{ctx.tenant.name}/{each.name}", secret_of(self.key, ctx, each))
            for each in active(ctx, "webhook")
        ]

    def receive(self, tenant: str, name: str, call: Signed) -> int:
        """Take a call, once; return how many runs it set off.

        Raises `NotFound`, `Unverified`, `NoObject`, or `RecordRefused` with what is wrong in it.
        """
        ctx = self.system(tenant)
        automation = next((each for each in active(ctx, "webhook") if each.name == name), None)
        if automation is None:
            raise NotFound(automation=name)
        _verify(self.key, ctx, automation, call)
        if ctx.tenant.frozen:
            raise NotFound(automation=name)
        once = Once(
            call.id[:LONGEST_ID], f"hook {automation.key}", sha256(call.body).hexdigest(), _kept
        )
        try:
            return self.database.unit(
                replace(ctx, once=once),
                lambda connection: self._take(
                    replace(ctx, once=once), connection, automation, call.body
                ),
            )
        except Repeated as repeated:
            return int(json.loads(repeated.answer.body))

    def _take(
        self, ctx: Context, connection: Connection, automation: Automation, body: bytes
    ) -> int:
        claim(ctx, connection)
        work = Work.begin(ctx, connection, self.runner.hands.policy)
        trigger = automation.trigger
        said = {name: each for name, each in _object(body).items() if name in trigger.input}
        given = read_inputs(work, self.runner.hands.policy, trigger.input, Stand(), said)
        stands = _stands(work, automation, given)
        runs = set_off(replace(ctx, once=None), connection, self.runner, automation, stands)
        settle(ctx, connection, len(runs))
        return len(runs)


def secret_of(key: MasterKey, ctx: Context, automation: Automation) -> str:
    """Return what the calls of one automation are signed with, as it is given to their maker."""
    return "whsec_" + b64encode(_secret(key, ctx, automation)).decode()


def _verify(key: MasterKey, ctx: Context, automation: Automation, call: Signed) -> None:
    """Raise `Unverified` unless a call was signed with its secret, and lately."""
    try:
        at = int(call.timestamp)
    except ValueError:
        raise Unverified(reason="timestamp") from None
    # Compared as whole seconds: a number of hundreds of digits is no float.
    if abs(int(ctx.now.timestamp()) - at) > TOLERANCE or not call.id:
        raise Unverified(reason="timestamp")
    signed = f"{call.id}.{at}.".encode() + call.body
    mark = hmac.digest(_secret(key, ctx, automation), signed, sha256)
    expected = "v1," + b64encode(mark).decode()
    # Several stand beside each other while a secret is changed.
    if not any(hmac.compare_digest(each.encode(), expected.encode())
               for each in call.signature.split(" ")):  # fmt: skip
        raise Unverified(reason="signature")


def _secret(key: MasterKey, ctx: Context, automation: Automation) -> bytes:
    return key.derive(f"hook {ctx.tenant.schema} {automation.key}")


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise NoObject from None
    if not isinstance(found, dict):
        raise NoObject
    return found


def _stands(work: Work, automation: Automation, given: Mapping[str, object]) -> list[Stand]:
    """Return the records that a call is about, or none where it is about no record."""
    trigger = automation.trigger
    if not trigger.entity:
        return [Stand(given=given)]
    if not trigger.match:
        return []
    formulas = list(trigger.match.values())
    values = values_here(work, Stand(given=given), formulas, ("match", automation.key))
    if any(value is None for value in values):
        return []
    table = work.ctx.compiled.tables.of(trigger.entity)
    fields = work.ctx.model.entities[trigger.entity].fields
    found = zip(trigger.match, values, strict=True)
    same = [table.c[fields[key].column] == value for key, value in found]
    statement = select(table.c.id).where(*same, table.c.sys_trashed_at.is_(None))
    rows = work.connection.execute(statement.order_by(table.c.id).limit(MOST_RECORDS + 1))
    ids = [row[0] for row in rows]
    if len(ids) > MOST_RECORDS:
        raise TooManyRecords(most=MOST_RECORDS)
    return [Stand(trigger.entity, each, given=given) for each in ids]


def _kept(connection: Connection, done: object) -> Answer:
    return Answer(202, json.dumps(done))
