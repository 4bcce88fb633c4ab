"""Mail servers that misbehave, and mail that is made to break something: nothing is lost by it."""

from __future__ import annotations

import socketserver
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from threading import Thread

import pytest

from boot.mailboxes import fetch_all
from engine.context import Context
from engine.errors import NotFound
from engine.mail import Mail, MailFailed, MailServer, Smtp
from tests.workflow.conftest import Yards
from tests.workflow.dovecot import Dovecot, dovecot
from tests.workflow.mailing import Post, log_of, mail_server, writing
from tests.workflow.test_mail_in import ANSWERING, DESK, fetching, look, mail
from tests.workflow.test_messages import MAILING
from workflow.messages.channels import Cabinet, Channels, Mailbox
from workflow.messages.fetching import AT_ONCE
from workflow.messages.imap import MailboxFailed
from workflow.messages.parsing import Unreadable
from workflow.messages.standing import last_look
from workflow.messages.taking import read
from workflow.messages.writing import is_address

Speaks = Callable[[socketserver.StreamRequestHandler], None]
"""What a server says to whoever connects."""


@contextmanager
def server_that(speaks: Speaks) -> Iterator[int]:
    """Run a server on this machine; yield its port."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            speaks(self)

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def hangs(of: socketserver.StreamRequestHandler) -> None:
    time.sleep(3600)


def hangs_after_its_greeting(of: socketserver.StreamRequestHandler) -> None:
    of.wfile.write(b"* OK 220 Hello\r\n" if of.request else b"")
    time.sleep(3600)


def closes(of: socketserver.StreamRequestHandler) -> None:
    of.wfile.write(b"* OK Hello\r\n")
    of.rfile.readline()


def sends_more_than_anybody_asked_for(of: socketserver.StreamRequestHandler) -> None:
    of.wfile.write(b"* OK Hello\r\n* 1 FETCH (BODY {99999999999}\r\nx")
    of.rfile.readline()


@pytest.fixture
def post() -> Iterator[Post]:
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def house_server() -> Iterator[Dovecot]:
    with dovecot() as server:
        yield server


@pytest.mark.parametrize("speaks", [hangs, hangs_after_its_greeting, closes,
                                    sends_more_than_anybody_asked_for])  # fmt: skip
def test_a_mailbox_whose_server_does_not_answer_says_so_where_it_is_set_up(
    yard_with: Yards, speaks: Speaks
) -> None:
    yard = yard_with("")
    with server_that(speaks) as port:
        mailbox = Mailbox(DESK, "127.0.0.1", port, "desk", "secret", plain=True)
        task = replace(fetching(yard, mailbox), patience=0.2)
        with pytest.raises(MailboxFailed):
            look(task, yard)

    with yard.house.database.reading(yard.ctx) as connection:
        found = last_look(connection, yard.ctx, mailbox)
    assert found is not None and found.why == "no_answer"


@pytest.mark.parametrize(("other", "why"), [
    ({"password": "wrong"}, "sign_in_refused"),
    ({"password": "错的密码"}, "sign_in_refused"),
    ({"user": "de sk\r\nA1 LOGOUT"}, "sign_in_refused"),
    ({"folder": "归档"}, "refused"),
])  # fmt: skip
def test_what_a_server_refuses_is_told(
    yard_with: Yards, house_server: Dovecot, other: dict[str, str], why: str
) -> None:
    yard = yard_with("")
    mailbox = house_server.mailbox(DESK, **other)
    with pytest.raises(MailboxFailed) as met:
        look(fetching(yard, mailbox), yard)

    assert met.value.params["why"] == why


def test_names_folders_and_passwords_may_be_chinese(yard_with: Yards) -> None:
    yard = yard_with(ANSWERING)
    with dovecot("密码 &1") as server:
        folder = server.inbox.with_name("&ZTZO9g- &- &kK5O9g-")
        folder.write_bytes(b"From a@b.example Mon Nov 23 02:27:00 2026\n" + mail("Pump").as_bytes())
        folder.chmod(0o666)
        mailbox = server.mailbox(DESK, password="密码 &1", folder="收件 & 邮件")  # noqa: S106
        look(fetching(yard, mailbox), yard)

    assert yard.rows("job", "name") == [("Pump · li@acme.example",)]


def test_of_a_huge_mailbox_only_what_nobody_read_is_taken_and_then_all_that_comes(
    yard_with: Yards,
) -> None:
    """A server tells of more mails than fit on a line, and of old ones somebody read long ago."""
    yard = yard_with("")
    count, unread = 160_000, {5, 90_000, 159_999}
    with dovecot() as server:
        with server.inbox.open("wb") as inbox:
            for at in range(count):
                status = b"" if at in unread else b"Status: RO\n"
                inbox.write(b"From a@b.example Mon Nov 23 02:27:00 2026\n" + status +
                            b"From: li@acme.example\nMessage-ID: <%d@acme.example>\n"
                            b"Subject: %d\n\nx\n\n" % (at, at))  # fmt: skip
        task = fetching(yard, server.mailbox(DESK))
        look(task, yard)
        with server.inbox.open("ab") as inbox:
            for at in range(count, count + AT_ONCE + 1):
                inbox.write(b"From a@b.example Mon Nov 23 02:27:00 2026\nStatus: RO\n"
                            b"From: wu%d@acme.example\nMessage-ID: <%d@acme.example>\n"
                            b"Subject: %d\n\nx\n\n" % (at, at, at))  # fmt: skip
        look(task, yard)
        look(task, yard)

    taken = sorted(int(each.subject) for each in log_of(yard.ctx, yard.house))
    assert taken == [*sorted(unread), *range(count, count + AT_ONCE + 1)]


@pytest.mark.parametrize("subject", [
    b"=?unicode_escape?q?=5Cud800?=", b"=?utf-7?q?+2AA-?=", b"=?utf-7?q?+AAA-?=", b"\xed\xa0\x80",
    b"=?utf-8?b?7aCA?=",
])  # fmt: skip
def test_signs_that_no_database_holds_keep_no_mail_from_being_taken(
    yard_with: Yards, house_server: Dovecot, subject: bytes, request: pytest.FixtureRequest
) -> None:
    yard = yard_with(ANSWERING)
    intake = fetching(yard, house_server.mailbox(DESK)).intake
    raw = (
        b"From: " + subject + b" <li@acme.example>\r\nMessage-ID: <" + subject[-9:-3] +
        b"@acme.example>\r\nSubject: " + subject + b"\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: text/plain; charset=unicode_escape\r\n\r\n\\ud800 \\u0000 hello\r\n--b\r\n"
        b"Content-Type: application/pdf; name=\"" + subject + b".pdf\"\r\n\r\n%PDF-1.4\r\n--b--\r\n"
    )  # fmt: skip

    kept = intake.take(yard.ctx, DESK, raw)
    yard.work()

    assert kept is not None and kept.state == "received"
    assert "hello" in kept.body and len(kept.files) == 1
    assert len(yard.rows("job", "name")) == 1


def test_a_mail_that_cannot_be_kept_keeps_none_after_it_waiting(
    yard_with: Yards, house_server: Dovecot
) -> None:
    """Whatever somebody finds that breaks the taking: it is told of, and passed."""
    yard = yard_with(ANSWERING)
    task = fetching(yard, house_server.mailbox(DESK))
    before = log_of(yard.ctx, yard.house)
    with house_server.inbox.open("ab") as inbox:
        for subject in ("Poison", "Pump"):
            inbox.write(b"From a@b.example Mon Nov 23 02:27:00 2026\n" + mail(subject).as_bytes())

    class Fragile:
        def take(self, ctx: Context, to: str, raw: bytes) -> object:
            if b"Poison" in raw:
                raise ValueError
            return task.intake.take(ctx, to, raw)

        refuse = task.intake.refuse

    look(replace(task, intake=Fragile()), yard)  # type: ignore[arg-type]

    kept = log_of(yard.ctx, yard.house)[len(before) :]
    assert {(each.state, each.error) for each in kept if each.direction == "in"} == {
        ("refused", "unreadable"), ("received", ""),
    }  # fmt: skip


def test_what_is_wrong_with_one_tenant_keeps_no_mailbox_of_another_waiting(
    yard_with: Yards,
) -> None:
    yard = yard_with("")
    cabinet = Cabinet(yard.house.master_key)
    channels = Channels((Mailbox(DESK, "127.0.0.1", 1, "desk", "secret", plain=True),))
    yard.house.database.unit(yard.ctx, lambda at: cabinet.write(yard.ctx, at, channels))

    def system(name: str) -> Context:
        if name == "gone":
            raise NotFound(tenant=name)
        if name == "broken":
            raise RuntimeError
        return yard.ctx

    looking = fetch_all(yard.house, lambda: ["broken", "gone", yard.ctx.tenant.name], system)
    looking.tick(datetime.now(UTC))

    with yard.house.database.queue(yard.ctx.tenant.database) as connection:
        found = connection.exec_driver_sql(
            "SELECT count(*) FROM joinery.procrastinate_jobs WHERE task_name = 'message.fetch' "
            "AND status = 'todo' AND args->>'tenant' = %s", (yard.ctx.tenant.role,),
        ).scalar_one()  # fmt: skip
    assert found == 1


def refuses_politely(of: socketserver.StreamRequestHandler) -> None:
    """Take a mail, and part badly."""
    _smtp(of, b"250 taken", b"421 Too busy to part")


def refuses_the_content(of: socketserver.StreamRequestHandler) -> None:
    _smtp(of, b"554 5.7.1 That is spam", b"221 Bye")


def closes_in_the_middle(of: socketserver.StreamRequestHandler) -> None:
    _smtp(of, b"", b"")


def _smtp(of: socketserver.StreamRequestHandler, taken: bytes, parting: bytes) -> None:
    of.wfile.write(b"220 Hello\r\n")
    while line := of.rfile.readline():
        word = line[:4].upper()
        if word == b"DATA":
            of.wfile.write(b"354 Go on\r\n")
            while of.rfile.readline() not in (b".\r\n", b""):
                pass
            if not taken:
                return
            of.wfile.write(taken + b"\r\n")
        elif word == b"QUIT":
            of.wfile.write(parting + b"\r\n")
            return
        else:
            of.wfile.write(b"250 OK\r\n")


MAIL = Mail("li@acme.example", "Hello", "words", "<p>words</p>")


def smtp(port: int) -> Smtp:
    return Smtp(MailServer("smtp", "127.0.0.1", port), "Yard <yard@crm.example.com>", patience=0.3)


@pytest.mark.parametrize("speaks", [hangs, hangs_after_its_greeting, closes_in_the_middle,
                                    refuses_the_content])  # fmt: skip
def test_what_a_mail_server_did_not_take_is_tried_again(
    yard_with: Yards, post: Post, speaks: Speaks
) -> None:
    at = writing(yard_with(MAILING.replace("MESSAGE", "sent")), post)
    at.yard.create("delivery", {"code": "D-1", "note": "li@acme.example"})
    at.yard.work()
    carriers = at.task.carriers  # type: ignore[attr-defined]
    with server_that(speaks) as port:
        failing = replace(carriers["email"], sender=smtp(port))
        task = replace(at.task, carriers={**carriers, "email": failing})  # type: ignore[type-var]
        assert replace(at, task=task).send() == ["mail_failed"]
    (kept,) = log_of(at.yard.ctx, at.yard.house)
    assert (kept.state, kept.error) == ("waiting", "mail_failed")

    at.send()
    assert len(post.taken) == 1


def test_a_mail_that_was_taken_is_not_sent_again_for_how_the_server_parts() -> None:
    with server_that(refuses_politely) as port:
        smtp(port).send(MAIL)


@pytest.mark.parametrize("to", [
    "a\x7f@x.example", "a\x01b@x.example", "a\u2028@x.example", "a\u200b@x.example",
    "a\ud800@x.example", "=?utf-8?q?li=40evil.example=2C?=@x.example", "a@x.example\r\nBcc: li@y.z",
])  # fmt: skip
def test_what_no_letter_can_bear_is_no_address(post: Post, to: str) -> None:
    port = int(post.address.rpartition(":")[2])
    assert not is_address(to)
    with suppress(MailFailed):
        # Whoever does not ask is met by no accident, either.
        smtp(port).send(replace(MAIL, to=to))


def test_what_mail_programs_read_stands_in_the_headers_as_it_is(
    yard_with: Yards, post: Post
) -> None:
    """Ids of Outlook fill more than a line, and links to unsubscribe do."""
    again = """
  again:
    label: Again
    trigger: {on: updated, entity: delivery, fields: [status]}
    steps: {write: {email: {to: note, message: offer}}}
"""
    at = writing(yard_with(MAILING.replace("MESSAGE", "offer") + again), post)
    long = f"{'PH0PR10MB1234' * 6}@namprd10.prod.outlook.com"
    intake = fetching(at.yard, Mailbox(DESK, "127.0.0.1", 1, "desk", "x", plain=True)).intake
    id_ = at.yard.create("delivery", {"code": "D-1", "note": "li@acme.example"})
    at.yard.work()
    at.send()
    first = log_of(at.yard.ctx, at.yard.house)[0].message_id
    intake.take(at.yard.later(seconds=30).ctx, DESK, (
        f"From: li@acme.example\r\nMessage-ID: <{long}>\r\nIn-Reply-To: <{first}>\r\n\r\nYes"
    ).encode())  # fmt: skip
    later = replace(at, yard=at.yard.later(minutes=1))
    later.yard.update("delivery", id_, status="received")
    later.yard.work()
    later.send()

    raw = post.raw[-1].decode()
    head = raw.partition("\r\n\r\n")[0]
    assert "List-Unsubscribe: <https://crm.example.com/unsubscribe?key=" in head
    assert f"In-Reply-To: <{long}>\r\n" in head
    assert f"References: <{first}>\r\n <{long}>\r\n" in head
    assert all(len(line) < 998 for line in head.splitlines())


def test_charsets_that_are_made_to_unpack_are_read_as_they_seem() -> None:
    raw = b"Content-Type: text/plain; charset=zlib\r\n\r\nhello"
    assert read(raw).mail.text == "hello"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html", b"Hello " + b"<a " * 1_000_000),
        ("text/html", b"Hello " + b"<style " * 400_000),
        ("text/html", b"Hello <a b='" * 300_000),
        ("text/html", b"Hello " + b"<!--" * 700_000),
        ("text/plain; charset=punycode", b"Hello " + b"a-bc" * 700_000),
        ("text/plain" + "; a=b" * 600_000, b"Hello"),
    ],
)
def test_mail_that_is_made_to_take_hours_is_read_at_once(kind: str, body: bytes) -> None:
    """Each took the square of its length, which nobody who ran this test would have awaited."""
    raw = f"From: a@b.example\nMessage-ID: <x@y>\nContent-Type: {kind}\n\n".encode() + body

    assert read(raw).mail.text.startswith("Hello")


def test_a_header_without_end_is_read_as_far_as_anybody_reads() -> None:
    said = b"=?utf-8?q?Hello?= " * 100_000
    raw = b"From: a@b.example\nMessage-ID: <x@y>\nSubject: " + said + b"\n\nHello"

    assert read(raw).mail.subject == "Hello" * 100


def test_a_mail_of_nothing_but_parts_is_refused() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n\n" * 100_000

    with pytest.raises(Unreadable):
        read(raw)


def test_of_a_page_only_what_people_see_is_read() -> None:
    page = (
        b"<html><head><title>T</title><style>p {}</style></head><body><p>One <b>two</b></p>"
        b"<script>three()</script><p>a &lt; b</p></body></html>"
    )
    raw = b"From: a@b.example\nMessage-ID: <x@y>\nContent-Type: text/html\n\n" + page

    assert read(raw).mail.text == "One two\na < b"
