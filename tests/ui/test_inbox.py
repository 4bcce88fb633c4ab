"""The inbox and one's own preferences, as pages answer them (P-16, T-13, T-19, T-23)."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from boot.wiring import House
from engine.context import Cause
from engine.notices import News
from tests.conftest import TenantMaker
from tests.ui.conftest import Visiting, Visitor, visits

APP = """
format: 1
app: {name: ward, label: {zh: 病区, en: Ward}, version: "1", languages: [zh, en]}
entities:
  task:
    label: {zh: 任务, en: Task}
    plural: {en: Tasks, zh: 任务}
    title: name
    owned: true
    fields:
      name: {type: text, required: true, search: true}
      due: {type: datetime}
      begins_on: {type: date, label: {zh: 开始日期, en: Begins on}}
      done: {type: boolean}
    views:
      mine:
        type: list
        filter: 'owner == user.id and done != true'
        columns: {name: {}, due: {}}
        sort: [due]
        options: {inbox: true}
      all: {type: list, columns: {name: {}}}
menu:
  work: {label: {zh: 工作, en: Work}, entries: {tasks: {entity: task, view: all}}}
roles:
  nurse: {label: {zh: 护士, en: Nurse}, rights: {task: {create: all, read: own, update: own}}}
  head: {label: {zh: 护士长, en: Head}, rights: {task: {create: all, read: all, update: all}}}
"""


@pytest.fixture(scope="module")
def ward(serving: House, tenant_of: TenantMaker) -> Visiting:
    return visits(serving, tenant_of(APP))


@pytest.fixture(scope="module")
def nurse(ward: Visiting) -> Visitor:
    return ward("nurse")


def test_what_is_mine_to_do_stands_in_the_inbox_by_when_it_is_due(ward: Visiting) -> None:
    nurse = ward("nurse")
    nurse.create("task", name="Long ago", due="2020-01-01T09:00:00Z")
    nurse.create("task", name="Far away", due="2999-01-01T09:00:00Z")
    nurse.create("task", name="Some day")
    nurse.create("task", name="Washed", done=True)

    page = nurse.get("/inbox").text

    sections = re.findall(r'<section class="block inbox-block[^"]*" aria-label="([^"]+)"', page)
    assert sections == ["Overdue", "Later", "Without a date"]
    assert [name for name in ("Long ago", "Far away", "Some day", "Washed") if name in page] == [
        "Long ago",
        "Far away",
        "Some day",
    ]


def test_what_others_have_to_do_is_not_there(ward: Visiting) -> None:
    head, nurse = ward("head"), ward("nurse")
    nurse.create("task", name="Change the dressing")

    assert "Change the dressing" not in head.get("/inbox").text


def test_an_empty_inbox_says_what_comes_here(ward: Visiting) -> None:
    assert "All done" in ward("nurse").get("/inbox").text


def test_a_notice_is_a_sentence_that_leads_to_its_record(ward: Visiting) -> None:
    head, nurse = ward("head"), ward("nurse")

    task = head.create("task", name="Bed 7 <now>", owner=str(nurse.user))

    page = nurse.get("/inbox?show=notices").text
    assert "<b>Lin Xiao</b> named you in <b>Bed 7 &lt;now&gt;</b> as Owner" in page
    assert f'href="{nurse.path(f"/records/task/{task}")}"' in page


def test_what_is_new_is_answered_once_until_it_changes(ward: Visiting) -> None:
    head, nurse = ward("head"), ward("nurse")
    head.create("task", name="Bed 9", owner=str(nurse.user))

    first: Any = nurse.get("/inbox/unseen").json
    again = nurse.get(f"/inbox/unseen?mark={first['mark']}")

    assert first["count"] == 1
    assert first["latest"][0]["text"] == "Lin Xiao named you in Bed 9 as Owner"
    assert (again.status_code, again.data) == (204, b"")


def test_looking_at_a_record_reads_what_was_told_of_it(ward: Visiting) -> None:
    head, nurse = ward("head"), ward("nurse")
    task = head.create("task", name="Bed 11", owner=str(nurse.user))

    answer: Any = nurse.get(f"/inbox/unseen?at=task:{task}").json

    assert answer["count"] == 0


def test_notices_are_marked_many_at_once(ward: Visiting) -> None:
    head, nurse = ward("head"), ward("nurse")
    for name in ("Bed 1", "Bed 2"):
        head.create("task", name=name, owner=str(nurse.user))

    answer = nurse.send("/inbox/mark", {"values": {"all": True, "state": "done"}})

    assert answer.json == {"count": 2}
    assert "Nothing here" in nurse.get("/inbox?show=notices").text
    assert "Bed 2" in nurse.get("/inbox?show=notices&state=done").text


@pytest.mark.parametrize(
    "values",
    [{}, {"ids": ["x"], "state": "open"}, {"all": True, "state": "burnt"}, [], {"ids": "no"}],
)
def test_what_cannot_be_marked_is_refused(nurse: Visitor, values: object) -> None:
    assert nurse.send("/inbox/mark", {"values": values}).status_code == 422


def test_a_link_of_a_notice_leads_nowhere_else(ward: Visiting, serving: House) -> None:
    nurse = ward("nurse")
    news = News("finished", words={"what": "import", "name": "a.csv", "url": "//evil.example/"})
    serving.services.notices.tell(nurse.ctx, [UUID(str(nurse.user))], news)

    page = nurse.get("/inbox?show=notices").text

    assert "Your import of a.csv has ended" in page
    assert "evil" not in page


def test_preferences_follow_a_person_and_nobody_else(ward: Visiting) -> None:
    nurse, other = ward("nurse"), ward("nurse")
    start = nurse.path("/records/task?view=all")

    kept = nurse.send(
        "/preferences/screen",
        {"values": {"start": start, "density": "compact", "zone": "Europe/Berlin"}},
    )

    assert kept.status_code == 200
    assert nurse.get("/").location == start
    nurse.send("/preferences/screen", {"values": {"start": nurse.path("/inbox")}})
    assert nurse.get("/").location == nurse.path("/inbox")
    nurse.send("/preferences/screen", {"values": {"density": "compact", "zone": "Europe/Berlin"}})
    page = nurse.get("/records/task").text
    assert 'data-density="compact" data-zone="Europe/Berlin"' in page
    assert 'data-density="cosy"' in other.get("/records/task").text


def test_rules_of_reminding_are_kept_and_what_they_tell_is_said(
    ward: Visiting, serving: House
) -> None:
    """Requirements P-13, T-05."""
    nurse = ward("nurse")
    task = nurse.ctx.model.entities["task"]
    (field,) = [each for each in task.fields.values() if each.name == "begins_on"]
    what = f"{task.key}.{field.key}"
    wrong = [{"what": what, "days": days} for days in (-1, 366, "3", True)]
    rules = [
        {"what": what, "days": 3, "mail": True},
        {"what": "gone.gone", "days": 1},
        *wrong,
        "no",
    ]

    assert f'<option value="{what}"' in nurse.get("/preferences").text
    assert nurse.send("/preferences/reminders", {"values": {"rules": rules}}).status_code == 200

    page = nurse.get("/preferences").text
    assert page.count("data-reminder ") == 1
    assert f'data-what="{what}" data-days="3" data-mail' in page
    assert "3 days before" in page
    record = nurse.create("task", name="Round")
    words = {"field": field.key, "on": "2026-03-09"}
    news = News("due", task.key, UUID(str(record)), words)
    serving.services.notices.tell(
        serving.contexts.system(nurse.ctx.tenant.name, cause=Cause("job")),
        [UUID(str(nurse.user))],
        news,
    )
    page = nurse.get("/inbox?show=reminders").text
    assert "Begins on is 9 Mar 2026" in " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_times_are_shown_in_the_zone_that_was_chosen(ward: Visiting) -> None:
    nurse = ward("nurse")
    nurse.create("task", name="Night", due="2020-06-30T22:30:00Z")
    nurse.send("/preferences/screen", {"values": {"zone": "Europe/Berlin"}})

    assert "1 Jul 2020, 00:30" in nurse.get("/records/task?view=mine").text


@pytest.mark.parametrize(
    "values",
    [
        {"start": "//evil.example", "zone": "Moon/Base", "density": 7, "first_day": "x"},
        {"start": "/elsewhere/inbox", "zone": None},
        {"start": "HOME/records/gone?view=all"},
        [],
        "no",
    ],
)
def test_a_preference_that_cannot_be_meant_is_left_out(ward: Visiting, values: object) -> None:
    nurse = ward("nurse")
    if isinstance(values, dict) and "start" in values:
        values = {**values, "start": values["start"].replace("HOME", nurse.path(""))}

    answer = nurse.send("/preferences/screen", {"values": values})

    assert answer.status_code == 200
    assert nurse.get("/").location == nurse.path("/records/task?view=all")
    assert 'data-density="cosy"' in nurse.get("/preferences").text


def test_a_group_that_was_folded_stays_folded(ward: Visiting) -> None:
    nurse = ward("nurse")

    nurse.send("/preferences/menu", {"values": {"folded": ["work"]}})

    assert 'data-menu-group="work">' in nurse.get("/inbox").text
    assert 'data-menu-group="work" open>' in nurse.get("/records/task?view=all").text


def test_pages_that_are_kept_stand_at_the_top_of_the_menu(ward: Visiting) -> None:
    nurse = ward("nurse")
    kept = [
        {"label": "My <tasks>", "url": nurse.path("/records/task?view=mine"), "icon": "star"},
        {"label": "Away", "url": "https://evil.example/", "icon": "star"},
    ]

    nurse.send("/preferences/places", {"values": {"kept": kept}})

    page = nurse.get("/inbox").text
    assert "My &lt;tasks&gt;" in page
    assert "evil" not in page


def test_devices_are_listed_and_taken_away(ward: Visiting) -> None:
    nurse, other = ward("nurse"), ward("nurse")
    key = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    sent = {
        "endpoint": "https://push.example/a",
        "keys": {"p256dh": key, "auth": "BTBZMqHH6r4Tts7J_aSIgg"},
    }

    name = nurse.send("/devices", {"values": sent}).json["name"]
    page = nurse.get("/preferences").text

    assert f'data-device="{name}"' in page
    assert "push.example" not in page
    assert nurse.send("/devices", {"values": {}}).status_code == 422
    assert other.send(f"/devices/{name}/remove", {}).status_code == 404
    assert nurse.send("/devices/screen/remove", {}).status_code == 404
    assert nurse.send(f"/devices/{name}/remove", {}).status_code == 200
    assert f'data-device="{name}"' not in nurse.get("/preferences").text


def test_an_unknown_preference_is_not_there(nurse: Visitor) -> None:
    assert nurse.send("/preferences/roles", {"values": {}}).status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", ["/preferences", "/shortcuts", "/design", "/palette"])
def test_own_pages_are_there_for_everybody(nurse: Visitor, page: str, language: str) -> None:
    assert nurse.get(page, language=language).status_code == 200


def test_the_palette_names_pages_views_and_commands_with_their_pinyin(nurse: Visitor) -> None:
    page = nurse.get("/palette", language="zh").text

    lines = re.findall(r'data-group="(\w+)" data-spelled="([^"]*)"', page)
    assert ("page", "renwu rw") in lines
    assert ("create", "renwu rw") in lines
    assert {group for group, _ in lines} == {"page", "create", "view", "command"}
