"""The rows that an import rejected, as a file like the one they came from, with the reasons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from engine.exchange.journal import ImportState, Rejected
from engine.exchange.mapping import REPORTED
from engine.exchange.sinks import write
from engine.messages import sentence


def rejects_file(
    state: ImportState, rejected: Iterable[Rejected], language: str
) -> Iterator[bytes]:
    """Yield the bytes of a file in the format of the one that was imported."""
    return write(
        state.format, (*REPORTED, *state.header), (_row(each, language) for each in rejected)
    )


def _row(rejected: Rejected, language: str) -> Sequence[Any]:
    return (rejected.line, "; ".join(reasons(rejected, language)), *rejected.cells)


def reasons(rejected: Rejected, language: str) -> list[str]:
    """Return in words what is wrong with a row, each with its place."""
    return [
        f"{place}: {told}" if (place := ".".join(str(step) for step in each.path)) else told
        for each in rejected.errors
        for told in [sentence(each, language)]
    ]
