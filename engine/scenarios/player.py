"""Acting out one scenario, step by step, through the same doors as everybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from engine.changes import Change
from engine.context import Context
from engine.doors import Bulk, BulkResult, Edit, Reader, Writer
from engine.errors import EngineError, FieldError, NotFound, RecordRefused
from engine.records.convert import made_by
from engine.scenarios.asking import found, heard, measured, seen
from engine.scenarios.expectations import differences
from engine.scenarios.results import Failure, ScenarioResult
from engine.scenarios.values import Made, NameUnknown, payload
from formula.backends.contract import Moment
from metamodel.model import Entity, Model
from metamodel.stories import ActName, Scenario, ScenarioStep

_ADMINISTRATOR = ("administrator",)


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that somebody does with a record beside writing it.

    `act` is `press`, `decide` or `claim`, `name` the button, approval or pool; `answer` what is
    decided, `values` what was asked for, or the change that is submitted, by name.
    """

    act: ActName
    entity: str
    record: UUID
    name: str
    answer: str = ""
    values: Mapping[str, object] = field(default_factory=dict)


class Deeds(Protocol):
    """What people do beside writing records: press buttons, decide on approvals, claim."""

    def do(self, ctx: Context, deed: Deed) -> None:
        """Do it as the acting person; raise what it is refused by."""
        ...

    def approvals(self, ctx: Context, entity: str, record: UUID) -> Mapping[str, str]:
        """Return the states of a record's approvals by name, of each the last."""
        ...

    def told(self, ctx: Context, whom: UUID | str, since: datetime) -> Sequence[str]:
        """Return what told a person, or an address outside, after a moment: names, sorted."""
        ...


class Scene(Protocol):
    """A clean copy of the app to play on: its doors, its people, the records it begins with."""

    @property
    def model(self) -> Model: ...

    @property
    def reader(self) -> Reader: ...

    @property
    def writer(self) -> Writer: ...

    @property
    def deeds(self) -> Deeds: ...

    @property
    def names(self) -> Mapping[str, Made]: ...

    def context(self, roles: tuple[str, ...], moment: Moment) -> Context:
        """Return the context of somebody with these roles, at this moment."""
        ...

    def person(self, name: str, moment: Moment) -> Context:
        """Return the context of a person of the scenario, at this moment."""
        ...

    def settle(self, moment: Moment, *, passed: bool = False) -> None:
        """Let the app do by itself what it does now, with `passed` what time sets off as well."""
        ...


def play(scenario: Scenario, scene: Scene) -> ScenarioResult:
    """Play a scenario; stop at the first failure, which later steps would only repeat."""
    player = Player(scenario, scene)
    for number, step in enumerate(scenario.steps):
        failures = tuple(player.failures(step, number))
        if failures:
            break
    else:
        failures = ()
    return ScenarioResult(scenario.name, scenario.label, failures, len(scenario.steps))


def moment_of(day: date | datetime, zone: str, *, minutes: int) -> Moment:
    """Return nine in the morning of a day in `zone`, or the given time, some minutes later."""
    place = ZoneInfo(zone)
    begin = day if isinstance(day, datetime) else datetime.combine(day, time(9), tzinfo=place)
    local = (begin if begin.tzinfo else begin.replace(tzinfo=place)) + timedelta(minutes=minutes)
    return Moment(now=local.astimezone(UTC), today=local.astimezone(place).date(), zone=zone)


class Player:
    """One scenario in play: who acts, and which records its steps have named so far."""

    def __init__(self, scenario: Scenario, scene: Scene) -> None:
        self._scenario = scenario
        self._scene = scene
        self._names = dict(scene.names)
        self._today = scenario.today
        self._before = datetime.min.replace(tzinfo=UTC)
        self._warnings: frozenset[str] = frozenset()
        self._counts: dict[str, int] = {}

    def failures(self, step: ScenarioStep, number: int) -> Iterator[Failure]:
        """Act, and yield what did not come out as the step says."""
        self._today = step.today or self._today
        moment = moment_of(self._today, self._scene.model.app.timezone, minutes=number)
        if step.today is not None:
            self._scene.settle(moment, passed=True)
        ctx = self._acting(step, moment)
        refused = tuple(self._refusals(ctx, step))
        if refused:
            yield from refused
            return
        self._scene.settle(moment)
        for wanted in step.then.warned:
            if wanted not in self._warnings:
                yield Failure(step.name, "not_warned", step.record, wanted)
        for name, count in step.then.counts.items():
            there = self._counts.get(name, 0)
            if there != count:
                yield Failure(step.name, "differs", f"{step.name}.{name}", str(count), str(there))
        whole = self._scene.context(_ADMINISTRATOR, moment)
        yield from self._expectations(whole, step)
        yield from seen(self._scene.reader, ctx, whole, step, self._names)
        yield from self._answers(ctx, step)
        since, self._before = self._before, moment.now
        yield from heard(step, lambda whom: self._scene.deeds.told(whole, whom, since), self._names)

    def _acting(self, step: ScenarioStep, moment: Moment) -> Context:
        """Return the context of whoever acts: of the step, else of the scenario."""
        person = step.person or ("" if step.roles else self._scenario.person)
        if person:
            return self._scene.person(person, moment)
        roles = step.roles or self._scenario.roles or _ADMINISTRATOR
        return self._scene.context(roles, moment)

    def _refusals(self, ctx: Context, step: ScenarioStep) -> Iterator[Failure]:
        """Act, and yield that it was refused, or that it was not, against what is expected."""
        wanted = step.then.refused
        self._warnings, self._counts = frozenset(), {}
        try:
            self._act(ctx, step)
        except NameUnknown as error:
            yield Failure(step.name, "unknown", str(error))
        except EngineError as error:
            if not wanted or wanted not in reasons(error):
                told = ", ".join(sorted(reasons(error)))
                yield Failure(step.name, "refused", step.record, wanted or "no refusal", told)
        else:
            if wanted:
                yield Failure(step.name, "not_refused", step.record, wanted)

    def _answers(self, ctx: Context, step: ScenarioStep) -> Iterator[Failure]:
        if step.act == "find":
            yield from found(self._scene.reader, ctx, step, self._names)
        elif step.act == "measure":
            yield from measured(self._scene.reader, ctx, step)

    def _expectations(self, ctx: Context, step: ScenarioStep) -> Iterator[Failure]:
        for name, values in step.then.values.items():
            made = self._names.get(name)
            if made is None:
                yield Failure(step.name, "unknown", name)
                continue
            try:
                record = self._scene.reader.get(ctx, made.entity, [made.id])[0]
            except NotFound:
                yield Failure(step.name, "missing", name, "a record")
                continue
            yield from differences(
                ctx.model, record, values, self._names, step=step.name, subject=name
            )
        for name, states in step.then.approvals.items():
            yield from self._approvals(ctx, step, name, states)

    def _approvals(
        self, ctx: Context, step: ScenarioStep, name: str, states: Mapping[str, str]
    ) -> Iterator[Failure]:
        made = self._names.get(name)
        if made is None:
            yield Failure(step.name, "unknown", name)
            return
        there = self._scene.deeds.approvals(ctx, made.entity, made.id)
        for approval, state in states.items():
            found = there.get(approval, "none")
            if found != state:
                yield Failure(step.name, "differs", f"{name}.{approval}", state, found)

    def _act(self, ctx: Context, step: ScenarioStep) -> None:
        if step.act in ("check", "find", "measure"):
            return
        if step.act == "import":
            self._import(ctx, step)
            return
        if step.act in ("press", "decide", "claim"):
            self._do(ctx, step)
            return
        change = self._create(ctx, step) if step.act == "create" else self._change(ctx, step)
        self._warnings = told_of(change.warnings)

    def _create(self, ctx: Context, step: ScenarioStep) -> Change:
        entity = ctx.model.entities[step.entity]
        payloads = [self._payload(ctx.model, entity, step)]
        change = self._scene.writer.create(ctx, entity.key, payloads)
        self._names[step.name] = Made(entity.key, change.ids[0])
        return change

    def _change(self, ctx: Context, step: ScenarioStep) -> Change:
        """Do what a step says to a record that is there."""
        writer, made = self._scene.writer, self._named(step.record)
        entity = ctx.model.entities[made.entity]
        match step.act:
            case "update":
                edit = Edit(made.id, self._payload(ctx.model, entity, step))
                return writer.update(ctx, entity.key, [edit])
            case "move":
                values = self._payload(ctx.model, entity, step)
                pipeline = pipeline_with(entity, step.to)
                return writer.move(
                    ctx, entity.key, [made.id], pipeline=pipeline, to=step.to, values=values
                )
            case "delete":
                return writer.delete(ctx, entity.key, [made.id])
            case "restore":
                return writer.restore(ctx, entity.key, [made.id])
            case "convert":
                change = writer.convert(ctx, entity.key, made.id, step.to)
                self._names.update(converted(entity, step, change))
                return change
            case _:
                raise NameUnknown(step.act)

    def _do(self, ctx: Context, step: ScenarioStep) -> None:
        made = self._named(step.record)
        entity = ctx.model.entities[made.entity]
        known = {name: value for name, value in step.values.items() if entity.field_named(name)}
        values = {**step.values, **payload(ctx.model, entity, known, self._names)}
        named = {name: self._meant(value) for name, value in values.items()}
        deed = Deed(step.act, made.entity, made.id, step.to, step.answer, named)
        self._scene.deeds.do(ctx, deed)

    def _meant(self, value: object) -> object:
        """Return the id of a record that a value names, else the value."""
        known = isinstance(value, str) and value in self._names
        return str(self._names[str(value)].id) if known else value

    def _import(self, ctx: Context, step: ScenarioStep) -> None:
        """Bring in rows the way an import does: each for itself, the good ones stay."""
        entity = ctx.model.entities[step.entity]
        rows = [payload(ctx.model, entity, row, self._names) for row in step.rows.values()]
        result = self._scene.writer.bulk(ctx, entity.key, Bulk(create=rows, atomic=False))
        for name, item in zip(step.rows, result.items, strict=True):
            if item.id is not None and item.status == "done":
                self._names[name] = Made(entity.key, item.id)
            self._counts[item.status] = self._counts.get(item.status, 0) + 1
        self._warnings = told_of(result.change.warnings if result.change else ())
        if step.then.refused and step.then.refused in _refused_in(result):
            raise RecordRefused([error for item in result.items for error in item.errors])

    def _payload(self, model: Model, entity: Entity, step: ScenarioStep) -> dict[str, object]:
        return payload(model, entity, step.values, self._names)

    def _named(self, name: str) -> Made:
        if name not in self._names:
            raise NameUnknown(name)
        return self._names[name]


def reasons(error: EngineError) -> frozenset[str]:
    """Return all that a step's `refused` may name: codes, fields, rules and conversions."""
    found = {error.code, *_named_in(error.params)}
    if isinstance(error, RecordRefused):
        found |= told_of(error.errors)
    return frozenset(found)


def told_of(errors: Iterable[FieldError]) -> frozenset[str]:
    """Return all that may name what errors or warnings are about."""
    found: set[str] = set()
    for each in errors:
        parts = (part for part in each.path if isinstance(part, str))
        found.update((each.code, *parts, *_named_in(each.params)))
    return frozenset(found)


def _refused_in(result: BulkResult) -> frozenset[str]:
    return told_of(error for item in result.items for error in item.errors)


def _named_in(params: Mapping[str, object]) -> Iterator[str]:
    return (str(params[key]) for key in ("rule", "field", "convert") if key in params)


def pipeline_with(entity: Entity, stage: str) -> str:
    """Return the pipeline of an entity that has a stage of this name."""
    for key, pipeline in entity.pipelines.items():
        if any(stage in (each.key, each.name) for each in pipeline.stages.values()):
            return key
    raise NameUnknown(stage)


def converted(entity: Entity, step: ScenarioStep, change: Change) -> Iterator[tuple[str, Made]]:
    """Yield the records that a conversion made: the first under the step's name, and each
    as `step.part` after the part of the conversion that made it."""
    convert = next(each for each in entity.converts.values() if step.to in (each.key, each.name))
    parts = [(part, Made(kind, id_)) for part, kind, id_ in made_by(convert, change)]
    if parts:
        yield step.name, parts[0][1]
    for part, made in parts:
        yield f"{step.name}.{part}", made
