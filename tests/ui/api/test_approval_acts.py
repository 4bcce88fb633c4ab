"""Every act on an approval over the API: what it answers, how it is refused; each is done once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, get_args
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from engine.context import Context
from tests.conftest import TenantMaker
from tests.ui.api.calling import Api, Calling
from tests.ui.api.conftest import STORE
from workflow.approvals.service import ActName

MEMOS = """
  memo:
    label: Memo
    title: name
    owned: true
    fields:
      name: {type: text, required: true}
      first: {type: link, to: user}
      second: {type: link, to: user}
      limit: {type: money}
roles:
  writer: {label: Writer, rights: {memo: {read: own, create: own, update: own}, user: {read: all}}}
  reader: {label: Reader, rights: {memo: {read: all}, user: {read: all}}}
approvals:
  memo:
    label: {en: Memo, zh: 备忘}
    entity: memo
    submit_when: 'not ISBLANK(first)'
    steps:
      one: {who: first, allow: [return, transfer, add_before, add_after, urge, copy]}
      two: {who: second, input: {why: {type: text, required: true}}}
  closed:
    label: Closed
    entity: memo
    withdraw: false
    steps: {one: {who: first}}
  limit:
    label: Limit
    entity: memo
    changes: [limit]
    steps: {one: {who: first}}
"""


@pytest.fixture(scope="module")
def office(tenant_of: TenantMaker) -> Context:
    return tenant_of(STORE.partition("roles:")[0].rstrip() + MEMOS)


@dataclass(frozen=True, slots=True)
class People:
    """Who writes a memo, who decides first and then, who looks after the app, and others."""

    writer: Api
    first: Api
    second: Api
    other: Api
    chief: Api

    def memo(self, **values: object) -> str:
        given = {"first": me(self.first), "second": me(self.second), **values}
        return str(self.writer.create("memo", name="A memo", **given)["id"])

    def submit(self, name: str = "memo", **body: object) -> Any:
        answer = self.writer.call("POST", f"/records/memo/{self.memo()}/approvals/{name}", body)
        assert answer.status_code == 201, answer.text
        return answer.json

    def act(self, who: Api, case: Any, act: str, **body: object) -> TestResponse:
        return who.call("POST", f"/approvals/{case['id']}/{act}", body)


def me(api: Api) -> str:
    return str(api.get("/me")["data"]["user"])


@pytest.fixture(scope="module")
def people(calling: Calling, office: Context) -> People:
    roles = ("writer", "reader", "reader", "reader", "administrator")
    return People(*(calling(role, ctx=office) for role in roles))


def asked(case: Any) -> list[list[str]]:
    """Return who is asked, step by step, by id."""
    return [[seat["person"]["id"] for seat in step["people"]] for step in case["steps"]]


def states(case: Any) -> tuple[str, list[str]]:
    return case["state"], [step["state"] for step in case["steps"]]


@dataclass(frozen=True, slots=True)
class Done:
    """One act that is done: by whom, with what; what is written down and what becomes of it."""

    act: ActName
    who: str
    noted: str
    state: str
    steps: list[str]
    body: Callable[[People], dict[str, object]] = lambda people: {}


NOW, NEXT = ["now", "ahead"], ["passed", "now"]


def to_other(people: People) -> dict[str, object]:
    return {"to": [me(people.other)], "comment": "look at this"}


DONE = (
    Done("approve", "first", "approved", "running", NEXT, lambda people: {"comment": "fine"}),
    Done("reject", "first", "rejected", "rejected", ["refused", "never"]),
    Done("return", "first", "returned", "returned", ["stopped", "never"]),
    Done("transfer", "first", "transferred", "running", NOW, to_other),
    Done("add_before", "first", "added_before", "running", ["now", "ahead", "ahead"], to_other),
    Done("add_after", "first", "added_after", "running", ["now", "ahead", "ahead"], to_other),
    Done("copy", "writer", "copied", "running", NOW, to_other),
    Done("urge", "writer", "urged", "running", NOW),
    Done("withdraw", "writer", "withdrawn", "withdrawn", ["stopped", "never"]),
    Done("comment", "other", "commented", "running", NOW, lambda people: {"comment": "hm"}),
    Done("hand_over", "chief", "replaced", "running", NOW,
         lambda people: {"gone": me(people.first), "to": [me(people.other)]}),
    Done("replan", "chief", "replanned", "running", NOW),
)  # fmt: skip


def test_no_act_is_left_out() -> None:
    assert {each.act for each in DONE} == set(get_args(ActName))


@pytest.mark.parametrize("done", DONE, ids=[each.act for each in DONE])
def test_each_act_answers_the_approval_as_it_is_then(people: People, done: Done) -> None:
    """Requirement A-07."""
    case, who = people.submit(), getattr(people, done.who)

    answer = people.act(who, case, done.act, **done.body(people))

    assert answer.status_code == 200, answer.text
    assert states(answer.json) == (done.state, done.steps)
    entry = answer.json["log"][-1]
    assert (entry["what"], entry["by"]["id"]) == (done.noted, me(who))
    assert answer.json == who.get(f"/approvals/{case['id']}")


def test_who_is_chosen_is_asked_where_the_act_says(people: People) -> None:
    first, second, other = (me(each) for each in (people.first, people.second, people.other))
    to: dict[str, object] = {"to": [other]}

    def then(act: str) -> list[list[str]]:
        return asked(people.act(people.first, people.submit(), act, **to).json)

    assert then("transfer") == [[other], [second]]
    assert then("add_before") == [[other], [first], [second]]
    assert then("add_after") == [[first], [other], [second]]


def test_it_is_returned_to_an_earlier_step_and_decided_anew(people: People) -> None:
    case = people.submit()
    case = people.act(people.first, case, "add_after", to=[me(people.other)]).json
    case = people.act(people.first, case, "approve").json
    assert states(case)[1] == ["passed", "now", "ahead"]

    back = people.act(people.other, case, "return", step=case["steps"][0]["key"]).json

    assert states(back) == ("running", ["now", "ahead", "ahead"])
    assert back["log"][-1]["returned_to"] == case["steps"][0]["key"]


def test_what_a_step_asks_for_must_be_given(people: People) -> None:
    case = people.act(people.first, people.submit(), "approve").json

    refused = people.act(people.second, case, "approve")
    done = people.act(people.second, case, "approve", input={"why": "it is little"})

    assert [(each["path"], each["code"]) for each in refused.json["errors"]] == [
        (["input", "why"], "required")
    ]
    assert states(done.json) == ("approved", ["passed", "passed"])


@dataclass(frozen=True, slots=True)
class Refused:
    """One act that is refused: by whom, of which approval, with what; and the code of why."""

    act: ActName
    who: str
    code: str
    body: Callable[[People], dict[str, object]] = lambda people: {}
    name: str = "memo"

    def __str__(self) -> str:
        return f"{self.act}-{self.who}-{self.code}"


def to_first(people: People) -> dict[str, object]:
    return {"to": [me(people.first)]}


def to_writer(people: People) -> dict[str, object]:
    return {"to": [me(people.writer)]}


REFUSED = (
    Refused("approve", "writer", "approval_not_yours"),
    Refused("approve", "second", "approval_not_yours"),
    Refused("approve", "chief", "approval_not_yours"),
    Refused("approve", "first", "link_missing", lambda people: {"files": [str(uuid4())]}),
    Refused("approve", "first", "approval_comment_long", lambda people: {"comment": "x" * 4001}),
    Refused("reject", "other", "approval_not_yours"),
    Refused("return", "other", "approval_not_yours"),
    Refused("return", "first", "approval_step_unknown", lambda people: {"step": "two"}),
    Refused("return", "first", "approval_not_allowed", name="closed"),
    Refused("transfer", "other", "approval_not_yours", to_other),
    Refused("transfer", "first", "approval_not_allowed", to_other, "closed"),
    Refused("transfer", "first", "approval_own", to_writer),
    Refused("transfer", "first", "approval_person_twice", to_first),
    Refused("transfer", "first", "required"),
    Refused("transfer", "first", "required",
            lambda people: {"to": [me(people.second), me(people.other)]}),
    Refused("add_before", "first", "approval_own", to_writer),
    Refused("add_before", "first", "approval_person_twice", to_first),
    Refused("add_before", "first", "approval_not_allowed", to_other, "closed"),
    Refused("add_after", "other", "approval_not_yours", to_other),
    Refused("add_after", "first", "approval_own", to_writer),
    Refused("withdraw", "first", "approval_not_yours"),
    Refused("withdraw", "writer", "approval_no_withdrawal", name="closed"),
    Refused("urge", "first", "approval_not_yours"),
    Refused("urge", "writer", "approval_not_allowed", name="closed"),
    Refused("copy", "other", "approval_not_yours", to_other),
    Refused("copy", "writer", "link_missing", lambda people: {"to": [str(uuid4())]}),
    Refused("copy", "writer", "approval_not_allowed", to_other, "closed"),
    Refused("comment", "first", "approval_nothing_said"),
    Refused("hand_over", "first", "approval_not_yours", to_other),
    Refused("hand_over", "chief", "approval_not_asked",
            lambda people: {"gone": me(people.second), **to_other(people)}),
    Refused("replan", "first", "approval_not_yours"),
)  # fmt: skip


@pytest.mark.parametrize("refused", REFUSED, ids=str)
def test_what_cannot_be_done_is_refused_by_its_name_and_changes_nothing(
    people: People, refused: Refused
) -> None:
    case = people.submit(refused.name)

    answer = people.act(getattr(people, refused.who), case, refused.act, **refused.body(people))

    assert answer.status_code == 422
    assert answer.json["code"] == "approval_refused"
    assert answer.json["title"] == "This cannot be done with the approval"
    assert [each["code"] for each in answer.json["errors"]] == [refused.code]
    assert people.first.get(f"/approvals/{case['id']}") == case


@pytest.mark.parametrize("act", [each for each in get_args(ActName)])
def test_nothing_is_done_with_what_is_over(people: People, act: ActName) -> None:
    case = people.act(people.writer, people.submit(), "withdraw").json
    (done,) = (each for each in DONE if each.act == act)

    answer = people.act(getattr(people, done.who), case, act, **done.body(people))

    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "approval_over")


def test_what_cannot_be_submitted_is_refused_by_its_name(people: People) -> None:
    memo = people.memo(first=None)
    twice = people.submit()

    blank = people.writer.call("POST", f"/records/memo/{memo}/approvals/memo", {})
    again = people.writer.call("POST", f"/records/memo/{twice['record']}/approvals/memo", {})
    zh = people.writer.speaking("zh").call("POST", f"/records/memo/{memo}/approvals/memo", {})

    assert [(each.status_code, each.json["code"]) for each in (blank, again)] == [
        (422, "submission_refused")
    ] * 2
    assert [each.json["errors"][0]["code"] for each in (blank, again)] == [
        "approval_not_now", "approval_running",
    ]  # fmt: skip
    assert (blank.json["title"], zh.json["title"]) == ("This cannot be submitted", "无法提交审批")


def test_an_act_that_is_repeated_under_its_key_is_done_once(people: People) -> None:
    memo, key = people.memo(), {"Idempotency-Key": uuid4().hex}
    path = f"/records/memo/{memo}/approvals/memo"
    sent = [people.writer.call("POST", path, {}, headers=key) for _ in range(2)]
    case, key = sent[0].json, {"Idempotency-Key": uuid4().hex}
    path = f"/approvals/{case['id']}/comment"

    said = [people.other.call("POST", path, {"comment": "hm"}, headers=key) for _ in range(2)]
    other = people.other.call("POST", path, {"comment": "another"}, headers=key)

    for once, again in (sent, said):
        assert (again.status_code, again.data) == (once.status_code, once.data)
        assert again.headers["Idempotency-Replayed"] == "true"
    assert (other.status_code, other.json["code"]) == (422, "key_reused")
    log = people.other.get(f"/approvals/{case['id']}")["log"]
    assert [each["what"] for each in log] == ["submitted", "commented"]


def test_of_two_at_the_same_instant_one_decides_and_the_other_is_told(people: People) -> None:
    case = people.act(people.first, people.submit(), "approve").json
    chief = people.chief

    def decide(each: tuple[Api, str]) -> TestResponse:
        return people.act(each[0], case, each[1], input={"why": "so"}, comment="so")

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(decide, [(people.second, "approve"), (chief, "withdraw")]))

    assert sorted(each.status_code for each in found) == [200, 422]
    (told,) = (each for each in found if each.status_code == 422)
    assert told.json["errors"][0]["code"] == "approval_over"
    (won,) = (each.json["log"][-1]["what"] for each in found if each.status_code == 200)
    assert [each["what"] for each in chief.get(f"/approvals/{case['id']}")["log"]] == [
        "submitted", "approved", won,
    ]  # fmt: skip


def test_a_token_does_no_more_than_its_scopes(
    people: People, calling: Calling, office: Context
) -> None:
    looks = calling("reader", "memo:read", ctx=office)
    case = people.act(people.first, people.submit(), "transfer", to=[me(looks)]).json

    assert looks.get(f"/approvals/{case['id']}")["state"] == "running"
    for act in ("approve", "comment"):
        answer = people.act(looks, case, act, comment="hm")
        assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
    outside = calling("writer", ctx=office)
    assert people.act(outside, case, "comment", comment="hm").status_code == 404
