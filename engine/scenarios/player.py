"""Acting out one scenario, step by step, through the same doors as everybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from engine.changes import Change
from engine.context import Context
from engine.doors import Edit, Reader, Writer
from engine.errors import EngineError, NotFound, RecordRefused
from engine.scenarios.expectations import differences
from engine.scenarios.results import Failure, ScenarioResult
from engine.scenarios.values import Made, NameUnknown, payload
from formula.backends.contract import Moment
from metamodel.flows import Scenario, ScenarioStep
from metamodel.model import Entity, Model

_ADMINISTRATOR = ("administrator",)


class Scene(Protocol):
    """A clean copy of the app to play on: its doors, its people, the records it begins with."""

    @property
    def model(self) -> Model: ...

    @property
    def reader(self) -> Reader: ...

    @property
    def writer(self) -> Writer: ...

    @property
    def names(self) -> Mapping[str, Made]: ...

    def context(self, roles: tuple[str, ...], moment: Moment) -> Context:
        """Return the context of a person with these roles, at this moment."""
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

    def failures(self, step: ScenarioStep, number: int) -> Iterator[Failure]:
        """Act, and yield what did not come out as the step says."""
        model = self._scene.model
        moment = moment_of(self._scenario.today, model.app.timezone, minutes=number)
        roles = step.roles or self._scenario.roles or _ADMINISTRATOR
        ctx = self._scene.context(roles, moment)
        try:
            if step.act != "check":
                self._act(ctx, step)
        except NameUnknown as error:
            yield Failure(step.name, "unknown", str(error))
            return
        except EngineError as error:
            if not step.refused or step.refused not in reasons(error):
                wanted = step.refused or "no refusal"
                found = ", ".join(sorted(reasons(error)))
                yield Failure(step.name, "refused", step.record, wanted, found)
                return
        else:
            if step.refused:
                yield Failure(step.name, "not_refused", step.record, step.refused)
                return
        yield from self._expectations(self._scene.context(_ADMINISTRATOR, moment), step)

    def _expectations(self, ctx: Context, step: ScenarioStep) -> Iterator[Failure]:
        for name, values in step.expect.items():
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

    def _act(self, ctx: Context, step: ScenarioStep) -> None:
        writer, model = self._scene.writer, ctx.model
        if step.act == "create":
            entity = model.entities[step.entity]
            change = writer.create(ctx, entity.key, [self._payload(model, entity, step)])
            self._names[step.name] = Made(entity.key, change.ids[0])
            return
        made = self._named(step.record)
        entity = model.entities[made.entity]
        match step.act:
            case "update":
                edit = Edit(made.id, self._payload(model, entity, step))
                writer.update(ctx, entity.key, [edit])
            case "move":
                values = self._payload(model, entity, step)
                pipeline = pipeline_with(entity, step.to)
                writer.move(
                    ctx, entity.key, [made.id], pipeline=pipeline, to=step.to, values=values
                )
            case "delete":
                writer.delete(ctx, entity.key, [made.id])
            case "restore":
                writer.restore(ctx, entity.key, [made.id])
            case "convert":
                change = writer.convert(ctx, entity.key, made.id, step.to)
                self._names.update(converted(entity, step, change))
            case _:
                raise NameUnknown(step.act)

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
        for each in error.errors:
            parts = (part for part in each.path if isinstance(part, str))
            found.update((each.code, *parts, *_named_in(each.params)))
    return frozenset(found)


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
    wanted = {part.create for part in convert.steps}
    created = [
        Made(record.entity, record.id)
        for record in change.records
        if record.operation == "create" and record.entity in wanted and not record.computed
    ]
    if created:
        yield step.name, created[0]
    for part in convert.steps:
        found = next((made for made in created if made.entity == part.create), None)
        if found is not None:
            created.remove(found)
            yield f"{step.name}.{part.name}", found
