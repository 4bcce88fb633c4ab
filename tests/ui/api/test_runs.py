"""Runs, trials, buttons and failed jobs over the API."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection

from engine.jobs import Job, defer
from engine.worker import Worker
from tests.attending import work_off
from tests.conftest import TenantMaker
from tests.ui.api.calling import Api, Calling
from workflow.task import RunTask

APP = """
format: 1
app: {name: desk, label: Desk, version: "1", languages: [en, zh]}
entities:
  ticket:
    label: Ticket
    title: name
    fields:
      name: {type: text, required: true}
      done: {type: boolean}
      why: {type: text, max_length: 5}
    buttons:
      finish:
        label: Finish
        visible_when: not done
        input: {reason: {type: text, required: true, label: Reason}}
        steps: {mark: {set: {done: 'true', why: input.reason}}}
automations:
  copied:
    label: Copied
    trigger: {on: updated, entity: ticket, fields: [done]}
    when: done
    steps: {again: {create: ticket, set: {name: name & why}}}
roles:
  clerk: {rights: {ticket: {create: all, read: all, update: all}}}
"""


@pytest.fixture(scope="module")
def desk(tenant_of: TenantMaker, calling: Calling) -> Api:
    return calling(ctx=tenant_of(APP))


@pytest.fixture(scope="module")
def clerk(desk: Api, calling: Calling) -> Api:
    return calling("clerk", ctx=desk.ctx)


def worked(desk: Api) -> None:
    """Do what waits, as a worker does."""
    task = RunTask(desk.house.database, desk.house.runner, lambda _: desk.ctx, lambda *_: None)
    waiting = desk.get("/runs", state="waiting")["data"]
    task.run(Job(0, desk.ctx.tenant.name, {"runs": [r["id"] for r in waiting]}, 1, lambda *_: None))


def unlucky(desk: Api) -> list[Any]:
    return [each for each in desk.get("/jobs/failed")["data"] if each["task"] == "unlucky"]


def finished(api: Api, reason: str = "sold") -> tuple[str, Any]:
    ticket = api.create("ticket", name=f"T {uuid4().hex[:6]}")["id"]
    address = f"/records/ticket/{ticket}/buttons/finish"
    return ticket, api.call("POST", address, {"input": {"reason": reason}})


def test_a_button_says_what_it_asks_and_does_what_it_says(desk: Api, clerk: Api) -> None:
    """Requirement P-05."""
    ticket, answer = finished(clerk)

    assert answer.json["state"] == "done"
    assert clerk.get(f"/records/ticket/{ticket}")["why"] == "sold"
    assert clerk.get(f"/records/ticket/{ticket}/buttons")["data"] == []
    other = clerk.create("ticket", name="Other")["id"]
    (offered,) = clerk.get(f"/records/ticket/{other}/buttons")["data"]
    assert offered["input"] == [
        {"name": "reason", "label": "Reason", "type": "text", "required": True}
    ]


def test_a_button_that_cannot_be_done_changes_nothing_and_says_why(clerk: Api) -> None:
    ticket, answer = finished(clerk, reason="much too long")

    assert answer.status_code == 422
    said = answer.json["errors"]
    assert [each["code"] for each in said] == ["button_failed", "too_long"]
    assert "Finish" in said[0]["message"]
    assert clerk.get(f"/records/ticket/{ticket}")["done"] is False


def test_runs_are_listed_read_and_done_again(desk: Api) -> None:
    ticket, _ = finished(desk)
    worked(desk)

    (run,) = desk.get("/runs", automation="copied", record=ticket)["data"]

    assert (run["state"], run["entity"]) == ("done", "ticket")
    assert run["steps"][0]["words"]["values"] == {"done": True}
    assert desk.get(f"/runs/{run['id']}") == run
    again = desk.call("POST", f"/runs/{run['id']}/again", {"from": "again"})
    assert again.status_code == 201
    assert desk.call("POST", f"/runs/{again.json['run']}/again", {}).status_code == 409
    worked(desk)
    assert desk.get(f"/runs/{again.json['run']}")["state"] == "done"


def test_what_an_automation_would_do_is_told_and_not_done(desk: Api) -> None:
    ticket = desk.create("ticket", name=f"T {uuid4().hex[:6]}")["id"]
    before = desk.get("/records/ticket", count="exact")["total"]

    trial = desk.call("POST", "/automations/copied/try", {"record": ticket}).json

    assert (trial["holds"], trial["state"]) == (False, "done")
    assert [each["operation"] for each in trial["changes"]] == ["create"]
    assert desk.get("/records/ticket", count="exact")["total"] == before


def test_a_job_that_failed_for_good_is_seen_and_tried_again(desk: Api) -> None:
    class Failing:
        attempts = 1
        runs = 0

        def run(self, job: Job) -> None:
            self.runs += 1
            if self.runs == 1:
                raise ValueError("no luck")

    task, ctx = Failing(), desk.ctx
    worker = Worker(desk.house.database, {"unlucky": task})

    def unit(connection: Connection) -> None:
        defer(connection, "unlucky", {})

    desk.house.database.unit(ctx, unit)
    work_off(worker)
    (job,) = unlucky(desk)
    assert (job["task"], job["error"]) == ("unlucky", "ValueError: no luck")
    assert job["runs"] == []

    assert desk.call("POST", f"/jobs/{job['id']}/again", {}).status_code == 204
    work_off(worker)

    assert task.runs == 2
    assert unlucky(desk) == []
    assert desk.call("DELETE", f"/jobs/{job['id']}").status_code == 404


@pytest.mark.parametrize("path", ["/runs", "/jobs/failed"])
def test_only_who_looks_after_a_tenant_reads_what_it_did(clerk: Api, path: str) -> None:
    assert clerk.call("GET", path).status_code == 403
