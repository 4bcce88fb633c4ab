"""A plan for people: what changes, what it does to records and people, what it costs.

The terminal, the API and the screens render this one value, so that they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from engine.access.compare import AccessDiff
from engine.access.sentences import change_sentences
from engine.planning.phrases import cost_sentence, time_text, wait_sentence
from engine.publish import Proposal
from engine.schema.steps import Cost, Effect, Lock, Phase, Sample, Step, Verdict
from engine.schema.words import words
from metamodel.diff import ModelDiff, diff
from metamodel.impact import impact
from metamodel.model import Model
from metamodel.places import Path, place_text
from metamodel.scripts import label_of_script
from metamodel.wording import told


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One element that becomes another: added, changed, renamed, retired or restored."""

    kind: str
    path: Path
    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step in plain words; `cost_said` and `wait_said` say what it takes, and from whom."""

    code: str
    entity: str
    phase: Phase
    cost: Cost
    rows: int
    lock: Lock
    seconds: float
    sentence: str
    cost_said: str
    wait_said: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EffectLine:
    """What becomes of records or values that are there.

    `number` is the effect's place in the plan, by which the file of all its records is asked
    for, where it is `listed`. `samples` are values without their records, `records` some of the
    records, each with the value that it is about. `sampled` says that `rows` is an estimate.
    """

    number: int
    code: str
    entity: str
    verdict: Verdict
    rows: int
    sentence: str
    samples: tuple[str, ...] = ()
    records: tuple[Sample, ...] = ()
    listed: bool = False
    sampled: bool = False
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Touched:
    """An element that refers to what changes, and is not changed itself."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class PlanReport:
    """Everything to know before a proposal is published over revision `over`.

    `seconds` is about how long it takes in all, `waits` for how many of them somebody waits.
    """

    over: int
    risk: Literal["none", "work", "loses", "blocked"]
    seconds: float
    waits: float
    time_said: str
    changes: tuple[ChangeLine, ...]
    steps: tuple[StepLine, ...]
    effects: tuple[EffectLine, ...]
    touched: tuple[Touched, ...]
    access: AccessDiff | None = None
    access_said: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether publishing would change nothing at all."""
        return not (self.changes or self.steps or self.effects)


def report(proposal: Proposal, access: AccessDiff | None, language: str) -> PlanReport:
    """Return what a proposal would do, in a language; `access` is who gains and loses by it."""
    old, new, plan = proposal.old.model, proposal.new.model, proposal.plan
    differences = diff(old, new)
    seconds = sum(step.seconds for step in plan.steps)
    return PlanReport(
        over=proposal.over,
        risk=plan.risk,
        seconds=round(seconds, 2),
        waits=round(sum(step.seconds for step in plan.steps if step.lock != "none"), 2),
        time_said=time_text(seconds, language),
        changes=tuple(_changes(differences, old, new, language)),
        steps=tuple(_step(step, _speaking(step, old, new), language) for step in plan.steps),
        effects=tuple(
            _effect(at, each, _speaking(each, old, new), language)
            for at, each in enumerate(plan.effects)
        ),
        touched=tuple(_touched(differences, old, new, language)),
        access=access,
        access_said=() if access is None else change_sentences(new, access, language),
    )


def change_lines(old: Model, new: Model, language: str) -> tuple[ChangeLine, ...]:
    """Return what differs between two models, in a language."""
    return tuple(_changes(diff(old, new), old, new, language))


def _changes(differences: ModelDiff, old: Model, new: Model, language: str) -> Iterator[ChangeLine]:
    for each in differences.differences:
        model = old if each.kind == "retired" else new
        name = place_text(model, each.path, language)
        yield ChangeLine(each.kind, each.path, name, told(each, language))


def _speaking(subject: Step | Effect, old: Model, new: Model) -> Model:
    """Return the model that has labels for what a step or effect is about."""
    params = subject.params
    if params.get("approval", "") not in ("", *new.approvals) or params.get("role", "") not in (
        "",
        *new.roles,
    ):
        return old
    script = str(params.get("automation", ""))
    if script:
        return old if label_of_script(new, script) is None else new
    entity = new.entities.get(subject.touches)
    named = subject.params.get("field")
    choice = entity.fields.get(str(named)) if entity is not None else None
    if entity is None or (named is not None and choice is None):
        return old
    options = [each for each in (subject.params.get(part) for part in ("option", "into")) if each]
    return old if choice is not None and any(o not in choice.options for o in options) else new


def _step(step: Step, model: Model, language: str) -> StepLine:
    return StepLine(
        code=step.code,
        entity=step.touches,
        phase=step.phase,
        cost=step.cost,
        rows=step.rows,
        lock=step.lock,
        seconds=step.seconds,
        sentence=words(step, model, language),
        cost_said=cost_sentence(step, language),
        wait_said=wait_sentence(step, language),
        params=step.params,
    )


def _effect(number: int, effect: Effect, model: Model, language: str) -> EffectLine:
    return EffectLine(
        number=number,
        code=effect.code,
        entity=effect.touches,
        verdict=effect.verdict,
        rows=effect.rows,
        sentence=words(effect, model, language),
        samples=effect.samples,
        records=effect.records,
        listed=bool(effect.listing),
        sampled=effect.sampled,
        params=effect.params,
    )


def _touched(differences: ModelDiff, old: Model, new: Model, language: str) -> Iterator[Touched]:
    """Yield what refers to elements that change, under the model that is to be."""
    changed = {each.path for each in differences.differences}
    for path in dict.fromkeys((*impact(differences, new), *impact(differences, old))):
        if path not in changed:
            yield Touched(path, place_text(new, path, language))
