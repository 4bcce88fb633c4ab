"""Wiring what fetches the mail of tenants."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from boot.wiring import House
from engine.context import Context
from engine.outgoing.allowance import Allowance
from workflow.messages.channels import Cabinet
from workflow.messages.fetching import Fetch, FetchAll
from workflow.messages.taking import Intake

System = Callable[[str], Context]
"""Returns the system's context of a tenant."""


def fetch(house: House, system: System) -> Fetch:
    """Return the task that takes what came into a mailbox."""
    intake = Intake(house.database, house.runner, house.files)
    allowance = Allowance.of(house.settings.outgoing_allowed)
    return Fetch(house.database, Cabinet(house.master_key), intake, allowance, system)


def fetch_all(house: House, tenants: Callable[[], Sequence[str]], system: System) -> FetchAll:
    """Return what has all mailboxes looked into."""
    return FetchAll(house.database, Cabinet(house.master_key), tenants, system)
