"""Asking both sides the same, in turns, and comparing how long each took."""

from __future__ import annotations

import http.client
import json
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Ask:
    """One request; `status` is what it must answer."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    status: int = 200


@dataclass(frozen=True, slots=True)
class Workload:
    """The same question to both sides, for turn number i; `target` is the ratio aimed at.

    `share` of the turns are asked: less than all of them where one answer takes long.
    """

    name: str
    target: float | None
    product: Callable[[int], Ask]
    baseline: Callable[[int], Ask]
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds: median and 95th percentile of each side; `ratio` of the medians."""

    name: str
    target: float | None
    product_p50: float
    product_p95: float
    baseline_p50: float
    baseline_p95: float

    @property
    def ratio(self) -> float:
        return self.product_p50 / self.baseline_p50


class Side:
    """One server, over one connection that is kept open."""

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = dict(headers)

    def ask(self, ask: Ask) -> tuple[float, Any]:
        """Return how many milliseconds an answer took, and its JSON."""
        body = None if ask.body is None else json.dumps(ask.body).encode()
        headers = {**self._headers, "Content-Type": "application/json"} if body else self._headers
        began = time.perf_counter()
        self._connection.request(ask.method, ask.path, body, headers)
        response = self._connection.getresponse()
        text = response.read()
        took = (time.perf_counter() - began) * 1000
        if response.status != ask.status:
            raise SystemExit(f"{ask.method} {ask.path}: {response.status} {text[:500]!r}")
        return took, json.loads(text)


def measure(
    workload: Workload, product: Side, baseline: Side, *, turns: int, warm_up: int = 20
) -> Figures:
    """Ask both sides in turns, so that whatever else the machine does meets both alike."""
    ours: list[float] = []
    theirs: list[float] = []
    turns, warm_up = (max(3, round(each * workload.share)) for each in (turns, warm_up))
    for turn in range(turns + warm_up):
        ours.append(product.ask(workload.product(turn))[0])
        theirs.append(baseline.ask(workload.baseline(turn))[0])
    return Figures(
        workload.name,
        workload.target,
        *_spread(ours[warm_up:]),
        *_spread(theirs[warm_up:]),
    )


def _spread(taken: list[float]) -> tuple[float, float]:
    return statistics.median(taken), statistics.quantiles(taken, n=20)[18]
