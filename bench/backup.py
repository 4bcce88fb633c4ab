"""`python -m bench.backup`: a tenant's backup and restore beside pg_dump and pg_restore."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import URL, create_engine, text
from sqlalchemy.pool import NullPool

from bench.__main__ import RESULTS
from bench.installation import TENANTS, installed
from bench.rows import Sizes
from boot.embedded.binaries import MAJOR, PACKAGE
from boot.settings import read_settings
from boot.transfers import transfers
from boot.wiring import house

TARGET = 2.0
"""How many times as long as PostgreSQL's own programs a backup and a restore may take."""

TENANT = next(iter(TENANTS))


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds and megabytes of both sides, and the two ratios."""

    rows: int
    backup: float
    pg_dump: float
    restore: float
    pg_restore: float
    file: float
    dump: float

    @property
    def ratios(self) -> tuple[float, float]:
        return self.backup / self.pg_dump, self.restore / self.pg_restore


def main() -> None:
    """Measure, print the figures, and keep them where that is asked for."""
    parser = argparse.ArgumentParser(prog="bench.backup", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="opportunities")
    parser.add_argument("--keep", metavar="NAME", help="write bench/results/NAME.json")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="joinery-bench-") as folder:
        os.chmod(folder, 0o711)  # noqa: S103 - the database's own account passes through
        found = measured(Path(folder), asked.rows)
    told = {**asdict(found), "ratios": [round(each, 2) for each in found.ratios]}
    print(json.dumps(told, indent=2))
    print(f"target: at most {TARGET} times as long")
    if asked.keep:
        told["machine"] = f"{platform.machine()}, {os.cpu_count()} cores"
        (RESULTS / f"{asked.keep}.json").write_text(json.dumps(told, indent=2) + "\n")


def measured(folder: Path, rows: int) -> Figures:
    """Fill a tenant, and take it out and in again in both ways."""
    home = folder / "home"
    ours, theirs = folder / "ours", folder / "theirs"
    with (
        installed(home, Sizes(opportunities=rows)) as made,
        house(read_settings({"home": str(home)})) as built,
    ):
        copies = transfers(built)
        schema = built.registry.get(TENANT).tenant.schema
        backup = _seconds(lambda: copies.backups.back_up(TENANT, ours, progress=_quiet))
        dumped = _seconds(lambda: _run("pg_dump", made.admin, "-Fc", "-n", schema, "-f", theirs))

        def restore() -> None:
            with ours.open("rb") as file:
                copies.restoring.restore(file, name="again", progress=_quiet)

        restored = _seconds(restore)
        other = made.admin.set(database="other")
        _empty(made.admin, other)
        back = _seconds(lambda: _run("pg_restore", other, "--no-acl", theirs))
        return Figures(
            rows=rows,
            backup=backup,
            pg_dump=dumped,
            restore=restored,
            pg_restore=back,
            file=round(ours.stat().st_size / 1e6, 1),
            dump=round(theirs.stat().st_size / 1e6, 1),
        )


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return round(time.perf_counter() - began, 2)


def _run(program: str, at: URL, *arguments: object) -> None:
    """Run one of PostgreSQL's own programs on a database."""
    address = at.set(drivername="postgresql").render_as_string(hide_password=False)
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{PACKAGE}, which brings {program}, is not installed.")
    tool = Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin" / program
    command = [str(tool), "-d", address, *map(str, arguments)]
    subprocess.run(command, check=True)  # noqa: S603 - PostgreSQL's own programs


def _empty(admin: URL, other: URL) -> None:
    engine = create_engine(admin, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {other.database} TEMPLATE template0"))


def _quiet(what: str, done: int, steps: int) -> None:
    """Tell nobody how far it got."""


if __name__ == "__main__":
    main()
