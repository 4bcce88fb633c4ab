"""What somebody chose for themselves in a tenant: start page, days, density, zone, menu, notices.

Read from the person's own preferences, and made safe there: what is not known is left out, so
that a preference of another version of the product breaks no page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from engine.notices import KINDS

DENSITIES = ("cosy", "compact")

FIRST_DAYS = (1, 7)
"""Monday or Sunday, as ISO counts the days of a week."""

MOST_KEPT = 40
"""Places in the menu that somebody folds or keeps."""

MOST_DAYS = 365
"""Days before a date that somebody may be reminded of it."""

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Place:
    """A page that somebody keeps at the top of the menu."""

    label: str
    url: str
    icon: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose; blank stands for what the app says.

    `start` is an address of the tenant, `folded` and `opened` name groups of the menu, `muted`
    the kinds of notices that are turned off.
    """

    start: str = ""
    first_day: int = 1
    density: str = "cosy"
    zone: str = ""
    folded: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    muted: frozenset[str] = frozenset()


def choices_of(kept: Mapping[str, Any], home: str) -> Choices:
    """Return what is chosen in preferences by name; `home` is the tenant's address. Any: JSON."""
    return Choices(
        **_screen(kept.get("screen", {}), home),
        folded=tuple(_texts(kept.get("menu", {}).get("folded"))),
        opened=tuple(_texts(kept.get("menu", {}).get("opened"))),
        places=tuple(_places(kept.get("places", {}).get("kept"), home)),
        muted=frozenset(_texts(kept.get("notices", {}).get("off"))).intersection(KINDS),
    )


def checked(name: str, value: object, home: str) -> Mapping[str, Any] | None:
    """Return a preference as it may be kept; None for one that is not known. Any: JSON."""
    sent = value if isinstance(value, dict) else {}
    match name:
        case "screen":
            return _screen(sent, home)
        case "menu":
            return {key: _texts(sent.get(key)) for key in ("folded", "opened")}
        case "places":
            kept = _places(sent.get("kept"), home)
            return {"kept": [{"label": p.label, "url": p.url, "icon": p.icon} for p in kept]}
        case "notices":
            return {"off": [kind for kind in KINDS if kind in _texts(sent.get("off"))]}
        case "reminders":
            return {"rules": _rules(sent.get("rules"))}
        case _:
            return None


@cache
def zones() -> tuple[str, ...]:
    """Return the time zones that can be chosen, by the places that they are named after."""
    return tuple(
        sorted(
            each for each in available_timezones() if "/" in each and not each.startswith("Etc/")
        )
    )


def _screen(sent: Mapping[str, Any], home: str) -> dict[str, Any]:
    """Return the choices about pages. Any: JSON on its way in and out."""
    start, zone = str(sent.get("start") or ""), str(sent.get("zone") or "")
    day = str(sent.get("first_day"))
    density = sent.get("density")
    return {
        "start": start if _is_here(start, home) else "",
        "zone": zone if zone in zones() else "",
        "first_day": int(day) if day in map(str, FIRST_DAYS) else FIRST_DAYS[0],
        "density": density if density in DENSITIES else DENSITIES[0],
    }


def _rules(value: object) -> list[dict[str, Any]]:
    """Return rules of reminding: of what date, how many days before, by mail too. Any: JSON."""
    found = value if isinstance(value, list) else []
    rules = [
        {"what": each["what"][:LONGEST], "days": each["days"], "mail": each.get("mail") is True}
        for each in found
        if isinstance(each, dict)
        and isinstance(each.get("what"), str)
        and type(each.get("days")) is int
        and 0 <= each["days"] <= MOST_DAYS
    ]
    return rules[:MOST_KEPT]


def _texts(value: object) -> list[str]:
    found = value if isinstance(value, list) else []
    return [each[:LONGEST] for each in found if isinstance(each, str)][:MOST_KEPT]


def _places(value: object, home: str) -> list[Place]:
    found = value if isinstance(value, list) else []
    made = (_place(each) for each in found if isinstance(each, dict))
    kept = {place.url: place for place in made if place.label and _is_here(place.url, home)}
    return list(kept.values())[:MOST_KEPT]


def _place(value: Mapping[str, Any]) -> Place:
    label, url, icon = (str(value.get(key) or "")[:LONGEST] for key in ("label", "url", "icon"))
    return Place(label, url, icon or "star")


def _is_here(url: str, home: str) -> bool:
    """Tell whether an address leads to a page of the tenant."""
    plain = url.isprintable() and "\\" not in url and "//" not in url
    return plain and len(url) <= LONGEST and url.startswith(f"{home.rstrip('/')}/")
