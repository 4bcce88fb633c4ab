"""Jobs are deferred with the transaction, run by workers, and belong to whoever deferred them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Lock
from time import sleep
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from engine.jobs import Job, SaysWhen, defer, install_queue, state_of
from engine.resting import Resting
from engine.worker import Worker


@dataclass
class Noting:
    """A task that notes its runs, and fails as often as it is told."""

    attempts: int = 1
    failures: int = 0
    error: type[Exception] = ValueError
    runs: list[Job] = field(default_factory=list)
    given_up: bool = False

    def run(self, job: Job) -> None:
        self.runs.append(job)
        job.report(1, 2, "half way")
        if len(self.runs) <= self.failures:
            raise self.error("not yet")

    def give_up(self, job: Job) -> None:
        self.given_up = True


@dataclass
class Slow:
    """A task that notes how many of its jobs ran at the same time."""

    attempts: int = 1
    runs: int = 0
    now: int = 0
    most: int = 0
    lock: Lock = field(default_factory=Lock)

    def run(self, job: Job) -> None:
        with self.lock:
            self.runs += 1
            self.now += 1
            self.most = max(self.most, self.now)
        sleep(0.02)
        with self.lock:
            self.now -= 1


def test_a_job_runs_with_its_tenant_its_payload_and_its_progress(shop: Any) -> None:
    task = Noting()
    number = deferred(shop, "greet", {"name": "Ada", "odd": "%s :x"})

    Worker(shop.database, {"greet": task}).run_until_empty()

    [job] = task.runs
    assert (job.tenant, job.payload, job.attempt) == (
        shop.tenant.name,
        {"name": "Ada", "odd": "%s :x"},
        1,
    )
    state = state_of(shop.database, shop.tenant, number)
    assert state is not None
    assert (state.status, state.done, state.total, state.note) == ("succeeded", 1, 2, "half way")


def test_a_job_of_a_unit_that_fails_does_not_exist(shop: Any) -> None:
    task = Noting()

    def work(connection: Connection) -> None:
        defer(connection, "greet", {})
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        shop.database.unit(shop.ctx(), work)
    Worker(shop.database, {"greet": task}).run_until_empty()

    assert task.runs == []


def test_a_job_that_fails_waits_for_another_try_with_its_reason(shop: Any) -> None:
    task = Noting(attempts=3, failures=1)
    number = deferred(shop, "greet", {})

    Worker(shop.database, {"greet": task}).run_until_empty()

    state = state_of(shop.database, shop.tenant, number)
    assert state is not None
    assert (state.status, state.attempts, state.note) == ("todo", 1, "ValueError: not yet")
    due_at_once(shop, number)
    Worker(shop.database, {"greet": task}).run_until_empty()
    assert [job.attempt for job in task.runs] == [1, 2]


@pytest.mark.parametrize(("asked", "waits"), [(500.5, 501), (0.0, 3), (None, None)])
def test_what_a_job_met_says_when_it_is_worth_another_try(
    shop: Any, asked: float | None, waits: int | None
) -> None:
    class Met(SaysWhen):
        wait = asked

    task = Noting(attempts=5, failures=1, error=Met)
    number = deferred(shop, "greet", {})

    Worker(shop.database, {"greet": task}).run_until_empty()

    state = state_of(shop.database, shop.tenant, number)
    assert state is not None
    assert state.status == ("failed" if waits is None else "todo")
    assert task.given_up == (waits is None)
    if waits is not None:
        assert waits - 60 <= due_in(shop, number) <= waits


def test_a_job_that_fails_for_good_is_kept_as_failed(shop: Any) -> None:
    number = deferred(shop, "greet", {})

    Worker(shop.database, {"greet": Noting(attempts=1, failures=1)}).run_until_empty()

    state = state_of(shop.database, shop.tenant, number)
    assert state is not None
    assert state.status == "failed"


def test_of_jobs_of_which_one_is_enough_only_one_waits(
    shop: Any, make_shop: Callable[[], Any]
) -> None:
    other = make_shop()

    assert deferred(shop, "greet", {}, only_one="x") is not None
    assert deferred(shop, "greet", {}, only_one="x") is None
    assert deferred(other, "greet", {}, only_one="x") is not None
    Worker(shop.database, {"greet": Noting()}).run_until_empty()


def test_a_tenant_sees_no_job_of_another(shop: Any, make_shop: Callable[[], Any]) -> None:
    number = deferred(shop, "greet", {})

    assert state_of(shop.database, make_shop().tenant, number) is None
    Worker(shop.database, {"greet": Noting()}).run_until_empty()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM joinery.procrastinate_jobs",
        "SELECT joinery.procrastinate_finish_job_v1(1, 'failed', false)",
        "DELETE FROM joinery.job_progress",
    ],
)
def test_a_tenants_role_has_no_right_on_the_queue_itself(shop: Any, statement: str) -> None:
    with pytest.raises(DBAPIError, match="denied|does not exist"):
        shop.database.unit(shop.ctx(), lambda connection: connection.execute(text(statement)))


def test_nobody_without_a_tenant_defers(shop: Any) -> None:
    with (
        pytest.raises(DBAPIError, match="no tenant"),
        shop.database.registry() as connection,
    ):
        defer(connection, "greet", {})


def test_a_tenant_with_much_to_do_keeps_no_other_waiting(
    shop: Any, make_shop: Callable[[], Any]
) -> None:
    task, other = Noting(), make_shop()
    for _ in range(40):
        deferred(shop, "greet", {})
    deferred(other, "greet", {})

    Worker(shop.database, {"greet": task}).run_until_empty()

    names = [job.tenant for job in task.runs]
    assert len(names) == 41
    assert names.index(other.tenant.name) < 40


def test_no_more_of_a_tenants_jobs_run_at_once_than_may(shop: Any) -> None:
    task = Slow()
    for _ in range(6):
        deferred(shop, "slow", {})

    Worker(shop.database, {"slow": task}, most_of_tenant=1).run_until_empty()

    assert (task.runs, task.most) == (6, 1)


def test_a_worker_of_some_queues_leaves_the_others_to_others(shop: Any) -> None:
    task = Noting()
    for queue in ("schedule", "bulk", "interactive"):
        deferred(shop, "greet", {"queue": queue}, queue=queue)

    Worker(shop.database, {"greet": task}, at_once={"bulk": 1}).run_until_empty()

    assert [job.payload for job in task.runs] == [{"queue": "bulk"}]
    Worker(shop.database, {"greet": task}).run_until_empty()
    assert len(task.runs) == 3


def test_installing_the_queue_again_changes_nothing(shop: Any) -> None:
    number = deferred(shop, "greet", {})

    with shop.database.owner() as connection:
        install_queue(connection)

    state = state_of(shop.database, shop.tenant, number)
    assert state is not None
    Worker(shop.database, {"greet": Noting()}).run_until_empty()


def deferred(shop: Any, task: str, payload: dict[str, object], **more: Any) -> Any:
    return shop.database.unit(
        shop.ctx(), lambda connection: defer(connection, task, payload, **more)
    )


def test_what_rests_with_its_tenant_is_done_once_that_is_open_however_often_it_was_asked(
    shop: Any,
) -> None:
    task, closed = Noting(attempts=1), [True]

    def place(tenant: str) -> Any:
        return replace(shop.ctx().tenant, frozen="archived" if closed[0] else "")

    number = deferred(shop, "greet", {})
    resting = {"greet": Resting(task, place)}
    for _ in range(3):
        Worker(shop.database, resting).run_until_empty()
        state = state_of(shop.database, shop.tenant, number)
        assert state is not None
        assert (task.runs, state.status) == ([], "todo")
        due_at_once(shop, number)
    closed.clear()
    closed.append(False)

    Worker(shop.database, resting).run_until_empty()

    [job] = task.runs
    assert job.id == number


def due_in(shop: Any, job: int | None) -> float:
    """Seconds from now until a job is tried again."""
    statement = text(
        "SELECT extract(epoch FROM scheduled_at - now()) FROM joinery.procrastinate_jobs "
        "WHERE id = :job"
    )
    with shop.database.queue(shop.tenant.database) as connection:
        return float(connection.execute(statement, {"job": job}).scalar_one())


def due_at_once(shop: Any, job: int | None) -> None:
    """Let a job that waits for its next try be due now."""
    with shop.database.registry() as connection:
        connection.execute(text("SET LOCAL search_path TO joinery, pg_catalog"))
        connection.execute(
            text("UPDATE joinery.procrastinate_jobs SET scheduled_at = now() WHERE id = :id"),
            {"id": job},
        )
