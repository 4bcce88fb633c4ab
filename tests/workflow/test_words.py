"""Letters whose words people wrote into a record, what goes along, and what the record shows."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import replace
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest

from engine.jobs import Job
from metamodel import DefinitionInvalid, load, read_text
from tests.workflow.conftest import APP, Yards, silent
from tests.workflow.mailing import Post, Writing, log_of, mail_server, queued, writing
from tests.workflow.test_people import person
from tests.workflow.test_webhooks import Receiver
from tests.workflow.test_webhooks import receiver as receiver
from workflow.messages.message import RESULT
from workflow.messages.results import KeepResult

LETTERS = """
  letter:
    label: Letter
    title: name
    owned: true
    fields:
      name: {type: text, required: true}
      address: {type: text}
      body: {type: rich_text}
      paper: {type: file}
      customer: {type: link, to: customer, inverse: letters}
      at: {type: datetime}
      cost: {type: money}
      state:
        type: choice
        default: queued
        options:
          queued: {label: Q}
          sent: {label: S}
          suppressed: {label: H}
          failed: {label: F}
      why: {type: choice, options: {bounced: {label: B}, no_address: {label: N}}}
      said: {type: text, max_length: 30}
roles:
  clerk: {label: Clerk, rights: {letter: {create: all, read: all, update: all}}}
  chief: {label: Chief, rights: {letter: {read: all}, customer: {read: all}}}
automations:
  mail:
    label: Mail
    trigger: {on: created, entity: letter}
    when: 'not CONTAINS(name, "fax")'
    steps:
      mail:
        email:
          to: address
          subject: "{% words name %}"
          text: {en: "Dear reader. {% words body %}", zh: "您好。{% words body %}"}
          files: paper
          result: {state: state, at: at, why: why, cost: cost, subject: said, text: body}
  fax:
    label: Fax
    trigger: {on: created, entity: letter}
    when: 'CONTAINS(name, "fax")'
    steps:
      fax:
        send:
          {channel: fax, to: address, text: "{{ name }}", files: paper,
           result: {state: state, at: at, cost: cost}}
"""


def shown(at: Writing, letter: UUID) -> dict[str, Any]:
    """Return a letter after the record was told what became of it."""
    yard = at.yard
    task = KeepResult(yard.house.database, yard.house.runner.hands.writing, lambda _: yard.ctx)
    for message in log_of(yard.ctx, yard.house):
        task.run(Job(0, yard.ctx.tenant.name, {"message": str(message.id)}, 1, silent))
    return yard.get("letter", letter)


def written(at: Writing, **values: Any) -> UUID:
    """Return a letter that is written and carried as far as it gets."""
    letter = at.yard.create("letter", values)
    at.yard.work()
    at.send()
    return letter


def test_words_of_a_record_are_filled_and_the_record_shows_what_became_of_them(
    yard_with: Yards,
) -> None:
    """Requirements M-12, H-16."""
    with mail_server() as post:
        at = writing(yard_with(LETTERS), post)
        clerk = person(at.yard, "ann", "chief")
        acme = at.yard.create("customer", {"name": "Acme", "owner": str(clerk)})
        paper = at.yard.house.files.upload(at.yard.ctx, "sheet.txt", BytesIO(b"HP-200"))
        letter = written(
            at, name="For {{ customer.name }}", address="li@acme.example", customer=str(acme),
            body="<p>{% if not ISBLANK(customer) %}{{ customer.name }} &amp; you{% end %}</p>",
            paper=[str(paper.id)], owner=str(clerk),
        )  # fmt: skip

        (mail,) = post.taken
        assert mail["Subject"] == "For Acme"
        assert "Dear reader. Acme & you" in str(mail)
        (file,) = mail.iter_attachments()
        assert (file.get_filename(), file.get_content().strip()) == ("sheet.txt", "HP-200")
        assert at.yard.get("letter", letter)["state"] == "queued"
        record = shown(at, letter)
        assert (record["state"], record["why"]) == ("sent", None)
        assert record["at"] is not None
        assert record["said"] == "For Acme"
        assert record["body"] == "<p>Dear reader. Acme &amp; you</p>"


def test_what_was_filled_in_is_no_gap_when_it_is_written_from_once_more(yard_with: Yards) -> None:
    at = writing(yard_with(LETTERS), Post("smtp://127.0.0.1:9"))
    clerk = str(person(at.yard, "ann", "chief"))
    sly = at.yard.create("customer", {"name": "{{ customer.state }} {% if true %} and more"})
    letter = written(
        at, name="To {{ customer.name }}", address="a@b.example", customer=str(sly), owner=clerk
    )

    assert at.yard.get("letter", letter)["said"] == "To {\u2060{ customer.state }} {\u2060% i"


def test_words_without_gaps_stay_formatted_on_their_record(yard_with: Yards) -> None:
    at = writing(yard_with(LETTERS.replace("Dear reader. ", "")), Post("smtp://127.0.0.1:9"))
    clerk = str(person(at.yard, "ann", "chief"))
    said = "<p>Come on <b>Monday</b></p>"
    letter = written(at, name="Hi", address="a@b.example", body=said, owner=clerk)

    assert at.yard.get("letter", letter)["body"] == said


def test_a_gap_that_means_nothing_sends_nothing_and_says_so(yard_with: Yards) -> None:
    at = writing(yard_with(LETTERS), Post("smtp://127.0.0.1:9"))
    clerk = str(person(at.yard, "ann", "clerk"))
    written(at, name="Hi", address="li@acme.example", body="<p>{{ custommer }}</p>", owner=clerk)

    (run,) = at.yard.runs("mail")
    assert run.error is not None
    assert "words_wrong" in str(run.error)
    assert log_of(at.yard.ctx, at.yard.house) == []


def test_nobody_has_words_filled_with_what_they_may_not_read(yard_with: Yards) -> None:
    """The clerk reads letters, and no customers."""
    at = writing(yard_with(LETTERS), Post("smtp://127.0.0.1:9"))
    clerk = person(at.yard, "ann", "clerk")
    acme = at.yard.create("customer", {"name": "Acme"})
    at.yard.create("letter", {
        "name": "Hello", "address": "li@acme.example", "owner": str(clerk),
        "customer": str(acme), "body": "<p>{{ customer.state }}, {{ customer.name }}!</p>",
    })  # fmt: skip
    at.yard.work()

    assert [each.body for each in log_of(at.yard.ctx, at.yard.house)] == ["Dear reader. , !"]


def test_a_record_shows_that_there_is_nowhere_to_write_to_and_that_mail_came_back(
    yard_with: Yards,
) -> None:
    with mail_server() as post:
        at = writing(yard_with(LETTERS), post)
        post.refused["gone@acme.example"] = "550 5.1.1 unknown"
        nowhere = written(at, name="Hello", address="-")
        gone = written(at, name="Hello", address="gone@acme.example")

        assert at.yard.get("letter", nowhere)["state"] == "failed"
        assert at.yard.get("letter", nowhere)["why"] == "no_address"
        assert shown(at, gone)["state"] == "failed"


def test_what_is_stopped_before_it_went_does_not_go_until_it_is_asked_for_once_more(
    yard_with: Yards,
) -> None:
    """Requirement M-12."""
    with mail_server() as post:
        at = writing(yard_with(LETTERS), post)
        letter = at.yard.create("letter", {"name": "Spring", "address": "li@acme.example"})
        at.yard.work()
        at.yard.update("letter", letter, state="suppressed")

        assert at.send() == []

        (kept,) = log_of(at.yard.ctx, at.yard.house)
        assert (kept.state, kept.error, post.taken) == ("held", "withdrawn", [])
        assert shown(at, letter)["state"] == "suppressed"

        boss = replace(at.yard.ctx, actor=replace(at.yard.ctx.actor, roles=("administrator",)))
        at.yard.house.services.message_book.send_again(boss, kept.id)
        at.send()
        assert len(post.taken) == 1
        assert shown(at, letter)["state"] == "sent"


def test_a_fax_takes_its_pages_along_and_what_it_cost_is_kept(
    yard_with: Yards, receiver: Receiver
) -> None:
    """Requirements T-18, M-15."""
    receiver.body = b'{"cost": "0.35"}'
    at = writing(yard_with(LETTERS), Post(), gateways=f"fax={receiver.url}")
    clerk = person(at.yard, "ann", "clerk")
    page = at.yard.house.files.upload(at.yard.ctx, "page.txt", BytesIO(b"HP-200"))
    letter = written(
        at, name="A fax", address="021 5555 0000", paper=[str(page.id)], owner=str(clerk)
    )

    ((_, body),) = receiver.taken
    said = json.loads(body)
    assert (said["channel"], said["to"], said["text"]) == ("fax", "021 5555 0000", "A fax")
    ((name, content),) = [(each["name"], b64decode(each["content"])) for each in said["files"]]
    assert (name, content) == ("page.txt", b"HP-200")
    record = shown(at, letter)
    assert (record["state"], str(record["cost"])) == ("sent", "0.35")


def test_a_fax_without_a_gateway_stays_in_the_log(yard_with: Yards) -> None:
    """Requirement T-18."""
    at = writing(yard_with(LETTERS), Post())
    clerk = person(at.yard, "ann", "clerk")
    letter = written(at, name="A fax", address="021 5555 0000", owner=str(clerk))

    (kept,) = log_of(at.yard.ctx, at.yard.house)
    assert (kept.channel, kept.state) == ("fax", "logged")
    assert at.yard.get("letter", letter)["state"] == "sent"


def test_the_worker_is_told_when_a_record_has_something_to_show(yard_with: Yards) -> None:
    """What becomes of a message is a job in the transaction that keeps it: a crash loses none."""
    with mail_server() as post:
        at = writing(yard_with(LETTERS), post)
        written(at, name="Hello", address="li@acme.example", body="<p>Hello</p>")

        assert len(queued(at.yard, RESULT)) == 1


ROUND = (
    LETTERS.partition("automations:")[0]
    + """
automations:
  round:
    label: Round
    trigger: {on: updated, entity: customer, fields: [big]}
    steps:
      round: {find: customer, filter: 'id == this.id'}
      each_delivery:
        each: deliveries
        steps:
          before: {find: letter, filter: 'customer == input.round and name == this.code'}
          written:
            {when: ISBLANK(input.before), create: letter,
             set: {name: code, address: note, customer: this.id, owner: this.owner}}
      each_letter:
        each: letters
        filter: 'state == "queued"'
        steps:
          mail: {email: {to: address, text: "{% words name %}", result: {state: state}}}
"""
)


def test_a_round_that_is_run_again_writes_to_nobody_twice(yard_with: Yards) -> None:
    """Requirement M-12: how the template writes to the members of a campaign."""
    yard = yard_with(ROUND)
    acme = yard.create("customer", {"name": "Acme"})
    for index in range(3):
        values = {"code": f"D-{index}", "customer": str(acme), "note": f"n{index}@acme.example"}
        yard.create("delivery", values)
    yard.update("customer", acme, big=True)
    yard.work()
    (run,) = yard.runs("round")
    assert run.state == "done", run.error

    yard.create("delivery", {"code": "D-9", "customer": str(acme), "note": "n9@acme.example"})
    yard.house.services.runs.again(yard.ctx, run.id)
    yard.work()

    sent = [each.address for each in log_of(yard.ctx, yard.house)]
    assert sorted(sent) == [f"n{each}@acme.example" for each in (0, 1, 2, 9)]
    assert {state for (state,) in yard.rows("letter", "state")} == {"sent"}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("result: {state: state}", "result: {state: name}"),
        ("result: {state: state}", "result: {state: why}"),
        ("result: {state: state}", "result: {state: gone}"),
        ("result: {state: state}", "result: {state: state, opened: name}"),
        ("result: {state: state}", "result: {state: state, clicks: at}"),
        ("result: {state: state}", "result: {state: state}, tracked: name"),
        ("{% words name %}", "{% words customer %}"),
    ],
)
def test_what_cannot_show_a_message_or_be_its_words_is_refused(right: str, wrong: str) -> None:
    assert right in ROUND
    with pytest.raises(DefinitionInvalid) as refused:
        load([read_text(APP + ROUND.replace(right, wrong), "yard.yaml")])

    assert len(refused.value.problems) == 1
