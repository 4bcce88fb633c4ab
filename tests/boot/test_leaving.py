"""`user transfer` and `audit` from outside: killed half-way, finished by starting again (A-13)."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Row, text

from boot.wiring import House
from engine.context import Context
from engine.doors import Bulk
from engine.tenants.members import enrol
from tests.acceptance.product import JOINERY, Product
from tests.conftest import Installation, TenantMaker

APP = """
app: {name: jobs, label: {en: Jobs}}
entities:
  job:
    label: {en: Job}
    title: name
    fields:
      name: {type: text, required: true}
      state: {type: choice, options: {open: {label: {en: Open}}, shut: {label: {en: Shut}}}}
      doer: {type: user}
    rules:
      able: {refuse_when: 'doer.title == "Trainee"', at: doer, message: {en: Not a trainee.}}
"""

RECORDS = 1_000


@dataclass(frozen=True, slots=True)
class Jobs:
    """A tenant whose jobs are all one person's, and the product to work on it from outside."""

    product: Product
    house: House
    ctx: Context
    people: dict[str, str]

    def all(self, statement: str) -> Sequence[Row[Any]]:
        """Ask the tenant's tables as their owner."""
        with self.house.database.owner(self.ctx.tenant) as connection:
            asked = statement.replace("@", f'"{self.ctx.tenant.schema}".')
            return connection.execute(text(asked)).all()


@pytest.fixture
def jobs(
    installation: Installation, furnished: House, tenant_of: TenantMaker, tmp_path: Path
) -> Jobs:
    product = Product(tmp_path, installation.admin_url.render_as_string(hide_password=False))
    ctx = tenant_of(APP)
    people, rows = {}, []
    for name in ("lin", "wang"):
        email = people[name] = f"{name}-{uuid4().hex[:8]}@example.com"
        account = furnished.accounts.create(email, name=name, password=None, language="")
        rows.append(enrol(furnished.accounts, furnished.writer, ctx, account, roles=()))
    payloads = [
        {"name": f"Job {at}", "state": "shut" if at % 10 == 0 else "open", "doer": str(rows[0])}
        for at in range(RECORDS)
    ]
    furnished.writer.bulk(ctx, "job", Bulk(create=payloads))
    return Jobs(product, furnished, ctx, people)


def test_a_hand_over_that_was_killed_is_finished_by_starting_again(
    jobs: Jobs, tmp_path: Path
) -> None:
    order = (
        "user", "transfer", jobs.ctx.tenant.name, jobs.people["lin"], "--yes",
        "--to", jobs.people["wang"], "--rule", 'job where state == "shut" -> stays',
    )  # fmt: skip

    _kill_half_way(jobs, order)
    report = tmp_path / "report.csv"
    done = json.loads(jobs.product.joinery(*order, "--json", "--report", str(report)).stdout)

    given = RECORDS * 9 // 10
    assert (done["state"], done["done"], done["left"]) == ("done", RECORDS, 0)
    rows = list(csv.DictReader(report.read_text("utf-8-sig").splitlines()))
    assert len({row["id"] for row in rows}) == len(rows) == given
    # What was committed before is not done twice, and it is one hand-over.
    assert jobs.all(
        "SELECT count(*), count(DISTINCT h.id) FROM @sys_change c"
        " JOIN @sys_change_set s ON s.id = c.change_set"
        " JOIN @sys_handover h ON h.id::text = s.reference"
        " WHERE s.door = 'handover' AND NOT c.computed"
    ) == [(given, 1)]
    assert jobs.all("SELECT count(*) FROM @sys_audit WHERE kind = 'handed_over'") == [(1,)]


def _kill_half_way(jobs: Jobs, order: tuple[str, ...]) -> None:
    running = subprocess.Popen(
        [*JOINERY, *order], env=jobs.product.environment(), start_new_session=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    while not (done := jobs.all("SELECT coalesce(max(done), 0) FROM @sys_handover")[0][0]):
        assert running.poll() is None, "it ended before anybody could kill it"
        time.sleep(0.005)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    assert done < RECORDS * 9 // 10


def test_a_plan_is_shown_and_what_nobody_takes_makes_it_fail(jobs: Jobs) -> None:
    lin, tenant = jobs.people["lin"], jobs.ctx.tenant.name
    shown = jobs.product.joinery(
        "user", "transfer", tenant, lin, "--dry-run", "--json",
        "--rule", 'job where state == "shut" -> stays', status=1,
    )  # fmt: skip

    assert {(each["rule"], each["records"]) for each in json.loads(shown.stdout)} == {
        ("nobody takes them", RECORDS * 9 // 10), ("stays", RECORDS // 10),
    }  # fmt: skip
    assert jobs.all("SELECT count(*) FROM @sys_handover") == [(0,)]


def test_the_log_is_exported_and_purged_and_says_so(jobs: Jobs, tmp_path: Path) -> None:
    out, tenant = tmp_path / "audit.jsonl", jobs.ctx.tenant.name

    jobs.product.joinery("audit", "purge", tenant, "--before", "2999-01-01", "--yes")
    jobs.product.joinery("audit", "export", tenant, "--out", str(out), "--format", "jsonl")

    events = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    own = [each for each in events if each["door"]]
    assert [each["kind"] for each in own] == ["exported", "audit_purged"]
    assert own[1]["detail"]["events"] > 0
