"""Papers as answers: shown where they are, saved, or packed together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any
from urllib.parse import quote
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from flask import Response

from engine.context import Context
from engine.documents.service import Documents, Paper
from metamodel.outward import Document
from ui.blueprints.attachment import attachment

PDF = "application/pdf"

GUARDS: Mapping[str, str] = {
    PDF: "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "text/html": "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox",
}
"""What a browser lets a paper do: nothing runs in it, and it loads nothing."""

Asked = Mapping[str, Any]  # Any: as marshmallow checked it


def one_paper(
    documents: Documents, ctx: Context, document: Document, record: UUID, asked: Asked
) -> Response:
    """Return a document of a record: its file, or with `as` page what a browser prints."""
    language = asked["language"]
    if asked["as_"] == "page":
        return _shown(documents.page(ctx, document, record, language=language), "text/html", "")
    (paper,) = documents.make(ctx, document, [record], language=language)
    return _shown(paper.content, paper.media, _named(paper.name, inline=asked["inline"] == "1"))


def many_papers(
    documents: Documents, ctx: Context, document: Document, ids: Sequence[UUID], asked: Asked
) -> Response:
    """Return a document of many records: one PDF, or with `as` zip a file each."""
    language = asked["language"]
    if asked["as_"] == "zip":
        packed = _packed(documents.make(ctx, document, ids, language=language))
        return _shown(packed, "application/zip", attachment(ctx, document.name, "zip"))
    content = documents.together(ctx, document, ids, language=language)
    return _shown(content, PDF, attachment(ctx, document.name, "pdf"))


def _packed(papers: Sequence[Paper]) -> bytes:
    """Return papers as one archive, none under the name of another."""
    out = BytesIO()
    taken: set[str] = set()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for paper in papers:
            name, number = paper.name, 1
            while name in taken:
                number += 1
                stem, dot, ending = paper.name.rpartition(".")
                name = f"{stem} ({number}){dot}{ending}"
            taken.add(name)
            archive.writestr(name, paper.content)
    return out.getvalue()


def _named(name: str, *, inline: bool) -> str:
    return f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(name)}"


def _shown(content: bytes | str, media: str, disposition: str) -> Response:
    response = Response(content, mimetype=media)
    response.headers["Content-Security-Policy"] = GUARDS.get(media, "default-src 'none'; sandbox")
    if disposition:
        response.headers["Content-Disposition"] = disposition
    return response
