"""What a record, or those that somebody chose, can be printed as; pages of files as pictures."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from engine.files.uploads import Opened
from metamodel.model import Entity
from metamodel.outward import Document
from ui.screen import Screen
from ui.words import LANGUAGES


@dataclass(frozen=True, slots=True)
class PaperView:
    """One document of a record. `files` are its file in each language: what it is called, where.

    `page_url` is what a browser prints, `keep_url` where a copy is kept, "" where none may be.
    """

    label: str
    files: tuple[tuple[str, str], ...]
    page_url: str
    keep_url: str


def papers_view(
    screen: Screen, entity: Entity, record: UUID, *, changeable: bool
) -> tuple[PaperView, ...]:
    """Return the documents that a record can be printed as now."""
    return tuple(
        _paper(screen, entity, record, each, changeable=changeable)
        for each in screen.services.documents.ready(screen.ctx, entity.key, record)
    )


def bulk_documents(screen: Screen, entity: Entity) -> tuple[tuple[str, str], ...]:
    """Return what chosen records can be printed as, in the person's language: label and address.

    The address takes their `ids`, separated by commas, and `as=zip` for a file each.
    """
    return tuple(
        (
            screen.label(each.label, each.name),
            screen.url("records", entity.name, "documents", each.name, language=screen.language),
        )
        for each in screen.services.documents.offered(screen.ctx, entity.key)
        if each.format == "pdf"
    )


def _paper(
    screen: Screen, entity: Entity, record: UUID, document: Document, *, changeable: bool
) -> PaperView:
    def address(**asked: str) -> str:
        here = ("records", entity.name, str(record), "documents", document.name)
        return screen.url(*here, **asked)

    written = [language for language in document.template.texts if language]
    spoken = written if not document.language and len(written) > 1 else [""]
    kind = document.format.upper()
    return PaperView(
        label=screen.label(document.label, document.name),
        files=tuple(
            (
                f"{kind} · {LANGUAGES.get(language, language)}" if language else kind,
                address(language=language, inline="1"),
            )
            for language in spoken
        ),
        page_url=address(**{"as": "page"}),
        keep_url=address() if changeable and entity.track else "",
    )


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page as it is shown: its address, and its width and height in points."""

    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PreviewView:
    """The pages of a file, of which `count` there are; none where it cannot be shown.

    `slow` says that it is not, because its pages take too long.
    """

    name: str
    count: int
    pages: tuple[PagePicture, ...]
    file_url: str
    slow: bool


def previewed(screen: Screen, opened: Opened) -> PreviewView:
    """Return a file as pictures of its first pages."""
    found = screen.services.page_pictures.sizes(opened)
    at = ("files", str(opened.file.id), "preview")
    pictures = (
        PagePicture(screen.url(*at, str(number)), round(width), round(height))
        for number, (width, height) in enumerate(found.sizes, start=1)
    )
    file_url = screen.api_url("files", str(opened.file.id))
    return PreviewView(opened.file.name, found.count, tuple(pictures), file_url, found.slow)
