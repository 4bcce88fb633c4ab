"""Many payloads held by column: what a file brings, and what set-wise writes read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, overload


class Absent:
    """Stands where a payload says nothing of a field, which is not the same as null."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()


@dataclass(frozen=True, slots=True)
class Sheet(Sequence[Mapping[str, Any]]):
    """Payloads by column: `columns` by field name, each as long as there are payloads.

    A payload is made only where somebody asks for it. Any: on-the-wire values of every type.
    """

    columns: Mapping[str, Sequence[Any]]
    length: int

    @overload
    def __getitem__(self, index: int) -> Mapping[str, Any]: ...

    @overload
    def __getitem__(self, index: slice) -> Sheet: ...

    def __getitem__(self, index: int | slice) -> Mapping[str, Any] | Sheet:
        if isinstance(index, slice):
            taken = {name: column[index] for name, column in self.columns.items()}
            return Sheet(taken, len(range(*index.indices(self.length))))
        return {
            name: column[index]
            for name, column in self.columns.items()
            if column[index] is not ABSENT
        }

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return (self[index] for index in range(self.length))

    @classmethod
    def of(cls, payloads: Sequence[Mapping[str, Any]]) -> Sheet:
        """Return payloads by column; a sheet is returned as it is."""
        if isinstance(payloads, Sheet):
            return payloads
        names = dict.fromkeys(name for payload in payloads for name in payload)
        columns = {name: [payload.get(name, ABSENT) for payload in payloads] for name in names}
        return cls(columns, len(payloads))
