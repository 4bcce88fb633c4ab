"""A server killed again and again while it takes in files and bulk writes keeps its word."""

from __future__ import annotations

import http.client
import random
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count

import pytest

from tests.acceptance.product import Answer, Api, Product, wait_for_import

BATCH = 100
"""Records of one bulk write, which are all there or none."""

ROWS = 2000
"""Rows of each file."""

WRITERS = 3


@dataclass(frozen=True, slots=True)
class Batch:
    """One bulk write: the word that its records begin with, and the key it is sent under."""

    word: str

    def body(self) -> dict[str, object]:
        names = [{"name": f"{self.word} {number:03d}"} for number in range(BATCH)]
        return {"create": names}

    def send(self, api: Api) -> Answer:
        return api.call(
            "POST", "/bulk/customer", self.body(), headers={"Idempotency-Key": self.word}
        )


@dataclass(slots=True)
class Told:
    """What clients were told: batches acknowledged, batches cut off, imports accepted."""

    done: list[Batch] = field(default_factory=list)
    cut: list[Batch] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)


@pytest.mark.parametrize(
    "kills", [1, pytest.param(100, marks=pytest.mark.soak)], ids=["everyday", "soak"]
)
def test_what_was_acknowledged_is_there_and_nothing_is_half(product: Product, kills: int) -> None:
    product.tenant(f"killed{kills}")
    api = product.api(f"killed{kills}")
    chance, told = random.Random(20261122), Told()

    for turn in range(kills):
        _work_until_killed(product, api, turn, chance, told)
        product.start()
        api = Api(product.port, api.tenant, api.token)
        for batch in told.done[-WRITERS:]:
            assert _found(api, batch) == BATCH
        for batch in told.cut[-WRITERS:]:
            assert _found(api, batch) in (0, BATCH)
            assert batch.send(api).status == 200
            assert _found(api, batch) == BATCH

    for each in told.imports:
        wait_for_import(api, each, rows=ROWS, seconds=600)
    names = [row["name"] for row in api.everything("customer", fields="name")]
    wanted = BATCH * len(told.done + told.cut) + ROWS * len(told.imports)
    assert (len(names), len(set(names))) == (wanted, wanted)
    assert told.imports, "no import was accepted before a kill"
    product.joinery("recompute", api.tenant, "--check")


def _work_until_killed(
    product: Product, api: Api, turn: int, chance: random.Random, told: Told
) -> None:
    """Write in bulk and import, and kill server and worker somewhere in the middle."""
    with ThreadPoolExecutor(WRITERS + 1) as pool:
        writing = [pool.submit(_write, api, f"b{turn}x{writer}", told) for writer in range(WRITERS)]
        importing: Future[None] = pool.submit(_import, api, turn, told)
        if turn == 0:
            # At least one file is accepted, and cut off in the middle.
            importing.result(timeout=60)
        time.sleep(chance.uniform(0.1, 1.2))
        product.kill()
        for each in (*writing, importing):
            each.result(timeout=60)


def _write(api: Api, word: str, told: Told) -> None:
    """Send one batch after another until nobody answers."""
    for batch in _batches(word):
        try:
            answer = batch.send(api)
        except (OSError, http.client.HTTPException):
            told.cut.append(batch)
            return
        assert answer.status == 200, answer.body
        told.done.append(batch)


def _batches(word: str) -> Iterator[Batch]:
    return (Batch(f"{word}n{number}") for number in count())


def _import(api: Api, turn: int, told: Told) -> None:
    lines = [f"f{turn} {number:05d},{number % 500 + 1}" for number in range(ROWS)]
    file = ("name,employees\n" + "\n".join(lines) + "\n").encode()
    headers = {"Content-Type": "text/csv", "Idempotency-Key": f"f{turn}"}
    try:
        answer = api.call("POST", "/import/customer", file, headers=headers)
    except (OSError, http.client.HTTPException):
        return
    assert answer.status == 202, answer.body
    told.imports.append(answer.body["id"])


def _found(api: Api, batch: Batch) -> int:
    answer = api.call(
        "GET", "/records/customer",
        query={"limit": "1", "count": "exact", "filter": f'STARTSWITH(name, "{batch.word} ")'},
    )  # fmt: skip
    assert answer.status == 200, answer.body
    return int(answer.body["total"])
