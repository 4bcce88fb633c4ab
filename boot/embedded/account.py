"""Under which account of the operating system the embedded server runs, and what it may enter."""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boot.embedded.errors import EmbeddedError

UNPRIVILEGED = "nobody"


@dataclass(frozen=True, slots=True)
class ServerAccount:
    """The account that owns the server's processes and data; `switch` when it is not ours."""

    name: str
    uid: int
    gid: int
    switch: bool
    client: str

    @property
    def spawn(self) -> dict[str, Any]:
        """Arguments for `subprocess` that make a child run under this account."""
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": ()}


def server_account() -> ServerAccount:
    """Return our own account, or an unprivileged one for root, which PostgreSQL refuses."""
    uid = os.geteuid()
    try:
        client = pwd.getpwuid(uid).pw_name
    except KeyError:
        raise EmbeddedError(
            f"The user id {uid} has no name on this machine, and PostgreSQL needs one. "
            "Add it to /etc/passwd, or give a database with --database."
        ) from None
    if uid != 0:
        return ServerAccount(client, uid, os.getegid(), switch=False, client=client)
    try:
        other = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise EmbeddedError(
            f"PostgreSQL does not run as root, and there is no user {UNPRIVILEGED!r} to run it "
            "under. Start Joinery as an ordinary user, or give a database with --database."
        ) from None
    return ServerAccount(other.pw_name, other.pw_uid, other.pw_gid, switch=True, client=client)


def require_reachable(folder: Path, account: ServerAccount) -> None:
    """Raise `EmbeddedError` where a parent folder bars the server's account."""
    if not account.switch:
        return
    for parent in reversed((folder, *folder.parents)):
        found = parent.stat()
        if found.st_uid == account.uid:
            needed = stat.S_IXUSR
        elif found.st_gid == account.gid:
            needed = stat.S_IXGRP
        else:
            needed = stat.S_IXOTH
        if not found.st_mode & needed:
            raise EmbeddedError(
                f"The embedded PostgreSQL runs as {account.name!r}, because it refuses root, and "
                f"that user may not enter {parent}. Set JOINERY_HOME to a folder whose parents "
                f"everybody may enter (such as /var/lib/joinery), run as an ordinary user, "
                "or give a database with --database."
            )
