"""Who calls too often is asked to wait, alone."""

from __future__ import annotations

from dataclasses import replace

from tests.ui.api.calling import Api, Calling
from ui.factory import create_app
from ui.settings import UiSettings


def limited(api: Api, rate: int) -> Api:
    """The same caller before a server that answers `rate` calls a minute."""
    app = create_app(api.house.services, UiSettings(api_rate=rate))
    return replace(api, client=app.test_client())


def test_one_call_too_many_is_told_how_long_to_wait(api: Api) -> None:
    caller = limited(api, 3)
    answers = [caller.call("GET", "/metadata") for _ in range(4)]

    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert answers[-1].json["code"] == "too_many"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 120, "both windows that are counted"


def test_others_are_not_made_to_wait(calling: Calling) -> None:
    busy = limited(calling(), 1)
    other = replace(calling(), client=busy.client)

    assert [busy.call("GET", "/metadata").status_code for _ in range(2)] == [200, 429]

    assert other.call("GET", "/metadata").status_code == 200


def test_without_a_rate_nobody_waits(api: Api) -> None:
    caller = limited(api, 0)

    assert {caller.call("GET", "/metadata").status_code for _ in range(20)} == {200}
