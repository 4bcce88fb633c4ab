"""An approval on its way as JSON, and back: what is kept of it in its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from metamodel.actions import Lapse
from workflow.approvals.course import Course, Entry, Limit, Rules, Seat, Stage

Json = Mapping[str, Any]
"""A JSON object. Any: values of every kind."""


def course_to_wire(course: Course) -> dict[str, object]:
    """Return an approval as a JSON object."""
    rules = course.rules
    return {
        "author": str(course.author),
        "state": course.state,
        "at": course.at,
        "rules": {
            "locks": list(rules.locks), "locks_all": rules.locks_all, "withdraw": rules.withdraw,
            "skip_author": rules.spares_author, "skip_repeated": rules.skip_repeated,
        },
        "stages": [_stage(each) for each in course.stages],
        "log": [_entry(each) for each in course.log],
    }  # fmt: skip


def course_of(kept: Json) -> Course:
    """Return the approval that a JSON object holds."""
    rules = kept["rules"]
    return Course(
        author=UUID(kept["author"]),
        stages=tuple(_stage_of(each) for each in kept["stages"]),
        rules=Rules(
            tuple(rules["locks"]), rules["locks_all"], rules["withdraw"],
            rules["skip_author"], rules["skip_repeated"],
        ),
        at=kept["at"],
        state=kept["state"],
        log=tuple(_entry_of(each) for each in kept["log"]),
    )  # fmt: skip


def _stage(stage: Stage) -> dict[str, object]:
    return {
        "key": stage.key,
        "label": dict(stage.label),
        "mode": stage.mode,
        "needed": stage.needed,
        "seats": [[str(each.person), each.vote, _text(each.by)] for each in stage.seats],
        "allow": list(stage.allow),
        "edits": list(stage.edits),
        "copies": _texts(stage.copies),
        "limit": None if stage.limit is None else _limit(stage.limit),
        "added_by": _text(stage.added_by),
        "vacant": stage.vacant,
        "opened": _moment(stage.opened),
        "due": _moment(stage.due),
    }


def _stage_of(kept: Json) -> Stage:
    return Stage(
        key=kept["key"],
        label=kept["label"],
        seats=tuple(Seat(UUID(who), vote, _id(by)) for who, vote, by in kept["seats"]),
        mode=kept["mode"],
        needed=kept["needed"],
        allow=tuple(kept["allow"]),
        edits=tuple(kept["edits"]),
        copies=_ids(kept["copies"]),
        limit=None if kept["limit"] is None else _limit_of(kept["limit"]),
        added_by=_id(kept["added_by"]),
        vacant=kept["vacant"],
        opened=_at(kept["opened"]),
        due=_at(kept["due"]),
    )


def _limit(limit: Limit) -> dict[str, object]:
    after = [limit.after.amount, limit.after.unit]
    return {"after": after, "then": limit.then, "to": _texts(limit.to)}


def _limit_of(kept: Json) -> Limit:
    return Limit(Lapse(*kept["after"]), kept["then"], _ids(kept["to"]))


def _entry(entry: Entry) -> dict[str, object]:
    """Return what was done; what says nothing is left out, since there are many of them."""
    whole = {
        "at": entry.at.isoformat(),
        "what": entry.what,
        "by": _text(entry.by),
        "stage": entry.stage,
        "instead_of": _text(entry.instead_of),
        "comment": entry.comment,
        "to": _texts(entry.to),
        "place": entry.place,
        "given": dict(entry.given),
        "files": _texts(entry.files),
    }
    return {name: value for name, value in whole.items() if value}


def _entry_of(kept: Json) -> Entry:
    return Entry(
        at=datetime.fromisoformat(kept["at"]),
        what=kept["what"],
        by=_id(kept.get("by")),
        stage=kept.get("stage", ""),
        instead_of=_id(kept.get("instead_of")),
        comment=kept.get("comment", ""),
        to=_ids(kept.get("to", ())),
        place=kept.get("place", ""),
        given=kept.get("given", {}),
        files=_ids(kept.get("files", ())),
    )


def _text(id_: UUID | None) -> str | None:
    return None if id_ is None else str(id_)


def _texts(ids: Sequence[UUID]) -> list[str]:
    return [str(each) for each in ids]


def _id(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


def _ids(texts: Sequence[str]) -> tuple[UUID, ...]:
    return tuple(UUID(each) for each in texts)


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _at(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
