"""`python -m bench.acting`: how fast the app acts by itself, against what it is to keep to.

How soon a job begins and how many are done in a second; what rules that do not apply add to a
change; automations over very many records, beside SQL by hand; a pool that a hundred people
claim from at once; what ten thousand approvals that wait cost everybody else.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import Connection, text

from bench.acting_many import claiming, closing, importing, waiting_approvals
from bench.acting_sides import Figure, Side, late, middle
from bench.installation import ADMIN, joinery
from bench.light import LIGHT
from bench.rows import TEMPLATE
from boot.memory import collect_seldom
from boot.settings import read_settings
from boot.wiring import House, house
from engine.doors import Edit
from engine.jobs import QUEUE, defer
from workflow.queueing import TASK

RESULTS = Path(__file__).parent / "results"

APP = Path(__file__).parent / "acting.yaml"

RULES = {
    f"rule_{at}": {
        "label": f"Rule {at}",
        "trigger": {"on": "updated", "entity": "deal"},
        "when": f"count > {1_000_000 + at} and not previous.done",
        "steps": {"mark": {"set": {"done": "true"}}},
    }
    for at in range(20)
}
"""Twenty automations of a change whose conditions are false."""

Made = Callable[[str], Side]
"""Returns a tenant by name, made where it is not there yet: `acting`, `plain`, `ruled` or `crm`."""


def main() -> None:
    """Measure, print, and keep the figures as JSON where asked to."""
    parser = argparse.ArgumentParser(prog="bench.acting", description=__doc__)
    parser.add_argument("--jobs", type=int, default=3_000, help="light jobs")
    parser.add_argument("--turns", type=int, default=1_000, help="changes with and without rules")
    parser.add_argument("--records", type=int, default=100_000, help="records of an automation")
    parser.add_argument("--leads", type=int, default=10_000, help="leads that are imported")
    parser.add_argument("--approvals", type=int, default=10_000, help="approvals that wait")
    parser.add_argument("--only", default="", metavar="WORD", help="what begins so alone")
    parser.add_argument("--keep", metavar="NAME", help="write bench/results/NAME.json")
    asked = parser.parse_args()
    collect_seldom()
    with tempfile.TemporaryDirectory(prefix="joinery-bench-") as folder:
        os.chmod(folder, 0o711)  # noqa: S103 - the database's own account passes through
        figures = list(_measured(Path(folder), asked))
    if asked.keep:
        kept = {
            "machine": f"{platform.machine()}, {os.cpu_count()} cores, "
            f"Python {platform.python_version()}",
            "asked": {key: value for key, value in vars(asked).items() if key != "keep"},
            "figures": [asdict(each) for each in figures],
        }
        (RESULTS / f"{asked.keep}.json").write_text(json.dumps(kept, indent=2) + "\n")


def _measured(folder: Path, asked: argparse.Namespace) -> Iterator[Figure]:
    """Measure one thing after the other, each printed as soon as it is known."""
    environment = {**os.environ, "JOINERY_HOME": str(folder / "home")}
    joinery(environment, "init")
    with house(read_settings({"home": str(folder / "home")})) as built:
        side = partial(_side, built, environment, folder)
        kinds: Mapping[str, Callable[[], Iterator[Figure]]] = {
            "jobs": lambda: _jobs(built, environment, side("acting"), asked.jobs),
            "rules": lambda: _rules(side("plain"), side("ruled"), asked.turns),
            "close": lambda: closing(side("acting"), asked.records),
            "import": lambda: importing(side("crm"), asked.leads),
            "claim": lambda: claiming(side("acting")),
            "approvals": lambda: waiting_approvals(side("acting"), asked.approvals),
        }
        for kind, measure in kinds.items():
            for each in measure() if kind.startswith(asked.only) else ():
                print(f"{each.name:64} {each.value:10.2f} {each.unit:8} {each.target}", flush=True)
                yield each


def _side(built: House, environment: dict[str, str], folder: Path, name: str) -> Side:
    if not (folder / f"{name}.made").exists():
        app = TEMPLATE
        if name != "crm":
            rules = RULES if name == "ruled" else {}
            lines = [f"  {key}: {json.dumps(rule)}\n" for key, rule in rules.items()]
            app = folder / f"{name}.yaml"
            app.write_text(APP.read_text() + "".join(lines), encoding="utf-8")
        joinery(
            environment, "tenant", "create", name, "--template", str(app), "--admin", ADMIN,
            "--password-stdin", given="only for measuring",
        )  # fmt: skip
        (folder / f"{name}.made").touch()
    return Side(built, name)


def _jobs(built: House, environment: dict[str, str], side: Side, count: int) -> Iterator[Figure]:
    """Yield how many jobs are done in a second, and how soon one begins.

    Those that do nothing, and those that look in a transaction of their tenant for a run, which is
    not there any more; all of one tenant, of whom not more than a few are done at once.
    """
    rates: list[float] = []
    soon: list[float] = []
    for task in (LIGHT, TASK):

        def many(connection: Connection, task: str = task) -> None:
            for _ in range(count):
                defer(connection, task, {"runs": [str(uuid4())]})

        built.database.unit(side.ctx, many)
        with _workers(environment, os.cpu_count() or 1):
            while _done(built, task) < count:
                time.sleep(0.2)
            began, ended = _between(built, task)
            rates.append(count / (ended - began))
            if task == TASK:
                soon = [_start(side) for _ in range(100)]
    yield Figure("jobs: light ones a second", rates[0], "", "at least 500")
    yield Figure("jobs: with a transaction of their tenant, a second", rates[1], "", "")
    yield Figure("jobs: from commit to begin, 95 of 100", late(soon) * 1000, "ms", "under 100")


@contextmanager
def _workers(environment: dict[str, str], count: int) -> Iterator[None]:
    """Run as many workers beside each other, one for each core."""
    running = [
        subprocess.Popen([sys.executable, "-m", "bench.light"], env=environment)  # noqa: S603
        for _ in range(count)
    ]
    try:
        yield
    finally:
        for worker in running:
            worker.terminate()
        for worker in running:
            worker.wait()


def _start(side: Side) -> float:
    """Return how many seconds after its commit a job begins."""
    made: list[int | None] = []

    def one(connection: Connection) -> None:
        made[:] = [defer(connection, TASK, {"runs": [str(uuid4())]})]

    database = side.built.database
    database.unit(side.ctx, one)
    committed = time.time()
    query = text(
        f"SELECT extract(epoch FROM max(at)) FROM {QUEUE}.procrastinate_events "  # noqa: S608
        "WHERE job_id = :job AND type = 'started'"
    )
    while True:
        with database.queue() as connection:
            at = connection.execute(query, {"job": made[0]}).scalar()
        if at is not None:
            return max(0.0, float(at) - committed)
        time.sleep(0.02)


def _done(built: House, task: str) -> int:
    query = text(
        f"SELECT count(*) FROM {QUEUE}.procrastinate_jobs "  # noqa: S608
        "WHERE status = 'succeeded' AND task_name = :task"
    )
    with built.database.queue() as connection:
        return int(connection.execute(query, {"task": task}).scalar_one())


def _between(built: House, task: str) -> tuple[float, float]:
    query = text(
        "SELECT extract(epoch FROM min(e.at) FILTER (WHERE e.type = 'started')), "  # noqa: S608
        "extract(epoch FROM max(e.at) FILTER (WHERE e.type = 'succeeded')) "
        f"FROM {QUEUE}.procrastinate_events e JOIN {QUEUE}.procrastinate_jobs j "
        "ON j.id = e.job_id WHERE j.task_name = :task"
    )
    with built.database.queue() as connection:
        began, ended = connection.execute(query, {"task": task}).one()
    return float(began), float(ended)


def _rules(plain: Side, ruled: Side, turns: int) -> Iterator[Figure]:
    """Yield what twenty rules with false conditions make a change cost, as a ratio."""
    sides = [(each, _deals(each)) for each in (plain, ruled)]
    took: tuple[list[float], list[float]] = ([], [])
    for turn in range(turns + 20):
        for at, (side, deals) in enumerate(sides):
            ctx, edit = side.ctx, Edit(deals[turn % len(deals)], {"count": turn})
            began = time.perf_counter()
            side.built.writer.update(ctx, "deal", [edit])
            if turn >= 20:
                took[at].append(time.perf_counter() - began)
    without, with_rules = map(middle, took)
    yield Figure("rules: a change without any", without * 1000, "ms", "")
    yield Figure("rules: with 20 that are false, to one without", with_rules / without, "times",
                 "at most 1.1")  # fmt: skip


def _deals(side: Side) -> Sequence[UUID]:
    values = [{"name": f"Deal {at}", "amount": at} for at in range(50)]
    return side.built.writer.create(side.ctx, "deal", values).ids[:50]


if __name__ == "__main__":
    main()
