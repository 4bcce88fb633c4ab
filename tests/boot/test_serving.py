"""Serving: one command starts everything and its end leaves nothing behind."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from boot.cli.serving import named
from boot.embedded import inspect, stop_stray
from ui.bundle import DIST


@dataclass
class Server:
    """A server under test, its database embedded in a home of its own."""

    home: Path
    port: int
    process: subprocess.Popen[str] | None = None

    def joinery(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "boot.cli.main", *arguments],
            env={**_without_database(), "JOINERY_HOME": str(self.home), "LANG": "en_US.UTF-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def start(self) -> None:
        self.process = self.joinery("serve", "--port", str(self.port), "--workers", "2")
        while self.status("/readyz") != 200:
            assert self.process.poll() is None, self.process.communicate()[0]
            time.sleep(0.1)

    def status(self, path: str) -> int | None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return None
        finally:
            connection.close()

    def end(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        self.process.communicate()
        return self.process.returncode


def _without_database() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key != "JOINERY_DATABASE_URL"}


@pytest.fixture
def server() -> Iterator[Server]:
    if not (DIST / "manifest.json").exists():
        pytest.skip("the front end is not built: run `make setup`")
    folder = Path(tempfile.mkdtemp(prefix="joinery-serve-"))
    folder.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    made = Server(folder / "home", port)
    prepared = made.joinery("init")
    said, _ = prepared.communicate()
    assert prepared.returncode == 0, said
    yield made
    if made.process is not None and made.process.poll() is None:
        made.end(signal.SIGKILL)
    stop_stray(made.home)
    shutil.rmtree(folder)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_end_of_the_server_is_the_end_of_its_database(
    server: Server, how: signal.Signals
) -> None:
    server.start()
    assert server.status("/healthz") == 200
    assert inspect(server.home).used

    assert server.end(how) == 0

    assert not inspect(server.home).running
    assert server.status("/healthz") is None


def test_a_killed_server_frees_its_port_and_the_next_one_takes_its_database(
    server: Server,
) -> None:
    server.start()
    server.end(signal.SIGKILL)
    while server.status("/healthz") is not None:
        time.sleep(0.1)
    assert inspect(server.home).running

    server.start()

    assert server.end(signal.SIGINT) == 0
    assert not inspect(server.home).running


@pytest.mark.parametrize(
    ("tenants", "said"),
    [
        ((), ""),
        (("acme",), " (acme)"),
        (tuple("abcde"), " (a, b, c, d, e)"),
        (tuple("abcdefg"), " (a, b, c, d, e and 2 more)"),
    ],
)
def test_some_tenants_are_named_when_serving_begins(tenants: tuple[str, ...], said: str) -> None:
    assert named(tenants) == said
