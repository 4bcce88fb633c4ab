"""Acts on records: set, create, update, delete, find, convert."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from engine.errors import NotFound
from engine.records.convert import made_by
from engine.records.formed import Part, Setting, Stand, ids_where, new_drafts
from engine.values.identity import new_id
from metamodel.actions import (
    ConvertRecord,
    CreateRecord,
    DeleteRecords,
    FindRecord,
    SetFields,
    UpdateRecords,
)
from workflow.doing import Here, Outcome

AT_ONCE = 10_000
"""Records that one unit of work changes."""

FIRST = Part(UUID(int=0), 1)


def set_fields(here: Here, act: SetFields) -> Outcome:
    """Change the record at hand."""
    record = at_hand(here)
    entity = here.ctx.model.entities[act.entity]
    setting = Setting(entity, [record], here.stand, act.values, here.key)
    here.writer.write(here.ctx, setting)
    return Outcome({"set": [entity.fields[key].name for key in act.values]})


def create(here: Here, act: CreateRecord) -> Outcome:
    """Make a record, which later steps know by the step\'s name."""
    entity = here.ctx.model.entities[act.entity]
    id_ = new_id(here.ctx.now)
    here.writer.write(
        here.ctx, lambda work: new_drafts(work, here.stand, entity, id_, act.values, here.key)
    )
    return Outcome({"made": [[act.entity, str(id_)]]}, {here.name: id_})


def meant(here: Here, act: UpdateRecords | DeleteRecords, part: Part | None) -> list[UUID]:
    """Return the records that a step is over, by id: all, or a part of them."""
    if act.where is None:
        return [at_hand(here)]
    return ids_where(here.fresh(), here.stand, act.entity, act.where, here.key, part)


def act_on(here: Here, act: UpdateRecords | DeleteRecords, ids: Sequence[UUID]) -> None:
    """Change records, or move them to the trash, as many at once as one write takes."""
    if isinstance(act, UpdateRecords):
        _update(here, act, ids)
        return
    for start in range(0, len(ids), AT_ONCE):
        here.writer.delete(here.ctx, act.entity, ids[start : start + AT_ONCE])


def _update(here: Here, act: UpdateRecords, ids: Sequence[UUID]) -> None:
    entity = here.ctx.model.entities[act.entity]
    record = here.stand.record
    this = (here.stand.entity, record) if record is not None else None
    stand = Stand(act.entity, None, this, here.stand.given)
    for start in range(0, len(ids), AT_ONCE):
        part = ids[start : start + AT_ONCE]
        here.writer.write(here.ctx, Setting(entity, part, stand, act.values, here.key))


def find(here: Here, act: FindRecord) -> Outcome:
    """Find the oldest record that a condition describes, which later steps know by the name."""
    ids = ids_where(here.fresh(), here.stand, act.entity, act.where, here.key, FIRST)
    return Outcome({"found": [act.entity, len(ids)]}, {here.name: next(iter(ids), None)})


def convert(here: Here, act: ConvertRecord) -> Outcome:
    """Make other records from the one at hand."""
    rule = here.ctx.model.entities[act.entity].converts[act.convert]
    change = here.writer.convert(here.ctx, act.entity, at_hand(here), rule.name)
    made = list(made_by(rule, change))
    given: dict[str, object] = {part: id_ for part, _, id_ in made}
    if made:
        given[here.name] = made[0][2]
    return Outcome({"made": [[entity, str(id_)] for _, entity, id_ in made]}, given)


def at_hand(here: Here) -> UUID:
    """Return the record at hand; one that is gone for good stops the run."""
    if here.stand.record is None:
        raise NotFound(entity=here.stand.entity)
    return here.stand.record
