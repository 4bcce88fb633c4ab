"""`python -m bench.pages`: how quickly pages come over a million rows, in a real browser.

A tenant of the CRM is filled and served as `joinery serve` does, to one Chromium on the same
machine. Lighthouse opens each page as a desktop computer without a slow line and with nothing kept;
digits are typed into quotes; a dashboard is asked for beside its bare SQL; and the server's memory
is looked at before and after many page views. The first opening of each page is the server's first,
too: it counts for the scores and not for the times.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bench.__main__ import RESULTS, free_port, serving
from bench.dashboards import SECONDS, TARGET, Asked, Taken, client_of, measured
from bench.footprint import web
from bench.keystrokes import Typed, typed
from bench.lighthouse import SPEED, Opener, Visit, opener
from bench.page_rows import DASHBOARD, Opened, opened, places
from bench.tenants import ask
from ui.session import COOKIE

KEYSTROKE = 50.0
"""Milliseconds within which a total follows what is typed."""

SHIFT, SCRIPT = 0.05, 300 * 1024

ACCESSIBLE, PRACTICES = 100, 95

VIEWS = 1_000


@dataclass(frozen=True, slots=True)
class Held:
    """Megabytes that the server's process holds before and after so many further page views."""

    views: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Figures:
    """All that is measured; `load` is what the machine had to do besides when it began."""

    rows: int
    load: float
    pages: Mapping[str, Visit]
    targets: Mapping[str, float]
    keystrokes: tuple[Typed, ...]
    dashboard: Taken
    memory: Held


def main() -> None:
    """Fill a tenant or take the one that is kept, measure, print the figures and keep them."""
    parser = argparse.ArgumentParser(prog="bench.pages", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="opportunities")
    parser.add_argument("--turns", type=int, default=3, help="times that each page is opened")
    parser.add_argument("--views", type=int, default=VIEWS, help="page views between two looks")
    parser.add_argument("--only", default="", help="the pages that are opened, by how names begin")
    parser.add_argument("--home", type=Path, help="a folder that keeps the installation")
    parser.add_argument("--keep", metavar="NAME", help="write bench/results/NAME.json")
    asked = parser.parse_args()
    with _home(asked.home) as home, opened(home, asked.rows) as tenant:
        found = figures(tenant, asked)
    _print(found)
    if asked.keep:
        machine = f"{platform.machine()}, {os.cpu_count()} cores"
        kept = {"machine": machine, "python": platform.python_version(), **asdict(found)}
        (RESULTS / f"{asked.keep}.json").write_text(json.dumps(kept, indent=2) + "\n")


@contextmanager
def _home(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="joinery-bench-") as folder:
        os.chmod(folder, 0o711)  # noqa: S103 - the database's own account passes through
        yield Path(folder) / "home"


def figures(tenant: Opened, asked: argparse.Namespace) -> Figures:
    """Serve the tenant from one process and measure everything."""
    port = free_port()
    command = [
        sys.executable, "-m", "boot.cli.main", "serve", "--port", str(port),
        "--workers", "1", "--no-worker",
    ]  # fmt: skip
    environment = {**os.environ, "JOINERY_HOME": str(tenant.served.settings.home)}
    address, load = f"http://127.0.0.1:{port}", os.getloadavg()[0]
    wanted = [each for each in places(tenant) if each.name.startswith(asked.only)]
    with serving(command, environment, port):
        with opener(address, {COOKIE: tenant.secret}) as browser:
            pages = {
                each.name: _opened(browser, f"{address}{each.path}", asked.turns)
                for each in wanted
                if not each.long
            }
            keystrokes = tuple(
                typed(browser.context.new_page(), f"{address}{each.path}")
                for each in wanted
                if each.typed
            )
        memory = _held(port, [each.path for each in wanted], tenant.secret, asked.views)
    return Figures(
        asked.rows,
        round(load, 1),
        pages,
        {each.name: each.target for each in wanted if each.target},
        keystrokes,
        measured(
            client_of(tenant.served, tenant.secret),
            tenant.served,
            tenant.ctx,
            Asked(asked.rows, max(5, asked.turns), DASHBOARD),
        ),
        memory,
    )


def _opened(browser: Opener, address: str, turns: int) -> Visit:
    """Return the visit in the middle of several, with the scores of the first."""
    first = browser.visit(address)
    visits = [browser.visit(address, SPEED) for _ in range(turns)]
    print(f"{address}: {[round(each.usable) for each in visits]} ms", file=sys.stderr, flush=True)
    middle = sorted(visits, key=lambda each: each.usable)[turns // 2]
    return replace(
        middle,
        accessibility=first.accessibility,
        practices=first.practices,
        findings=first.findings,
    )


def _held(port: int, paths: Sequence[str], secret: str, views: int) -> Held:
    """Ask for the pages in turn, so many times, and so many times again."""
    looked = []
    for _ in range(2):
        for number in range(views):
            ask(port, paths[number % len(paths)], f"{COOKIE}={secret}")
        looked.append(round(web(port), 1))
    return Held(views, *looked)


def _print(found: Figures) -> None:
    """Tell the figures as people read them; a star stands where a target is missed."""
    print(f"{found.rows} rows, load {found.load}")
    print(f"{'':24}{'usable':>8}{'target':>8}{'drawn':>8}{'server':>8}{'shift':>8}{'script':>8}")
    for name, each in found.pages.items():
        target = found.targets.get(name, 0.0)
        missed = (
            (target and each.usable > target)
            or each.shift > SHIFT
            or each.script > SCRIPT
            or each.accessibility < ACCESSIBLE
            or each.practices < PRACTICES
        )
        print(
            f"{name:24}{each.usable:>8.0f}{target or '':>8}{each.drawn:>8.0f}{each.server:>8.0f}"
            f"{each.shift:>8.3f}{each.script // 1024:>6} K  accessible {each.accessibility}, "
            f"practices {each.practices} {'*' if missed else ''}"
        )
        for check, where in each.findings.items():
            print(f"    {check}: {' '.join(where)[:400]}")
    for key in found.keystrokes:
        late = "*" if key.median > KEYSTROKE else ""
        print(f"a key in {key.lines} lines: {key.median} ms, at worst {key.worst} {late}")
    board = found.dashboard
    print(
        f"dashboard: {board.page:.0f} ms of {SECONDS * 1000:.0f}, bare SQL {board.bare:.0f} ms, "
        f"ratio {board.ratio:.2f} of {TARGET}"
    )
    held = found.memory
    print(f"memory: {held.before} MB, after {held.views} page views more {held.after} MB")


if __name__ == "__main__":
    main()
