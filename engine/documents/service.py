"""Papers of records: which there are, one or many of them made, a copy kept with its record."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Protocol
from uuid import UUID

from engine.access.grants import holds_everything, roles_of
from engine.context import Context
from engine.documents.errors import DocumentRefused
from engine.documents.filling import Filling, Wording
from engine.documents.layout import Layout, layout_of
from engine.documents.sheet import Sheet, page_of
from engine.errors import NotFound
from engine.files.judging import file_name
from engine.files.uploads import Files, Opened
from engine.query.spec import FileValue
from engine.query.told import Asked, Told
from metamodel.model import Entity
from metamodel.outward import Document

MOST = 500
"""Papers that are made at once."""

LARGEST_PICTURE = 8_000_000
"""Bytes of one picture on a paper; a larger one is left out."""

MOST_PICTURES = 120_000_000
"""Bytes of all pictures on the papers that are made at once, each as often as it stands there."""

MEDIA = {"pdf": "application/pdf", "html": "text/html"}

Worded = Callable[[Context, str], Wording]
"""Returns how values are written for a context, in a language."""

_UNFIT = re.compile(r'[\x00-\x1f\\/:*?"<>|]+')


class Tells(Protocol):
    """Works formulas out over records, under a person's rights."""

    def tell(self, ctx: Context, asked: Asked, ids: Sequence[UUID]) -> tuple[Told, ...]: ...


class Presses(Protocol):
    """Prints HTML."""

    def pdfs(self, pages: Sequence[str], *, together: bool = False) -> tuple[bytes, ...]: ...


class Logo(Protocol):
    """A tenant's logo."""

    @property
    def media(self) -> str: ...

    @property
    def content(self) -> bytes: ...


class Logos(Protocol):
    """Gives out the logo of a tenant, by its name; raises `NotFound` where there is none."""

    def read(self, name: str) -> Logo: ...


@dataclass(frozen=True, slots=True)
class Paper:
    """A file made from a record."""

    record: UUID
    name: str
    media: str
    content: bytes


@dataclass(frozen=True, slots=True)
class _Set:
    """One paper as HTML, ready for the press, and what its file is called."""

    record: UUID
    name: str
    html: str


@dataclass(slots=True)
class _Pictures:
    """The pictures of papers that are made together; `left` is how many bytes more there may be."""

    ctx: Context
    files: Files
    left: int

    def taken(self, size: int) -> None:
        """Count a picture; raise `DocumentRefused` for more than a press takes."""
        self.left -= size
        if self.left < 0:
            raise DocumentRefused("documents_pictures", most=MOST_PICTURES // 1_000_000)

    def address(self, file: FileValue) -> str:
        """Return a picture as an `img` shows it, "" where it is too large or not there."""
        if file.size > LARGEST_PICTURE:
            return ""
        self.taken(file.size)
        try:
            with self.files.open(self.ctx, file.id).content as content:
                return _address(file.type, content.read())
        except NotFound:
            return ""


class Documents:
    """Makes an app's documents of records, with nothing on them that the person may not read."""

    def __init__(
        self, telling: Tells, files: Files, logos: Logos, press: Presses, worded: Worded,
        *, pictures: int = MOST_PICTURES,
    ) -> None:  # fmt: skip
        self._telling = telling
        self._files = files
        self._logos = logos
        self._press = press
        self._worded = worded
        self._pictures = pictures

    def opened(self, ctx: Context, file: UUID) -> Opened:
        """Return a file that goes along with papers; raise `NotFound`."""
        return self._files.open(ctx, file)

    def offered(self, ctx: Context, entity: str) -> tuple[Document, ...]:
        """Return the documents that a person may make of an entity's records, by its key."""
        return tuple(
            each
            for each in ctx.model.documents.values()
            if each.entity == entity and _may_make(ctx, each)
        )

    def ready(self, ctx: Context, entity: str, record: UUID) -> tuple[Document, ...]:
        """Return the documents whose condition holds for a record now."""
        found = self.offered(ctx, entity)
        conditions = {each.name: each.when for each in found if each.when is not None}
        if not conditions:
            return found
        (told,) = self._telling.tell(ctx, Asked(entity, tuple(conditions.values())), [record])
        holds = dict(zip(conditions, told.values, strict=True))
        return tuple(each for each in found if holds.get(each.name, True))

    def named(self, ctx: Context, entity: Entity, name: str) -> Document:
        """Return a document by name; raise `NotFound` where the person is offered none."""
        for each in self.offered(ctx, entity.key):
            if each.name == name:
                return each
        raise NotFound(entity=entity.name, document=name)

    def make(
        self, ctx: Context, document: Document, ids: Sequence[UUID], *, language: str = ""
    ) -> tuple[Paper, ...]:
        """Return a document of each record, in `language`, its own, or the person's.

        Raises `NotFound` for a record that the person may not read, `DocumentRefused` for one
        that the document is not for now.
        """
        sets = self._sets(ctx, document, ids, language)
        if document.format == "html":
            contents: Sequence[bytes] = [each.html.encode() for each in sets]
        else:
            contents = self._press.pdfs([each.html for each in sets])
        media = MEDIA[document.format]
        return tuple(
            Paper(each.record, each.name, media, content)
            for each, content in zip(sets, contents, strict=True)
        )

    def together(
        self, ctx: Context, document: Document, ids: Sequence[UUID], *, language: str = ""
    ) -> bytes:
        """Return one PDF of a document of each record, one after the other."""
        sets = self._sets(ctx, document, ids, language)
        found = self._press.pdfs([each.html for each in sets], together=True)
        return found[0] if found else b""

    def page(self, ctx: Context, document: Document, record: UUID, *, language: str = "") -> str:
        """Return the paper as HTML for a browser."""
        return self._sets(ctx, document, [record], language)[0].html

    def keep(
        self, ctx: Context, document: Document, record: UUID, *, language: str = ""
    ) -> FileValue:
        """Attach a paper to its record as it is now, whatever becomes of the record."""
        (paper,) = self.make(ctx, document, [record], language=language)
        at = (document.entity, record)
        return self._files.upload(ctx, paper.name, BytesIO(paper.content), to=at)

    def _sets(
        self, ctx: Context, document: Document, ids: Sequence[UUID], language: str
    ) -> tuple[_Set, ...]:
        if document.format not in MEDIA:
            raise DocumentRefused("document_format", format=document.format)
        if len(ids) > MOST:
            raise DocumentRefused("documents_too_many", most=MOST, found=len(ids))
        chosen = language or document.language or ctx.language
        layout = _layout(ctx, document, chosen)
        pictures = _Pictures(ctx, self._files, self._pictures)
        filling = Filling(ctx.model, self._worded(ctx, chosen), pictures.address)
        logo = self._logo(ctx)
        pictures.taken(len(logo) * len(ids))
        label = document.label.text(chosen) or document.name
        return tuple(
            _Set(
                told.id,
                file_name(_called(document, told, label)),
                page_of(Sheet(label, chosen, logo), filling.html(layout.pieces, told)),
            )
            for told in self._told(ctx, document, layout, ids)
        )

    def _told(
        self, ctx: Context, document: Document, layout: Layout, ids: Sequence[UUID]
    ) -> tuple[Told, ...]:
        found = self._telling.tell(ctx, layout.asked, ids)
        if document.when is not None and not all(told.values[0] for told in found):
            label = document.label.text(ctx.language) or document.name
            raise DocumentRefused("document_not_now", document=label)
        return found

    def _logo(self, ctx: Context) -> str:
        try:
            logo = self._logos.read(ctx.tenant.name)
        except NotFound:
            return ""
        return _address(logo.media, logo.content)


def _may_make(ctx: Context, document: Document) -> bool:
    roles = roles_of(ctx)
    if not document.roles or holds_everything(ctx.actor, roles):
        return True
    return any(role.name in document.roles for role in roles)


def _layout(ctx: Context, document: Document, language: str) -> Layout:
    """Return the layout of a document; its condition and its file's name are asked for first."""

    def make() -> Layout:
        beside = [each for each in (document.when, document.file_name) if each is not None]
        return layout_of(ctx.model, document.entity, document.template.parts(language), beside)

    return ctx.compiled.keep(("document", document.key, language), make)


def _called(document: Document, told: Told, label: str) -> str:
    """Return what a paper's file is called, with the ending of what it is."""
    named = ""
    if document.file_name is not None:
        named = str(told.values[1 if document.when is not None else 0] or "")
    ending = f".{document.format}"
    return _UNFIT.sub("-", named or label).strip(" .").removesuffix(ending) + ending


def _address(media: str, content: bytes) -> str:
    return f"data:{media};base64,{b64encode(content).decode()}"
