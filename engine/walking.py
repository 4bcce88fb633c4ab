"""Looking at every tenant in turn, whatever is wrong in one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from logging import Logger
from typing import TypeVar

from engine.context import Context

Each = TypeVar("Each")

Complaint = tuple[Logger, str]
"""Where it is told what broke, and in which words."""


def in_each(
    tenants: Iterable[str],
    system: Callable[[str], Context],
    look: Callable[[Context], object],
    complain: Complaint,
) -> None:
    """Look at each tenant; what breaks in one is logged, in words, and no other feels it."""
    one_by_one(tenants, str, lambda tenant: look(system(tenant)), complain)


def one_by_one(
    places: Iterable[Each],
    named: Callable[[Each], str],
    look: Callable[[Each], object],
    complain: Complaint,
) -> None:
    """Look at each of some places, as `in_each` does; `named` tells what one is called."""
    log, words = complain
    for place in places:
        try:
            look(place)
        except Exception as error:
            # The kind alone: what an error says may be about people.
            log.warning("%s in %s: %s", words, named(place), type(error).__name__)
