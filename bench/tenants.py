"""`python -m bench.tenants`: how quickly the first page of a tenant comes that nobody has opened.

Many tenants of one app lie on several databases of one server. One server process is warm: it
has served another tenant. Then every tenant is opened once, in random order, and what the web
process and the database hold is told at the end.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import text

from bench.__main__ import RESULTS, free_port, serving
from bench.footprint import children, resident, web
from bench.installation import ADMIN, joinery
from boot.connection import addressed
from boot.databases import add_database
from boot.settings import read_settings
from boot.tenancy import Wanted, make_tenant
from boot.wiring import House, house
from ui.session import COOKIE

PASSWORD = "only for measuring"  # noqa: S105

PAGE = "records/customer"

TARGET = 150.0
"""Milliseconds within which 95 of 100 first pages of a tenant come."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds of first and second pages, megabytes, seconds to make a tenant."""

    tenants: int
    databases: int
    create_seconds: float
    cold_p50: float
    cold_p95: float
    warm_p50: float
    warm_p95: float
    web_before: float
    web_after: float
    server_processes: float
    server_before: float
    server_after: float
    disk_per_tenant: float


def main() -> None:
    """Measure, print the figures as JSON, and keep them where that is asked for."""
    parser = argparse.ArgumentParser(prog="bench.tenants", description=__doc__)
    parser.add_argument("--tenants", type=int, default=100)
    parser.add_argument("--databases", type=int, default=3)
    parser.add_argument("--template", default="crm", metavar="NAME|FILE")
    parser.add_argument("--keep", metavar="NAME", help="write bench/results/NAME.json")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="joinery-bench-") as folder:
        os.chmod(folder, 0o711)  # noqa: S103 - the database's own account passes through
        _tell(
            measured(Path(folder) / "home", asked.tenants, asked.databases, asked.template),
            asked.keep,
        )


def _tell(found: Figures, keep: str | None) -> None:
    """Print and keep figures while their installation still stands: clearing it up takes long."""
    print(json.dumps(asdict(found), indent=2))
    print(
        f"p95 of a cold tenant's first page: {found.cold_p95:.0f} ms, target {TARGET:.0f} ms",
        flush=True,
    )
    if keep:
        machine = f"{platform.machine()}, {os.cpu_count()} cores"
        kept = {"machine": machine, "python": platform.python_version(), **asdict(found)}
        (RESULTS / f"{keep}.json").write_text(json.dumps(kept, indent=2) + "\n")


def measured(home: Path, tenants: int, databases: int, template: str) -> Figures:
    """Make an installation under `home` with its tenants, and open each of them."""
    environment = {**os.environ, "JOINERY_HOME": str(home)}
    settings = read_settings({"home": str(home)})
    with addressed(settings):
        joinery(environment, "init")
        with house(settings) as built:
            for number in range(2, databases + 1):
                add_database(built, f"more{number}")
            cookie = _signed_in(built)
            first, began = _disk(built), time.perf_counter()
            names = [_make(built, f"bench{number:04d}", template) for number in range(tenants + 1)]
            seconds = (time.perf_counter() - began) / len(names)
            disk = (_disk(built) - first) / len(names)
            answers = _opened(built, environment, names, cookie)
    return Figures(
        tenants=tenants,
        databases=databases,
        create_seconds=round(seconds, 2),
        disk_per_tenant=round(disk / 1e6, 2),
        **answers,
    )


def _signed_in(built: House) -> str:
    """Make a person who works in every tenant; return the cookie of their session."""
    built.accounts.create(ADMIN, password=PASSWORD)
    session = built.accounts.sign_in(ADMIN, PASSWORD, address="127.0.0.1")
    if session is None:
        raise SystemExit("Nobody could sign in.")
    return f"{COOKIE}={session.secret}"


def _make(built: House, name: str, template: str) -> str:
    make_tenant(built, Wanted(name, template, administrator=ADMIN))
    return name


def _opened(
    built: House, environment: dict[str, str], names: Sequence[str], cookie: str
) -> dict[str, float]:
    """Serve, warm up on one tenant, and open all others twice, in random orders."""
    port = free_port()
    command = [
        sys.executable, "-m", "boot.cli.main", "serve", "--port", str(port),
        "--workers", "1", "--no-worker",
    ]  # fmt: skip
    warm, *others = names
    with serving(command, environment, port):
        for _ in range(20):
            ask(port, f"/{warm}/{PAGE}", cookie)
        before, server = web(port), sum(_server(built))
        rounds = []
        for seed in (7, 8):
            order = random.Random(seed).sample(others, len(others))  # noqa: S311 - an order
            rounds.append([ask(port, f"/{name}/{PAGE}", cookie) for name in order])
        held = _server(built)
        return {
            "cold_p50": _part(rounds[0], 50),
            "cold_p95": _part(rounds[0], 95),
            "warm_p50": _part(rounds[1], 50),
            "warm_p95": _part(rounds[1], 95),
            "web_before": round(before, 1),
            "web_after": round(web(port), 1),
            "server_processes": len(held),
            "server_before": round(server, 1),
            "server_after": round(sum(held), 1),
        }


def ask(port: int, path: str, cookie: str) -> float:
    """Return how many milliseconds a page took, as it comes to somebody's browser."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    began = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": cookie})
    response = connection.getresponse()
    body = response.read()
    took = (time.perf_counter() - began) * 1000
    connection.close()
    if response.status != 200:
        raise SystemExit(f"{path}: {response.status} {body[:300]!r}")
    return took


def _server(built: House) -> list[float]:
    """Return the memory of each process of the database server, in MB of its own share."""
    with built.database.registry() as connection:
        ours = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    stat = Path(f"/proc/{ours}/stat").read_text(encoding="utf-8")
    postmaster = int(stat.rpartition(")")[2].split()[1])
    return [resident(pid) for pid in children(postmaster)]


def _disk(built: House) -> int:
    """Return the bytes of all databases on disk."""
    found = 0
    for name in built.databases.names():
        with built.database.queue(name) as connection:
            size = text("SELECT pg_database_size(current_database())")
            found += connection.execute(size).scalar_one()
    return found


def _part(taken: list[float], percent: int) -> float:
    if len(taken) < 2:
        return round(taken[0], 1)
    return round(statistics.quantiles(taken, n=100)[percent - 1], 1)


if __name__ == "__main__":
    main()
