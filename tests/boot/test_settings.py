"""Settings: flags before variables before the file, and what cannot be read is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from boot.errors import BootError
from boot.settings import read_settings


def test_flags_win_over_variables_and_those_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "joinery.toml").write_text('port = 1\nhost = "0.0.0.0"\nthreads = 3\n')
    environment = {"JOINERY_HOME": str(tmp_path), "JOINERY_PORT": "2", "JOINERY_HOST": "::1"}

    settings = read_settings({"port": 3, "host": None}, environment)

    assert (settings.port, settings.host, settings.threads) == (3, "::1", 3)


def test_without_anything_said_the_embedded_server_is_used_and_every_core_works(
    tmp_path: Path,
) -> None:
    settings = read_settings({"home": tmp_path}, {})

    assert settings.database_url == ""
    assert settings.port == 8000
    assert 1 <= settings.workers <= 4


@pytest.mark.parametrize(
    ("text", "expected"), [("1", True), ("Yes", True), ("off", False), ("false", False)]
)
def test_yes_and_no_are_read_in_their_spellings(
    tmp_path: Path, text: str, *, expected: bool
) -> None:
    settings = read_settings({"home": tmp_path}, {"JOINERY_SECURE_COOKIES": text})

    assert settings.secure_cookies is expected


@pytest.mark.parametrize(
    ("environment", "file", "said"),
    [
        ({"JOINERY_PORT": "http"}, "", "whole number"),
        ({"JOINERY_WORKER": "perhaps"}, "", "`true` or `false`"),
        ({}, "prot = 1", "prot, which Joinery does not know"),
        ({}, "port = = 1", "cannot be read"),
        ({"JOINERY_CONFIG": "nowhere.toml"}, "", "not there"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_reason(
    tmp_path: Path, environment: dict[str, str], file: str, said: str
) -> None:
    (tmp_path / "joinery.toml").write_text(file)

    with pytest.raises(BootError, match=said):
        read_settings({"home": tmp_path}, environment)
