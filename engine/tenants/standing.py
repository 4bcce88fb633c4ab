"""Whether a tenant may be entered and changed now, by its state and what was agreed about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row

from engine.context import Tenant
from engine.database import MOVING

GRACE = timedelta(days=30)
"""How long everybody reads on after the last day of a subscription; then administrators only."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A tenant as it may be used today.

    `closed` says why nobody may enter, blank where people may; `for_administrators` that only
    they may. Why it can be read alone is told by the tenant itself.
    """

    tenant: Tenant
    closed: str = ""
    for_administrators: bool = False


def standing_of(row: Row[Any], today: date) -> Standing | None:
    """Return how a tenant stands, from its row in the registry; None while it is being made."""
    frozen, late = "", False
    if row.state in ("making", "restoring"):
        return None
    if row.state == MOVING:
        frozen = MOVING
    elif row.expires_on is not None and today > row.expires_on:
        frozen, late = "expired", today > row.expires_on + GRACE
    closed = row.state if row.state in ("archived", "leaving") else ""
    place = Tenant(
        row.name, row.schema, row.role, row.database, frozen, row.seats, row.logo, row.quiet
    )
    return Standing(place, closed, late)
