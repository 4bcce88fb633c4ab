"""The dialog in which somebody has figures sent to themselves, and what they have sent already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.delivering import Delivery
from engine.delivering.service import delivery_of
from engine.errors import NotFound
from engine.views import SavedView
from ui.screen import Screen
from ui.viewmodels.shell import Shell, shell

EVERY_WORDS = {"daily": "every day", "weekly": "every week", "monthly": "every month"}
"""How often something is sent, in English."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

WHATS = ("dashboard", "own", "report")


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """Something that is sent: when, next at, and where it is ended."""

    title: str
    when: str
    next: str
    end_url: str


@dataclass(frozen=True, slots=True)
class DeliveryDialog:
    """What can be chosen, and what is sent already; `to` is the person's own address."""

    url: str
    again: str
    what: str
    title: str
    to: str
    zone: str
    every: tuple[tuple[str, str], ...]
    weekdays: tuple[tuple[int, str], ...]
    lines: tuple[DeliveryLine, ...]


@dataclass(frozen=True, slots=True)
class DeliveriesPage:
    """The same as a page of its own, for who opens its address."""

    shell: Shell
    heading: str
    reports_url: str
    sent: DeliveryDialog


def deliveries_page(screen: Screen, what: str, title: str) -> DeliveriesPage:
    """Return what somebody has sent to themselves, and the form where `what` names figures."""
    heading = screen.words.say("Send regularly")
    reports = screen.url("reports")
    sent = delivery_dialog(screen, what, title)
    return DeliveriesPage(shell(screen, heading, reports), heading, reports, sent)


def delivery_dialog(screen: Screen, what: str, title: str) -> DeliveryDialog:
    """Return the dialog for a dashboard or a report, as `kind:name`."""
    say = screen.words.say
    return DeliveryDialog(
        url=screen.url("deliveries"),
        again=screen.url("deliveries", what=what, title=title),
        what=what,
        title=title,
        to=screen.signed_in.account.email,
        zone=screen.formats.zone,
        every=tuple((code, say(word)) for code, word in EVERY_WORDS.items()),
        weekdays=tuple((at, say(word)) for at, word in enumerate(WEEKDAYS, start=1)),
        lines=tuple(_line(screen, each) for each in screen.services.deliveries.mine(screen.ctx)),
    )


def wanted_delivery(screen: Screen, values: Mapping[str, Any]) -> Delivery:
    """Return what was chosen; raise `NotFound` for what can be no figures. Any: JSON."""
    what, _, name = str(values.get("what") or "").partition(":")
    if what not in WHATS or not name:
        raise NotFound(what=what)
    every = str(values.get("every") or "daily")
    day = str(values.get("weekday" if every == "weekly" else "day") or "1")
    chosen = [each for each in ("pdf", "xlsx") if values.get(each) in (True, "true", "on")]
    return Delivery(
        what=what,  # type: ignore[arg-type]
        name=name,
        formats=tuple(chosen),
        every=every,  # type: ignore[arg-type]
        at=str(values.get("at") or "08:00")[:5],
        zone=screen.formats.zone,
        day=int(day) if day.isdecimal() else 0,
    )


def _line(screen: Screen, saved: SavedView) -> DeliveryLine:
    delivery, say = delivery_of(saved.spec), screen.words.say
    when = say(EVERY_WORDS[delivery.every])
    if delivery.every == "weekly":
        when = f"{when}, {say(WEEKDAYS[delivery.day - 1])}"
    if delivery.every == "monthly":
        when = f"{when}, {delivery.day}"
    formats = " + ".join(each.upper() for each in delivery.formats)
    return DeliveryLine(
        saved.title, f"{when} {delivery.at} · {formats}", str(saved.spec.get("due", ""))[:16],
        screen.url("deliveries", str(saved.id), "delete"),
    )  # fmt: skip
