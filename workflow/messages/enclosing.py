"""What goes along with a message: documents made of its record now, and files that were kept."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import Protocol
from uuid import UUID

from engine.context import Context
from engine.documents.service import Paper
from engine.errors import NotFound
from engine.files.uploads import Opened
from engine.mail import Attached
from metamodel.outward import Document
from workflow.messages.message import Message


class Papers(Protocol):
    """Makes documents of records."""

    def make(
        self, ctx: Context, document: Document, ids: Sequence[UUID], *, language: str = ""
    ) -> tuple[Paper, ...]:
        """Return a document of each record."""
        ...

    def opened(self, ctx: Context, file: UUID) -> Opened:
        """Return a file; raise `NotFound`."""
        ...


def enclosed_with(ctx: Context, papers: Papers, message: Message) -> Iterator[Attached]:
    """Yield what goes along with a message; a file that is gone by now does not."""
    for each in message.files:
        try:
            found = papers.opened(ctx, each.id)
        except NotFound:
            continue
        with found.content as content:
            yield Attached(each.name, found.file.type, b64encode(content.read()).decode())
    if message.record is None:
        return
    known = {each.name: each for each in ctx.model.documents.values()}
    language = str(message.detail.get("language", ""))
    for name in message.detail.get("attach", ()):
        if name in known:
            for paper in papers.make(ctx, known[name], [message.record], language=language):
                yield Attached(paper.name, paper.media, b64encode(paper.content).decode())
