"""The devices on which somebody is told while the app is closed, as their preferences show them."""

from __future__ import annotations

from dataclasses import dataclass

from ui.screen import Screen
from ui.viewmodels.own import icon_of


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """A device that is told, and since when."""

    name: str
    label: str
    at: str
    icon: str
    remove_url: str


@dataclass(frozen=True, slots=True)
class DevicesView:
    """What a browser binds itself to, where it says so, and the devices that did."""

    key: str
    save_url: str
    lines: tuple[DeviceLine, ...]


def devices_view(screen: Screen) -> DevicesView:
    """Return a person's devices."""
    devices = screen.services.devices
    lines = (
        DeviceLine(
            each.name,
            each.label or screen.words.say("A browser"),
            screen.formats.instant(each.at),
            icon_of(each.label),
            screen.url("devices", each.name, "remove"),
        )
        for each in devices.mine(screen.ctx)
    )
    return DevicesView(devices.bound_to, screen.url("devices"), tuple(lines))
