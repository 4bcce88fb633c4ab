"""Automations on screens: switched, written, tried; their runs, and what is done again (P-05)."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection
from werkzeug.test import TestResponse

from boot.tasks import tasks
from boot.wiring import House
from engine.context import Context
from engine.jobs import Job, defer
from engine.worker import Worker
from metamodel import read_text
from tests.attending import work_off
from tests.conftest import TenantMaker
from tests.ui.conftest import Visitor, visits
from ui.viewmodels.admin.acting.jobs import TASKS
from workflow.alarms import tell_of
from workflow.messages.fetching import TASK as FETCH
from workflow.messages.outbox import TASK as SENDING
from workflow.messages.outbox import Outbox, Wanted
from workflow.queueing import TASK as AUTOMATION
from workflow.run_book import Asked
from workflow.service_levels.ticking import TASK as AGAIN
from workflow.task import RunTask

HERE = "/admin/automations"

APP = """
format: 1
app: {name: yard, label: Yard, version: "1", languages: [en, zh]}
entities:
  note:
    label: Note
    title: name
    fields:
      name: {type: text, required: true}
      size: {type: integer, min: 0, label: Breadth}
      sort: {type: choice, default: a, options: {a: {label: Alpha}, b: {label: Beta}}, label: Sort}
    rules:
      small: {refuse_when: 'size > 90', message: {en: Too broad., zh: 便笺太宽。}, at: size}
automations:
  broadened:
    label: {en: Broadened, zh: 加宽}
    trigger: {on: created, entity: note}
    when: sort == "b"
    steps:
      first: {set: {sort: '"a"'}}
      wide: {create: note, set: {name: name, size: '99'}}
  doubled:
    label: {en: Doubled, zh: 加倍}
    trigger: {on: created, entity: note}
    when: sort == "a" and size > 0 and size < 10
    steps:
      more: {set: {size: size * 10}}
      after: {wait: 2d}
      word: {send: {channel: sms, to: '"13800138000"', text: "{{ name }}"}}
      less: {set: {size: size - 100}}
roles:
  clerk: {rights: {note: {create: all, read: all}}}
"""


@pytest.fixture(scope="module")
def ctx(tenant_of: TenantMaker) -> Context:
    return tenant_of(APP)


@pytest.fixture
def admin(serving: House, ctx: Context) -> Visitor:
    return visits(serving, ctx)("administrator")


def post(admin: Visitor, address: str, **values: Any) -> TestResponse:
    answer = admin.send(f"{HERE}{address}", {"values": values})
    assert answer.status_code in (200, 422), answer.text
    return answer


def drafted(admin: Visitor) -> Any:
    kept = admin.house.services.drafts.list(admin.ctx)
    mine = next(each for each in kept if each.author == admin.user)
    return read_text(mine.layer, "draft").document["automations"]


def written(admin: Visitor, name: str) -> str:
    found = re.search(r"<textarea[^>]*data-input>([^<]*)<", admin.get(f"{HERE}/of/{name}").text)
    assert found is not None
    return found[1].replace("&#34;", '"').replace("&gt;", ">").replace("&lt;", "<")


def test_an_automation_says_what_it_does_in_words_and_as_yaml(admin: Visitor) -> None:
    text = admin.get(f"{HERE}/of/doubled", language="zh").text

    assert "加倍" in text
    assert "发送短信" in text
    assert "发送邮件" not in text
    assert written(admin, "doubled").startswith("doubled:\n  label:")
    assert "doubled" in admin.get(HERE).text
    assert visits(admin.house, admin.ctx)("clerk").get(HERE).status_code == 403


def test_a_switch_is_a_change_that_is_published_like_any_other(admin: Visitor) -> None:
    post(admin, "/of/doubled/switch")

    assert drafted(admin) == {"doubled": {"active": False}}
    assert "Switched off" in admin.get(f"{HERE}/of/doubled").text


def test_what_is_written_anew_becomes_the_smallest_change_with_steps_in_their_order(
    admin: Visitor,
) -> None:
    yaml = written(admin, "doubled")
    new = yaml.replace("    after:", '    first:\n      set: {size: "1"}\n    after:')

    post(admin, "/of/doubled", yaml=new.replace("size < 10", "size < 9"))

    kept = drafted(admin)["doubled"]
    assert kept["when"] == 'sort == "a" and size > 0 and size < 9'
    assert list(kept["steps"]) == ["first"]
    shown = admin.get(f"{HERE}/of/doubled").text
    assert shown.index("first") < shown.index("after")


@pytest.mark.parametrize(
    ("yaml", "said"),
    [
        ("other: {trigger: {on: created, entity: note}}", "doubled"),
        ("- a", "yaml"),
        ("doubled: {trigger: {on: created, entity: nothing}, steps: {}}", "nothing"),
        ("doubled: {", ""),
    ],
)
def test_what_cannot_be_meant_is_said_and_nothing_is_kept(
    admin: Visitor, yaml: str, said: str
) -> None:
    answer = post(admin, "/of/doubled", yaml=yaml)

    assert answer.status_code == 422
    assert said in answer.text
    assert not [
        each
        for each in admin.house.services.drafts.list(admin.ctx)
        if each.author == admin.user and "doubled" in each.layer
    ]


def test_a_new_automation_is_added_and_opened(admin: Visitor) -> None:
    page = admin.get(f"{HERE}/add").text
    assert "my_automation" in page

    answer = post(
        admin, "/add",
        yaml="mine: {trigger: {on: created, entity: note}, steps: {s: {set: {size: '3'}}}}",
    )  # fmt: skip

    assert answer.json["location"].endswith("/admin/automations/of/mine")
    assert "mine" in drafted(admin)


def test_what_is_tried_is_shown_as_a_dialog(admin: Visitor) -> None:
    note = admin.create("note", name="Tried", size=5)

    html = post(admin, "/of/doubled/try", record=note).json["html"]

    assert "Its condition holds" in html
    assert re.search(r"50</span>|50\s*</", html)
    assert "Failed" in html


def test_a_run_shows_what_stood_in_the_way_and_is_done_again_from_there(admin: Visitor) -> None:
    admin.create("note", name="Later", size=4)
    runs, house = admin.house.services.runs, admin.house
    (run,) = runs.page(admin.ctx, Asked(automation="doubled", limit=1))
    task = RunTask(house.database, house.runner, lambda _: admin.ctx, lambda *_: None)
    task.run(Job(0, admin.ctx.tenant.name, {"runs": [str(run.id)]}, 1, lambda *_: None))

    page = admin.get(f"{HERE}/runs/{run.id}").text
    # Each step says what it does; what a condition read is told as people read it.
    assert "<b>Fills in the record</b>" in page
    assert "<code>more</code>" in page
    assert "<dd>Alpha</dd>" in page
    assert "<dd>Breadth</dd>" in page
    assert "<dt>Breadth</dt>" in re.sub(r"<dt[^>]*>", "<dt>", page)
    assert "Waits" in page
    assert "Not over yet" in admin.get(f"{HERE}/runs?automation=doubled&state=waiting").text
    refused = admin.send(f"{HERE}/runs/{run.id}/again", {"values": {}})
    assert refused.status_code == 409
    assert "No job has failed" in admin.get(f"{HERE}/jobs").text


def test_what_stood_in_the_way_is_said_in_the_words_of_the_app(admin: Visitor) -> None:
    """A rule's sentence was left out, and fields stood there by the names of the API."""
    admin.create("note", name="Narrow", sort="b")
    work_off(Worker(admin.house.database, tasks(admin.house)))
    (run,) = admin.house.services.runs.page(admin.ctx, Asked(automation="broadened", limit=1))

    page, listed = (
        admin.get(f"{HERE}/runs{end}", language="zh").text
        for end in (f"/{run.id}", "?automation=broadened&state=failed")
    )

    why = "Breadth：便笺太宽。"
    assert why in page
    assert f'<small class="run-why">{why}</small>' in listed


def test_a_failed_job_says_whose_it_was_and_leads_to_its_run(admin: Visitor) -> None:
    class Broken:
        attempts = 1

        def run(self, job: Job) -> None:
            raise ValueError("out of order")

    admin.create("note", name="Unlucky", size=5)
    work_off(Worker(admin.house.database, {AUTOMATION: Broken()}))
    (run,) = admin.house.services.runs.page(admin.ctx, Asked(automation="doubled", limit=1))

    page = admin.get(f"{HERE}/jobs", language="zh").text

    assert f'href="{admin.path(f"{HERE}/runs/{run.id}")}"><b>加倍</b>' in page
    assert "自动化 · Note · Unlucky" in page
    assert "out of order" in page


def test_a_failed_message_or_look_into_a_mailbox_says_which_it_was(admin: Visitor) -> None:
    class Broken:
        attempts = 1

        def run(self, job: Job) -> None:
            raise ValueError("out of order")

    note, ctx = admin.create("note", name="Worded", sort="b"), admin.ctx
    outbox = Outbox(frozenset({"email"}), "yard.example")
    wanted = Wanted(
        "email", "buyer@example.com", "Offer 7", "Hello", entity="note", record=UUID(note)
    )

    def unit(connection: Connection) -> None:
        outbox.put(ctx, connection, wanted)
        defer(connection, FETCH, {"mailbox": "desk@yard.example"}, queue="mail")
        defer(connection, AGAIN, {"level": "gone"})

    admin.house.database.unit(ctx, unit)
    broken = {name: Broken() for name in (SENDING, FETCH, AGAIN)}
    work_off(Worker(admin.house.database, broken))

    page = admin.get(f"{HERE}/jobs").text

    assert f'href="{admin.path(f"/records/note/{note}")}"><b>Offer 7</b>' in page
    assert "A message · Note · Worded" in page
    assert "<b>desk@yard.example</b>" in page
    assert "<b>Service levels counted anew</b>" in page


def test_the_inbox_tells_who_looks_after_the_app_what_could_not_be_done(admin: Visitor) -> None:
    admin.create("note", name="Told of", size=5)
    (run,) = admin.house.services.runs.page(admin.ctx, Asked(automation="doubled", limit=1))

    admin.house.database.unit(admin.ctx, lambda at: tell_of(admin.ctx, at, [run]))

    page = admin.get("/inbox?show=notices", language="zh").text
    assert "“加倍”未能完成" in page
    assert f'href="{admin.path(f"{HERE}/runs/{run.id}")}"' in page


def test_every_job_that_may_fail_has_a_name_that_people_know(serving: House) -> None:
    assert tasks(serving).keys() - TASKS.keys() == set()


def test_a_button_asks_does_and_says_what_is_wrong_beside_its_inputs(
    serving: House, tenant_of: TenantMaker
) -> None:
    desk = tenant_of("""
format: 1
app: {name: desk, label: Desk, version: "1", languages: [en, zh]}
entities:
  ticket:
    label: Ticket
    title: name
    fields: {name: {type: text, required: true}, done: {type: boolean}, why: {type: text}}
    buttons:
      finish:
        label: Finish
        visible_when: not done
        confirm: Is it over?
        input: {reason: {type: text, required: true, label: Reason}}
        steps: {mark: {set: {done: 'true', why: input.reason}}}
""")
    visitor = visits(serving, desk)("administrator")
    ticket = visitor.create("ticket", name="Leak")
    address = f"/records/ticket/{ticket}"
    assert f"{address}/press/finish" in visitor.get(address).text

    dialog = visitor.get(f"{address}/press/finish").text
    refused = visitor.send(f"{address}/press/finish", {"values": {}})
    done = visitor.send(f"{address}/press/finish", {"values": {"reason": "mended"}})

    assert "Is it over?" in dialog
    assert "Reason" in dialog
    assert [each["path"] for each in refused.json["errors"]] == [["reason"]]
    assert done.status_code == 200, done.text
    page = visitor.get(address).text
    assert "mended" in page
    assert f"{address}/press/finish" not in page
    assert visitor.get(f"{address}/press/finish").status_code == 404
