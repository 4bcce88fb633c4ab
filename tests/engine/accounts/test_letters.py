"""Letters: sent to a real mail server, their links good for one thing, once, for a while (A-01)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from socket import socket
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from sqlalchemy import select, text, update

from engine.accounts.errors import LetterSpent, MailMissing, SignInRefused
from engine.accounts.letters import GAP, PATH, RESET_TASK, Letters, WriteReset
from engine.accounts.profile import Profile
from engine.accounts.tables import letter as letters_table
from engine.context import Origin
from engine.jobs import Job
from engine.mail import TASK, Mail, MailFailed, MailServer, Post, SendMail, Smtp
from engine.tenants.accounts import Accounts
from engine.tenants.errors import AccountExists, PasswordWeak
from engine.tenants.identity import Account
from engine.worker import Worker
from tests.engine.accounts.conftest import PASSWORD

SITE = "https://crm.example.com"
HERE = Origin("192.0.2.1", "a browser")
NEW = "another four words"


class Inbox:
    """Takes mail as any mail server does; refuses what goes to nobody@example.com."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address == "nobody@example.com":
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        found = message_from_bytes(envelope.content or b"", policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.taken.append(found)
        return "250 OK"


@dataclass(frozen=True, slots=True)
class Office:
    """A mail server, and letters that go through the queue to it."""

    inbox: Inbox
    address: str
    letters: Letters
    post: Post
    accounts: Accounts

    def deliver(self) -> list[EmailMessage]:
        """Do the jobs that wait, as a worker would, and return what arrived."""
        sender = Smtp(MailServer.read(self.address), "Joinery <no-reply@crm.example.com>")
        tasks = {
            RESET_TASK: WriteReset(self.post, self.letters),
            TASK: SendMail(self.post, sender),
        }
        before = len(self.inbox.taken)
        while waiting := self.waiting():
            for number, task, payload in waiting:
                tasks[task].run(Job(number, "", payload, 1, lambda *_: None))
        return self.inbox.taken[before:]

    def waiting(self) -> list[tuple[int, str, dict[str, str]]]:
        with self.accounts.ledger.database.registry() as connection:
            connection.execute(text("SET LOCAL search_path TO joinery, pg_catalog"))
            rows = connection.execute(
                text(
                    "DELETE FROM joinery.procrastinate_jobs WHERE args ->> 'tenant' = '' "
                    "RETURNING id, task_name, args -> 'payload'"
                )
            )
            return [(row[0], row[1], row[2]) for row in rows]


def checked(*given: object) -> AuthResult:
    *_, said = given
    right = isinstance(said, LoginPassword) and said.password == b"p:w"
    return AuthResult(success=right, handled=False)


def free_port(host: str) -> int:
    with socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Inbox, str]]:
    inbox, port = Inbox(), free_port("127.0.0.1")
    controller = Controller(
        inbox, hostname="127.0.0.1", port=port, auth_require_tls=False, authenticator=checked
    )
    controller.start()
    yield inbox, f"smtp://joinery:p%3Aw@127.0.0.1:{port}"
    controller.stop()


@pytest.fixture
def office(server: tuple[Inbox, str], accounts: Accounts) -> Office:
    post = Post(accounts.key)
    letters = Letters(accounts.ledger, accounts.passwords, post, SITE)
    made = Office(*server, letters, post, accounts)
    made.waiting()
    return made


def link_of(mail: EmailMessage) -> str:
    """The secret of the link in a letter, the same in its plain words and in its page."""
    plain, page = (part.get_content() for part in mail.iter_parts())
    found = set(re.findall(rf"{SITE}{PATH}([\w-]+)", plain))
    assert found == set(re.findall(rf"{SITE}{PATH}([\w-]+)", page))
    return str(found.pop())


def test_an_invitation_arrives_and_sets_a_password_once(office: Office, accounts: Accounts) -> None:
    who = accounts.create(f"{uuid4().hex}@example.com", name="李 <b>雷</b>", language="zh")
    assert office.letters.invite(who, "en", by="王芳", place="华东") == ""

    mail = office.deliver()[0]

    assert (mail["To"], mail["Subject"]) == (who.email, "王芳 邀请您加入 华东")
    assert "<b>雷" not in list(mail.iter_parts())[1].get_content()
    secret = link_of(mail)
    office.letters.set_password(secret, NEW, HERE)
    assert accounts.door.by_password(who.email, NEW, HERE).stage == "in"
    with pytest.raises(LetterSpent):
        office.letters.set_password(secret, PASSWORD, HERE)


def test_a_new_password_by_mail_ends_every_session(
    office: Office, accounts: Accounts, who: Account
) -> None:
    signed_in = accounts.door.by_password(who.email, PASSWORD, HERE)
    office.letters.ask_reset(who.email.upper(), "en")

    office.letters.set_password(link_of(office.deliver()[0]), NEW, HERE)

    assert accounts.session(signed_in.secret) is None
    with pytest.raises(SignInRefused):
        accounts.door.by_password(who.email, PASSWORD, HERE)
    assert office.deliver()[0]["Subject"] == "Your Joinery password was changed"


def test_asking_for_an_address_that_nobody_has_looks_the_same_and_writes_nothing(
    office: Office,
) -> None:
    office.letters.ask_reset("who@example.com", "en")
    office.letters.ask_reset("WHO@example.com", "en")

    waiting = office.waiting()
    assert [task for _, task, _ in waiting] == ["accounts.reset"]
    office.letters.write_reset("who@example.com", "en")
    assert office.deliver() == []


def test_a_worker_sends_what_waits(office: Office, who: Account) -> None:
    office.letters.ask_reset(who.email, "zh")
    sender = Smtp(MailServer.read(office.address), "Joinery <no-reply@crm.example.com>")
    tasks = {
        RESET_TASK: WriteReset(office.post, office.letters),
        TASK: SendMail(office.post, sender),
    }

    for _ in tasks:
        Worker(office.accounts.ledger.database, tasks).run_until_empty()

    assert (who.email, "重置榫卯密码") in [(m["To"], m["Subject"]) for m in office.inbox.taken]


def test_nothing_of_a_letter_can_be_read_in_the_queue(
    office: Office, accounts: Accounts, who: Account
) -> None:
    office.letters.ask_reset(who.email, "en")
    office.letters.invite(who, "en", by="王芳", place="华东")

    written = repr(office.waiting())

    assert who.email not in written
    assert PATH not in written
    with accounts.ledger.database.registry() as connection:
        assert connection.execute(select(letters_table.c.hash)).scalars().all()


def test_whoever_asks_in_somebody_elses_name_neither_floods_them_nor_ends_their_link(
    office: Office, accounts: Accounts, who: Account
) -> None:
    office.letters.write_reset(who.email, "en")
    office.letters.write_reset(who.email, "en")
    assert len(office.waiting()) == 1

    with accounts.ledger.database.registry() as connection:
        chosen = letters_table.c.account == who.id
        before = connection.execute(select(letters_table.c.hash).where(chosen)).scalars().all()
        earlier = letters_table.c.ends_at - GAP
        connection.execute(update(letters_table).where(chosen).values(ends_at=earlier))
    office.letters.write_reset(who.email, "en")

    with accounts.ledger.database.registry() as connection:
        after = connection.execute(select(letters_table.c.hash).where(chosen)).scalars().all()
    assert len(after) == 2
    assert set(before) < set(after)


def test_a_new_address_and_a_new_password_end_what_lies_in_the_mailbox(
    office: Office, accounts: Accounts, who: Account
) -> None:
    old = office.letters.reset_link(who).rpartition("/")[2]
    office.letters.ask_address(who, f"new.{who.email}", "en")
    office.letters.set_address(link_of(office.deliver()[0]), HERE)
    with pytest.raises(LetterSpent):
        office.letters.read(old)

    signed_in = accounts.door.by_password(f"new.{who.email}", PASSWORD, HERE)
    old = office.letters.reset_link(who).rpartition("/")[2]
    profile = Profile(accounts.ledger, accounts.passwords, accounts.door, office.letters)
    profile.change_password(signed_in, signed_in.secret, PASSWORD, NEW, HERE)
    with pytest.raises(LetterSpent):
        office.letters.read(old)


def test_a_link_ends_and_a_newer_one_takes_its_place(
    office: Office, accounts: Accounts, who: Account
) -> None:
    first = office.letters.reset_link(who).rpartition("/")[2]
    second = office.letters.reset_link(who).rpartition("/")[2]
    with pytest.raises(LetterSpent):
        office.letters.read(first)
    assert office.letters.read(second).kind == "reset"

    with accounts.ledger.database.registry() as connection:
        past = datetime.now(UTC) - timedelta(seconds=1)
        chosen = letters_table.c.account == who.id
        connection.execute(update(letters_table).where(chosen).values(ends_at=past))

    with pytest.raises(LetterSpent):
        office.letters.set_password(second, NEW, HERE)


@pytest.mark.parametrize("wrong", ["", "nonsense", "\x00", "x" * 10_000, "../../etc"])
def test_what_is_no_secret_opens_no_letter(office: Office, wrong: str) -> None:
    with pytest.raises(LetterSpent):
        office.letters.read(wrong)


def test_a_weak_password_leaves_the_link_to_be_used_again(office: Office, who: Account) -> None:
    secret = office.letters.reset_link(who).rpartition("/")[2]

    for weak in ("short", who.email, "aaaaaaaaaa"):
        with pytest.raises(PasswordWeak):
            office.letters.set_password(secret, weak, HERE)

    assert office.letters.set_password(secret, NEW, HERE) == who


def test_a_new_address_counts_once_its_owner_says_so(
    office: Office, accounts: Accounts, who: Account
) -> None:
    new = f"new.{uuid4().hex}@example.com"
    office.letters.ask_address(who, new, "en")
    mail = office.deliver()[0]
    assert mail["To"] == new
    assert accounts.by_email(new) is None

    office.letters.set_address(link_of(mail), HERE)

    assert accounts.by_email(who.email) is None
    assert accounts.door.by_password(new, PASSWORD, HERE).stage == "in"
    told = office.deliver()[0]
    assert (told["To"], told["Subject"][:4]) == (who.email, "Your")


def test_an_address_that_somebody_took_meanwhile_is_refused(
    office: Office, accounts: Accounts, who: Account
) -> None:
    new = f"new.{uuid4().hex}@example.com"
    office.letters.ask_address(who, new, "en")
    secret = link_of(office.deliver()[0])
    accounts.create(new)

    with pytest.raises(AccountExists):
        office.letters.set_address(secret, HERE)
    assert accounts.by_email(who.email) == who


def test_the_link_of_one_letter_does_not_do_what_another_is_for(
    office: Office, who: Account
) -> None:
    office.letters.ask_address(who, f"{uuid4().hex}@example.com", "en")
    secret = link_of(office.deliver()[0])

    with pytest.raises(LetterSpent):
        office.letters.set_password(secret, NEW, HERE)
    assert office.letters.read(secret).kind == "address"


def test_without_mail_links_are_handed_out_and_nothing_is_promised(
    accounts: Accounts, who: Account
) -> None:
    letters = Letters(accounts.ledger, accounts.passwords)

    link = letters.invite(who, "en", by="王芳", place="华东")

    assert link.startswith(PATH)
    assert letters.read(link.removeprefix(PATH)).kind == "invitation"
    with pytest.raises(MailMissing):
        letters.ask_reset(who.email, "en")


def test_a_server_that_refuses_is_tried_again_and_names_nobody(office: Office) -> None:
    sender = Smtp(MailServer.read(office.address), "Joinery <no-reply@crm.example.com>")

    with pytest.raises(MailFailed) as refused:
        sender.send(Mail("nobody@example.com", "Hello", "words", "<p>words</p>"))

    assert "nobody@" not in str(refused.value)


def test_a_wrong_password_and_a_closed_port_are_refused_by_the_sender(office: Office) -> None:
    wrong = office.address.replace("p%3Aw", "no")
    for address in (wrong, "smtp://127.0.0.1:9"):
        with pytest.raises(MailFailed):
            Smtp(MailServer.read(address), "a@b.example").send(Mail("c@d.example", "s", "w", "p"))


def test_a_password_is_never_sent_in_the_clear_to_another_machine(office: Office) -> None:
    plain = MailServer.read(office.address.replace("127.0.0.1", "127.0.0.2"))
    port = free_port("127.0.0.2")
    controller = Controller(Inbox(), hostname="127.0.0.2", port=port)
    controller.start()
    try:
        with pytest.raises(MailFailed, match="encryption"):
            Smtp(
                MailServer(plain.scheme, plain.host, port, plain.user, plain.password),
                "a@b.example",
            ).send(Mail("c@d.example", "s", "w", "p"))
    finally:
        controller.stop()


@pytest.mark.parametrize("address", ["", "mail.example.com", "http://x", "smtp://", "smtp://:25"])
def test_what_is_no_mail_server_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="smtp://"):
        MailServer.read(address)


def test_a_name_cannot_add_a_header_or_a_line(office: Office, accounts: Accounts) -> None:
    who = accounts.create(f"{uuid4().hex}@example.com", name="x")
    office.letters.invite(
        who, "en", by="Eve\r\nBcc: all@example.com", place="\n\nhttps://evil.example"
    )

    mail = office.deliver()[0]

    assert mail["Bcc"] is None
    assert "\nhttps://evil" not in next(mail.iter_parts()).get_content()
