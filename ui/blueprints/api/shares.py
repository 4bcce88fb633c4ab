"""Shares of a record: with whom, to read or to write, until when."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from flask import Response, jsonify, request

from engine.access.shares import Gift, Share
from engine.doors import Records
from engine.errors import FieldError, RecordRefused
from engine.values.wire import link_to_wire, plain
from ui.blueprints.api.arguments import ShareBody, body_of, record_id
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.created import created
from ui.blueprints.api.entities import entity_of
from ui.once import once
from ui.services import Services


def listed(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Answer with whom a record is shared, the latest first."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "read")
    found = services.shares.shares_of(caller.ctx, target.key, record_id(record))
    return jsonify({"data": [share_to_wire(each) for each in found]})


def give(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Share a record; what the same person, department, team or role had before is replaced."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "update")
    found, body = record_id(record), body_of(request, ShareBody)
    gift = Gift(
        kind=body["kind"],
        whom=body["whom"] if body["kind"] == "role" else _id(body["whom"]),
        right=body["right"],
        until=_until(body["until"] or ""),
        note=body["note"],
    )

    def answer(source: Records, made: Share) -> Response:
        return created(jsonify(share_to_wire(made)))

    return once(
        services,
        request,
        caller.ctx,
        lambda ctx: services.shares.share(ctx, target.key, found, gift),
        answer,
    )


def take(services: Services, caller: Caller, entity: str, record: str, share: str) -> Response:
    """Take a share back."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "update")
    services.shares.unshare(caller.ctx, target.key, record_id(record), record_id(share))
    return Response(status=204)


def share_to_wire(share: Share) -> dict[str, object]:
    """Return a share as JSON has it; `whom` is None for a role, which has a name only."""
    return {
        "id": str(share.id),
        "kind": share.kind,
        "whom": None if share.whom is None else link_to_wire(share.whom, several=False),
        "role": share.role or None,
        "right": share.right,
        "until": plain(share.until),
        "by": None if share.by is None else link_to_wire(share.by, several=False),
        "at": plain(share.at),
        "note": share.note,
        "ended": share.ended,
    }


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise RecordRefused([FieldError("invalid_id", ("whom",), {"value": text})]) from None


def _until(text: str) -> datetime | date | None:
    """Return the day or the moment that a text says; None for no text."""
    if not text:
        return None
    try:
        if len(text) <= len("2026-03-01"):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        wrong = FieldError("invalid_datetime", ("until",), {"value": text})
        raise RecordRefused([wrong]) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
