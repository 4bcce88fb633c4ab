"""How far a publish is that a worker makes: what a job's row says of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.errors import EngineError
from engine.jobs import JobState
from engine.messages import filled
from engine.phrases import REFUSALS
from metamodel.problems import DefinitionInvalid

Phase = Literal["waiting", "tests", "steps", "live", "stopped"]
"""Not begun; scenarios are played; tables are changed; published; over without a version."""

PHASES: Mapping[str, Phase] = {"tests": "tests", "steps": "steps"}


@dataclass(frozen=True, slots=True)
class Underway:
    """A publish that a worker makes: of a draft at a version, or `back` to an earlier version.

    `done` of `total` scenarios are played, or steps made. `revision` is what was published, 0
    until then. With `stopped`, `code` and `params` say why.
    """

    number: int
    phase: Phase
    draft: str = ""
    version: int = 0
    back: int = 0
    done: int = 0
    total: int = 0
    revision: int = 0
    code: str = ""
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Return whether nothing of it is to come."""
        return self.phase in ("live", "stopped")

    def why(self, language: str) -> str:
        """Return what stopped it, as a sentence."""
        return filled(REFUSALS.get(self.code, REFUSALS["broken"]), self.params, language)


def underway(job: JobState) -> Underway:
    """Return what a job's row says."""
    note = _read(job.note)
    given = job.payload
    phase: Phase = "waiting"
    if job.status == "doing":
        phase = PHASES.get(str(note.get("phase")), "waiting")
    elif job.status != "todo":
        phase = "live" if note.get("revision") else "stopped"
    return Underway(
        number=job.id,
        phase=phase,
        draft=given["draft"],
        version=given["version"],
        back=given["back"],
        done=job.done,
        total=job.total,
        revision=int(note.get("revision") or 0),
        # What no refusal was noted of broke.
        code=str(note.get("code") or "broken") if phase == "stopped" else "",
        params=note.get("params") or {},
    )


def noted(phase: Phase) -> str:
    """Return the note of a job that is in a phase."""
    return json.dumps({"phase": phase})


def noted_live(revision: int) -> str:
    """Return the note of a job that published."""
    return json.dumps({"revision": revision})


def noted_stopped(refused: EngineError | DefinitionInvalid) -> str:
    """Return the note of a job that was refused; the plan tells what it does to records."""
    if isinstance(refused, DefinitionInvalid):
        return json.dumps({"code": "definition_invalid"})
    kept = {key: value for key, value in refused.params.items() if _is_plain(value)}
    return json.dumps({"code": refused.code, "params": kept})


def _is_plain(value: object) -> bool:
    """Return whether a row can hold a value."""
    if isinstance(value, list | tuple):
        return all(isinstance(each, str | int) for each in value)
    return isinstance(value, str | int)


def _read(note: str) -> Mapping[str, Any]:
    """Return what was noted; nothing where a job broke, and says so in words."""
    try:
        found = json.loads(note) if note else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
