"""What the installation tells Prometheus of itself; nothing in it names a person or a tenant."""

from __future__ import annotations

import os
import time
from hmac import compare_digest

from flask import Flask, Request, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from ui.services import Health

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder in which several server processes keep their figures together."""

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

BEGAN = "joinery.began"

HERE = frozenset({"127.0.0.1", "::1"})


class _Queue(Collector):
    """Reads how many jobs there are when it is asked."""

    def __init__(self, health: Health) -> None:
        self._health = health

    def collect(self) -> list[Metric]:
        jobs = GaugeMetricFamily("joinery_jobs", "Jobs of the queue by state", labels=["state"])
        for state, count in self._health.jobs().items():
            jobs.add_metric([state], count)
        open_ = GaugeMetricFamily(
            "joinery_connections", "Connections to databases that this process holds"
        )
        open_.add_metric([], self._health.connections().open)
        return [jobs, open_]


def add_metrics(app: Flask, health: Health, token: str) -> None:
    """Count requests, and answer `/metrics` to who holds `token`, without one to this machine."""
    own = CollectorRegistry()
    requests = Counter(
        "joinery_requests", "Answers by method, route and status",
        ["method", "route", "status"], registry=own,
    )  # fmt: skip
    seconds = Histogram(
        "joinery_request_seconds", "Time to answer", ["route"], registry=own, buckets=SECONDS
    )

    @app.before_request
    def begin() -> None:
        request.environ[BEGAN] = time.perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "unknown"
        requests.labels(request.method, route, str(response.status_code)).inc()
        seconds.labels(route).observe(time.perf_counter() - request.environ[BEGAN])
        return response

    @app.get("/metrics")
    def metrics() -> Response:
        if not _may_look(request, token):
            return Response("Bring the token of JOINERY_METRICS_TOKEN.\n", 403)
        registry = CollectorRegistry() if os.environ.get(FOLDER) else own
        if registry is not own:
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        body = generate_latest(registry) + generate_latest(_jobs(health))
        return Response(body, content_type=CONTENT_TYPE_LATEST)


def _jobs(health: Health) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(_Queue(health))
    return registry


def _may_look(asked: Request, token: str) -> bool:
    if token:
        sent = asked.headers.get("Authorization", "")
        return compare_digest(sent.encode(), f"Bearer {token}".encode())
    # Behind a proxy every request comes from this machine, so one that was passed on does not.
    return asked.remote_addr in HERE and "X-Forwarded-For" not in asked.headers
