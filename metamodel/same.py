"""A model as a key of what is remembered about it: models are told apart by identity."""

from __future__ import annotations

from dataclasses import dataclass

from metamodel.model import Model


@dataclass(frozen=True, slots=True, eq=False)
class Same:
    """A model that equals itself alone, so that remembering it compares nothing."""

    model: Model

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.model is self.model

    def __hash__(self) -> int:
        return id(self.model)
