"""The one file that a tenant is backed up to: a ZIP archive of parts, each with its digest.

`manifest.json` tells of every part and is itself signed, under a passphrase where one is given,
else under the installation's master key. Nothing of a file is believed before its manifest's
signature and every part's digest were found right.
"""

from __future__ import annotations

import hmac
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import scrypt, sha256
from pathlib import Path
from types import TracebackType
from typing import IO, Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from engine.sealing import KEY_BYTES, MasterKey
from engine.tenants.errors import BackupRefused

FORMAT, VERSION = "joinery-backup", 1

MANIFEST = "manifest.json"

LONGEST_MANIFEST = 64 << 20
"""Bytes that a manifest may have: it is read before anything of it is believed."""

CHUNK = 1 << 18

SHAPE: Mapping[str, type] = {
    "salt": str, "tenant": dict, "structure": list, "members": list, "keys": dict, "parts": dict,
}  # fmt: skip
"""What a manifest tells, each of which kind of JSON."""

TENANT = ("name", "label", "language", "template", "template_version", "builtin")
MEMBER = ("email", "name", "language", "user")
"""What it tells of the tenant, and of each of its people."""

_PURPOSE = "signature of a backup"
_DAMAGED = (BadZipFile, zlib.error, EOFError, OSError, RuntimeError)


def passphrase_key(passphrase: str, salt: bytes) -> MasterKey:
    """Return the key that a passphrase stands for: slow to try, so that guessing is, too."""
    return MasterKey(
        scrypt(passphrase.encode(), salt=salt, n=1 << 15, r=8, p=1, maxmem=1 << 26, dklen=KEY_BYTES)
    )


@dataclass(slots=True)
class Written:
    """A part that was written: its digest and size, in bytes before packing."""

    sha256: str
    size: int


@dataclass(slots=True)
class BundleWriter:
    """Writes a bundle beside its place, and puts it there when it is whole."""

    path: Path
    parts: dict[str, Written] = field(default_factory=dict)
    _archive: ZipFile | None = None

    def __enter__(self) -> BundleWriter:
        # Records lie in it in the clear: nobody else on this machine reads them.
        self._half.unlink(missing_ok=True)
        self._half.touch(mode=0o600)
        self._archive = ZipFile(self._half, "w", ZIP_DEFLATED, compresslevel=1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self._open.close()
        if kind is not None:
            self._half.unlink(missing_ok=True)

    def add(self, name: str, chunks: Iterable[bytes]) -> None:
        """Write a part from its chunks."""
        digest, size = sha256(), 0
        with self._open.open(name, "w", force_zip64=True) as part:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                part.write(chunk)
        self.parts[name] = Written(digest.hexdigest(), size)

    def finish(self, manifest: Mapping[str, Any], key: MasterKey) -> None:
        """Sign the manifest, write it last, and put the file in its place."""
        told = {
            **manifest,
            "format": FORMAT,
            "version": VERSION,
            "parts": {
                name: {"sha256": each.sha256, "size": each.size}
                for name, each in self.parts.items()
            },
        }
        text = json.dumps({**told, "signature": signature(told, key)}, ensure_ascii=False)
        self._open.writestr(MANIFEST, text)
        self._open.close()
        self._half.replace(self.path)

    @property
    def _half(self) -> Path:
        return self.path.with_name(f".{self.path.name}.part")

    @property
    def _open(self) -> ZipFile:
        if self._archive is None:
            raise ValueError("a bundle is written within a `with` block")
        return self._archive


class BundleReader:
    """Reads a bundle whose manifest is told first, and believed once it was checked."""

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._archive = ZipFile(file)
            info = self._archive.getinfo(MANIFEST)
            if info.file_size > LONGEST_MANIFEST:
                raise BackupRefused("The manifest of this backup is too long.")
            self.manifest: Mapping[str, Any] = json.loads(self._archive.read(MANIFEST))
        except (*_DAMAGED, KeyError, ValueError) as error:
            raise BackupRefused(f"This file is no backup, or it is damaged: {error}") from None
        told = self.manifest if isinstance(self.manifest, dict) else {}
        if told.get("format") != FORMAT:
            raise BackupRefused("This file is no backup of a tenant.")
        if told.get("version") != VERSION:
            raise BackupRefused(
                f"This backup is of version {told.get('version')}; this Joinery reads {VERSION}."
            )
        wrong = next(_wrong(told), "")
        if wrong:
            raise BackupRefused(f"The manifest of this backup does not tell its {wrong}.")

    def require(self, key: MasterKey) -> None:
        """Raise `BackupRefused` unless the manifest was signed with `key` and all is as told."""
        told = {name: value for name, value in self.manifest.items() if name != "signature"}
        if not hmac.compare_digest(str(self.manifest.get("signature")), signature(told, key)):
            raise BackupRefused(
                "This backup was not signed with this key: give the passphrase that it was made "
                "with, or restore it where the master key is the same."
            )
        parts = self.manifest["parts"]
        there = set(self._archive.namelist()) - {MANIFEST}
        if there != set(parts):
            raise BackupRefused("The backup has other parts than it tells of.")
        for name, each in parts.items():
            digest, size = sha256(), 0
            for chunk in self.chunks(name):
                digest.update(chunk)
                size += len(chunk)
                if size > each["size"]:
                    break
            if size != each["size"] or digest.hexdigest() != each["sha256"]:
                raise BackupRefused(f"The part {name} of the backup is damaged.")

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a part in chunks."""
        try:
            with self._archive.open(name) as part:
                while chunk := part.read(CHUNK):
                    yield chunk
        except (*_DAMAGED, KeyError) as error:
            raise BackupRefused(f"The part {name} of the backup is damaged: {error}") from None

    def open(self, name: str) -> IO[bytes]:
        """Return a part as a file to read."""
        return self._archive.open(name)


def _wrong(told: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a manifest does not tell as it should: it may come from anywhere."""
    yield from (name for name, kind in SHAPE.items() if not isinstance(told.get(name), kind))
    if re.fullmatch(r"([0-9a-f]{2})*", told["salt"]) is None:
        yield "salt"
    yield from (f"tenant.{name}" for name in TENANT if name not in told["tenant"])
    for each in told["members"]:
        if not isinstance(each, dict) or not all(isinstance(each.get(at), str) for at in MEMBER):
            yield "members"
    for name, each in told["parts"].items():
        if not (
            isinstance(each, dict)
            and isinstance(each.get("sha256"), str)
            and isinstance(each.get("size"), int)
        ):
            yield f"parts.{name}"


def signature(told: Mapping[str, Any], key: MasterKey) -> str:
    """Return what proves that whoever holds `key` told this."""
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(key.derive(_PURPOSE), text.encode(), sha256).hexdigest()
