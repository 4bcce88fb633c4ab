"""A layout filled with what was told of a record: HTML in which every value is escaped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from markupsafe import Markup, escape

from engine.documents.errors import DocumentRefused
from engine.documents.layout import Each, Gap, Piece, When
from engine.query.spec import FileValue
from engine.query.told import Told
from engine.values.richtext import plain_text
from formula.scope import FieldBinding
from formula.typed import Read, Typed
from metamodel.model import Field, Model

LONGEST = 4_000_000
"""Characters that one paper may have, pictures left out."""

PICTURES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})


class Wording(Protocol):
    """How values are written in a language."""

    def value(self, value: object, field: Field | None, typed: Typed) -> str:
        """Return a value that is not blank as people read it; `field` where it is one's own."""
        ...


Picture = Callable[[FileValue], str]
"""Returns a picture as the address that an `img` shows."""


@dataclass(frozen=True, slots=True)
class Filling:
    """Fills layouts of a model's documents in one language."""

    model: Model
    wording: Wording
    picture: Picture

    def html(self, pieces: Sequence[Piece], told: Told) -> str:
        """Return the text with its gaps filled; raise `DocumentRefused` for one without end."""
        found: list[str] = []
        size = 0
        for text in self._texts(pieces, told):
            size += len(text)
            if size > LONGEST:
                raise DocumentRefused("document_too_long")
            found.append(text)
        return "".join(found)

    def plain(self, pieces: Sequence[Piece], told: Told) -> str:
        """Return the text with its gaps filled, values as they are: a letter, not a page."""
        return "".join(self._words(pieces, told))[:LONGEST]

    def _words(self, pieces: Sequence[Piece], told: Told) -> Iterator[str]:
        for piece in pieces:
            match piece:
                case str():
                    yield piece
                case Gap(at=at, value=value):
                    yield self.worded(told.values[at], value)
                case When(at=at):
                    chosen = piece.pieces if told.values[at] else piece.otherwise
                    yield from self._words(chosen, told)
                case Each(at=at, pieces=inner):
                    for member in told.members[at]:
                        yield from self._words(inner, member)

    def _texts(self, pieces: Sequence[Piece], told: Told) -> Iterator[str]:
        for piece in pieces:
            match piece:
                case str():
                    yield piece
                case Gap(at=at, value=value):
                    yield self.shown(told.values[at], value)
                case When(at=at):
                    chosen = piece.pieces if told.values[at] else piece.otherwise
                    yield from self._texts(chosen, told)
                case Each(at=at, pieces=inner):
                    for member in told.members[at]:
                        yield from self._texts(inner, member)

    def shown(self, value: object, typed: Typed) -> str:
        """Return a value as HTML: texts with their lines, pictures as pictures."""
        if value is None or value == "" or value == ():
            return ""
        field = own_field(self.model, typed)
        if field is not None and field.type == "rich_text":
            return str(value)
        files = value if isinstance(value, tuple) else ()
        if files and all(isinstance(each, FileValue) and _drawn(each) for each in files):
            return "".join(self._image(each) for each in files)
        written = self.worded(value, typed)
        return str(Markup("<br>").join(escape(line) for line in written.splitlines()))

    def worded(self, value: object, typed: Typed) -> str:
        """Return a value as people read it; one that is masked is a text already."""
        if value is None or value == "" or value == ():
            return ""
        field = own_field(self.model, typed)
        if isinstance(value, str) and not _coded(field):
            return plain_text(value) if field is not None and field.type == "rich_text" else value
        return self.wording.value(value, field, typed)

    def _image(self, file: FileValue) -> str:
        address = self.picture(file)
        return f'<img src="{escape(address)}" alt="{escape(file.name)}">' if address else ""


def own_field(model: Model, typed: Typed) -> Field | None:
    """Return the field that a gap shows as it is; None where it works something out."""
    binding = typed.node.binding if isinstance(typed.node, Read) else None
    if not isinstance(binding, FieldBinding) or not binding.steps or binding.part:
        return None
    last = binding.steps[-1]
    return model.entities[last.entity].fields[last.field]


def _drawn(file: object) -> bool:
    return isinstance(file, FileValue) and file.type in PICTURES


def _coded(field: Field | None) -> bool:
    """Tell whether a field's text is a code that people know by another name."""
    return field is not None and bool(field.options or field.pipeline)
