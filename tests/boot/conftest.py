"""A terminal on an installation of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from boot.cli.main import run
from tests.conftest import Installation


@dataclass
class Terminal:
    """Runs commands as a person would, and keeps what they said."""

    capsys: pytest.CaptureFixture[str]
    out: str = ""
    err: str = ""

    def __call__(self, *arguments: str) -> int:
        status = run(arguments)
        self.out, self.err = self.capsys.readouterr()
        assert "Traceback" not in self.err
        return status

    def json(self, *arguments: str) -> object:
        assert self(*arguments, "--json") == 0, self.err
        return json.loads(self.out)


@pytest.fixture
def joinery(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    installation: Installation,
    tmp_path: Path,
) -> Terminal:
    """On a database that is prepared already, in a home that nobody used before."""
    address = installation.admin_url.render_as_string(hide_password=False)
    monkeypatch.setenv("JOINERY_DATABASE_URL", address)
    monkeypatch.setenv("JOINERY_HOME", str(tmp_path))
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    return Terminal(capsys)
