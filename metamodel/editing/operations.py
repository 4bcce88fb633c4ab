"""The edits that an admin makes of an application: small values, each of one element.

Paths are names as they stand in the metadata: ("entities", "customer", "fields", "phone").
"""

from __future__ import annotations

from dataclasses import dataclass

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Add:
    """A new element `name` in the map at `path`; it goes last, or behind the one called `after`."""

    path: Path
    name: str
    value: object
    after: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """Another value at `path`. A map changes what it names; None takes away what stands there."""

    path: Path
    value: object


@dataclass(frozen=True, slots=True)
class Rename:
    """Another name for the element at `path`; its key, data and place stay."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Move:
    """Another place for the element at `path`: behind or before a neighbour, or first of all."""

    path: Path
    after: str = ""
    before: str = ""
    first: bool = False


@dataclass(frozen=True, slots=True)
class Retire:
    """Takes the element at `path` out of use, with its data kept, and its places on screens."""

    path: Path


@dataclass(frozen=True, slots=True)
class Restore:
    """Brings a retired element back, and its places on screens."""

    path: Path


@dataclass(frozen=True, slots=True)
class Reset:
    """Drops what the tenant says of `path`, order included: the template holds there again."""

    path: Path


Edit = Add | Change | Rename | Move | Retire | Restore | Reset
