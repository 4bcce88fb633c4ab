"""Which job a worker takes next: fair between tenants, and never too many of one at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from procrastinate.connector import BaseConnector
from procrastinate.jobs import Job, Notification, Status
from procrastinate.manager import JobManager, NotificationCallback

_TAKE = (
    "SELECT id, status, task_name, priority, lock, queueing_lock, args, scheduled_at,"
    " queue_name, attempts, worker_id FROM take_job(%(queue)s, %(worker)s, %(most)s)"
)

_END = "SELECT end_job(%(job)s, %(outcome)s, %(worker)s, %(most)s)"

_END_AND_TAKE = (
    "SELECT id, status, task_name, priority, lock, queueing_lock, args, scheduled_at,"
    " queue_name, attempts, worker_id"
    " FROM end_and_take(%(job)s, %(outcome)s, %(queue)s, %(worker)s, %(most)s)"
)

_PUT_BACK = "SELECT put_back(%(jobs)s)"

_TRY_AGAIN = "SELECT try_again(%(job)s, %(at)s, %(worker)s, %(most)s)"

_TAKE_UP = "SELECT take_up(%(dead)s, %(deaths)s)"


class FairJobs(JobManager):
    """Takes jobs of the tenant for whom the least is being done, at most `most` of one at once.

    Where workers stay until they are told to stop, the place of a job that ends is given to
    another in the same statement, until `end_only`; `put_back` is for when they have stopped.
    """

    def __init__(self, connector: BaseConnector, most: int) -> None:
        super().__init__(connector)
        self._most = most
        self._stays = True
        self._told: Counter[str] = Counter()
        self._wake: dict[str, NotificationCallback] = {}
        self._next: dict[str, list[Job]] = {}

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """Return the next job of the first queue that has one, marked as being done."""
        for queue in queues or ():
            # A worker forgets what it was told while it looked, and would sleep over it.
            told = -1
            while told != self._told[queue]:
                if self._next.get(queue):
                    return self._next[queue].pop(0)
                told = self._told[queue]
                rows = await self.connector.execute_query_all_async(
                    query=_TAKE, queue=queue, worker=worker_id, most=self._most
                )
                if rows:
                    return Job.from_row(rows[0])
        return None

    async def listen_for_jobs(
        self, *, on_notification: NotificationCallback, queues: Iterable[str] | None = None
    ) -> None:
        """Tell a worker of each queue's new jobs, and note that it was told."""
        watched = tuple(queues or ())

        async def told(*, channel: str, notification: Notification) -> None:
            self._told.update(watched)
            await on_notification(channel=channel, notification=notification)

        self._wake.update(dict.fromkeys(watched, told))
        await super().listen_for_jobs(on_notification=told, queues=watched)

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """Note how a job ended; one of its tenant's that waited for it may begin."""
        wake = self._wake.get(job.queue)
        if not self._stays or wake is None:
            await self.connector.execute_query_async(
                query=_END,
                job=job.id,
                outcome=status.value,
                worker=job.worker_id,
                most=self._most,
            )
            return
        rows = await self.connector.execute_query_all_async(
            query=_END_AND_TAKE,
            job=job.id,
            outcome=status.value,
            queue=job.queue,
            worker=job.worker_id,
            most=self._most,
        )
        if rows:
            following = Job.from_row(rows[0])
            self._next.setdefault(job.queue, []).append(following)
            number = following.id or 0
            await wake(channel="", notification={"type": "job_inserted", "job_id": number})

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Have a job tried again as it was, unless another waits that does the same."""
        await self.connector.execute_query_async(
            query=_TRY_AGAIN, job=job.id, at=retry_at, worker=job.worker_id, most=self._most
        )

    async def take_up(self, dead: float, deaths: int) -> None:
        """Have jobs wait again whose worker was not heard of for `dead` seconds, so often at most.

        Those that end every worker fail.
        """
        await self.connector.execute_query_async(query=_TAKE_UP, dead=dead, deaths=deaths)

    def end_only(self) -> None:
        """Take nothing more for those that end: the workers are to stop."""
        self._stays = False

    async def put_back(self) -> None:
        """Give back what was taken for workers that have stopped since."""
        left = [job.id for waiting in self._next.values() for job in waiting]
        self._next.clear()
        if left:
            await self.connector.execute_query_async(query=_PUT_BACK, jobs=left)
