"""Keeps linked models in a folder, by what they were linked from, so that a start is quick.

A file holds a model's bytes below their own digest: half a file, or another's, is none. Only
a folder that belongs to this user, and that nobody else may enter, is read. Models of another
version of the product, or of Python, have other names and are never found.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path

from metamodel.keeping import is_private, put_whole, state_of
from metamodel.model import Model
from metamodel.packing import pack, unpack

PACKAGES = ("formula", "metamodel")
"""Packages whose sources say what a model is, and how it is linked."""

DIGEST = 32

KEPT = 100
"""How many models a folder keeps; the least recently used go first."""

ENDING = ".model"

_LOG = logging.getLogger(__name__)


class ModelCache:
    """Models in a folder. What goes wrong with it costs time and nothing else: it is logged."""

    def __init__(self, folder: Path, *, version: str = "") -> None:
        self._folder = folder
        self._version = version or fingerprint()

    def get(self, digests: Iterable[str]) -> Model | None:
        """Return the model that was linked from documents with these digests, if it is kept."""
        path = self._path(digests)
        try:
            if not is_private(self._folder):
                return None
            content = path.read_bytes()
            os.utime(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            _LOG.warning("The kept model %s cannot be read: %s", path, error)
            return None
        digest, packed = content[:DIGEST], content[DIGEST:]
        return unpack(packed) if digest == _digest(packed) else None

    def put(self, digests: Iterable[str], model: Model) -> None:
        """Keep a model that was linked from documents with these digests."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if is_private(self._folder):
                packed = pack(model)
                put_whole(self._path(digests), _digest(packed) + packed)
                self._trim()
            else:
                _LOG.warning("Models are not kept: others may enter %s", self._folder)
        except (OSError, RecursionError) as error:
            _LOG.warning("A model is not kept in %s: %s", self._folder, error)

    def _path(self, digests: Iterable[str]) -> Path:
        name = blake2b("\0".join((self._version, *digests)).encode(), digest_size=16).hexdigest()
        return self._folder / f"{name}{ENDING}"

    def _trim(self) -> None:
        """Drop the models that were not used for longest."""
        kept = sorted(self._folder.glob(f"*{ENDING}"), key=lambda path: -path.stat().st_mtime)
        for path in kept[KEPT:]:
            path.unlink(missing_ok=True)


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """Return what tells this product's way of linking from every other's."""
    sources = (
        (f"{package}/{path.relative_to(root).as_posix()}", path)
        for package in PACKAGES
        for root in (Path(str(files(package))),)
        for path in sorted(root.rglob("*.*"))
        if path.suffix in (".py", ".json", ".yaml")
    )
    return state_of(sys.version, sources)


def _digest(packed: bytes) -> bytes:
    return blake2b(packed, digest_size=DIGEST).digest()
