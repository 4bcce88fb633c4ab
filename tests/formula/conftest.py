"""The little world in PostgreSQL, and a Node.js process with the runtime of formulas."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from tests.conftest import Installation
from tests.formula.everywhere import Browser
from tests.formula.world import METADATA

ROOT = Path(__file__).parents[2]
MODULES = ROOT / "ui" / "assets" / "node_modules"


@pytest.fixture(scope="session")
def runtime_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runtime of formulas, bundled as browsers get it."""
    if not (MODULES / "decimal.js").exists():
        pytest.skip("ui/assets/node_modules is missing: run `make setup`")
    built = tmp_path_factory.mktemp("runtime") / "runtime.mjs"
    subprocess.run(
        [
            str(MODULES / ".bin" / "esbuild"),
            str(ROOT / "formula" / "backends" / "runtime.ts"),
            "--bundle",
            "--format=esm",
            "--target=es2022",
            "--log-level=warning",
            f"--outfile={built}",
        ],
        check=True,
        env=_environment(),
    )
    return built


@pytest.fixture(scope="session")
def browser(runtime_file: Path) -> Iterator[Browser]:
    """A Node.js process that evaluates compiled formulas."""
    readings = ROOT / "formula" / "backends" / "pinyin.json"
    runner = str(Path(__file__).with_name("runner.mjs"))
    command = ["node", runner, runtime_file.as_uri(), str(readings)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_environment()
    ) as process:
        yield Browser(process)
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture(scope="session")
def _world_tables(installation: Installation) -> Iterator[Connection]:
    engine = create_engine(installation.admin_url, poolclass=NullPool)
    with engine.connect() as connection:
        METADATA.create_all(connection)
        connection.commit()
        yield connection
        connection.rollback()
        METADATA.drop_all(connection)
        connection.commit()


@pytest.fixture
def database(_world_tables: Connection) -> Iterator[Connection]:
    """A connection to the world's tables; what a test writes is rolled back."""
    yield _world_tables
    _world_tables.rollback()


def _environment() -> dict[str, str]:
    folders = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": folders, "NODE_PATH": str(MODULES)}
