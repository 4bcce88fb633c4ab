"""What the acting person sees: fields of records, records at all, and answers to questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from uuid import UUID

from engine.context import Context
from engine.doors import Reader
from engine.errors import NotFound
from engine.query.spec import AggregateQuery, ListQuery, Record
from engine.scenarios.expectations import agrees, shown
from engine.scenarios.results import Failure
from engine.scenarios.values import Made
from metamodel.stories import ScenarioStep

MOST = 500
"""Most records that a search of a scenario looks at."""


def seen(
    reader: Reader, ctx: Context, whole: Context, step: ScenarioStep, names: Mapping[str, Made]
) -> Iterator[Failure]:
    """Yield what the person sees otherwise than the step says; `whole` sees everything."""
    then = step.then
    for name in then.sees:
        if _record(reader, ctx, names[name]) is None:
            yield Failure(step.name, "unseen", name)
    for name in then.unseen:
        if _record(reader, ctx, names[name]) is not None:
            yield Failure(step.name, "seen", name)
    for name in {**then.visible, **then.hidden, **then.masked}:
        record = _record(reader, ctx, names[name])
        if record is None:
            yield Failure(step.name, "unseen", name)
            continue
        kept = _record(reader, whole, names[name])
        for field in (*then.visible.get(name, ()), *then.hidden.get(name, ())):
            yield from _field(ctx, step, name, field, (record, kept))
        for field in then.masked.get(name, ()):
            yield from _field(ctx, step, name, field, (record, kept))


def _record(reader: Reader, ctx: Context, made: Made) -> Record | None:
    try:
        return reader.get(ctx, made.entity, [made.id])[0]
    except NotFound:
        return None


def _field(
    ctx: Context, step: ScenarioStep, name: str, field: str, pair: tuple[Record, Record | None]
) -> Iterator[Failure]:
    """Compare how a field shows, by what the person and by what the administrator reads."""
    record, kept = pair
    found = ctx.model.entities[record.entity].field_named(field)
    key = found.key if found is not None else field
    state = _state(key, record, kept)
    wanted = next(
        wish
        for wish, fields in (
            ("masked", step.then.masked),
            ("hidden", step.then.hidden),
            ("visible", step.then.visible),
        )
        if field in fields.get(name, ())
    )
    if state != wanted:
        yield Failure(step.name, "shows", f"{name}.{field}", wanted, state)


def _state(key: str, record: Record, kept: Record | None) -> str:
    if key not in record.values:
        return "hidden"
    same = kept is None or kept.values.get(key) == record.values[key]
    return "visible" if same else "masked"


def found(
    reader: Reader, ctx: Context, step: ScenarioStep, names: Mapping[str, Made]
) -> Iterator[Failure]:
    """Yield how the records that a search found differ from those named, in any order."""
    if step.then.found is None:
        return
    page = reader.find(ctx, ListQuery(step.entity, filter=step.filter, limit=MOST))
    titles = {row.id: row.title for row in page.rows}
    called = {made.id: name for name, made in list(names.items())[::-1]}
    there = {called.get(id, titles[id]) for id in titles}
    wanted = set(step.then.found)
    if there != wanted:
        yield Failure(step.name, "differs", step.entity, _listed(wanted), _listed(there))


def measured(reader: Reader, ctx: Context, step: ScenarioStep) -> Iterator[Failure]:
    """Yield the measures that came out otherwise than the step says."""
    query = AggregateQuery(step.entity, filter=step.filter, measures=step.measures, explain=False)
    result = reader.aggregate(ctx, query)
    row = result.rows[0] if result.rows else {}
    for name, wanted in step.then.gives.items():
        if not agrees(row.get(name), wanted, {}):
            found = shown(row.get(name))
            yield Failure(step.name, "differs", f"{step.name}.{name}", shown(wanted), found)


def heard(
    step: ScenarioStep, told: Callable[[UUID | str], Sequence[str]], names: Mapping[str, Made]
) -> Iterator[Failure]:
    """Yield who was told by other automations than the step says."""
    for whom, by in step.then.told.items():
        there = list(told(names[whom].id if whom in names else whom))
        if there != sorted(by):
            wanted, found = ", ".join(sorted(by)), ", ".join(there)
            yield Failure(step.name, "differs", whom, wanted or "nothing", found or "nothing")


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
