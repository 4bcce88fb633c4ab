"""How a plan is shown: its steps with what they cost, and its effects on data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import click

from boot.cli.failures import terminal_language
from boot.cli.output import show_json, show_table
from engine.access.compare import AccessDiff, PersonChange, RoleChange
from engine.access.sentences import change_sentences
from engine.publish import Proposal
from engine.schema.steps import Effect, Plan, Step
from metamodel.diff import Difference
from metamodel.wording import told

_COSTS = {"instant": "instant", "rewrites": "rewrites", "builds": "reads"}
_STATUS = {"none": 0, "work": 0, "blocked": 1, "loses": 2}


def status_of(plan: Plan) -> int:
    """Return the exit status that a plan stands for."""
    return _STATUS[plan.risk]


def show_plan(proposal: Proposal) -> None:
    """Print a plan for people."""
    plan = proposal.plan
    if not plan.steps and not plan.effects:
        click.echo("No table changes.")
        return
    rows = [
        (_words(step.code), step.touches, _named(step.params), _cost(step)) for step in plan.steps
    ]
    if rows:
        show_table(("step", "entity", "what", "cost"), rows)
    for effect in plan.effects:
        click.echo(_sentence(effect))


def plan_facts(proposal: Proposal) -> dict[str, object]:
    """Return a plan for programs."""
    plan = proposal.plan
    return {
        "over": proposal.over,
        "risk": plan.risk,
        "steps": [
            {
                "code": step.code,
                "entity": step.touches,
                "phase": step.phase,
                "cost": step.cost,
                "rows": step.rows,
                **step.params,
            }
            for step in plan.steps
        ],
        "effects": [
            {
                "code": each.code,
                "entity": each.touches,
                "verdict": each.verdict,
                "rows": each.rows,
                "samples": each.samples,
                **each.params,
            }
            for each in plan.effects
        ],
    }


def show_access(proposal: Proposal, found: AccessDiff) -> None:
    """Print who gains and who loses what, role by role; nothing where nobody does."""
    if found.is_empty:
        return
    click.echo(f"Rights of {found.affected} of {found.everybody} people change:")
    for each in change_sentences(proposal.new.model, found, terminal_language()):
        click.echo(f"  {each}")


def access_facts(found: AccessDiff) -> dict[str, object]:
    """Return the same for programs: entities and fields by key, records by role and person."""
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


def show_differences(found: Sequence[Difference], *, json_: bool) -> int:
    """Print what differs between two models; return the exit status, 1 where anything does."""
    if json_:
        show_json(
            [
                {
                    "kind": each.kind,
                    "path": each.path,
                    "attributes": sorted(each.attributes),
                    "sentence": told(each, terminal_language()),
                }
                for each in found
            ]
        )
        return 1 if found else 0
    for each in found:
        click.echo(told(each, terminal_language()))
    return 1 if found else 0


def _cost(step: Step) -> str:
    cost = _COSTS[step.cost]
    return cost if step.cost == "instant" else f"{cost} {step.rows:,} rows"


def _sentence(effect: Effect) -> str:
    verdict = {"notice": "Note", "loses": "Loses data", "blocks": "Not possible"}[effect.verdict]
    samples = f": {', '.join(effect.samples)}" if effect.samples else ""
    what = f"{_words(effect.code)} in {effect.touches} {_named(effect.params)}".rstrip()
    return f"{verdict}: {what}, {effect.rows:,} records{samples}"


def _words(code: str) -> str:
    return code.replace("_", " ")


def _named(params: Mapping[str, object]) -> str:
    return ", ".join(str(value) for value in params.values())
