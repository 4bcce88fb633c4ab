"""What is known of one person: looked at, given to them as a file, and erased."""

from __future__ import annotations

from uuid import UUID

from flask import Response, jsonify

from engine.context import Context
from engine.personal.erasing import Erasure
from engine.personal.subject import Places, Subject
from ui.blueprints.api.arguments import record_id
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.entities import entity_of
from ui.services import Services


def known(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Answer which records tell of a person, and which linked people there are."""
    key, found = _place(caller, entity, record)
    return jsonify(_subject(caller.ctx, services.erasures.preview(caller.ctx, key, found)))


def file(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Answer everything that is known of a person as one file."""
    key, found = _place(caller, entity, record)
    pieces = services.person_files.export(caller.ctx, key, found)
    response = Response(pieces, mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{entity}-{found}.zip"'
    response.headers["Cache-Control"] = "no-store"
    return response


def erase(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Have a worker take everything personal of a person away; asked again, it goes on."""
    key, found = _place(caller, entity, record)
    begun = services.erasures.begin(caller.ctx, key, found, job={})
    response = jsonify(_erasure(begun))
    response.status_code = 202
    return response


def erasure(services: Services, caller: Caller, erasure: str) -> Response:
    """Answer how far an erasure is."""
    caller.require_whole()
    return jsonify(_erasure(services.erasures.state(caller.ctx, record_id(erasure))))


def _place(caller: Caller, entity: str, record: str) -> tuple[str, UUID]:
    """Return entity key and id; a token that was narrowed does none of this."""
    caller.require_whole()
    return entity_of(caller.ctx, entity).key, record_id(record)


def _subject(ctx: Context, subject: Subject) -> dict[str, object]:
    def listed(places: Places) -> list[dict[str, object]]:
        return [
            {"entity": ctx.model.entities[key].name, "ids": [str(each) for each in ids]}
            for key, ids in places.items()
        ]

    return {"about": listed(subject.about), "others": listed(subject.others)}


def _erasure(found: Erasure) -> dict[str, object]:
    counts = {name: value for name, value in found.report.items() if isinstance(value, int)}
    return {
        "id": str(found.id),
        "state": found.state,
        "pseudonym": found.pseudonym,
        "counts": counts,
    }
