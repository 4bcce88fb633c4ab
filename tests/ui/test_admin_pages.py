"""People, organisation, shares, reasons and the audit log on the screens of those who may."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID

import pytest

from boot.tasks import tasks
from boot.wiring import House
from engine.accounts.second_factor import ask
from engine.audit.event import EventKind
from engine.jobs import Job
from engine.leaving.service import TASK as HANDOVER
from tests.conftest import TenantMaker
from tests.ui.conftest import Visiting, Visitor, visits
from ui.viewmodels.admin.log import KINDS

APP = """
format: 1
app: {name: notes, label: {zh: 笔记, en: Notes}, version: "1", languages: [zh, en]}
entities:
  note:
    label: {zh: 笔记, en: Note}
    plural: {en: Notes}
    title: name
    owned: true
    fields:
      name: {type: text, required: true, label: {zh: 名称, en: Name}}
      price: {type: text, label: {zh: 底价, en: Lowest price}}
roles:
  writer:
    label: {zh: 作者, en: Writer}
    rights: {note: {create: all, read: own, update: own}}
    fields: {note: {price: none}}
  reader: {label: {zh: 审计, en: Auditor}, rights: {note: {read: all}}, audit: true}
"""


@pytest.fixture(scope="module")
def notes(serving: House, tenant_of: TenantMaker) -> Visiting:
    return visits(serving, tenant_of(APP))


@pytest.fixture(scope="module")
def admin(notes: Visiting) -> Visitor:
    return notes("administrator")


@pytest.fixture(scope="module")
def writers(notes: Visiting) -> tuple[Visitor, Visitor]:
    return notes("writer"), notes("writer")


def test_people_are_found_by_name_role_and_state(admin: Visitor, writers: object) -> None:
    page = admin.get("/admin/people").text

    assert page.count("row-link person-cell") >= 3
    assert admin.get("/admin/people?role=writer").text.count("row-link person-cell") == 2
    assert admin.get("/admin/people?state=left").text.count("row-link person-cell") == 0
    assert admin.get("/admin/people?q=nobody-of-this-name").text.count("person-cell") == 0


def test_roles_given_on_a_person_s_page_hold_at_once(admin: Visitor, notes: Visiting) -> None:
    person = notes("writer")
    assert person.get("/admin/log").status_code == 403

    answer = admin.send(
        f"/admin/people/{person.user}/roles", {"values": {"roles": ["writer", "reader"]}}
    )

    assert answer.status_code == 200
    assert person.get("/admin/log").status_code == 200
    assert person.get("/admin/people").status_code == 403


def test_who_is_disabled_is_out_at_once_and_comes_back(admin: Visitor, notes: Visiting) -> None:
    person = notes("writer")
    here = f"/admin/people/{person.user}"

    admin.send(f"{here}/disable", {"values": {}})
    out = person.get("/records/note").status_code
    admin.send(f"{here}/enable", {"values": {}})

    assert out == 404
    assert person.get("/records/note").status_code == 200


def test_the_last_administrator_cannot_disable_themselves(
    serving: House, tenant_of: TenantMaker
) -> None:
    alone = visits(serving, tenant_of(APP))("administrator")

    answer = alone.send(f"/admin/people/{alone.user}/disable", {"values": {}})

    assert answer.status_code in (403, 422)
    assert alone.get("/admin/people").status_code == 200


def department(admin: Visitor, name: str, parent: str | None = None) -> str:
    change = admin.house.writer.create(admin.ctx, "department", [{"name": name, "parent": parent}])
    return str(change.ids[0])


def test_a_department_is_moved_and_dissolved_into_another(admin: Visitor, notes: Visiting) -> None:
    north, south = department(admin, "North"), department(admin, "South")
    inner = department(admin, "Inner", north)
    person = notes("writer").user
    admin.send(f"/admin/people/{person}", {"values": {"department": north}})

    ring = admin.send(f"/admin/organisation/{north}", {"values": {"parent": inner}})
    gone = admin.send(f"/admin/organisation/{north}/dissolve", {"values": {"into": south}})

    assert ring.status_code == 422
    assert gone.status_code == 200
    page = admin.get("/admin/organisation").text
    assert "North" not in page
    assert page.index("South") < page.index("Inner")
    assert admin.get(f"/admin/people?department={south}").text.count("row-link person-cell") == 1


def test_a_record_is_shared_until_a_day_and_no_longer(
    admin: Visitor, writers: tuple[Visitor, Visitor]
) -> None:
    owner, colleague = writers
    note = owner.create("note", name="Offer")
    here = f"/records/note/{note}"
    assert colleague.get(here).status_code == 404
    until = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    gift = {"kind": "person", "person": str(colleague.user), "until": until}

    shared = owner.send(f"{here}/shares", {"values": gift})
    seen, dialog = colleague.get(here).status_code, owner.get(f"{here}/shares").text
    share = dialog.partition("/remove")[0].rpartition("/")[2]
    owner.send(f"{here}/shares/{share}/remove", {"values": {}})

    assert shared.status_code == 200
    assert seen == 200
    assert "May see it" in dialog
    assert colleague.get(here).status_code == 404


def test_a_share_that_is_past_or_with_nobody_is_refused_at_its_field(
    writers: tuple[Visitor, Visitor],
) -> None:
    owner, colleague = writers
    here = f"/records/note/{owner.create('note', name='Plan')}/shares"
    past = {"kind": "person", "person": str(colleague.user), "until": "2001-01-01"}

    refused = owner.send(here, {"values": past})
    nobody = owner.send(here, {"values": {"kind": "team"}})

    assert refused.json["errors"][0]["path"] == ["until"]
    assert nobody.json["errors"][0]["path"] == ["team"]


def test_why_names_the_rule_and_hides_what_is_hidden(
    admin: Visitor, writers: tuple[Visitor, Visitor]
) -> None:
    owner, colleague = writers
    note = owner.create("note", name="Reasons")
    here = f"/records/note/{note}/why"

    mine = owner.get(here).text
    of_other = admin.get(f"{here}?user={colleague.user}").text

    assert "is-allowed" in mine
    assert "Writer" in mine
    assert "Lowest price" not in mine
    assert "is-denied" in of_other
    assert "Lowest price" in of_other
    assert owner.get(f"{here}?user={colleague.user}").status_code == 403
    assert colleague.get(here).status_code == 404


def test_the_log_tells_what_was_done_and_is_taken_along(
    admin: Visitor, writers: tuple[Visitor, Visitor]
) -> None:
    owner, colleague = writers
    note = owner.create("note", name="Logged")
    gift = {"kind": "person", "person": str(colleague.user)}
    owner.send(f"/records/note/{note}/shares", {"values": gift})

    page = admin.get(f"/admin/log?kind=shared&entity=note&record={note}").text
    file = admin.get("/admin/log/export?format=csv")

    assert page.count("log-event") == 1
    assert "Note · Logged" in page
    assert file.status_code == 200
    assert b"shared" in file.data
    assert owner.get("/admin/log").status_code == 403


def test_the_log_calls_people_by_their_names_and_the_system_in_the_readers_language(
    serving: House, tenant_of: TenantMaker
) -> None:
    ctx = tenant_of(APP)
    admin = visits(serving, ctx)("administrator")
    ask(serving.services.people.ledger, ctx.tenant.name, [])
    admin.send("/admin/workspace/proofs", {"values": {"roles": ["reader"]}})

    page = admin.get("/admin/log?kind=tenant_changed", language="zh").text

    assert "Lin Xiao</a>" in page
    assert "系统" in page
    assert "未知人员" not in page
    assert "@example.com</a>" not in page


def test_everything_of_a_leaver_goes_where_the_rules_say(admin: Visitor, notes: Visiting) -> None:
    leaver, heir = notes("writer"), notes("writer")
    kept = leaver.create("note", name="Kept in the family")
    here = f"/admin/people/{leaver.user}/handover"
    rules = [{"to": {"people": [str(heir.user)]}}]

    without = admin.send(f"{here}/plan", {"rules": []})
    planned = admin.send(f"{here}/plan", {"rules": rules})
    begun = admin.send(here, {"rules": rules})
    order = {"handover": begun.json["location"].rsplit("/", 1)[1], "by": "Lin Xiao"}
    job = Job(1, admin.ctx.tenant.name, order, 1, lambda *_: None)
    tasks(admin.house)[HANDOVER].run(job)

    assert not without.json["ready"]
    assert "Kept in the family" in planned.json["html"]
    report = admin.client.get(begun.json["location"]).text
    assert "Nothing is left" in report
    assert heir.get(f"/records/note/{kept}").status_code == 200
    assert leaver.get(f"/records/note/{kept}").status_code in (302, 303, 404)
    assert b"Kept in the family" in admin.client.get(begun.json["location"] + "/report").data
    assert begun.json["location"] in admin.get("/inbox?show=notices").text
    offered = admin.send("/pick/user/manager", {"text": "", "this": {}}).json["hits"]
    assert {"Lin Xiao"} == {hit["title"] for hit in offered}, "nobody hands anything to the system"


def test_an_invited_person_is_here_and_gets_a_link_where_no_mail_is_sent(admin: Visitor) -> None:
    values = {"name": "Wu Mei", "email": "wu.mei@example.com", "roles": ["writer"]}

    answer = admin.send("/admin/people", {"values": values})
    again = admin.send("/admin/people", {"values": values})

    assert answer.status_code == 200, answer.text
    link = re.search(r'value="([^"]+)"', answer.json["html"])
    assert link is not None
    assert admin.client.get(link[1], follow_redirects=True).status_code == 200
    assert admin.get("/admin/people?q=wu.mei").text.count("row-link person-cell") == 1
    assert again.json["errors"][0]["path"] == ["email"]


def test_gains_of_other_roles_are_told_before_they_are_given(
    admin: Visitor, notes: Visiting
) -> None:
    person = notes("writer")
    admin.create("note", name="Somebody else's")

    told = admin.send(
        f"/admin/people/{person.user}/gains", {"values": {"roles": ["writer", "reader"]}}
    )

    assert "Notes · See" in told.json["html"]
    assert "<ins>" in told.json["html"]
    assert person.get("/admin/log").status_code == 403


def test_a_refusal_names_whom_to_ask_among_colleagues_only(
    admin: Visitor, notes: Visiting, visitor: Visitor
) -> None:
    person = notes("writer")

    refused = person.get("/admin/people")
    lost = person.get(f"/records/note/{UUID(int=7)}")
    stranger = visitor.client.get(f"/{person.ctx.tenant.name}/records/note")

    assert refused.status_code == 403
    assert "can help" in refused.text
    assert "can help" in lost.text
    assert stranger.status_code == 404
    assert "can help" not in stranger.text


def test_a_list_says_whose_records_it_counts(admin: Visitor, notes: Visiting) -> None:
    person = notes("writer")
    person.create("note", name="Mine")
    admin.create("note", name="Ours")

    assert "all records" in admin.get("/records/note").text
    assert "what you may see" in person.get("/records/note").text


def test_a_workspace_is_kept_from_writing_to_anybody_and_every_page_says_so(
    admin: Visitor, notes: Visiting
) -> None:
    said = "nothing in it writes to customers"
    before = admin.get("/admin/workspace").text

    held = admin.send("/admin/workspace/hold-back", {})
    during = [admin.get(page).text for page in ("/admin/workspace", "/inbox")]
    refused = notes("writer").send("/admin/workspace/let-write", {})
    let = admin.send("/admin/workspace/let-write", {})

    assert (held.status_code, refused.status_code, let.status_code) == (200, 403, 200)
    assert all(said in page for page in during)
    assert said not in before + admin.get("/admin/workspace").text


@pytest.mark.parametrize("kind", get_args(EventKind))
def test_every_kind_of_event_has_words(kind: str) -> None:
    assert kind in KINDS


def test_the_workspace_tells_its_revisions_and_who_gives_two_proofs(
    admin: Visitor, notes: Visiting
) -> None:
    page = admin.get("/admin/workspace").text
    here = "/admin/workspace/proofs"

    unknown = admin.send(here, {"values": {"roles": ["nobody"]}})
    asked = admin.send(here, {"values": {"roles": ["reader"]}})

    assert "Notes 1" in page
    assert unknown.json["errors"][0]["path"] == ["roles"]
    assert asked.status_code == 200
    assert re.search(r'value="reader" checked', admin.get("/admin/workspace").text)
    admin.send(here, {"values": {"roles": []}})
    assert notes("writer").get("/admin/workspace").status_code == 403
