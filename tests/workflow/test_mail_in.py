"""Mail that came in: fetched from a real server, taken once, answered by no program."""

from __future__ import annotations

import imaplib
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from socket import create_connection, socket
from subprocess import DEVNULL, Popen
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from boot.mailboxes import fetch
from engine.access.grants import FILE
from engine.jobs import Job
from tests.budget import examples
from tests.workflow.conftest import Yard, Yards, silent
from tests.workflow.mailing import log_of
from workflow.messages.addresses import mark_of
from workflow.messages.channels import Cabinet, Channels, Mailbox
from workflow.messages.fetching import Fetch
from workflow.messages.imap import MailboxFailed
from workflow.messages.message import Message
from workflow.messages.standing import last_look
from workflow.messages.taking import MOST_AN_HOUR, read

DESK = "desk@yard.example"

ANSWERING = f"""
automations:
  ask:
    label: Ask
    trigger: {{on: email, address: {DESK}}}
    when: 'not (input.subject == "skip")'
    steps:
      made: {{create: job, set: {{name: 'input.subject & " · " & input.sender'}}}}
      first: {{create: note, set: {{about: input.text, job: input.made}}}}
      thanks:
        email: {{to: input.sender, subject: "Re {{{{ input.subject }}}}", text: "We have it"}}
  more:
    label: More
    trigger: {{on: email, entity: job, address: {DESK}}}
    steps: {{next: {{create: note, set: {{about: input.text, job: this_job}}}}}}
""".replace("this_job", "id")


@dataclass(frozen=True, slots=True)
class Server:
    """A real IMAP server with one mailbox."""

    port: int

    def mailbox(self, **other: Any) -> Mailbox:
        known = {"user": "desk", "password": "secret", "folder": "INBOX", "plain": True}
        return Mailbox(DESK, "127.0.0.1", self.port, **{**known, **other})

    def put(self, *mails: bytes) -> None:
        with imaplib.IMAP4("127.0.0.1", self.port) as server:
            server.login("desk", "secret")
            for each in mails:
                assert server.append("INBOX", "", imaplib.Time2Internaldate(0), each)[0] == "OK"

    def empty(self) -> None:
        with imaplib.IMAP4("127.0.0.1", self.port) as server:
            server.login("desk", "secret")
            server.select("INBOX")
            server.store("1:*", "+FLAGS", "(\\Deleted)")
            server.expunge()


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = [str(Path(sys.executable).with_name("pymap")), "--host", "127.0.0.1"]
    user = ["--demo-user", "desk", "--demo-password", "secret"]
    process = Popen(  # noqa: S603 - a program of ours
        [*program, "--port", str(port), "--no-tls", "dict", *user], stdout=DEVNULL, stderr=DEVNULL
    )
    for _ in range(200):
        try:
            create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.05)
    yield Server(port)
    process.terminate()
    process.wait()


@pytest.fixture
def server(running: Server) -> Server:
    running.empty()
    return running


def mail(subject: str, text: str = "Hello", **headers: str) -> EmailMessage:
    made = EmailMessage()
    given = {"From": "Li <li@acme.example>", "To": DESK, "Subject": subject,
             "Message-ID": f"<{uuid4()}@acme.example>"}  # fmt: skip
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in given.items():
        made[name] = value
    made.set_content(text)
    return made


def fetching(yard: Yard, mailbox: Mailbox) -> Fetch:
    """Set a mailbox up, and return what looks into it."""
    cabinet = Cabinet(yard.house.master_key)
    yard.house.database.unit(yard.ctx, lambda at: cabinet.write(yard.ctx, at, Channels((mailbox,))))
    task = fetch(yard.house, lambda name: yard.ctx)
    allowance = type(task.allowance).of("127.0.0.1")
    return Fetch(task.database, cabinet, task.intake, allowance, task.system)


def in_and_out(yard: Yard) -> list[Message]:
    return sorted(log_of(yard.ctx, yard.house), key=lambda each: each.direction)


def look(task: Fetch, yard: Yard) -> None:
    task.run(Job(0, yard.ctx.tenant.name, {"mailbox": DESK}, 1, silent))
    yard.work()


def test_a_mail_becomes_a_record_once_and_its_answers_follow_it(
    yard_with: Yards, server: Server
) -> None:
    """Requirements T-17, V-17."""
    yard = yard_with(ANSWERING)
    task = fetching(yard, server.mailbox())
    first = mail("Pump is 坏了", "It leaks.\n\nLi")
    first.add_attachment(b"%PDF-1.4 a picture", maintype="application", subtype="pdf",
                         filename="泵.pdf")  # fmt: skip
    server.put(first.as_bytes())
    look(task, yard)
    look(task, yard)

    assert yard.rows("job", "name") == [("Pump is 坏了 · li@acme.example",)]
    assert yard.rows("note", "about") == [("It leaks.\n\nLi",)]
    asked, thanks = in_and_out(yard)
    assert (thanks.address, thanks.subject) == ("li@acme.example", "Re Pump is 坏了")
    job = yard.rows("job", "id")[0][0]
    assert (asked.entity, asked.record) == ("job", job)
    files = yard.ctx.compiled.tables.of(FILE)
    with yard.house.database.reading(yard.ctx) as connection:
        found = connection.execute(select(files.c.name, files.c.entity, files.c.record)).all()
    assert [tuple(row) for row in found] == [("泵.pdf", "job", job)]

    answer = mail("Re: Pump", "Still leaks\n\nOn Monday the desk wrote:\n> We have it",
                  In_Reply_To=str(first["Message-ID"]))  # fmt: skip
    server.put(answer.as_bytes(), answer.as_bytes())
    look(task, yard)

    said = sorted(row[0] for row in yard.rows("note", "about"))
    assert said == ["It leaks.\n\nLi", "Still leaks"]
    assert len(yard.rows("job", "id")) == 1


@pytest.mark.parametrize("headers", [
    {"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"List_Id": "<news.acme.example>"},
    {"From": "MAILER-DAEMON@acme.example"}, {"X_Spam_Flag": "YES"}, {"Return_Path": "<>"},
    {"From": ""}, {"Subject": "自动回复：我在休假"}, {"Subject": "Automatic reply: Pump"},
    {"Subject": "[Auto-Reply] Pump"}, {"Subject": "Out of Office"},
], ids=lambda each: "-".join(each))  # fmt: skip
def test_nothing_answers_what_a_program_wrote(
    yard_with: Yards, server: Server, headers: dict[str, str]
) -> None:
    yard = yard_with(ANSWERING) if "yard" not in SHARED else SHARED["yard"]
    SHARED["yard"] = yard
    before = len(log_of(yard.ctx, yard.house))
    server.put(mail(headers.pop("Subject", "Away"), **headers).as_bytes())

    look(fetching(yard, server.mailbox()), yard)

    assert yard.rows("job", "id") == []
    kept = log_of(yard.ctx, yard.house)[before:]
    assert [each.state for each in kept] == ["ignored"]


SHARED: dict[str, Yard] = {}


def test_mail_that_comes_back_marks_the_address(yard_with: Yards, server: Server) -> None:
    yard = yard_with(ANSWERING)
    task = fetching(yard, server.mailbox())
    server.put(mail("Pump").as_bytes())
    look(task, yard)
    _, thanks = in_and_out(yard)
    server.put(delivery_status("li@acme.example", thanks.message_id))
    server.put(delivery_status("boss@acme.example", "forged@elsewhere.example"))
    look(task, yard)

    states = {each.id: (each.state, each.error) for each in log_of(yard.ctx, yard.house)}
    assert states[thanks.id] == ("bounced", "5.1.1")
    with yard.house.database.reading(yard.ctx) as connection:
        assert mark_of(connection, yard.ctx, "li@acme.example").reason == "5.1.1"
        assert mark_of(connection, yard.ctx, "boss@acme.example").bounced_at is None


def delivery_status(address: str, original: str) -> bytes:
    """Return what a mail server says of a mail that it could not deliver (RFC 3464)."""
    return "\r\n".join([
        "From: MAILER-DAEMON@mx.acme.example", f"To: {DESK}", "Subject: Undelivered",
        f"Message-ID: <{uuid4()}@mx>", "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', "",
        "--b", "Content-Type: text/plain", "", "Sorry.", "--b",
        "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.acme.example", "",
        f"Final-Recipient: rfc822; {address}", "Action: failed", "Status: 5.1.1",
        "--b", "Content-Type: message/rfc822", "", f"Message-ID: <{original}>", "Subject: x", "",
        "x", "--b--", "",
    ]).encode()  # fmt: skip


def test_a_mail_with_very_many_files_and_one_that_is_broken_are_taken(
    yard_with: Yards, server: Server
) -> None:
    yard = yard_with(ANSWERING)
    task = fetching(yard, server.mailbox())
    many = mail("Many")
    for at in range(60):
        many.add_attachment(f"file {at}".encode(), maintype="text", subtype="plain",
                            filename=f"{at}.txt")  # fmt: skip
    broken = (
        b"From: =?utf-9?q?=FF?= <li@acme.example>\r\nSubject: =?gb2312?b?xOO6w?= \xc4\xe3\r\n"
        b"Content-Type: multipart/mixed; boundary=nothing\r\n\r\n--nothing\r\n"
        b"Content-Type: text/plain; charset=nonsense\r\n\r\n\xc4\xe3\xba\xc3\r\n\x00"
    )
    server.put(many.as_bytes(), broken)
    look(task, yard)

    assert len(yard.rows("job", "id")) == 2
    kept = {each.subject: each for each in log_of(yard.ctx, yard.house) if each.direction == "in"}
    assert (len(kept["Many"].files), kept["Many"].detail["left_out"]) == (50, 10)
    assert any("你好" in each.body for each in kept.values())


def test_a_mailbox_that_cannot_be_entered_says_so_where_it_is_set_up(
    yard_with: Yards, server: Server
) -> None:
    yard = yard_with(ANSWERING)
    mailbox = server.mailbox(password="wrong")  # noqa: S106 - the point of it
    with pytest.raises(MailboxFailed):
        look(fetching(yard, mailbox), yard)

    with yard.house.database.reading(yard.ctx) as connection:
        found = last_look(connection, yard.ctx, mailbox)
    assert found is not None and found.why == "sign_in_refused"


def test_mail_that_a_worker_left_half_taken_is_taken_once(yard_with: Yards, server: Server) -> None:
    yard = yard_with(ANSWERING)
    task = fetching(yard, server.mailbox())
    raw = mail("Pump").as_bytes()
    assert task.intake.take(yard.ctx, DESK, raw) is not None

    assert task.intake.take(yard.ctx, DESK, raw) is None
    server.put(raw)
    look(task, yard)

    assert len(yard.rows("job", "id")) == 1


@pytest.mark.parametrize("subject", [
    "Re: Automatic reply: Pump", "自动回复功能坏了", "Out of office chairs", "Autoreply broken",
])  # fmt: skip
def test_what_a_person_says_of_automatic_answers_is_no_such_answer(subject: str) -> None:
    assert read(mail(subject).as_bytes()).ignored == ""


def test_another_mail_under_an_id_that_is_known_is_taken_too(yard_with: Yards) -> None:
    """Scanners and forms give every mail the same id."""
    yard = yard_with(ANSWERING)
    intake = fetch(yard.house, lambda name: yard.ctx).intake
    same = {"Message_ID": "<scan@printer.example>", "From": "scan@printer.example"}
    monday = mail("Scan", "One", Date="Mon, 23 Nov 2026 08:00:00 +0800", **same).as_bytes()
    tuesday = mail("Scan", "Two", Date="Tue, 24 Nov 2026 08:00:00 +0800", **same).as_bytes()
    forged = mail("Scan", "Three", Date="Mon, 23 Nov 2026 08:00:00 +0800",
                  **{**same, "From": "eve@else.example"}).as_bytes()  # fmt: skip

    taken = [intake.take(yard.ctx, DESK, each) for each in (monday, tuesday, forged) * 2]
    yard.work()

    assert [each is not None for each in taken] == [True] * 3 + [False] * 3
    assert sorted(row[0] for row in yard.rows("note", "about")) == ["One", "Three", "Two"]


def test_two_mails_of_one_id_at_once_are_both_taken(yard_with: Yards) -> None:
    yard = yard_with(ANSWERING)
    intake = fetch(yard.house, lambda name: yard.ctx).intake
    mails = [
        mail("Scan", f"Page {at}", Message_ID="<scan@printer.example>",
             Date=f"Mon, 23 Nov 2026 08:00:0{at} +0800").as_bytes() for at in range(4)
    ]  # fmt: skip

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda raw: intake.take(yard.ctx, DESK, raw), mails * 2))

    assert sum(each is not None for each in taken) == 4


def test_an_answer_to_a_record_in_the_trash_begins_a_new_conversation(yard_with: Yards) -> None:
    """Requirement V-17: nobody would look for it in the trash."""
    yard = yard_with(ANSWERING)
    intake = fetch(yard.house, lambda name: yard.ctx).intake
    first, answer = mail("Pump", "It leaks"), mail("Re: Pump", "Still leaks")
    intake.take(yard.ctx, DESK, first.as_bytes())
    yard.work()
    ((old,),) = yard.rows("job", "id")
    yard.house.writer.delete(yard.ctx, "note", [id_ for (id_,) in yard.rows("note", "id")])
    yard.house.writer.delete(yard.ctx, "job", [old])
    answer["In-Reply-To"] = first["Message-ID"]

    intake.take(yard.ctx, DESK, answer.as_bytes())
    yard.work()

    made = {name: id_ for name, id_ in yard.rows("job", "name", "id")}
    assert list(made) == ["Re: Pump · li@acme.example"]
    kept = {each.subject: each for each in log_of(yard.ctx, yard.house) if each.direction == "in"}
    assert kept["Re: Pump"].record == made["Re: Pump · li@acme.example"]
    assert kept["Re: Pump"].thread == kept["Pump"].thread


def test_a_program_that_answers_everything_without_saying_so_is_listened_to_for_a_while(
    yard_with: Yards,
) -> None:
    yard = yard_with("")
    intake = fetch(yard.house, lambda name: yard.ctx).intake

    kept = [intake.take(yard.ctx, DESK, mail("Re").as_bytes()) for _ in range(MOST_AN_HOUR + 1)]

    assert [(each.state, each.error) for each in kept[-2:] if each is not None] == [
        ("received", ""), ("ignored", "too_many"),
    ]  # fmt: skip
    other = intake.take(yard.ctx, DESK, mail("Hello", From="wu@acme.example").as_bytes())
    assert other is not None and other.state == "received"


@settings(max_examples=examples(60))
@given(raw=st.one_of(
    st.binary(max_size=400),
    st.builds(
        lambda head, body: b"\r\n".join(head) + b"\r\n\r\n" + body,
        st.lists(st.sampled_from([
            b"From: a@b.example", b"Content-Type: multipart/mixed; boundary=x",
            b"Content-Type: message/rfc822", b"Content-Transfer-Encoding: base64",
            b"Subject: =?utf-8?b?/w==?=", b"Content-Type: text/plain; charset=\xff",
            b"Content-Disposition: attachment; filename*=utf-8''%ff", b"References: <a> <<b>",
            b"Content-Type: message/delivery-status", b"From: =?x?q?=?= <", b"Message-ID: <",
        ]), max_size=6),
        st.sampled_from([b"", b"--x\r\n\r\nhi\r\n--x--", b"\xff\xfe", b"=?=", b"--x--", b"AAA"]),
    ),
))  # fmt: skip
def test_whatever_comes_is_read(raw: bytes) -> None:
    found = read(raw)

    assert "\x00" not in found.mail.text
    assert found.mail.message_id


def test_a_mail_within_mails_without_end_is_read_or_refused(yard_with: Yards) -> None:
    deep = b"From: a@b.example\r\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (at, at)
        for at in range(3000)
    )
    yard = yard_with(ANSWERING)
    task = fetch(yard.house, lambda name: yard.ctx)

    kept = task.intake.take(yard.ctx, DESK, deep)

    assert kept is not None
    assert kept.state in ("received", "refused", "ignored")
