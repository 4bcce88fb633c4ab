"""Which job a worker takes next: fair between tenants, and never too many of one at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from procrastinate.connector import BaseConnector
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

_TAKE = (
    "SELECT id, status, task_name, priority, lock, queueing_lock, args, scheduled_at,"
    " queue_name, attempts, worker_id FROM take_job(%(queue)s, %(worker)s, %(most)s)"
)

_END = "SELECT end_job(%(job)s, %(outcome)s, %(most)s)"

_ROOM = "SELECT tell_of_room(%(job)s, %(most)s)"


class FairJobs(JobManager):
    """Takes jobs of the tenant for whom the least is being done, at most `most` of one at once."""

    def __init__(self, connector: BaseConnector, most: int) -> None:
        super().__init__(connector)
        self._most = most

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """Return the next job of the first queue that has one, marked as being done."""
        for queue in queues or ():
            rows = await self.connector.execute_query_all_async(
                query=_TAKE, queue=queue, worker=worker_id, most=self._most
            )
            if rows:
                return Job.from_row(rows[0])
        return None

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """Note how a job ended; one of its tenant's that waited for it may begin."""
        await self.connector.execute_query_async(
            query=_END, job=job.id, outcome=status.value, most=self._most
        )

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Have a job tried again; one of its tenant's that waited for it may begin."""
        await super().retry_job(job, retry_at, priority, queue, lock)
        await self.connector.execute_query_async(query=_ROOM, job=job.id, most=self._most)
