"""What a write did: the values that writers return and hooks, history and undo share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from engine.errors import FieldError

Operation = Literal["create", "update", "delete", "restore", "move"]


@dataclass(frozen=True, slots=True)
class RecordChange:
    """One record's change: values before and after, by field key, only where they differ.

    `computed` tells a change that followed from others from one that somebody entered.
    """

    entity: str
    id: UUID
    operation: Operation
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)
    computed: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One change set: everything that one unit of work wrote, in order.

    `warnings` are what a person should know of it, such as a record that looks like another.
    """

    id: UUID
    revision: int
    records: tuple[RecordChange, ...]
    warnings: tuple[FieldError, ...] = ()

    @property
    def ids(self) -> tuple[UUID, ...]:
        """The ids of the records that were entered, not those that followed."""
        return tuple(record.id for record in self.records if not record.computed)
