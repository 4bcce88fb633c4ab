"""Requests that may be sent again: the key that tells them, and the answer that is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from engine.errors import EngineError


class KeyReused(EngineError):
    """A key that stood for another request before."""

    code = "key_reused"


class KeyRunning(EngineError):
    """A request whose first copy is still being worked on; nothing was done."""

    code = "key_running"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, to be answered again word for word: `body` is JSON text."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Repeated(Exception):  # noqa: N818 - not an error: it carries what was answered before
    """Ends a unit whose request was answered before; nothing was written."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Once:
    """A request to be done once. `digest` stands for all that it says beside key and route.

    `answer` is made inside the unit, from what the unit has done, on the unit's connection.
    Without a key it is made there just so, and nothing is kept.
    """

    key: str
    route: str
    digest: str
    answer: Callable[[Connection, object], Answer]
