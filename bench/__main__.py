"""`python -m bench`: the product beside the hand-written baseline, in one run, as ratios."""

from __future__ import annotations

import argparse
import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from bench.imports import Taken, measure_imports
from bench.imports import table as imports_table
from bench.installation import TENANTS, Installation, installed
from bench.measure import Figures, Side, Workload, measure
from bench.rows import Sizes
from bench.workloads import workloads

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Fill both sides, measure every workload, print the table and keep it as JSON."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="opportunities")
    parser.add_argument("--turns", type=int, default=300, help="requests to each side")
    parser.add_argument("--imports", type=int, default=0, help="rows of an import, half linked")
    parser.add_argument("--keep", metavar="NAME", help="write bench/results/NAME.json")
    asked = parser.parse_args()
    sizes = Sizes(opportunities=asked.rows)
    with tempfile.TemporaryDirectory(prefix="joinery-bench-") as folder:
        os.chmod(folder, 0o711)  # noqa: S103 - the database's own account passes through
        with installed(Path(folder) / "home", sizes) as installation:
            found = compare(installation, sizes, turns=asked.turns)
            taken = imported(installation, Path(folder), asked.imports) if asked.imports else []
    print(table(found))
    if taken:
        print(imports_table(taken))
    if asked.keep:
        RESULTS.mkdir(exist_ok=True)
        kept = {
            "rows": asked.rows,
            "turns": asked.turns,
            "machine": f"{platform.machine()}, {os.cpu_count()} cores, "
            f"Python {platform.python_version()}",
            "figures": [{**asdict(each), "ratio": round(each.ratio, 2)} for each in found],
            "imports": [{**asdict(each), "ratio": round(each.ratio, 2)} for each in taken],
        }
        (RESULTS / f"{asked.keep}.json").write_text(json.dumps(kept, indent=2) + "\n")


def imported(installation: Installation, folder: Path, rows: int) -> list[Taken]:
    """Load so many plain rows and half as many linked ones on both sides."""
    environment = {**os.environ, "JOINERY_HOME": str(installation.home)}
    return measure_imports(environment, installation.admin, folder, plain=rows, linked=rows // 2)


def compare(installation: Installation, sizes: Sizes, *, turns: int) -> list[Figures]:
    """Serve both sides the same way, one process each, and measure."""
    environment = {**os.environ, "JOINERY_HOME": str(installation.home)}
    url = installation.admin.render_as_string(hide_password=False)
    ours, theirs = free_port(), free_port()
    product = [
        sys.executable, "-m", "boot.cli.main", "serve", "--port", str(ours),
        "--workers", "1", "--no-worker",
    ]  # fmt: skip
    baseline = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(theirs),
        "--workers", "1", "--blocking-threads", "8", "--log-level", "error",
        "bench.baseline:app",
    ]  # fmt: skip
    with (
        serving(product, environment, ours),
        serving(baseline, {**environment, "JOINERY_BENCH_URL": url}, theirs),
    ):
        return [
            measure(
                each,
                Side(ours, {"Authorization": f"Bearer {installation.tokens[tenant]}"}),
                Side(theirs, {}),
                turns=turns,
            )
            for tenant in TENANTS
            for each in named(tenant, workloads(tenant, sizes))
        ]


def named(tenant: str, asked: Sequence[Workload]) -> Sequence[Workload]:
    """Return workloads; those of the whole CRM do more than the baseline and have no target."""
    if tenant == "alike":
        return asked
    return [replace(each, name=f"{each.name} ({tenant})", target=None) for each in asked]


@contextmanager
def serving(command: Sequence[str], environment: dict[str, str], port: int) -> Iterator[None]:
    """Run a server until the block ends; wait until it listens."""
    process = subprocess.Popen(command, env=environment)  # noqa: S603 - our own programs
    try:
        for _ in range(600):
            if process.poll() is not None:
                raise SystemExit(f"{command[2]} ended with {process.returncode}")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def table(found: Sequence[Figures]) -> str:
    """Return the figures as people read them."""
    lines = [f"{'':42}{'product':>16}{'baseline':>16}{'ratio':>8}{'target':>8}"]
    for each in found:
        ours = f"{each.product_p50:.1f} / {each.product_p95:.1f}"
        theirs = f"{each.baseline_p50:.1f} / {each.baseline_p95:.1f}"
        target = f"{each.target:.2f}" if each.target else ""
        lines.append(f"{each.name:42}{ours:>16}{theirs:>16}{each.ratio:>8.2f}{target:>8}")
    return "\n".join([*lines, "milliseconds, median / 95th percentile"])


if __name__ == "__main__":
    main()
