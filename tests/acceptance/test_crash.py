"""A server killed in the middle of an import loses no acknowledged row and halves none.

By hand this is seen beside bulk writes (test_kills.py); here every row is looked at in order.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.acceptance.product import Api, Product

ROWS = 6000


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files") / "customers.csv"
    lines = [f"Works {number:05d},{number % 500 + 1}" for number in range(ROWS)]
    path.write_text("name,employees\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "kills",
    [pytest.param(1, marks=pytest.mark.thorough), pytest.param(20, marks=pytest.mark.soak)],
    ids=["once", "soak"],
)
def test_a_killed_import_is_finished_after_the_restart(
    product: Product, file: Path, kills: int
) -> None:
    product.tenant(f"crashed{kills}")
    api = product.api(f"crashed{kills}")
    started = api.call(
        "POST", "/import/customer", file.read_bytes(), headers={"Content-Type": "text/csv"}
    )
    assert started.status == 202, started.body
    acknowledged = 0
    for _ in range(kills):
        acknowledged = _wait_until(api, started.body["id"], above=acknowledged)
        product.kill()
        product.start()
        api = Api(product.port, api.tenant, api.token)
        assert _count(api) >= acknowledged
        if acknowledged == ROWS:
            break

    _wait_until(api, started.body["id"], above=ROWS - 1)
    names = [row["name"] for row in api.everything("customer", fields="name", sort="name")]
    assert names == [f"Works {number:05d}" for number in range(ROWS)]
    product.joinery("recompute", api.tenant, "--check")


def _wait_until(api: Api, job: str, *, above: int) -> int:
    """Return how many rows are done as soon as there are more than `above`."""
    give_up = time.monotonic() + 120
    while time.monotonic() < give_up:
        state = api.call("GET", f"/import/{job}").body
        assert state["state"] != "failed", state
        if state["counts"].get("created", 0) > above:
            return int(state["counts"]["created"])
        time.sleep(0.02)
    raise AssertionError(f"the import did not get past {above} rows")


def _count(api: Api) -> int:
    answer = api.call("GET", "/records/customer", query={"limit": "1", "count": "exact"})
    return int(answer.body["total"])
