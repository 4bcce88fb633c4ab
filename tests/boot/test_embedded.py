"""The embedded server: one for all processes of a home, gone with the last of them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from boot.embedded import EmbeddedError, EmbeddedServer, inspect, stop_stray
from boot.embedded.account import ServerAccount, require_reachable
from engine.database import Database
from engine.errors import Unavailable

JOIN_AND_WAIT = """
import sys, time
from pathlib import Path
from boot.embedded import EmbeddedServer
EmbeddedServer(Path(sys.argv[1]), durable=False).join()
print("joined", flush=True)
time.sleep(600)
"""


@pytest.fixture
def home() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="joinery-home-"))
    path.chmod(0o755)
    yield path / "here"
    stop_stray(path / "here")
    shutil.rmtree(path)


def run(server: EmbeddedServer, statement: str) -> None:
    with create_engine(server.url(), poolclass=NullPool).begin() as connection:
        connection.execute(text(statement))


def scalar(server: EmbeddedServer, query: str) -> object:
    with create_engine(server.url(), poolclass=NullPool).connect() as connection:
        return connection.execute(text(query)).scalar()


def test_a_server_that_goes_away_under_kept_connections_is_said_to_be_away(home: Path) -> None:
    server = EmbeddedServer(home, durable=False)
    server.join()
    database = Database.connect(server.url())
    with database.registry() as connection:
        connection.execute(text("SELECT 1"))
    server.leave()

    with pytest.raises(Unavailable), database.registry():
        pass
    with pytest.raises(Unavailable), database.registry():
        pass
    database.close()


def test_a_joined_server_answers_in_unicode_and_stops_with_its_last_member(home: Path) -> None:
    first, second = EmbeddedServer(home, durable=False), EmbeddedServer(home, durable=False)
    first.join()
    second.join()

    assert scalar(first, "SELECT upper('é') || current_setting('server_encoding')") == "ÉUTF8"
    assert first.leave() is False
    assert inspect(home).running
    assert second.leave() is True
    assert not inspect(home).running


def test_a_folder_that_cannot_be_made_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")

    with pytest.raises(EmbeddedError, match=r"file/home cannot hold .* JOINERY_HOME"):
        EmbeddedServer(tmp_path / "file" / "home")


def test_data_survives_a_stop(home: Path) -> None:
    with EmbeddedServer(home, durable=False) as server:
        run(server, "CREATE TABLE kept AS SELECT 42 AS answer")

    with EmbeddedServer(home, durable=False) as server:
        assert scalar(server, "SELECT answer FROM kept") == 42


def test_only_a_socket_of_its_owner_leads_in(home: Path) -> None:
    with EmbeddedServer(home, durable=False) as server:
        assert scalar(server, "SHOW listen_addresses") == ""
        methods = (
            "SELECT string_agg(DISTINCT type || ' ' || auth_method, ',') FROM pg_hba_file_rules"
        )
        assert scalar(server, methods) == "local peer"
        assert (home / "postgres" / "data").stat().st_mode & 0o777 == 0o700
        assert (home / "postgres" / "run").stat().st_mode & 0o777 == 0o700


def test_a_killed_member_leaves_a_stray_that_the_next_start_adopts(home: Path) -> None:
    member = subprocess.Popen(
        [sys.executable, "-c", JOIN_AND_WAIT, str(home)], stdout=subprocess.PIPE, text=True
    )
    assert member.stdout is not None
    assert member.stdout.readline() == "joined\n"
    member.send_signal(signal.SIGKILL)
    member.communicate()
    assert inspect(home).stray

    with EmbeddedServer(home, durable=False) as server:
        assert scalar(server, "SELECT 1") == 1
        assert not inspect(home).stray

    assert not inspect(home).running


def test_a_killed_server_is_started_again_with_what_was_committed(home: Path) -> None:
    with EmbeddedServer(home, durable=True) as server:
        run(server, "CREATE TABLE kept AS SELECT 7 AS answer")
        postmaster = (home / "postgres" / "data" / "postmaster.pid").read_text().split()[0]
        os.kill(int(postmaster), signal.SIGKILL)
        while inspect(home).running:
            time.sleep(0.01)

        with EmbeddedServer(home, durable=True) as other:
            assert scalar(other, "SELECT answer FROM kept") == 7


def test_an_interrupted_first_start_is_begun_again(home: Path) -> None:
    half_done = home / "postgres" / "data.new"
    half_done.mkdir(parents=True)
    home.chmod(0o755)
    half_done.parent.chmod(0o755)
    (half_done / "PG_VERSION").write_text("18")

    with EmbeddedServer(home, durable=False) as server:
        assert scalar(server, "SELECT 1") == 1


def test_a_long_home_gets_a_short_socket(home: Path) -> None:
    with EmbeddedServer(home / ("deep" * 30), durable=False) as server:
        folder = Path(str(scalar(server, "SHOW unix_socket_directories")))
        assert len(str(folder)) < 100

    assert not folder.exists()


def test_data_of_another_version_is_left_alone(home: Path) -> None:
    with EmbeddedServer(home, durable=False):
        pass
    version = home / "postgres" / "data" / "PG_VERSION"
    version.write_text("16\n")

    with pytest.raises(EmbeddedError, match="written by PostgreSQL 16"):
        EmbeddedServer(home, durable=False).join()

    version.write_text("18\n")


def test_a_parent_folder_that_bars_the_account_is_named(home: Path) -> None:
    home.mkdir(mode=0o700)
    stranger = ServerAccount("stranger", uid=54321, gid=54321, switch=True, client="root")

    with pytest.raises(EmbeddedError, match=str(home)):
        require_reachable(home, stranger)
