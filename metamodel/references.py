"""What places of a merged document name, noted as it is linked for whoever calls things anew."""

from __future__ import annotations

from dataclasses import dataclass

from formula.scope import Scope
from formula.typed import Typed

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """A place, and what is named there: as the value, an item of a list, or the key itself.

    `text` is one name of the element `to`, by its path of keys, or, with a `scope`, a dotted
    path. With `typed` it is a formula that begins `offset` characters into the value. `key` says
    that the place itself is called so. Of the scope only the entities count that it stands on.
    """

    path: Path
    text: str
    to: Path = ()
    scope: Scope | None = None
    typed: Typed | None = None
    offset: int = 0
    key: bool = False
