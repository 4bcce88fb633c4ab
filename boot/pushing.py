"""Wiring what brings notices to the devices of people."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parseaddr
from uuid import UUID

from boot.people import site_of
from boot.settings import Settings
from boot.wiring import House
from engine.context import Context
from engine.pushing import PushTask, Signer
from ui.pushed import PushedWords


def push(
    house: House,
    system: Callable[[str], Context],
    person: Callable[[str, UUID, str], Context | None],
) -> PushTask:
    """Return the task that tells devices, on the services of a house."""
    services = house.services
    signer = Signer(house.master_key, contact(house.settings))
    words = PushedWords(services)
    door = house.outgoing
    return PushTask(services.devices, services.notices, words, signer, door, system, person)


def contact(settings: Settings) -> str:
    """Return where a push service finds whoever keeps the installation, blank where nowhere."""
    address = parseaddr(settings.mail_from)[1]
    if address:
        return f"mailto:{address}"
    site = site_of(settings)
    return site if site.startswith("https://") else ""
