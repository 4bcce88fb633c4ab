"""The files that pages load: read, packed and fingerprinted once, then answered from memory.

They are few and do not change while a process lives. A file whose name carries its own
fingerprint may be kept for ever; the others are asked for again, and mostly answered with
"not modified".
"""

from __future__ import annotations

import gzip
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from flask import Flask, Response, abort, request

FOLDER = Path(__file__).parent / "static"

FOR_EVER = "public, max-age=31536000, immutable"

ASK_AGAIN = "no-cache"

WORKER = "dist/worker.js"
"""What keeps pages for when there is no connection."""

PACKED = frozenset({"text/css", "text/javascript", "image/svg+xml", "application/json"})
"""Types that are worth packing; fonts and pictures are packed already."""


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is answered: plain, packed (None where that gains nothing), with its tag."""

    content: bytes
    packed: bytes | None
    type: str
    tag: str
    keep: str


def serve_static(app: Flask) -> None:
    """Answer `/static/…` from the files that are there now."""
    files = read_files(FOLDER)

    @app.get("/worker.js")
    def worker() -> Response:
        response = static_file(WORKER)
        # It may look after every page of the site, and is asked for anew at each start.
        response.headers["Service-Worker-Allowed"] = "/"
        return response

    @app.get("/static/<path:name>")
    def static_file(name: str) -> Response:
        found = files.get(name)
        if found is None:
            abort(404)
        packs = found.packed is not None and request.accept_encodings.quality("gzip") > 0
        response = Response(found.packed if packs else found.content, content_type=found.type)
        if packs:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = found.keep
        response.set_etag(f"{found.tag}-gzip" if packs else found.tag)
        response.make_conditional(request)
        return response


def read_files(folder: Path) -> Mapping[str, StaticFile]:
    """Return every file below a folder by its path there."""
    return {
        path.relative_to(folder).as_posix(): _read(path, folder)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _read(path: Path, folder: Path) -> StaticFile:
    content = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packed = gzip.compress(content, 9, mtime=0) if kind in PACKED else None
    if packed is not None and len(packed) >= len(content):
        packed = None
    text = kind.startswith("text/") or kind == "image/svg+xml"
    return StaticFile(
        content=content,
        packed=packed,
        type=f"{kind}; charset=utf-8" if text else kind,
        tag=blake2b(content, digest_size=12).hexdigest(),
        keep=FOR_EVER if "assets" in path.relative_to(folder).parts else ASK_AGAIN,
    )
