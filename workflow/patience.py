"""Runs that wait for a condition: many are asked at once whether it holds, and few are woken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from engine.records.formed import Stand, values_of
from engine.records.work import Work
from formula.typed import Typed
from metamodel.actions import Wait
from metamodel.model import Model
from metamodel.scripts import steps_of
from workflow.runs import Run
from workflow.together import reads_input
from workflow.waiting import is_over_by

Spot = tuple[str, str, str]
"""Where runs wait: of which automation, at which of its steps, on records of which entity."""


def still_waiting(work: Work, runs: Sequence[Run]) -> frozenset[UUID]:
    """Return the runs that would only find, if they were woken now, that they have to wait on.

    Those of which that is not told by their records alone are woken, and find out themselves.
    """
    found: set[UUID] = set()
    for (_, step, entity), group in _groups(work, runs).items():
        records = {run.id: run.stand.record for run, _ in group if run.stand.record is not None}
        run, when = group[0]
        key = ("patience", run.automation, step)
        holds = values_of(work, Stand(entity), list(records.values()), [when], key)
        found.update(
            id_ for id_, record in records.items() if record in holds and not holds[record][0]
        )
    return frozenset(found)


def _groups(work: Work, runs: Sequence[Run]) -> Mapping[Spot, list[tuple[Run, Typed]]]:
    groups: dict[Spot, list[tuple[Run, Typed]]] = {}
    for run, when in _for_a_condition(work, runs):
        spot = (run.automation, run.place[0], run.stand.entity)
        groups.setdefault(spot, []).append((run, when))
    return groups


def _for_a_condition(work: Work, runs: Sequence[Run]) -> Iterator[tuple[Run, Typed]]:
    """Yield runs that wait for a condition and whose time is not up, each with its condition."""
    for run in runs:
        act = _waits_at(work.ctx.model, run)
        if act is None or act.when is None or run.stand.record is None:
            continue
        if act.when.stability == "personal" or reads_input(act.when):
            continue
        if act.until is None and not is_over_by(work.ctx.model, run, act, work.ctx.now):
            yield run, act.when


def _waits_at(model: Model, run: Run) -> Wait | None:
    """Return the wait that a run is at, where that is no part of another step."""
    if len(run.place) != 1:
        return None
    steps = steps_of(model, run.automation) or ()
    step = next((each for each in steps if each.key == run.place[0]), None)
    return step.act if step is not None and isinstance(step.act, Wait) else None
