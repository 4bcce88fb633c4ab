"""The job that makes figures and hands them to the post, as the person who asked for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from uuid import UUID

from engine.context import Cause, Context
from engine.delivering.service import (
    DELIVER as TASK,
)
from engine.delivering.service import (
    Deliveries,
    Made,
    Papers,
    delivery_of,
)
from engine.errors import EngineError, NotFound
from engine.jobs import Job
from engine.mail import Mail
from engine.messages import sentence
from engine.tenants.errors import TenantClosed

__all__ = ["TASK", "DeliveryTask"]

GONE = {
    "en": "{title} could not be sent: it is not there any more, or not open to you.",
    "zh": "{title} 未能发送：它已不存在，或您已无权查看。",
}
"""What somebody is told whose figures are gone."""

FAILED = {
    "en": "{title} could not be made this time: {why} It is tried again the next time.",
    "zh": "{title} 本次未能生成：{why}下次将再次尝试。",
}
"""What somebody is told whose figures could not be made, and why."""


@dataclass(frozen=True, slots=True)
class DeliveryTask:
    """Sends what is due; who left, or lost the right, is sent nothing of it."""

    deliveries: Deliveries
    papers: Papers
    person: Callable[[str, UUID, str, Cause], Context]
    address: Callable[[Context], str]
    system: Callable[[str], Context]
    attempts: int = 5

    def run(self, job: Job) -> None:
        """Make and send a delivery once, however often the job runs."""
        account, delivery = UUID(job.payload["account"]), UUID(job.payload["delivery"])
        try:
            ctx = self.person(job.tenant, account, job.payload["language"], Cause("job"))
        except (NotFound, TenantClosed):
            # Whoever is let in again finds what they had sent as they left it.
            self.deliveries.pass_over(self.system(job.tenant), delivery, job.payload["due"])
            return
        found = self.deliveries.due(ctx, delivery, job.payload["due"])
        if found is None:
            return
        try:
            made = self.papers.make(ctx, delivery_of(found.spec))
        except NotFound:
            words = GONE.get(ctx.language, GONE["en"]).format(title=found.title)
            made = Made(found.title, words, ())
        except EngineError as error:
            # One that cannot be made today must not end all that would follow.
            why = sentence(error, ctx.language)
            words = FAILED.get(ctx.language, FAILED["en"]).format(title=found.title, why=why)
            made = Made(found.title, words, ())
        mail = Mail(self.address(ctx), made.title, made.words, _page(made), made.files)
        self.deliveries.send(ctx, found, mail)


def _page(made: Made) -> str:
    lines = "".join(f"<p>{escape(line)}</p>" for line in made.words.splitlines() if line)
    return f"<!doctype html><html><body><h1>{escape(made.title)}</h1>{lines}</body></html>"
