"""Pages come packed to browsers, and never where another site leads to them (N-01)."""

from __future__ import annotations

import gzip

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from ui.packed import SMALLEST, pack_pages

LONG = "<p>五十条记录</p>" * SMALLEST

BROWSER = {"Accept-Encoding": "gzip, br", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def browser() -> FlaskClient:
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/long", endpoint="long", view_func=lambda: LONG)
    app.add_url_rule("/short", endpoint="short", view_func=lambda: "<p>")
    app.add_url_rule(
        "/live",
        endpoint="live",
        view_func=lambda: Response(iter([LONG]), mimetype="text/html"),
    )
    pack_pages(app)
    return app.test_client()


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_a_page_comes_packed_to_who_asks_from_here(browser: FlaskClient, site: str) -> None:
    answer = browser.get("/long", headers={**BROWSER, "Sec-Fetch-Site": site})

    assert gzip.decompress(answer.data).decode() == LONG
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert len(answer.data) < len(LONG) / 10
    assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/long", {**BROWSER, "Sec-Fetch-Site": "cross-site"}),
        ("/long", {**BROWSER, "Sec-Fetch-Site": "same-site"}),
        ("/long", {"Accept-Encoding": "gzip"}),
        ("/long", {**BROWSER, "Accept-Encoding": "br"}),
        ("/short", BROWSER),
        ("/live", BROWSER),
    ],
    ids=["led from elsewhere", "led from beside", "not said", "cannot unpack", "short", "live"],
)
def test_other_answers_come_as_they_are(
    browser: FlaskClient, path: str, headers: dict[str, str]
) -> None:
    answer = browser.get(path, headers=headers)

    assert "Content-Encoding" not in answer.headers
    assert answer.text in (LONG, "<p>")
