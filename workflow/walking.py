"""Looking at every tenant in turn, whatever is wrong in one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from logging import Logger

from engine.context import Context


def in_each(
    tenants: Iterable[str],
    system: Callable[[str], Context],
    look: Callable[[Context], object],
    complain: tuple[Logger, str],
) -> None:
    """Look at each tenant; what breaks in one is logged, in words, and no other feels it."""
    log, words = complain
    for tenant in tenants:
        try:
            look(system(tenant))
        except Exception as error:
            log.warning("%s in %s: %s", words, tenant, type(error).__name__)
