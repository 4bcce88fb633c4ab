"""A template's parts with their gaps numbered, and all that has to be read to fill them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.query.told import Asked
from formula.scope import CollectionBinding
from formula.typed import Typed
from metamodel.model import Model
from metamodel.scope import ModelScope, scope_of
from metamodel.texts import Choose, Hole, Part, Repeat, Words


@dataclass(frozen=True, slots=True)
class Gap:
    """The value of the formula at a place among those asked for."""

    at: int
    value: Typed


@dataclass(frozen=True, slots=True)
class Each:
    """Pieces that come once for each member of the collection at a place."""

    at: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class When:
    """Pieces that come where the condition at a place holds, and those where it does not."""

    at: int
    pieces: tuple[Piece, ...]
    otherwise: tuple[Piece, ...]


Piece = str | Gap | Each | When


@dataclass(frozen=True, slots=True)
class Layout:
    """What a text is filled from, and how; `beside` are formulas asked for along, first of all."""

    asked: Asked
    pieces: tuple[Piece, ...]


def layout_of(
    model: Model, entity: str, parts: Sequence[Part], beside: Sequence[Typed] = ()
) -> Layout:
    """Return the layout of a text over records of an entity, by key."""
    room = _Room(scope_of(model, entity), list(beside))
    pieces = room.pieces(parts)
    return Layout(room.asked(), pieces)


@dataclass(slots=True)
class _Room:
    """Collects what is asked for on one level: a record's own, or a member's."""

    scope: ModelScope
    formulas: list[Typed] = field(default_factory=list)
    members: list[tuple[CollectionBinding, Asked]] = field(default_factory=list)

    def asked(self) -> Asked:
        return Asked(self.scope.entity, tuple(self.formulas), tuple(self.members))

    def pieces(self, parts: Sequence[Part]) -> tuple[Piece, ...]:
        return tuple(piece for part in parts for piece in self._piece(part))

    def _piece(self, part: Part) -> tuple[Piece, ...]:
        match part:
            case str():
                return (part,)
            case Hole(value=value) | Words(value=value):
                return (Gap(self._ask(value), value),)
            case Choose(when=when, parts=parts, otherwise=otherwise):
                at = self._ask(when)
                return (When(at, self.pieces(parts), self.pieces(otherwise)),)
            case Repeat():
                return self._each(part)

    def _ask(self, value: Typed) -> int:
        self.formulas.append(value)
        return len(self.formulas) - 1

    def _each(self, part: Repeat) -> tuple[Piece, ...]:
        found = self.scope.lookup(tuple(part.path.split(".")))
        if not isinstance(found, CollectionBinding):
            return ()
        model = self.scope.model
        inner = _Room(scope_of(model, found.entity, this=self.scope.entity))
        pieces = inner.pieces(part.parts)
        self.members.append((found, inner.asked()))
        return (Each(len(self.members) - 1, pieces),)
