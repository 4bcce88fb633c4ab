"""`python -m bench.footprint`: what an idle worker and further tenants of one app cost."""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.__main__ import free_port, serving
from bench.installation import ADMIN, installed, joinery
from bench.rows import Sizes

SETTLING = 5.0
"""Seconds after which a process that has nothing to do is looked at."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """Megabytes of the idle worker and of each further tenant; seconds to make one."""

    worker: float
    per_tenant: float
    create_seconds: float


def main() -> None:
    """Measure, and print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="bench.footprint", description=__doc__)
    parser.add_argument("--tenants", type=int, default=20, help="further tenants")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="joinery-bench-") as folder:
        os.chmod(folder, 0o711)  # noqa: S103 - the database's own account passes through
        sizes = Sizes(opportunities=10, customers=2, quotes=1, lines=1)
        with installed(Path(folder) / "home", sizes) as installation:
            environment = {**os.environ, "JOINERY_HOME": str(installation.home)}
            made = Footprint(_worker(environment), *_tenants(environment, asked.tenants))
    print(json.dumps({name: round(getattr(made, name), 2) for name in made.__slots__}))


def _worker(environment: dict[str, str]) -> float:
    """Return what a worker without work holds of memory, in MB."""
    command = [sys.executable, "-m", "boot.cli.main", "worker"]
    process = subprocess.Popen(command, env=environment)  # noqa: S603 - our own program
    try:
        time.sleep(SETTLING)
        return resident(process.pid)
    finally:
        process.terminate()
        process.wait()


def _tenants(environment: dict[str, str], number: int) -> tuple[float, float]:
    """Return what each tenant adds to a web process once it was visited, and its making."""
    tokens, seconds = {}, []
    for index in range(number):
        name = f"more{index}"
        began = time.perf_counter()
        joinery(environment, "tenant", "create", name, "--template", "crm", "--admin", ADMIN)
        seconds.append(time.perf_counter() - began)
        made = joinery(environment, "token", "create", name, "--user", ADMIN, "--scopes", "all")
        tokens[name] = made.splitlines()[-1]
    port = free_port()
    command = [
        sys.executable, "-m", "boot.cli.main", "serve", "--port", str(port),
        "--workers", "1", "--no-worker",
    ]  # fmt: skip
    with serving(command, environment, port):
        names = list(tokens)
        for name in names[:2]:
            _visit(port, name, tokens[name])
        before = web(port)
        for name in names[2:]:
            _visit(port, name, tokens[name])
        return (web(port) - before) / len(names[2:]), sorted(seconds)[len(seconds) // 2]


def _visit(port: int, tenant: str, token: str) -> None:
    """Ask what a first visitor asks: metadata, a list, a new record."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = json.dumps({"name": "First"})
    for method, path, sent in (
        ("GET", "metadata", None),
        ("GET", "records/opportunity?sort=-amount", None),
        ("POST", "records/customer", body),
    ):
        connection.request(method, f"/api/v1/{tenant}/{path}", sent, headers)
        response = connection.getresponse()
        if response.read() is None or response.status >= 500:
            raise SystemExit(f"{method} {path} of {tenant}: {response.status}")
    connection.close()


def web(port: int) -> float:
    """Return the memory of the processes that answer on a port: the server's children."""
    time.sleep(1)
    mine = [pid for pid in _processes() if str(port) in _command(pid)]
    return sum(resident(child) for pid in mine for child in children(pid))


def _processes() -> list[int]:
    return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")
    except OSError:
        return ""


def children(pid: int) -> list[int]:
    """Return the processes that a process started."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    return [int(each) for each in found]


def resident(pid: int) -> float:
    """Return a process's own share of memory, in MB."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
    pss = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
    return int(pss.split()[1]) / 1024


if __name__ == "__main__":
    main()
