"""The product from outside: its command line, its server, its API, as a script would use them."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

JOINERY = (sys.executable, "-m", "boot.cli.main")

STARTING = 60
"""Seconds after which a server that does not answer is taken for dead."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; `body` is parsed JSON where it is JSON, else text."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True, slots=True)
class Api:
    """A tenant's API under one token. Each call opens its own connection: threads may share it."""

    port: int
    tenant: str
    token: str

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request and return whatever is answered."""
        target = f"/api/v1/{self.tenant}{path}" + (f"?{urlencode(query)}" if query else "")
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        payload: bytes | None = None
        if isinstance(body, bytes):
            payload = body
        elif body is not None:
            payload = json.dumps(body).encode()
            sent = {"Content-Type": "application/json", **sent}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, target, payload, sent)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        is_json = "json" in response.headers.get("Content-Type", "")
        return Answer(
            response.status, dict(response.headers), json.loads(text) if is_json else text
        )

    def create(self, entity: str, **values: object) -> dict[str, Any]:
        """Create a record, which must succeed, and return it."""
        answer = self.call("POST", f"/records/{entity}", values)
        assert answer.status == 201, answer.body
        created: dict[str, Any] = answer.body
        return created

    def read(self, entity: str, record: str) -> dict[str, Any]:
        """Return a record, which must be there."""
        answer = self.call("GET", f"/records/{entity}/{record}")
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.body
        return found

    def everything(self, entity: str, **query: str) -> list[dict[str, Any]]:
        """Return every record, page after page."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            answer = self.call(
                "GET", f"/records/{entity}", query={"limit": "500", **query, **cursor}
            )
            assert answer.status == 200, answer.body
            found += answer.body["data"]
            if not answer.body["next"]:
                return found
            cursor = {"cursor": answer.body["next"]}

    def aggregate(self, entity: str, **body: object) -> list[dict[str, Any]]:
        """Return the rows of an aggregate, which must succeed."""
        answer = self.call("POST", f"/aggregate/{entity}", body)
        assert answer.status == 200, answer.body
        rows: list[dict[str, Any]] = answer.body["rows"]
        return rows


@dataclass(slots=True)
class Product:
    """An installation in a folder of its own, or on a database by URL; `settings` by variable."""

    home: Path
    database_url: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    server: subprocess.Popen[bytes] | None = field(default=None, init=False)
    port: int = field(default=0, init=False)

    def joinery(
        self, *arguments: str, status: int | None = 0, given: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run one command; fail when its exit status is not the one expected (None: any)."""
        done = subprocess.run(
            [*JOINERY, *arguments],
            input=given,
            capture_output=True,
            text=True,
            env=self.environment(),
            check=False,
        )
        if status is not None:
            assert done.returncode == status, f"{arguments}: {done.stdout}{done.stderr}"
        return done

    def environment(self) -> dict[str, str]:
        """Return the environment that commands and server run in."""
        own = {"JOINERY_HOME": str(self.home)}
        if self.database_url:
            own["JOINERY_DATABASE_URL"] = self.database_url
        return {**os.environ, **own, **self.settings}

    def start(self, *arguments: str) -> None:
        """Start the server on a free port and wait until it is ready."""
        self.port = free_port()
        with (self.home / "serve.log").open("ab") as log:
            self.server = subprocess.Popen(
                [*JOINERY, "serve", "--port", str(self.port), *arguments],
                env=self.environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        give_up = time.monotonic() + STARTING
        while not self.ready():
            alive = self.server.poll() is None and time.monotonic() < give_up
            assert alive, (self.home / "serve.log").read_text()
            time.sleep(0.05)

    def ready(self) -> bool:
        """Tell whether the server says that it is ready."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def stop(self) -> int:
        """Ask the server to end, as Ctrl-C does, and return its exit status."""
        assert self.server is not None
        self.server.send_signal(signal.SIGINT)
        status = self.server.wait(timeout=60)
        self.server = None
        return status

    def kill(self) -> None:
        """Kill the server and everything it started, without a word."""
        assert self.server is not None
        os.killpg(self.server.pid, signal.SIGKILL)
        self.server.wait(timeout=60)
        self.server = None

    def tenant(self, name: str, template: str = "crm") -> None:
        """Create a tenant with an administrator."""
        self.joinery(
            "tenant", "create", name, "--template", template, "--language", "en",
            "--admin", "admin@example.com", "--password-stdin", given="correct horse battery",
        )  # fmt: skip

    def api(self, tenant: str) -> Api:
        """Return the tenant's API under a token of its administrator."""
        made = self.joinery(
            "token", "create", tenant, "--user", "admin@example.com", "--scopes", "all"
        )
        return Api(self.port, tenant, made.stdout.strip().splitlines()[-1])


def new_home(factory: pytest.TempPathFactory) -> Path:
    """Return a new home whose kept models are those of all homes of this run."""
    home = factory.mktemp("home")
    kept = factory.getbasetemp().parent / "joinery-cache"
    kept.mkdir(mode=0o700, exist_ok=True)
    (home / "cache").symlink_to(kept)
    return home


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_import(api: Api, job: str, *, rows: int, seconds: float) -> None:
    """Wait until an import is done and all its rows are there, for so long at most."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        state = api.call("GET", f"/import/{job}").body
        assert state["state"] != "failed", state
        if state["state"] == "done":
            assert state["counts"]["created"] == rows, state
            return
        time.sleep(0.1)
    raise AssertionError(f"import {job} does not come to an end")
