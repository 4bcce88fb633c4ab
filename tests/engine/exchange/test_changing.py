"""Many records are changed by a worker part by part, and taken back as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from boot.tasks import tasks
from boot.wiring import House
from engine.context import Context
from engine.doors import Edit
from engine.errors import NotFound
from engine.exchange.changing import Change, ChangingMany
from engine.exchange.journal import ImportState
from engine.exchange.taking_back import TASK, UNDOING, TakeBackTask, TakingBack
from engine.exchange.turns import Turns
from engine.jobs import Job
from engine.undoing import Undone
from tests.conftest import TenantMaker
from tests.engine.exchange.test_guided import APP, Fair

JOB = {"account": "", "language": "en"}


@pytest.fixture(scope="module")
def fair(house: House, tenant_of: TenantMaker) -> Fair:
    return Fair(house, tenant_of(APP))


def changing(fair: Fair) -> ChangingMany:
    """What changes two records at once."""
    house = fair.house
    return ChangingMany(house.database, house.writer, house.contexts, part=2)


def begun(fair: Fair, ids: list[UUID], **values: Any) -> UUID:
    change = Change("lead", tuple(ids), values, trash=not values)
    return changing(fair).begin(fair.ctx, change, job=JOB)


def worked(fair: Fair, identity: UUID) -> ImportState:
    """The change as a worker leaves it, under the cause that its task gives."""
    cause = replace(fair.ctx.cause, door="form", reference=str(identity))
    return changing(fair).run(replace(fair.ctx, cause=cause), identity)


def leads(fair: Fair, count: int) -> tuple[list[str], list[UUID]]:
    names = [f"{uuid4().hex[:8]}-{at}" for at in range(count)]
    made = fair.house.writer.create(
        fair.ctx, "lead", [{"name": each, "note": "old"} for each in names]
    )
    return names, list(made.ids)


def test_a_change_goes_on_part_by_part_names_who_refuses_and_is_taken_back(fair: Fair) -> None:
    """P-18: what somebody changed since stays as it is."""
    names, ids = leads(fair, 3)
    nobody = uuid4()
    identity = begun(fair, [ids[0], nobody, *ids[1:]], note="new")

    done = worked(fair, identity)

    assert (done.state, done.done, dict(done.counts)) == ("done", 4, {"updated": 3, "rejected": 1})
    assert [each.cells for each in done.rejected] == [(str(nobody),)]
    assert {fair.leads()[name]["note"] for name in names} == {"new"}
    fair.house.writer.update(fair.ctx, "lead", [Edit(ids[1], {"note": "theirs"})])
    after, kept = fair.house.services.taking_back.undo(fair.ctx, identity)
    assert [fair.leads()[name]["note"] for name in names] == ["old", "theirs", "old"]
    assert ([each.id for each in kept], after.state) == ([ids[1]], "undone")


def test_a_change_that_was_cut_short_goes_on_where_it_was(fair: Fair) -> None:
    names, ids = leads(fair, 3)
    identity = begun(fair, ids)

    def cut_short(state: ImportState) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        changing(fair).run(fair.ctx, identity, progress=cut_short)
    assert changing(fair).state(fair.ctx, identity).done == 2
    done = worked(fair, identity)

    assert (done.state, done.counts["updated"]) == ("done", 3)
    assert not set(names) & fair.leads().keys(), "all three lie in the trash"


def test_a_change_of_somebody_else_is_not_there_and_is_no_import(fair: Fair) -> None:
    _, ids = leads(fair, 1)
    identity = begun(fair, ids, note="new")
    person = replace(fair.ctx.actor, kind="person", user=uuid4(), roles=("administrator",))
    stranger = replace(fair.ctx, actor=person)
    services = fair.house.services

    for look in (services.changing.state, services.taking_back.undo, services.importer.state):
        with pytest.raises(NotFound):
            look(stranger, identity)
    for turn in (services.guided.pause, services.guided.cancel):
        with pytest.raises(NotFound):
            turn(fair.ctx, identity)
    assert services.changing.state(fair.ctx, identity).state == "waiting", "nothing was turned"
    assert identity not in [each.id for each in services.guided.listed(fair.ctx)]


class Unreachable:
    """What takes back nothing."""

    def undo(self, ctx: Context, change_sets: Sequence[UUID]) -> Undone:
        raise ConnectionError(str(ctx.tenant.name), len(change_sets))


def test_what_a_worker_could_not_take_back_can_be_taken_back_again(fair: Fair) -> None:
    names, ids = leads(fair, 1)
    identity = begun(fair, ids, note="new")
    worked(fair, identity)
    fair.house.database.unit(
        fair.ctx, lambda it: Turns(fair.ctx).turn(it, identity, ["done"], state=UNDOING)
    )
    broken = TakingBack(fair.house.database, Unreachable())
    task = TakeBackTask(broken, lambda *_: fair.ctx, lambda _: fair.ctx)
    payload = {"import": str(identity), "account": str(uuid4()), "language": "en", "before": "done"}

    states = []
    for attempt in range(1, task.attempts + 1):
        job = Job(0, fair.ctx.tenant.name, payload, attempt, lambda *_: None)
        with pytest.raises(ConnectionError):
            task.run(job)
        states.append(broken.state(fair.ctx, identity).state)

    assert states == [UNDOING, UNDOING, "done"]
    fair.house.database.unit(
        fair.ctx, lambda it: Turns(fair.ctx).turn(it, identity, ["done"], state=UNDOING)
    )
    tasks(fair.house)[TASK].run(job)
    assert broken.state(fair.ctx, identity).state == "done", "who asked may not act any more"
    fair.house.services.taking_back.undo(fair.ctx, identity)
    assert [fair.leads()[name]["note"] for name in names] == ["old"]
