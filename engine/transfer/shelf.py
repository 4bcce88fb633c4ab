"""Where backups are kept: a folder for each tenant, with those of nights and those asked for."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any, cast

import fsspec

from engine.context import Tenant
from engine.errors import NotFound

ENDING = ".backup"

NIGHT = "%Y-%m-%d"

ASKED = "%Y-%m-%d-%H%M%S"

_NAME = re.compile(r"(\d{4}-\d\d-\d\d)(-\d{6})?\.backup")


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup: its file, its size in bytes, and of which day; `at` where it was asked for."""

    name: str
    size: int
    day: date
    at: datetime | None = None


def called(at: datetime, *, asked: bool = False) -> str:
    """Return what a backup is called that is made at a moment, in UTC."""
    return f"{at.astimezone(UTC).strftime(ASKED if asked else NIGHT)}{ENDING}"


class Shelf:
    """Keeps backups under `url`, a folder or any storage, and drops the oldest of each kind.

    `nightly` says whether backups come here by themselves, too.
    """

    def __init__(self, url: str, *, kept: int, nightly: bool = False) -> None:
        self.kept = kept
        self.nightly = nightly
        # Any: fsspec has no types.
        found: tuple[Any, str] = fsspec.core.url_to_fs(url)
        self._system, self._root = found[0], found[1].rstrip("/")

    def all(self, tenant: Tenant) -> tuple[Kept, ...]:
        """Return a tenant's backups, the latest first."""
        found = self._there(tenant)
        # A night's backup is made before anybody asks for one on its day.
        return tuple(sorted(found, key=lambda e: (e.day, e.at is not None, e.name), reverse=True))

    def put(self, tenant: Tenant, path: Path, name: str) -> None:
        """Keep a file under a name that `called` gave; it appears when it is whole."""
        folder = self._folder(tenant)
        self._system.makedirs(folder, exist_ok=True)
        with path.open("rb") as source, self._system.open(f"{folder}/{name}.part", "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
        self._system.mv(f"{folder}/{name}.part", f"{folder}/{name}")
        self._drop_old(tenant)

    def open(self, tenant: Tenant, name: str) -> IO[bytes]:
        """Return the bytes of a backup; raise `NotFound` where there is none of the name."""
        if not any(each.name == name for each in self._there(tenant)):
            raise NotFound(backup=name)
        return cast(IO[bytes], self._system.open(f"{self._folder(tenant)}/{name}", "rb"))

    def _drop_old(self, tenant: Tenant) -> None:
        found = self.all(tenant)
        for kind in (True, False):
            same = [each for each in found if (each.at is None) is kind]
            for each in same[max(1, self.kept) :]:
                self._system.rm(f"{self._folder(tenant)}/{each.name}")

    def _there(self, tenant: Tenant) -> Iterator[Kept]:
        folder = self._folder(tenant)
        self._system.invalidate_cache(folder)
        if not self._system.isdir(folder):
            return
        for each in self._system.ls(folder, detail=True):
            name = str(each["name"]).rpartition("/")[2]
            found = _NAME.fullmatch(name)
            if found is not None:
                at = _instant(name) if found[2] else None
                yield Kept(name, int(each["size"] or 0), date.fromisoformat(found[1]), at)

    def _folder(self, tenant: Tenant) -> str:
        return f"{self._root}/{tenant.schema}"


def _instant(name: str) -> datetime:
    return datetime.strptime(name.removesuffix(ENDING), ASKED).replace(tzinfo=UTC)
