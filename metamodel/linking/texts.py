"""Reads texts with values in them, and checks every formula in their holes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from formula.errors import Span
from formula.scope import CollectionBinding, FieldBinding, Step
from formula.typed import Dependencies, Read, Typed
from formula.types import ListType, RecordType, TextType
from metamodel.layers import Merged
from metamodel.linking.formulas import CONDITION, Rules, check_text, formula_place
from metamodel.model import Entity
from metamodel.nearest import nearest
from metamodel.problems import Problem
from metamodel.reader import Node
from metamodel.scope import ModelScope, find_field, scope_of
from metamodel.texts import Choose, Hole, Part, Repeat, Template, Words

_SIGN = re.compile(r"\{\{(.*?)\}\}|\{%(.*?)%\}", re.DOTALL)
_TAG = re.compile(r"\s*(each|if|else|end|words)\b[ \t]*")

MAX_DEPTH = 20
"""Deepest nesting of blocks in a text."""

LONGEST_WRONG = 200
"""Characters of a wrong text that are shown."""

WORDS = ("each", "if", "else", "end")

TEXT = Rules(TextType())
"""What holds the words of a letter."""


def read_template(node: Node, name: str, scope: ModelScope, *, letter: bool = False) -> Template:
    """Return the text under `name` by language, its holes checked in `scope`.

    A `letter` may take words that people wrote into a record.
    """
    child = node.child(name)
    if isinstance(child.value, Mapping):
        written = [part for part in child.items() if isinstance(part.value, str)]
        texts = {part.name: _Reader(part, str(part.value), letter) for part in written}
        return Template({language: reader.read(scope) for language, reader in texts.items()})
    if isinstance(child.value, str):
        return Template({"": _Reader(child, child.value, letter).read(scope)})
    return Template()


def read_files(node: Node, name: str, scope: ModelScope) -> Template:
    """Return what shows the files at the paths under `name`: of fields, or those of members."""
    found: list[Part] = []
    for path in node.names(name):
        first, _, rest = path.partition(".")
        binding = scope.lookup((first,)) if rest else None
        text = f"{{{{ {path} }}}}"
        if isinstance(binding, CollectionBinding):
            meant = binding.scope
            # Of a list of links the members are the links; what they lead to has the file.
            links = isinstance(meant, ModelScope) and meant.entity not in ("", binding.entity)
            text = f"{{% each {first} %}}{{{{ {'member.' if links else ''}{rest} }}}}{{% end %}}"
        found += _Reader(node.child(name), text).read(scope)
    return Template({"": tuple(found)} if found else {})


def read_words(text: str, scope: ModelScope) -> tuple[Part, ...] | str:
    """Return the parts of a text that stands in a record, or what in it means nothing."""
    merged = Merged()
    parts = _Reader(Node(merged, ("words",), text), text).read(scope)
    return _wrong(text, scope) if merged.problems else parts


def _wrong(text: str, scope: ModelScope) -> str:
    """Return the first hole of a wrong text that is wrong by itself, else the whole text."""
    for piece in _pieces(text):
        merged = Merged()
        if piece.kind == "hole":
            _Reader(Node(merged, ("words",), piece.text), piece.text).part(piece, scope)
        if merged.problems:
            return piece.text
    return text[:LONGEST_WRONG]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run of plain text, a hole, or a tag with what follows its word; `at` is its place."""

    kind: str
    text: str
    at: int


@dataclass(slots=True)
class _Reader:
    """Turns the pieces of one text into parts, blocks within blocks."""

    node: Node
    text: str
    letter: bool = False
    depth: int = 0
    too_deep: bool = False

    def read(self, scope: ModelScope) -> tuple[Part, ...]:
        pieces = _pieces(self.text)
        parts, closed = self._block(pieces, scope)
        while closed is not None:
            self._report(closed, f"`{closed.kind}` closes nothing.", "Take it out.")
            more, closed = self._block(pieces, scope)
            parts += more
        return tuple(parts)

    def part(self, piece: _Piece, scope: ModelScope) -> Part | None:
        """Return one hole by itself."""
        return self._part(piece, iter(()), scope)

    def _block(
        self, pieces: Iterator[_Piece], scope: ModelScope
    ) -> tuple[list[Part], _Piece | None]:
        """Read up to `end`, `else` or the end of the text; return which it was."""
        parts: list[Part] = []
        self.depth += 1
        closed = None
        for piece in pieces:
            if piece.kind in ("end", "else"):
                closed = piece
                break
            part = self._part(piece, pieces, scope)
            if part is not None:
                parts.append(part)
        self.depth -= 1
        return parts, closed

    def _part(self, piece: _Piece, pieces: Iterator[_Piece], scope: ModelScope) -> Part | None:
        if piece.kind == "text":
            return piece.text
        if piece.kind == "hole":
            value = many_named(scope, piece.text) or self._formula(piece, scope, Rules())
            return Hole(value) if value is not None else None
        if piece.kind == "words" and self.letter:
            words = self._formula(piece, scope, TEXT)
            return Words(words) if words is not None else None
        if piece.kind in ("each", "if") and self.depth > MAX_DEPTH:
            if not self.too_deep:
                self.too_deep = True
                sentence = f"Blocks are nested deeper than {MAX_DEPTH}."
                self._report(piece, sentence, "Put inner parts into computed fields.")
            return None
        if piece.kind == "each":
            return self._repeat(piece, pieces, scope)
        if piece.kind == "if":
            return self._choose(piece, pieces, scope)
        known = nearest(piece.text.split(" ")[0], WORDS, "There are")
        self._report(piece, f"`{{% {piece.text} %}}` means nothing.", known)
        return None

    def _repeat(self, piece: _Piece, pieces: Iterator[_Piece], scope: ModelScope) -> Repeat | None:
        binding = scope.lookup(tuple(piece.text.split(".")))
        found = isinstance(binding, CollectionBinding) and binding.member is None
        inner = scope
        if isinstance(binding, CollectionBinding) and found:
            inner = scope_of(
                scope.model, binding.entity, this=scope.entity, inputs=dict(scope.inputs)
            )
        else:
            known = scope.suggestions(tuple(piece.text.split(".")))
            sentence = f"`{piece.text}` is no collection to repeat for."
            self._report(piece, sentence, nearest(piece.text, known))
        # Its words would be filled from the record at hand, not from the member.
        letter, self.letter = self.letter, False
        parts, closed = self._block(pieces, inner)
        self.letter = letter
        self._close(piece, closed)
        if not isinstance(binding, CollectionBinding):
            return None
        return Repeat(piece.text, binding.entity, tuple(parts))

    def _choose(self, piece: _Piece, pieces: Iterator[_Piece], scope: ModelScope) -> Choose | None:
        when = self._formula(piece, scope, CONDITION)
        parts, closed = self._block(pieces, scope)
        otherwise: list[Part] = []
        if closed is not None and closed.kind == "else":
            otherwise, closed = self._block(pieces, scope)
        self._close(piece, closed)
        return Choose(when, tuple(parts), tuple(otherwise)) if when is not None else None

    def _formula(self, piece: _Piece, scope: ModelScope, rules: Rules) -> Typed | None:
        return check_text(self.node, piece.text, scope, rules, offset=piece.at)

    def _close(self, opened: _Piece, closed: _Piece | None) -> None:
        if closed is None or closed.kind != "end":
            sentence = f"`{{% {opened.kind} … %}}` is not closed."
            self._report(opened, sentence, "Write `{% end %}` where it ends.")

    def _report(self, piece: _Piece, sentence: str, hint: str) -> None:
        span = Span(piece.at, piece.at + len(piece.text))
        place = formula_place(self.node.merged, self.node.path, span)
        self.node.merged.problems.append(Problem("bad_template", place, sentence, hint))


def many_named(scope: ModelScope, text: str) -> Typed | None:
    """Return what a path to a field of many records or files shows; None for any other formula.

    A formula knows such a field only inside an aggregate; a text shows its members by name.
    """
    names = tuple(text.split("."))
    entity: Entity | None = scope.model.entities.get(scope.entity)
    steps: tuple[Step, ...] = ()
    for name in names:
        found = find_field(entity, name) if entity is not None else None
        if entity is None or found is None or found.link is None or len(found.link.to) != 1:
            return None
        steps = (*steps, Step(entity.key, found.key))
        if found.link.many:
            if len(steps) < len(names):
                return None
            kind = ListType(RecordType(found.link.to))
            node = Read(FieldBinding(names, kind, steps), kind, Span(0, len(text)))
            return Typed(node, kind, Dependencies(frozenset({steps})), "stable", text)
        entity = scope.model.entities.get(found.link.to[0])
    return None


def _pieces(text: str) -> Iterator[_Piece]:
    at = 0
    for match in _SIGN.finditer(text):
        if match.start() > at:
            yield _Piece("text", text[at : match.start()], at)
        at = match.end()
        if match[1] is not None:
            yield _stripped("hole", match[1], match.start(1))
            continue
        tag = _TAG.match(match[2])
        if tag is None:
            yield _stripped("unknown", match[2], match.start(2))
        else:
            yield _stripped(tag[1], match[2][tag.end() :], match.start(2) + tag.end())
    if at < len(text):
        yield _Piece("text", text[at:], at)


def _stripped(kind: str, text: str, at: int) -> _Piece:
    body = text.strip()
    return _Piece(kind, body, at + len(text) - len(text.lstrip()))
