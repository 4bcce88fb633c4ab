"""One data folder of PostgreSQL: made, configured, started and stopped with its own programs."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from boot.embedded.account import ServerAccount
from boot.embedded.binaries import MAJOR
from boot.embedded.errors import EmbeddedError
from boot.embedded.processes import DEAD, lives, process_state

SUPERUSER = "postgres"
# A socket's address holds 104 bytes on macOS and 108 on Linux, its name included.
_LONGEST_SOCKET = 100
# Lines of postmaster.pid, from 0.
_MEMORY_LINE, _STATUS_LINE = 6, 7

_CONFIGURATION: Mapping[str, str] = {
    "listen_addresses": "''",
    "max_connections": "150",
    # A publish touches every table and index of a tenant in one transaction.
    "max_locks_per_transaction": "512",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_line_prefix": "'%m [%p] '",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "password_encryption": "scram-sha-256",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A data folder under `folder`, run by `account` with the programs in `programs`."""

    folder: Path
    account: ServerAccount
    programs: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "log" / "postgresql.log"

    @property
    def socket_folder(self) -> Path:
        """A folder short enough for a socket's address: ours, else one among temporary files."""
        own = self.folder / "run"
        if len(os.fsencode(own / ".s.PGSQL.5432")) <= _LONGEST_SOCKET:
            return own
        digest = hashlib.sha256(os.fsencode(own)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"joinery-{digest}"

    @property
    def _pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    def running(self) -> bool:
        """Return whether a server runs on this data folder."""
        pid = self._pid()
        return pid is not None and lives(pid)

    def create(self, *, durable: bool = True) -> None:
        """Make the data folder; an interrupted earlier attempt is thrown away."""
        if self.data.exists():
            self._require_version()
            return
        half_done = self.folder / "data.new"
        if half_done.exists():
            shutil.rmtree(half_done)
        self._own_folder(half_done)
        options = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
        options += ["--builtin-locale=C.UTF-8", f"--username={SUPERUSER}", "--auth=peer"]
        options += [] if durable else ["--no-sync"]
        made = self._run("initdb", "-D", half_done, *options)
        if made.returncode:
            raise EmbeddedError(f"PostgreSQL could not make its data folder: {_tail(made.stderr)}")
        half_done.rename(self.data)

    def start(self, configuration: Mapping[str, str]) -> None:
        """Start the server and wait until it answers."""
        self._own_folder(self.log.parent)
        self._own_folder(self.socket_folder)
        self._configure(configuration)
        self._forget_unreaped()
        done = self._run(
            "pg_ctl", "start", "-D", self.data, "-l", self.log, "-w", "-t", "120", "-s"
        )  # fmt: skip
        if done.returncode:
            raise EmbeddedError(
                f"PostgreSQL did not start: {_tail(_read(self.log) or done.stderr)} "
                f"(its log is {self.log})"
            )

    def ready(self) -> bool:
        """Return whether the server has finished starting."""
        lines = _read(self._pid_file).splitlines()
        return len(lines) > _STATUS_LINE and lines[_STATUS_LINE].startswith("ready")

    def stop(self) -> None:
        """Stop the server; transactions under way are rolled back."""
        done = self._run("pg_ctl", "stop", "-D", self.data, "-m", "fast", "-w", "-t", "120", "-s")
        if done.returncode and self.running():
            raise EmbeddedError(f"PostgreSQL did not stop: {_tail(done.stderr)}")
        if self.socket_folder.parent != self.folder:
            shutil.rmtree(self.socket_folder, ignore_errors=True)

    def _pid(self) -> int | None:
        lines = _read(self._pid_file).splitlines()
        return int(lines[0]) if lines and lines[0].isdigit() else None

    def _forget_unreaped(self) -> None:
        # Where nobody reaps orphans, as in a container, PostgreSQL takes its dead predecessor
        # for a living one. Its shared memory tells whether any of its children is left.
        pid = self._pid()
        if pid is None or process_state(pid) not in DEAD:
            return
        memory = _read(self._pid_file).splitlines()[_MEMORY_LINE].split()[-1]
        for _ in range(100):
            if not _attached(memory):
                self._pid_file.unlink(missing_ok=True)
                for left in self.socket_folder.glob(".s.PGSQL.*"):
                    left.unlink()
                return
            time.sleep(0.1)

    def _configure(self, configuration: Mapping[str, str]) -> None:
        settings = {
            **_CONFIGURATION,
            "unix_socket_directories": f"'{self.socket_folder}'",
            **configuration,
        }
        lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
        self._write("postgresql.conf", "# Written by Joinery at every start.\n" + lines)
        # Whoever may start this server may use it, and nobody else on the machine.
        self._write("pg_hba.conf", "local all all peer map=joinery\n")
        self._write("pg_ident.conf", f'joinery "{self.account.client}" all\n')

    def _write(self, name: str, text: str) -> None:
        path = self.data / name
        path.write_text(text, encoding="utf-8")
        self._give(path, 0o600)

    def _require_version(self) -> None:
        found = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        if found != MAJOR:
            raise EmbeddedError(
                f"The data in {self.data} was written by PostgreSQL {found}, and this is "
                f"{MAJOR}. Back its tenants up with the old version of Joinery, and restore "
                "them into a new JOINERY_HOME."
            )

    def _own_folder(self, path: Path) -> None:
        path.mkdir(mode=0o700, exist_ok=True)
        found = path.lstat()
        if path.is_symlink() or found.st_uid not in {os.geteuid(), self.account.uid}:
            raise EmbeddedError(
                f"{path} belongs to somebody else; remove it, or move JOINERY_HOME."
            )
        self._give(path, 0o700)

    def _give(self, path: Path, mode: int) -> None:
        path.chmod(mode)
        if self.account.switch:
            os.chown(path, self.account.uid, self.account.gid)

    def _run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        # The server inherits what pg_ctl writes to: a file, because a pipe would never end.
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
            done = subprocess.run(  # noqa: S603 - our own program, arguments of our making
                [self.programs / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                check=False,
                **self.account.spawn,
            )
            output.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, "", output.read())


def _attached(memory: str) -> bool:
    for line in _read(Path("/proc/sysvipc/shm")).splitlines()[1:]:
        columns = line.split()
        if columns[1] == memory:
            return columns[6] != "0"
    return False


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def _tail(text: str) -> str:
    return " ".join(text.strip().splitlines()[-3:]).strip()
