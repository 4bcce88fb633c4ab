"""A publish that takes long is made by a worker, and everybody sees how far it is (P-03, P-04)."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from boot.tasks import tasks
from boot.wiring import House
from engine.context import Cause, Context
from engine.going_live import length
from engine.going_live.service import TASK
from engine.jobs import Job, JobState, newest_of
from tests import attending
from tests.conftest import TenantMaker
from tests.killing import killed
from tests.ui.api.calling import Api, Calling
from tests.ui.conftest import Visitor, visits

APP = """
format: 1
app: {name: boats, label: {zh: 船, en: Boats}, version: "1", languages: [zh, en]}
entities:
  boat:
    label: {zh: 船, en: Boat}
    title: name
    fields:
      name: {type: text}
      length: {type: decimal, scale: 2}
      twice: {type: decimal, scale: 2, formula: length * 2}
scenarios:
  doubled:
    label: {zh: 加倍, en: Twice as long}
    today: 2026-03-02
    as: [administrator]
    steps: {one: {create: boat, set: {name: Gull, length: 4}, expect: {one: {twice: 8}}}}
"""

NEXT = "/admin/versions/next"


@pytest.fixture
def ctx(tenant_of: TenantMaker) -> Context:
    """A tenant of one business test."""
    return tenant_of(APP)


@pytest.fixture
def admin(serving: House, ctx: Context) -> Visitor:
    return visits(serving, ctx)("administrator")


@pytest.fixture
def api(calling: Calling, ctx: Context) -> Api:
    return calling(ctx=ctx)


@pytest.fixture
def attended(serving: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A worker is there, and everything takes longer than one waits for."""
    monkeypatch.setattr(length, "LONG", 0.01)
    with attending.attended(serving):
        yield


def begun(api: Api, formula: str) -> str:
    """Begin a draft that computes otherwise, which the business test can tell."""
    fields = {"twice": {"formula": formula}, "tag": {"type": "text"}}
    layer = {"entities": {"boat": {"fields": fields}}}
    made = api.call("POST", "/drafts", {"title": "Other lengths", "layer": layer})
    assert made.status_code == 201, made.text
    return str(made.json["name"])


def work(house: House) -> None:
    attending.work(house, TASK)


def now(house: House, ctx: Context) -> Context:
    return house.contexts.system(ctx.tenant.name, cause=Cause("cli"))


def order(api: Api, formula: str, **body: Any) -> Any:
    """Ask for a publish; return what is answered of it."""
    answer = api.call("POST", f"/drafts/{begun(api, formula)}/publish", body)
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"].endswith(
        f"/publications/{answer.json['publication']['number']}"
    )
    return answer.json["publication"]


def told(api: Api, publication: Any) -> Any:
    return api.get(f"/publications/{publication['number']}")


@pytest.mark.usefixtures("attended")
def test_what_takes_long_is_published_by_a_worker(serving: House, api: Api, ctx: Context) -> None:
    waits = order(api, "length * 1 + length", message="Otherwise")

    assert (waits["phase"], waits["draft"]) == ("waiting", "other_lengths")
    assert now(serving, ctx).revision == 1
    work(serving)

    live = told(api, waits)
    assert (live["phase"], live["revision"]) == ("live", 2)
    assert api.get("/revisions")["data"][0]["message"] == "Otherwise"
    assert api.get("/drafts")["data"] == []


@pytest.mark.usefixtures("attended")
def test_scenarios_that_fail_stop_it_and_the_draft_is_kept(
    serving: House, api: Api, ctx: Context
) -> None:
    waits = order(api, "length * 3")

    work(serving)

    stopped = told(api, waits)
    assert (stopped["phase"], stopped["code"]) == ("stopped", "scenarios_red")
    assert "doubled" in stopped["message"]
    assert (now(serving, ctx).revision, len(api.get("/drafts")["data"])) == (1, 1)


def test_going_back_is_stopped_by_a_scenario_that_fails_there(
    serving: House, api: Api, ctx: Context
) -> None:
    """P-04, P-28: the way back is a publish like any other."""
    answer = api.call("POST", f"/drafts/{begun(api, 'length * 3')}/publish", {"despite_red": True})
    assert answer.json == {"revision": 2}
    mended = {"entities": {"boat": {"fields": {"twice": {"formula": "length * 2"}}}}}
    api.call("POST", "/drafts", {"title": "Mended", "layer": mended})
    assert api.call("POST", "/drafts/mended/publish", {}).json == {"revision": 3}

    stopped = api.call("POST", "/revisions/2/restore", {})
    there = now(serving, ctx).revision
    forced = api.call("POST", "/revisions/2/restore", {"despite_red": True})

    assert (stopped.status_code, there) == (409, 3)
    assert "doubled" in stopped.text
    assert forced.json == {"revision": 4}


def test_a_role_that_a_scenario_acts_with_is_tried_before_it_is_changed(
    api: Api, admin: Visitor
) -> None:
    """P-28: publishing roles plays the scenarios, too."""
    layer = {
        "roles": {
            "rower": {
                "label": {"en": "Rower"}, "rights": {"boat": {"create": "all", "read": "all"}},
            }
        },
        "scenarios": {
            "rowed": {
                "label": {"en": "A new boat"}, "today": "2026-03-02", "as": ["rower"],
                "steps": {"one": {"create": "boat", "set": {"name": "Tern"}}},
            }
        },
    }  # fmt: skip
    api.call("POST", "/drafts", {"title": "Rowers", "layer": layer})
    assert api.call("POST", "/drafts/rowers/publish", {}).json == {"revision": 2}
    less = {"edits": [{"path": "rights/boat/create", "value": None}], "over": 2}

    stopped = admin.send("/admin/roles/rower/publish", less)
    forced = admin.send("/admin/roles/rower/publish", {**less, "despite_red": True})

    assert stopped.status_code == 422, stopped.text
    assert "A new boat" in stopped.json["errors"][0]["message"]
    assert forced.status_code == 200, forced.text


@pytest.mark.usefixtures("attended")
def test_nothing_is_published_that_nobody_looked_at(serving: House, api: Api, ctx: Context) -> None:
    waits = order(api, "length + length")
    more = {"entities": {"boat": {"fields": {"colour": {"type": "text"}}}}}
    assert api.call("PATCH", "/drafts/other_lengths", more).status_code == 200

    work(serving)

    assert told(api, waits)["code"] == "draft_changed"
    assert now(serving, ctx).revision == 1


@pytest.mark.usefixtures("attended")
def test_who_publishes_meanwhile_stops_it(serving: House, api: Api, ctx: Context) -> None:
    waits = order(api, "length + length")
    other = api.call("POST", "/drafts", {"title": "Short", "layer": {"app": {"version": "2"}}})
    first = api.call("POST", f"/drafts/{other.json['name']}/publish?wait=1", {})
    second = api.call("POST", f"/drafts/{begun(api, 'length * 4 / 2')}/publish", {})

    work(serving)

    assert (first.status_code, first.json) == (200, {"revision": 2})
    assert (second.status_code, second.json["code"]) == (409, "publish_running")
    assert told(api, waits)["code"] == "model_changed"


@pytest.mark.usefixtures("attended")
def test_going_back_is_made_by_a_worker_too(
    serving: House, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = api.call("POST", f"/drafts/{begun(api, 'length + length')}/publish?wait=1", {})
    assert published.status_code == 200
    # No scenarios are played on the way back, and the table is empty.
    monkeypatch.setattr(length, "LONG", -1.0)

    answer = api.call("POST", "/revisions/1/restore", {"allow_loss": True})
    work(serving)

    assert (answer.status_code, answer.json["publication"]["back"]) == (202, 1)
    assert told(api, answer.json["publication"])["revision"] == 3


@pytest.mark.usefixtures("attended")
def test_a_repeated_request_orders_one_publish(api: Api) -> None:
    name = begun(api, "length + length")
    key = {"Idempotency-Key": f"publish {name}"}

    first, again = (api.call("POST", f"/drafts/{name}/publish", {}, headers=key) for _ in range(2))

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json == again.json


def test_without_workers_it_is_published_at_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(length, "LONG", 0.0)

    answer = api.call("POST", f"/drafts/{begun(api, 'length + length')}/publish", {})

    assert (answer.status_code, answer.json) == (200, {"revision": 2})


@pytest.mark.usefixtures("attended")
@pytest.mark.parametrize("point", ["tests", "steps", "live"])
def test_what_a_killed_worker_began_is_brought_to_its_end(
    serving: House, api: Api, ctx: Context, point: str
) -> None:
    waits = order(api, "length + length")
    job = newest_of(serving.database, ctx.tenant, TASK)
    assert job is not None
    _killed_at(serving, ctx, job, point)
    before = now(serving, ctx).revision

    ended = worked_off(serving, api, waits, job)

    assert before == (2 if point == "live" else 1)
    assert ended["revision"] == 2, ended
    assert now(serving, ctx).revision == 2
    assert api.get("/drafts")["data"] == []
    assert not any(each.alive for each in serving.publisher.publications(ctx.tenant))


@pytest.mark.usefixtures("attended")
def test_the_page_says_how_far_it_is_and_then_what_is_live(serving: House, admin: Visitor) -> None:
    form = "/admin/forms/boat/fields/twice"
    changed = {"label_en": "Twice", "type": "decimal", "formula": "length + length"}
    assert admin.send(form, {"values": changed}).status_code == 200
    over = re.search(r'data-over="(\d+)"', admin.get(NEXT).text)
    assert over is not None

    sent = admin.send(f"{NEXT}/publish", {"values": {}, "over": int(over[1])})
    page = sent.json["location"].removeprefix(f"/{admin.ctx.tenant.name}")
    waiting = admin.get(page, language="zh").text
    moved = admin.get(NEXT)
    work(serving)
    live = admin.get(page)

    assert sent.status_code == 200, sent.text
    assert "即将开始" in waiting
    assert "data-watch" in waiting
    assert moved.location == sent.json["location"]
    assert live.location.endswith("live=2")
    assert "Version 2 is live." in admin.client.get(live.location).text


@pytest.mark.usefixtures("attended")
def test_the_draft_s_page_says_what_stopped_it(serving: House, admin: Visitor) -> None:
    form = "/admin/forms/boat/fields/twice"
    changed = {"label_en": "Twice", "type": "decimal", "formula": "length * 3"}
    assert admin.send(form, {"values": changed}).status_code == 200
    sent = admin.send(f"{NEXT}/publish", {"values": {}, "over": 1})

    work(serving)

    page = sent.json["location"].removeprefix(f"/{admin.ctx.tenant.name}")
    for shown in (admin.get(page).text, admin.get(NEXT).text):
        assert "Twice as long" in shown, re.findall("<p .*</p>", shown)
    assert "data-watch" not in admin.get(page).text


@pytest.mark.usefixtures("attended")
def test_only_administrators_of_the_tenant_see_how_far_a_publish_is(
    serving: House, ctx: Context, api: Api, calling: Calling, tenant_of: TenantMaker
) -> None:
    number = order(api, "length + length")["number"]
    page, call = f"/admin/versions/publishing/{number}", f"/publications/{number}"
    stranger = tenant_of(APP)

    assert api.call("GET", call).status_code == 200
    assert calling(ctx=stranger).call("GET", call).status_code == 404
    assert visits(serving, stranger)("administrator").get(page).status_code == 404
    assert calling("administrator", "read", ctx=ctx).call("GET", call).status_code == 403


def worked_off(house: House, api: Api, waits: Any, job: JobState) -> Any:
    """Work until a publish has ended, as time passes: what a killed process held ends with it."""
    for _ in range(5):
        work(house)
        if told(api, waits)["phase"] != "waiting":
            break
        with house.database.queue() as connection:
            # The queue's own triggers name its tables without their schema.
            connection.execute(text("SET LOCAL search_path TO joinery, pg_catalog"))
            due = "UPDATE joinery.procrastinate_jobs SET scheduled_at = now() WHERE id = :id"
            connection.execute(text(due), {"id": job.id})
        time.sleep(0.5)
    return told(api, waits)


def _killed_at(house: House, ctx: Context, job: JobState, point: str) -> None:
    """Run a job in a process of its own, which is killed when it reports that point."""

    def work() -> None:
        house.database.engine.dispose(close=False)
        _run_and_die(house, ctx, job, point)

    killed(house.database, work)


def _run_and_die(house: House, ctx: Context, job: JobState, point: str) -> None:
    def report(done: int, total: int, note: str) -> None:
        if point in note or ("revision" in note and point == "live"):
            os.kill(os.getpid(), signal.SIGKILL)

    run = Job(job.id, ctx.tenant.name, job.payload, 1, report)
    tasks(house)[TASK].run(run)
