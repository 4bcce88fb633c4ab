"""A unit of work that is already open, as doors to writing take a database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from engine.context import Context
from engine.database import ATTEMPTS, RunAgain

Result = TypeVar("Result")


class Units(Protocol):
    """What runs units of work: a `Database`, or a unit of it that is held open."""

    def unit(self, ctx: Context, work: Callable[[Connection], Result]) -> Result:
        """Run `work` as one whole that is done or not done."""
        ...


@dataclass(frozen=True, slots=True)
class Held:
    """An open unit, in which others run as parts of it: what they do is seen by the next.

    A `whole` one has no parts to go back to: what must run again begins with the unit itself.
    """

    connection: Connection
    whole: bool = False

    def unit(self, ctx: Context, work: Callable[[Connection], Result]) -> Result:
        """Run `work` inside; what it did is taken back where it must run again.

        Deadlocks and lost connections end the open unit, and are its holder's.
        """
        if self.whole:
            return work(self.connection)
        for _ in range(ATTEMPTS):
            try:
                with self.connection.begin_nested():
                    return work(self.connection)
            except RunAgain:
                continue
        raise RunAgain

    @contextmanager
    def reading(self, ctx: Context) -> Iterator[Connection]:
        """Yield the connection itself: reads see what was written in the unit."""
        yield self.connection
