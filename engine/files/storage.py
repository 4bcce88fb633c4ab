"""Where the bytes of files lie: a folder on this machine, or any storage that fsspec knows.

A tenant's files lie together, each under its id; nothing in a path comes from a person.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from typing import IO, Any, cast
from uuid import UUID

import fsspec

from engine.context import Tenant
from engine.errors import Unavailable


class Storage:
    """Keeps bytes under `url`, such as `file:///var/lib/joinery/files` or `s3://bucket/files`."""

    def __init__(self, url: str) -> None:
        # Any: fsspec has no types.
        found: tuple[Any, str] = fsspec.core.url_to_fs(url)
        self._system, self._root = found[0], found[1].rstrip("/")

    def put(self, tenant: Tenant, id_: UUID, content: IO[bytes], *, small: bool = False) -> None:
        """Keep what `content` holds from its beginning; raise `Unavailable` where that fails."""
        path = self._path(tenant, id_, small=small)
        try:
            self._system.makedirs(path.rpartition("/")[0], exist_ok=True)
            content.seek(0)
            with self._system.open(f"{path}.part", "wb") as target:
                shutil.copyfileobj(content, target, 1 << 20)
            self._system.mv(f"{path}.part", path)
        except OSError as error:
            raise Unavailable(reason=f"The storage of files does not answer: {error}") from error

    def open(self, tenant: Tenant, id_: UUID, *, small: bool = False) -> IO[bytes]:
        """Return the bytes of a file; raise `FileNotFoundError` where there are none."""
        return cast(IO[bytes], self._system.open(self._path(tenant, id_, small=small), "rb"))

    def remove(self, tenant: Tenant, id_: UUID) -> None:
        """Take a file away, and its small picture; nothing happens where it is gone already."""
        for small in (False, True):
            with suppress(FileNotFoundError):
                self._system.rm(self._path(tenant, id_, small=small))

    def remove_all(self, tenant: Tenant) -> None:
        """Take every file of a tenant away; nothing happens where there are none."""
        with suppress(FileNotFoundError):
            self._system.rm(f"{self._root}/{tenant.schema}", recursive=True)

    def _path(self, tenant: Tenant, id_: UUID, *, small: bool) -> str:
        name = id_.hex
        # The last digits of an id are random, the first ones are a time.
        return f"{self._root}/{tenant.schema}/{name[-2:]}/{name}{'.small' if small else ''}"
