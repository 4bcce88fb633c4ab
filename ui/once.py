"""Doing what a request asks for once, however often the request is sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TypeVar, cast

from flask import Request, Response
from sqlalchemy import Connection

from engine.context import Context
from engine.doors import Records
from engine.errors import FieldError, RecordRefused
from engine.once import Answer, Once, Repeated
from engine.query.inside import Inside
from ui.services import Services

HEADER = "Idempotency-Key"

REPLAYED = "Idempotency-Replayed"

KEPT = ("ETag", "Location")
"""Headers that belong to an answer."""

LONGEST = 255

NOTHING_KEPT = Answer(0, "")
"""Stands for the answer where no key asks to keep it."""

Done = TypeVar("Done")


def once(
    services: Services,
    request: Request,
    ctx: Context,
    do: Callable[[Context], Done],
    answer: Callable[[Records, Done], Response],
) -> Response:
    """Do one unit of work and answer it; with an `Idempotency-Key` a repeat gets that answer again.

    With a key the answer is made inside the unit and kept with its effect, so that neither is
    there without the other. `do` must write in one unit and hand on the context it is given.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return answered(services, ctx, do, answer)
    _check(key)
    asked = _Asked(key, f"{request.method} {request.path}", _digest(request))
    try:
        return answered(services, ctx, do, answer, asked)
    except Repeated as repeated:
        return _again(repeated.answer)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What tells a request from others: its key, where it went, and a digest of what it said."""

    key: str = ""
    route: str = ""
    digest: str = ""


def answered(
    services: Services,
    ctx: Context,
    do: Callable[[Context], Done],
    answer: Callable[[Records, Done], Response],
    asked: _Asked = _Asked(),
) -> Response:
    """Do one unit of work and answer it as it has left the records, before others change them."""
    made: list[Response] = []

    def keep(connection: Connection, done: object) -> Answer:
        # A unit settles with what `do` returns; it may run again, and the last one counts.
        made[:] = [answer(Inside(connection, services.access), cast("Done", done))]
        return _kept(made[0]) if asked.key else NOTHING_KEPT

    done = do(replace(ctx, once=Once(asked.key, asked.route, asked.digest, keep)))
    # Where all was refused there was no unit.
    return made[0] if made else answer(services.reader, done)


def _check(key: str) -> None:
    if not 0 < len(key) <= LONGEST or not key.isprintable():
        params = {"max": LONGEST}
        raise RecordRefused([FieldError("invalid_key", (HEADER,), params)])


def _digest(request: Request) -> str:
    """Return what tells two requests of one route apart; a form's boundary is not part of it."""
    digest = blake2b(request.query_string, digest_size=16)
    if request.mimetype == "multipart/form-data":
        digest.update(json.dumps(sorted(request.form.items(multi=True))).encode())
        for name, upload in sorted(request.files.items(multi=True), key=lambda each: each[0]):
            digest.update(f"\0{name}\0{upload.filename}\0".encode())
            digest.update(upload.stream.read())
            upload.stream.seek(0)
    else:
        digest.update(b"\0" + request.get_data())
    return digest.hexdigest()


def _kept(response: Response) -> Answer:
    headers = {name: response.headers[name] for name in KEPT if name in response.headers}
    return Answer(response.status_code, response.get_data(as_text=True), headers)


def _again(answer: Answer) -> Response:
    response = Response(answer.body, status=answer.status, headers=dict(answer.headers))
    response.mimetype = "application/json"
    response.headers[REPLAYED] = "true"
    return response
