"""A Dovecot of a test's own: the mail server that most mailboxes in the world lie on."""

from __future__ import annotations

import os
import pwd
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection, socket
from subprocess import DEVNULL, Popen
from tempfile import mkdtemp
from typing import Any

import pytest

from workflow.messages.channels import Mailbox

PROGRAM = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")

CONFIGURATION = """
base_dir = {place}/run
state_dir = {place}/run
log_path = {place}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = mbox:{place}/mail:INBOX={place}/mail/inbox
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
first_valid_uid = 0
mailbox_list_index = no
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {place}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={place}/home
}}
"""


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A running server: where it is, and the file that its inbox is."""

    port: int
    inbox: Path

    def mailbox(self, address: str, **other: Any) -> Mailbox:
        """Return how its inbox is set up. Any: values of a mailbox."""
        known = {"user": "desk", "password": "secret", "folder": "INBOX", "plain": True}
        return Mailbox(address, "127.0.0.1", self.port, **{**known, **other})


@contextmanager
def dovecot(password: str = "secret") -> Iterator[Dovecot]:  # noqa: S107 - of a test
    """Run a server with one user, `desk`."""
    if PROGRAM is None or os.getuid() != 0:
        pytest.skip("dovecot-imapd is not installed, or may not be started")
    # Where tests keep things nobody but their user may look.
    place = Path(mkdtemp(prefix="dovecot"))
    place.chmod(0o755)
    try:
        with _running(PROGRAM, place, password) as server:
            yield server
    finally:
        shutil.rmtree(place)


@contextmanager
def _running(program: str, place: Path, password: str) -> Iterator[Dovecot]:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # It takes no mail of the superuser's, and its files lie where their owner may go.
    owner = pwd.getpwnam("mail")
    for name in ("run", "mail", "home"):
        (place / name).mkdir(parents=True)
    (place / "mail" / "inbox").touch()
    (place / "users").write_text(f"desk:{password}\n")
    _hand_over(place, owner)
    configuration = place / "dovecot.conf"
    configuration.write_text(CONFIGURATION.format(
        place=place, port=port, user="mail", group="mail", uid=owner.pw_uid, gid=owner.pw_gid
    ))  # fmt: skip
    process = Popen([program, "-F", "-c", str(configuration)], stdout=DEVNULL, stderr=DEVNULL)  # noqa: S603
    try:
        _wait_for(port)
        yield Dovecot(port, place / "mail" / "inbox")
    finally:
        process.terminate()
        process.wait()


def _hand_over(place: Path, owner: pwd.struct_passwd) -> None:
    for each in (place, *place.rglob("*")):
        os.chown(each, owner.pw_uid, owner.pw_gid)


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
