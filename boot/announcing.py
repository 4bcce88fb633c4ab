"""What is told at the end of work that people began: an import, a publish, a hand-over …"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from uuid import UUID

from boot.wiring import House
from engine.context import Cause, Context
from engine.errors import NotFound
from engine.jobs import Job, Task, state_of
from engine.notices import News
from engine.notices.ending import Announced

Told = tuple[UUID, News]


def announced(house: House, task: Task, ended: Callable[[House, Job], Told | None]) -> Task:
    """Return a task that tells of its end, as one of the functions below says it."""

    def system(tenant: str) -> Context:
        return house.contexts.system(tenant, cause=Cause("job"))

    return Announced(task, house.services.notices, system, partial(ended, house))


def import_ended(house: House, job: Job) -> Told | None:
    """Return what the end of an import is told as, with the list that it went into."""
    ctx = _present(house, job)
    if ctx is None:
        return None
    state = house.services.importer.state(ctx, UUID(job.payload["import"]))
    url = f"/{ctx.tenant.name}/records/{ctx.model.entities[state.entity].name}"
    return ctx.actor.user, _ended("import", state.file, url)


def change_ended(house: House, job: Job) -> Told | None:
    """Return what the end of a change of many records is told as, with where it is undone."""
    ctx = _present(house, job)
    if ctx is None:
        return None
    state = house.services.changing.state(ctx, UUID(job.payload["change"]))
    url = f"/{ctx.tenant.name}/records/{state.entity}?bulk={state.id}"
    return ctx.actor.user, _ended("change", str(state.counts.get("updated", 0)), url)


def undo_ended(house: House, job: Job) -> Told | None:
    """Return what the end of taking much back is told as, with the list that it was in."""
    ctx = _present(house, job)
    if ctx is None:
        return None
    state = house.services.taking_back.state(ctx, UUID(job.payload["import"]))
    url = f"/{ctx.tenant.name}/records/{state.entity}"
    return ctx.actor.user, _ended("undo", str(state.counts.get("undone", 0)), url)


def publish_ended(house: House, job: Job) -> Told | None:
    """Return what the end of a publish is told as; None where its row does not say."""
    ctx = _person(house, job)
    state = state_of(house.database, ctx.tenant, job.id)
    note = json.loads(state.note) if state is not None and state.note else {}
    url = f"/{ctx.tenant.name}/admin/versions"
    if note.get("revision"):
        return ctx.actor.user, _ended("publish", str(note["revision"]), url)
    if note.get("code"):
        return ctx.actor.user, _ended("refused", str(job.payload.get("draft", "")), f"{url}/next")
    return None


def backup_ended(house: House, job: Job) -> Told | None:
    """Return what a backup that somebody asked for is told as; those of the night tell nobody."""
    person = job.payload.get("person")
    if not person:
        return None
    news = _ended("backup", str(job.payload.get("file", "")), f"/{job.tenant}/admin/workspace")
    return UUID(str(person)), news


def handover_ended(house: House, job: Job) -> Told | None:
    """Return what the end of a hand-over is told as, with its report, to whoever ordered it."""
    ctx = house.contexts.system(job.tenant, cause=Cause("job"))
    state = house.services.handovers.state(ctx, UUID(job.payload["handover"]))
    if state.state == "running":
        return None
    url = f"/{ctx.tenant.name}/admin/people/{state.order.person}/handover/{state.id}"
    return state.created_by, _ended("handover", state.name, url)


def _ended(what: str, name: str, url: str) -> News:
    return News("finished", words={"what": what, "name": name, "url": url})


def _present(house: House, job: Job) -> Context | None:
    """Return whoever began a job, None for who may not act any more."""
    try:
        return _person(house, job)
    except NotFound:
        return None


def _person(house: House, job: Job) -> Context:
    """Return whoever began a job, as they are now."""
    account, language = UUID(job.payload["account"]), str(job.payload.get("language") or "en")
    return house.contexts.make(job.tenant, account, language=language, cause=Cause("job"))
