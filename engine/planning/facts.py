"""A report for programs: the same for `--json`, the API and whoever keeps it."""

from __future__ import annotations

from dataclasses import asdict

from engine.access.compare import AccessDiff, PersonChange, RoleChange
from engine.planning.report import EffectLine, PlanReport, StepLine


def report_facts(found: PlanReport) -> dict[str, object]:
    """Return a report as plain data; entities, fields and paths by key."""
    return {
        "over": found.over,
        "risk": found.risk,
        "seconds": found.seconds,
        "waits": found.waits,
        "changes": [
            {"kind": e.kind, "path": list(e.path), "name": e.name, "sentence": e.sentence}
            for e in found.changes
        ],
        "steps": [_step(each) for each in found.steps],
        "effects": [_effect(each) for each in found.effects],
        "touched": [{"path": list(each.path), "name": each.name} for each in found.touched],
        "access": None if found.access is None else access_facts(found.access),
    }


def _step(line: StepLine) -> dict[str, object]:
    return {
        "code": line.code,
        "entity": line.entity,
        "phase": line.phase,
        "cost": line.cost,
        "rows": line.rows,
        "lock": line.lock,
        "seconds": line.seconds,
        "sentence": line.sentence,
        **line.params,
    }


def _effect(line: EffectLine) -> dict[str, object]:
    return {
        "number": line.number,
        "code": line.code,
        "entity": line.entity,
        "verdict": line.verdict,
        "rows": line.rows,
        "sampled": line.sampled,
        "sentence": line.sentence,
        "samples": list(line.samples),
        "records": [{"id": str(each.id), "text": each.text} for each in line.records],
        "listed": line.listed,
        **line.params,
    }


def access_facts(found: AccessDiff) -> dict[str, object]:
    """Return who gains and loses: entities and fields by key, records by role and person."""
    return {
        "everybody": found.everybody,
        "asked": found.asked,
        "affected": found.affected,
        "roles": [{"role": e.role, "people": e.people, **_rights(e)} for e in found.roles],
        "people": [{"person": str(e.person.id), **_rights(e)} for e in found.people],
        "revealed": [list(each) for each in found.revealed],
        "untold": [list(each) for each in found.untold],
    }


def _rights(change: RoleChange | PersonChange) -> dict[str, object]:
    return {
        "records": [
            {
                "entity": each.entity,
                "action": each.action,
                "gained": each.gained,
                "lost": each.lost,
                "some_gained": [str(one.id) for one in each.some_gained],
                "some_lost": [str(one.id) for one in each.some_lost],
            }
            for each in change.records
        ],
        "fields": [asdict(each) for each in change.fields],
        "abilities": [asdict(each) for each in change.abilities],
    }
