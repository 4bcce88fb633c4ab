"""The files that pages load: packed, kept as long as they may be, and nothing else on disk."""

from __future__ import annotations

import gzip

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ui.static_files import ASK_AGAIN, FOLDER, FOR_EVER, read_files, serve_static


@pytest.fixture(scope="module")
def browser() -> FlaskClient:
    app = Flask(__name__, static_folder=None)
    serve_static(app)
    return app.test_client()


def test_every_file_is_answered_as_it_stands_on_disk(browser: FlaskClient) -> None:
    for name, file in read_files(FOLDER).items():
        answer = browser.get(f"/static/{name}")

        assert answer.data == file.content == (FOLDER / name).read_bytes()


def test_text_is_sent_packed_to_those_who_can_unpack_it(browser: FlaskClient) -> None:
    answer = browser.get("/static/first.js", headers={"Accept-Encoding": "gzip, br"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data) == (FOLDER / "first.js").read_bytes()


def test_a_file_that_did_not_change_is_not_sent_again(browser: FlaskClient) -> None:
    tag = browser.get("/static/mark.svg").headers["ETag"]

    again = browser.get("/static/mark.svg", headers={"If-None-Match": tag})

    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cache-Control"] == ASK_AGAIN


def test_a_name_with_a_fingerprint_may_be_kept_for_ever(browser: FlaskClient) -> None:
    kept = [name for name in read_files(FOLDER) if "/assets/" in name]

    assert kept
    assert all(browser.get(f"/static/{n}").headers["Cache-Control"] == FOR_EVER for n in kept)


@pytest.mark.parametrize("name", ["../factory.py", "..%2ffactory.py", "dist/", "nothing.js"])
def test_nothing_else_is_answered(browser: FlaskClient, name: str) -> None:
    assert browser.get(f"/static/{name}").status_code == 404
