"""What a batch gets without being told: links looked up, copies, owner, defaults, first stage.

The set-wise twin of `engine.records.fill`. A formula is evaluated once for all rows that hold
the same values of what it reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from engine.compiled import CompiledModel
from engine.records.draft import is_searched
from engine.records.plans import EntityPlan, plan_of
from engine.records.references import Targets, find_targets
from engine.records.setwise.batch import Batch
from engine.records.telling import may_take
from engine.records.work import Work
from engine.values.graph import is_computed
from engine.values.local import RowValues, evaluate, fit
from engine.values.payload import Reference
from formula.scope import Step
from formula.typed import Typed
from metamodel.model import Entity, Field

Found = dict[str, Targets]
"""What links lead to, by the key of the entity they lead to."""


def look_up(work: Work, batch: Batch) -> tuple[Found, set[int]]:
    """Put ids in place of references; return what was found, and where a link leads nowhere."""
    asked = {
        key: {each for each in set(column) if each is not None}
        for key, column in batch.references.items()
    }
    found = dict(find_targets(work, batch.entity.key, asked))
    wrong: set[int] = set()
    for key, column in batch.references.items():
        ids: dict[Reference | None, UUID | None] = {None: None}
        for reference in asked[key]:
            targets = found[reference.entity]
            id_ = targets.id_of(reference)
            ids[reference] = id_ if targets.may_be_chosen(id_) else None
        batch.values[key] = [ids[each] for each in column]
        lost = {each for each, id_ in ids.items() if each is not None and id_ is None}
        wrong.update(at for at, each in enumerate(column) if each in lost)
        if batch.entity.fields[key].columns:
            batch.targets[key] = [each.entity if each else "" for each in column]
    return found, wrong


def fill(work: Work, batch: Batch, found: Found) -> None:
    """Fill a batch in, in the order in which one record is: copies, owner, defaults, stage."""
    plan = plan_of(work.ctx.compiled, batch.entity)
    for key, blank in plan.blanks.items():
        batch.values.setdefault(key, [blank] * len(batch))
    _copy(work, batch, plan, found)
    if batch.entity.owned and "owner" in batch.entity.fields:
        _own(work, batch)
    _reach_further(work, batch, plan, found)
    for each in plan.defaults:
        _default(work, batch, each, found)
    for pipeline in batch.entity.pipelines.values():
        first = pipeline.first.key
        column = batch.values[pipeline.field_key]
        batch.values[pipeline.field_key] = [first if each is None else each for each in column]
    for each in told_texts(work.ctx.compiled, batch.entity):
        if each.formula is not None:
            batch.texts[each.key] = evaluated(work, batch, each.formula, range(len(batch)), found)
    actor, now = work.ctx.actor.user, work.ctx.now
    for key, value in (("created_at", now), ("created_by", actor), ("updated_at", now),
                       ("updated_by", actor)):  # fmt: skip
        batch.values[key] = [value] * len(batch)


def told_texts(compiled: CompiledModel, entity: Entity) -> tuple[Field, ...]:
    """Return computed texts that records are found by or sorted by, kept with the model."""
    return compiled.keep(
        ("told texts", entity.key),
        lambda: tuple(
            each
            for each in entity.fields.values()
            if is_computed(each) and (each.sort_column or is_searched(entity, each))
        ),
    )


def why_not_told(compiled: CompiledModel, entity: Entity, each: Field) -> str:
    """Return why a computed text is not known before its record is written, "" where it is."""
    if (entity.key, each.key) not in compiled.graph.local or each.formula is None:
        return "a computed text is searched or sorted by"
    read = (entity.fields[key] for key in _reads(compiled, entity, each.formula))
    if any(is_computed(other) for other in read):
        return "a text that is searched or sorted by is computed from computed values"
    return ""


def evaluated(
    work: Work, batch: Batch, typed: Typed, places: Iterable[int], found: Mapping[str, Targets]
) -> list[object]:
    """Return a formula's values for rows, worked out once for each set of inputs."""
    reads = _reads(work.ctx.compiled, batch.entity, typed)
    columns = [batch.values[key] for key in reads if key in batch.values]
    known: dict[tuple[object, ...], object] = {}
    values: list[object] = []
    for at in places:
        inputs = tuple(_hashable(column[at]) for column in columns)
        if inputs not in known:
            known[inputs] = evaluate(typed, _row(work, batch, at, reads, found))
        values.append(known[inputs])
    return values


def _hashable(value: object) -> object:
    # Equal decimals of different scales are written differently by formulas.
    return (value, str(value)) if hasattr(value, "as_tuple") else value


def _row(
    work: Work, batch: Batch, at: int, reads: Sequence[str], found: Mapping[str, Targets]
) -> RowValues:
    entity, values = batch.entity, batch.row(at, reads)
    targets = batch.targets_at(at)
    reached: dict[tuple[Step, ...], object] = {}
    for key, value in values.items():
        link = entity.fields[key].link
        if link is None or not isinstance(value, UUID):
            continue
        target = found.get(targets.get(key) or link.to[0])
        ways = target.reached.get(value, {}) if target else {}
        reached.update({way: read for way, read in ways.items() if way[0].field == key})
    previous = RowValues(work.ctx, entity, {})
    return RowValues(
        work.ctx,
        entity,
        values,
        targets,
        reached,
        {"previous": previous},
    )


def _reads(compiled: CompiledModel, entity: Entity, typed: Typed) -> tuple[str, ...]:
    """Return the fields of its own record that a formula reads, unstored ones looked through."""
    # The formula is kept along, so that its id stays its own.
    kept = compiled.keep(("reads", id(typed)), lambda: (typed, tuple(_walk(entity, typed))))
    return kept[1]


def _walk(entity: Entity, typed: Typed) -> dict[str, None]:
    found: dict[str, None] = {}
    waiting = [typed]
    while waiting:
        needs = waiting.pop().dependencies
        chains = [*needs.reads, *needs.outer]
        chains += [collection.links for collection in needs.collections if collection.links]
        for chain in chains:
            key = chain[0].field
            each = entity.fields.get(key)
            if each is None or key in found:
                continue
            found[key] = None
            if each.formula is not None and not each.column:
                waiting.append(each.formula)
    return found


def _put(batch: Batch, each: Field, places: Sequence[int], values: Iterable[object]) -> None:
    column = batch.values[each.key]
    for at, value in zip(places, values, strict=True):
        column[at] = fit(each, value)


def _is_given(batch: Batch, key: str, at: int) -> bool:
    given = batch.given.get(key)
    return given is not None and given[at]


def _copy(work: Work, batch: Batch, plan: EntityPlan, found: Found) -> None:
    for link, copies in plan.copies.items():
        if link not in batch.references:
            continue
        chosen = [at for at, value in enumerate(batch.values[link]) if value is not None]
        for copy in copies:
            if not may_take(work, batch.entity, copy.field, copy.path):
                continue
            places = [at for at in chosen if not _is_given(batch, copy.field, at)]
            values = evaluated(work, batch, copy.path, places, found)
            _put(batch, batch.entity.fields[copy.field], places, values)


def _own(work: Work, batch: Batch) -> None:
    """Give records to whoever makes them, and to their owner's department."""
    actor = work.ctx.actor
    owners = batch.values["owner"]
    if actor.kind == "person":
        for at, owner in enumerate(owners):
            if owner is None and not _is_given(batch, "owner", at):
                owners[at] = actor.user
    if "department" not in batch.values:
        return
    others = {each for each in owners if isinstance(each, UUID) and each != actor.user}
    people = work.read("user", others)
    column = work.entity("user").fields["department"].column
    home: dict[object, object] = {id_: row[column] for id_, row in people.items()}
    home[actor.user] = actor.department
    departments = batch.values["department"]
    for at, department in enumerate(departments):
        if department is None and not _is_given(batch, "department", at):
            departments[at] = home.get(owners[at])


def _reach_further(work: Work, batch: Batch, plan: EntityPlan, found: Found) -> None:
    """Read through links that nobody entered, where a default formula asks for it."""
    asked: dict[str, set[Reference]] = {}
    for key in plan.chains:
        link = batch.entity.fields[key].link
        targets = batch.targets.get(key)
        for at, value in enumerate(batch.values.get(key, ())):
            target = (targets[at] if targets else "") or (link.to[0] if link else "")
            known = found.get(target)
            if isinstance(value, UUID) and (known is None or value not in known.reached):
                asked.setdefault(key, set()).add(Reference(target, value))
    for target, more in find_targets(work, batch.entity.key, asked).items():
        if target in found:
            found[target].reached.update(more.reached)
        else:
            found[target] = more


def _default(work: Work, batch: Batch, each: Field, found: Found) -> None:
    column = batch.values[each.key]
    places = [
        at
        for at, value in enumerate(column)
        if value in (None, False) and not _is_given(batch, each.key, at)
    ]
    if not places:
        return
    if each.default_formula is not None:
        if not may_take(work, batch.entity, each.key, each.default_formula):
            return
        _put(batch, each, places, evaluated(work, batch, each.default_formula, places, found))
    elif each.link is None:
        for at in places:
            column[at] = each.default
