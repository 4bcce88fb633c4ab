"""Who is next to be given a record: in turn, or whoever has the least open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import any_, func, select
from sqlalchemy.dialects.postgresql import insert

from engine.notices.tables import PREFERENCE, columns_of
from engine.records.formed import ids_where
from engine.records.work import IDS
from engine.tenants.people import SYSTEM_USER
from engine.values.identity import new_id
from metamodel.actions import Assign
from metamodel.model import Entity
from workflow.doing import Here
from workflow.recipients import people_with


def candidates(here: Here, act: Assign) -> list[UUID]:
    """Return the active people among whom a step chooses, in a fixed order."""
    found = people_with(here, act.roles) if act.roles else _everybody(here)
    if act.among is not None:
        fitting = set(ids_where(here.fresh(), here.stand, "user", act.among, (*here.key, "among")))
        found = [each for each in found if each in fitting]
    if act.match and act.by is not None:
        wanted = here.value(act.by, "by")
        held = _held(here, act.match, found)
        found = [each for each in found if _holds(held.get(each), wanted)]
    return found


def chosen(here: Here, act: Assign, people: Sequence[UUID], count: int = 1) -> list[UUID]:
    """Return whose turn it is among people, so many times; of those who have the least, where
    that is asked. Nobody where there are no people.

    Steps at the same time wait for each other, so that each counts what the last has given.
    """
    if not people:
        return []
    last, ordered = _last(here), sorted(people)
    held = dict.fromkeys(ordered, 0)
    if act.way == "least_busy":
        held |= _open(here, act, people)
    found: list[UUID] = []
    for _ in range(count):
        least = min(held.values()) if act.way == "least_busy" else 0
        fitting = [each for each in ordered if held[each] == least]
        after = [each for each in fitting if last is None or str(each) > last]
        found.append((after or fitting)[0])
        last = str(found[-1])
        held[found[-1]] += act.way == "least_busy"
    _remember(here, found[-1])
    return found


def _last(here: Here) -> str | None:
    """Return whom the step chose last, and hold its turn until the transaction ends."""
    table, column = columns_of(here.ctx, PREFERENCE)
    row = {"id": new_id(here.ctx.now), "person": SYSTEM_USER, "name": _turn(here), "value": None}
    here.connection.execute(
        insert(table)
        .values({column[key].name: value for key, value in row.items()})
        .on_conflict_do_nothing()
    )
    mine = (column["person"] == SYSTEM_USER, column["name"] == _turn(here))
    held = here.connection.execute(select(column["value"]).where(*mine).with_for_update())
    last = held.scalar_one()
    return None if last is None else str(last)


def _remember(here: Here, person: UUID) -> None:
    table, column = columns_of(here.ctx, PREFERENCE)
    mine = (column["person"] == SYSTEM_USER, column["name"] == _turn(here))
    chosen_now = {column["value"].name: str(person)}
    here.connection.execute(table.update().where(*mine).values(chosen_now))


def _turn(here: Here) -> str:
    return "turn:" + "/".join(here.path)


def _everybody(here: Here) -> list[UUID]:
    def make() -> Any:  # Any: a statement
        user = here.ctx.compiled.tables.of("user")
        fields = here.ctx.model.entities["user"].fields
        return select(user.c.id).where(
            user.c[fields["active"].column].is_(True),
            user.c[fields["system"].column].is_not(True),
            user.c.sys_trashed_at.is_(None),
        ).order_by(user.c.id)  # fmt: skip

    return [row[0] for row in here.fresh().run(("everybody",), make)]


def _open(here: Here, act: Assign, people: Sequence[UUID]) -> dict[UUID, int]:
    """Return how many records that have not ended each of some people holds."""

    def make() -> Any:  # Any: a statement
        entity = here.ctx.model.entities[act.entity]
        row = here.ctx.compiled.tables.of(act.entity)
        holder = row.c[entity.fields[act.field].column]
        where = [holder == any_(IDS), row.c.sys_trashed_at.is_(None)]
        where += [row.c[column].not_in(over) for column, over in _ends(entity)]
        return select(holder, func.count()).where(*where).group_by(holder)

    rows = here.fresh().run(("open of", act.entity, act.field), make, ids=list(people))
    return {row[0]: int(row[1]) for row in rows}


def _ends(entity: Entity) -> list[tuple[str, list[str]]]:
    found = []
    for pipeline in entity.pipelines.values():
        over = [key for key, stage in pipeline.stages.items() if stage.ends]
        if over:
            found.append((entity.fields[pipeline.field_key].column, over))
    return found


def _held(here: Here, field: str, people: Sequence[UUID]) -> dict[UUID, object]:
    def make() -> Any:  # Any: a statement
        row = here.ctx.compiled.tables.of("user")
        column = here.ctx.model.entities["user"].fields[field].column
        return select(row.c.id, row.c[column]).where(row.c.id == any_(IDS))

    return {row[0]: row[1] for row in here.fresh().run(("held", field), make, ids=list(people))}


def _holds(held: object, wanted: object) -> bool:
    """Return whether what somebody has is what is wanted, or has it among several."""
    if held is None or wanted is None:
        return False
    mine = set(held) if isinstance(held, list | tuple) else {held}
    theirs = set(wanted) if isinstance(wanted, list | tuple) else {wanted}
    return not mine.isdisjoint(theirs)
