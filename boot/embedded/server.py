"""The embedded server as a process sees it: whoever comes first starts it, the last one stops it.

Every process that uses the server holds a shared lock on one file, which the kernel takes
away when the process ends, however it ends. Leaving, a process tries to make its lock
exclusive: that works only for the last one, and then it stops the server. After a SIGKILL
of the last one the server runs on, and the next start adopts it.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from boot.embedded.account import require_reachable, server_account
from boot.embedded.binaries import programs
from boot.embedded.cluster import SUPERUSER, Cluster
from boot.embedded.errors import EmbeddedError

_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class ServerState:
    """What `doctor` says of an embedded server: whether it runs, and whether anybody uses it."""

    folder: Path
    running: bool
    used: bool

    @property
    def stray(self) -> bool:
        """Whether the server runs although the processes that used it are gone."""
        return self.running and not self.used


class EmbeddedServer:
    """The server of one JOINERY_HOME, shared by every process that has joined it."""

    def __init__(
        self, home: Path, *, configuration: Mapping[str, str] | None = None, durable: bool = True
    ) -> None:
        self._folder = _prepared(home) / "postgres"
        self._configuration = dict(configuration or {})
        self._durable = durable
        self._account = server_account()
        self._membership: int | None = None

    def join(self) -> None:
        """Start the server unless it runs, and hold it until `leave`."""
        if self._membership is not None:
            return
        with _storing(self._folder):
            self._folder.mkdir(mode=0o711, exist_ok=True)
        require_reachable(self._folder, self._account)
        with _storing(self._folder), _locked(self._folder / "start.lock"):
            cluster = self._cluster()
            membership = _open(self._folder / "used.lock")
            fcntl.flock(membership, fcntl.LOCK_SH)
            try:
                cluster.create(durable=self._durable)
                _bring_up(cluster, self._configuration)
            except BaseException:
                os.close(membership)
                raise
            self._membership = membership

    def leave(self) -> bool:
        """Let go of the server; return whether we were the last and stopped it."""
        if self._membership is None:
            return False
        with _locked(self._folder / "start.lock"):
            last = _try_exclusive(self._membership)
            if last:
                self._cluster().stop()
            os.close(self._membership)
            self._membership = None
        return last

    def url(self, role: str = SUPERUSER, database: str = "postgres") -> str:
        """Return the address of a database, for SQLAlchemy, under a role."""
        socket = quote(str(self._cluster().socket_folder), safe="")
        return f"postgresql+psycopg://{role}@/{database}?host={socket}"

    def __enter__(self) -> EmbeddedServer:
        self.join()
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def _cluster(self) -> Cluster:
        return Cluster(self._folder, self._account, programs(self._folder, self._account))


def inspect(home: Path) -> ServerState:
    """Look at the server of a JOINERY_HOME without starting it."""
    folder = home.absolute() / "postgres"
    if not (folder / "data").exists():
        return ServerState(folder, running=False, used=False)
    account = server_account()
    with _locked(folder / "start.lock"):
        running = Cluster(folder, account, programs(folder, account)).running()
        membership = _open(folder / "used.lock")
        try:
            return ServerState(folder, running=running, used=not _try_exclusive(membership))
        finally:
            os.close(membership)


def stop_stray(home: Path) -> bool:
    """Stop a server that nobody uses any more; return whether there was one."""
    if not inspect(home).stray:
        return False
    server = EmbeddedServer(home)
    server.join()
    return server.leave()


def _bring_up(cluster: Cluster, configuration: Mapping[str, str]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while cluster.running():
        if cluster.ready():
            return
        # It is starting, or going down: adopt it in the one case, follow it in the other.
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"PostgreSQL runs and does not answer; its log is {cluster.log}. "
                "Look there, or end it and start again."
            )
        time.sleep(0.02)
    cluster.start(configuration)


def _prepared(home: Path) -> Path:
    home = home.absolute()
    # Root's server runs as somebody else, who has to pass through this folder.
    with _storing(home):
        home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    return home


@contextmanager
def _storing(folder: Path) -> Iterator[None]:
    """Turn what the file system refuses into a sentence that names the folder."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise EmbeddedError(
            f"{folder} cannot hold the database: {reason}. Make it writable, free some space, "
            "or name another folder in JOINERY_HOME."
        ) from error


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _try_exclusive(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
