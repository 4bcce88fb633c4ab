"""What a record gets without being told: copies, defaults, owner, first stage, computed values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from uuid import UUID

from engine.records.checks import row_values
from engine.records.currencies import take_rates
from engine.records.draft import Chosen, Draft
from engine.records.plans import EntityPlan, plan_of
from engine.records.references import Targets, reached_by, resolve
from engine.records.telling import may_take
from engine.records.work import Work
from engine.values.local import RowValues, computed_value, evaluate, fit, taken
from engine.values.payload import Reference, naming_fields
from engine.values.readers import read_value
from formula.typed import Typed
from metamodel.label import Label
from metamodel.model import Copy, Field, Model


def fill(work: Work, drafts: Sequence[Draft]) -> None:
    """Look up links and fill drafts in, in order: copies, owner, defaults, stage, computed."""
    for draft in drafts:
        _default_links(work, draft)
    chosen = {draft.id: set(draft.references) for draft in drafts}
    found = dict(resolve(work, drafts))
    pointed = _pointed(drafts)
    for draft in drafts:
        plan = plan_of(work.ctx.compiled, draft.entity)
        _copy(work, draft, plan, chosen[draft.id], found)
        if draft.is_new:
            _own(work, draft)
    _reach_further(work, drafts, found)
    for draft in drafts:
        plan = plan_of(work.ctx.compiled, draft.entity)
        if draft.is_new:
            _default(work, draft, plan, found)
        _first_stage(work, draft)
        _clear_hidden(work, draft, plan)
        stamp(work, draft)
    take_rates(work, drafts)
    for draft in drafts:
        plan = plan_of(work.ctx.compiled, draft.entity)
        compute(work, draft, plan, alone=draft.is_new and draft.id not in pointed)


def _default_links(work: Work, draft: Draft) -> None:
    """Point links that nobody entered to the starter records that are their default."""
    if not draft.is_new:
        return
    for each in plan_of(work.ctx.compiled, draft.entity).defaults:
        if each.link is None or each.default is None or each.key in draft.given:
            continue
        make = partial(starter_of, work.model, each)
        reference = work.ctx.compiled.keep(("default link", each.entity, each.key), make)
        if reference is not None and draft.values.get(each.key) is None:
            draft.references[each.key] = reference


def starter_of(model: Model, each: Field) -> Reference | None:
    """Return the starter record that is a link's default, by the field that names it alone."""
    starter = next((s for s in model.starter_records if s.key == each.default), None)
    if starter is None:
        return None
    fields = naming_fields(model.entities[starter.entity]).values()
    for field in fields:
        value = starter.values.get(field.name, starter.values.get(field.key))
        if value is not None and not isinstance(value, Label):
            return Reference(starter.entity, by=field.key, value=value, passed=True)
    return None


def compute(work: Work, draft: Draft, plan: EntityPlan, *, alone: bool) -> None:
    """Compute what follows from the record itself; all of it where nothing points to it yet."""
    row = row_values(work, draft)
    for each in plan.computed:
        if draft.thaws(each):
            draft.values[each.key] = computed_value(each, row)
    if alone:
        for each in plan.empty:
            draft.values[each.key] = computed_value(each, row)
            draft.settled.add(each.key)


def stamp(work: Work, draft: Draft) -> None:
    """Note who writes the record, and when."""
    if draft.is_new:
        draft.values["created_at"], draft.values["created_by"] = work.ctx.now, work.ctx.actor.user
    draft.values["updated_at"], draft.values["updated_by"] = work.ctx.now, work.ctx.actor.user


def _pointed(drafts: Sequence[Draft]) -> set[UUID]:
    """Return the ids that links of drafts hold: such a record's collections may not be empty."""
    held = {value for draft in drafts for value in draft.values.values() if isinstance(value, UUID)
            and value != draft.id}  # fmt: skip
    return held | {draft.id for draft in drafts if draft.chosen}


def _copy(
    work: Work,
    draft: Draft,
    plan: EntityPlan,
    chosen: set[str],
    found: Mapping[str, Targets],
) -> None:
    """Copy what choosing a link fills in, once, into fields that were not entered."""
    for link, copies in plan.copies.items():
        if link not in chosen or draft.values.get(link) in (None, draft.before.get(link)):
            continue
        row = _with_reached(work, draft, found)
        for copy in copies:
            if copy.field in draft.given or _keeps(draft, copy):
                continue
            if may_take(work, draft.entity, copy.field, copy.path):
                _take(draft, copy.field, copy.path, row)


def _keeps(draft: Draft, copy: Copy) -> bool:
    """Return whether what was typed stays, because overwriting it asks for a person's yes."""
    return copy.ask and draft.before.get(copy.field) is not None


def _take(draft: Draft, key: str, typed: Typed, row: RowValues) -> None:
    """Fill a field with what a formula comes to, or with what another field holds."""
    each, value = draft.entity.fields[key], evaluate(typed, row)
    if each.link is not None and each.link.many:
        draft.chosen[key] = Chosen(tuple(value or ()), frozenset(), whole=True)
    else:
        _put(draft, key, taken(each, typed, value))


def _put(draft: Draft, key: str, value: object) -> None:
    each = draft.entity.fields[key]
    draft.values[key] = fit(each, value)
    if each.link is not None and value is not None and len(each.link.to) == 1:
        draft.targets[key] = each.link.to[0]


def _own(work: Work, draft: Draft) -> None:
    """Give a record to whoever makes it, and to their department."""
    actor = work.ctx.actor
    if "owner" not in draft.entity.fields or not draft.entity.owned:
        return
    if draft.values.get("owner") is None and "owner" not in draft.given and actor.kind == "person":
        _put(draft, "owner", actor.user)
    if draft.values.get("department") is None and "department" not in draft.given:
        owner = draft.values.get("owner")
        if owner == actor.user:
            _put(draft, "department", actor.department)
        elif isinstance(owner, UUID):
            people = work.read("user", [owner])
            column = work.entity("user").fields["department"].column
            if owner in people:
                _put(draft, "department", people[owner][column])


def _reach_further(work: Work, drafts: Sequence[Draft], found: dict[str, Targets]) -> None:
    """Read through links that nobody entered, where a default formula asks for it."""
    for draft in drafts:
        plan = plan_of(work.ctx.compiled, draft.entity)
        for link in plan.chains if draft.is_new else ():
            value = draft.values.get(link)
            each = draft.entity.fields[link]
            target = draft.targets.get(link) or (each.link.to[0] if each.link else "")
            known = found.get(target)
            if isinstance(value, UUID) and (known is None or value not in known.reached):
                draft.references[link] = Reference(target, value)
    for target, more in resolve(work, drafts).items():
        if target in found:
            found[target].reached.update(more.reached)
        else:
            found[target] = more


def _default(work: Work, draft: Draft, plan: EntityPlan, found: Mapping[str, Targets]) -> None:
    for each in plan.defaults:
        if each.key in draft.given or draft.values.get(each.key) not in (None, False):
            continue
        if each.default_formula is not None:
            if not may_take(work, draft.entity, each.key, each.default_formula):
                continue
            row = _with_reached(work, draft, found)
            _take(draft, each.key, each.default_formula, row)
        elif each.link is None:
            # What formulas do not read whole is written in the model as on the wire.
            plain = each.value_type is not None
            draft.values[each.key] = each.default if plain else read_value(each, each.default)


def _first_stage(work: Work, draft: Draft) -> None:
    """Start a record without a stage in the first one of the first pipeline that is for it.

    One that is there already starts on the course that it comes to be for.
    """
    for pipeline in draft.entity.pipelines.values():
        field = pipeline.field_key
        if draft.values.get(field) is not None or (field in draft.given and not draft.is_new):
            continue
        if pipeline.when is None:
            starts = draft.is_new
        else:
            starts = bool(evaluate(pipeline.when, row_values(work, draft)))
        if starts:
            draft.values[field] = pipeline.first.key


def _clear_hidden(work: Work, draft: Draft, plan: EntityPlan) -> None:
    """Empty fields that are hidden now and say that they do not keep their value."""
    for each in plan.clearing:
        seen = each.visible_when
        if seen is None or evaluate(seen, row_values(work, draft)):
            continue
        if each.link is not None and each.link.many:
            draft.chosen[each.key] = Chosen((), frozenset(), whole=True)
        else:
            draft.values[each.key] = plan.blanks[each.key]


def _with_reached(work: Work, draft: Draft, found: Mapping[str, Targets]) -> RowValues:
    row = row_values(work, draft)
    return RowValues(
        row.ctx, row.entity, row.values, row.targets, reached_by(draft, found), row.roots
    )
