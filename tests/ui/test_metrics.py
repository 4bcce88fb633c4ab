"""What the installation tells Prometheus, and whom it tells."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from boot.wiring import House
from ui.factory import create_app
from ui.settings import UiSettings


@pytest.fixture
def client(serving: House) -> FlaskClient:
    return create_app(serving.services).test_client()


def samples(client: FlaskClient) -> dict[str, list[dict[str, str]]]:
    """The labels of every sample, by name."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    found: dict[str, list[dict[str, str]]] = {}
    for sample in (each for family in families for each in family.samples):
        found.setdefault(sample.name, []).append(sample.labels)
    return found


def test_requests_are_counted_by_route_and_never_by_record(client: FlaskClient) -> None:
    client.get("/healthz")
    client.get("/api/v1/nowhere/records/customer/0192f0c0-0000-7000-8000-000000000000")

    found = samples(client)

    counted = found["joinery_requests_total"]
    assert {"method": "GET", "route": "/healthz", "status": "200"} in counted
    route = "/api/v1/<tenant>/records/<entity>/<record>"
    assert {"method": "GET", "route": route, "status": "401"} in counted
    assert "joinery_request_seconds_bucket" in found


def test_jobs_are_counted_by_state(client: FlaskClient) -> None:
    assert client.get("/metrics").mimetype == "text/plain"
    assert "# TYPE joinery_jobs gauge" in client.get("/metrics").text


@pytest.mark.parametrize(
    ("token", "headers", "status"),
    [
        ("", {}, 200),
        ("", {"X-Forwarded-For": "203.0.113.7"}, 403),
        ("abc", {}, 403),
        ("abc", {"Authorization": "Bearer abd"}, 403),
        ("abc", {"Authorization": "Bearer abc", "X-Forwarded-For": "203.0.113.7"}, 200),
    ],
)
def test_figures_are_for_this_machine_or_for_who_holds_the_token(
    serving: House, token: str, headers: dict[str, str], status: int
) -> None:
    client = create_app(serving.services, UiSettings(metrics_token=token)).test_client()

    assert client.get("/metrics", headers=headers).status_code == status


def test_another_machine_needs_the_token(client: FlaskClient) -> None:
    answer = client.get("/metrics", environ_base={"REMOTE_ADDR": "203.0.113.7"})

    assert answer.status_code == 403
