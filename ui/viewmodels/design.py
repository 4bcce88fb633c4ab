"""The language of the screens as a living page: every token and component, drawn by themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ui.screen import Screen
from ui.viewmodels.cells import Cell, Mark, Part
from ui.viewmodels.inputs import Input, OptionView
from ui.viewmodels.shell import Shell, shell

TONES = (
    "blue", "azure", "indigo", "purple", "pink", "red", "orange", "yellow", "lime", "green",
    "teal", "cyan", "gray",
)  # fmt: skip
"""Tones of options, stages and rules of colour."""

SURFACES = ("paper", "side", "surface", "raised", "sunken", "hover", "line", "line-soft")

INKS = ("ink", "ink-2", "ink-3", "pine", "pine-deep", "ochre-deep", "cinnabar")

SIZES = ("text-xs", "text-sm", "text-md", "text-lg", "text-xl", "text-figure")

ICONS = (
    "home", "search", "plus", "inbox", "bell", "star", "user", "building", "target", "magnet",
    "file-invoice", "shopping-cart", "cash", "headset", "calendar-event", "checkbox", "phone",
    "mail", "map-pin", "paperclip", "pencil", "trash", "download", "filter", "settings", "check",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DesignPage:
    """What the page of components shows; `inputs` are drawn by the widgets of forms."""

    shell: Shell
    heading: str
    tones: tuple[str, ...]
    surfaces: tuple[str, ...]
    inks: tuple[str, ...]
    sizes: tuple[str, ...]
    icons: tuple[str, ...]
    inputs: tuple[tuple[str, Input, str], ...]
    cells: tuple[tuple[str, Cell], ...]


def design_page(screen: Screen) -> DesignPage:
    """Return the page of components."""
    heading = screen.words.say("Design language")
    return DesignPage(
        shell=shell(screen, heading, screen.url("design")),
        heading=heading,
        tones=TONES,
        surfaces=SURFACES,
        inks=INKS,
        sizes=SIZES,
        icons=ICONS,
        inputs=tuple(_inputs(screen)),
        cells=tuple(_cells(screen)),
    )


def _inputs(screen: Screen) -> list[tuple[str, Input, str]]:
    """Return inputs in their states: the state, the input, and what is said to be wrong."""
    say = screen.words.say
    options = tuple(
        OptionView(name, label, name == "b")
        for name, label in (("a", say("Low")), ("b", say("Normal")), ("c", say("High")))
    )
    plain = _input("plain", say("Customer"))
    subject = say("Spare parts for the northern line")
    number = Cell("text", "SO-000128")
    return [
        ("", replace(plain, help=say("As it stands in the contract.")), ""),
        ("", replace(_input("filled", say("Subject")), entered=subject), ""),
        ("", replace(_input("must", say("Amount"), "number"), required=True, align="end"), ""),
        ("has-error", replace(_input("wrong", say("E-mail"), "email"), entered="zhou@"),
         say("This is not an e-mail address.")),
        ("", replace(_input("chosen", say("Priority"), "choice"), options=options), ""),
        ("", replace(_input("shown", say("Number")), readonly=True, shown=number), ""),
        ("", replace(_input("day", say("Date"), "date"), entered="2026-03-31"), ""),
        ("", replace(_input("long", say("Note"), "long_text"), width=2), ""),
    ]  # fmt: skip


def _input(name: str, label: str, template: str = "text") -> Input:
    """Return an empty input drawn by a widget."""
    return Input(
        name=name, label=label, template=template, type=template, help="", entered="",
        shown=Cell("text"), required=False, readonly=False, width=1, live=False, empty=False,
        align="start",
    )  # fmt: skip


def _cells(screen: Screen) -> list[tuple[str, Cell]]:
    """Return a value of each kind as lists and records show it."""
    say = screen.words.say
    marks = (Mark(say("Open"), "blue"), Mark(say("Urgent"), "red"))
    return [
        (say("Text"), Cell("text", say("Spare parts for the northern line"))),
        (say("Number"), Cell("number", "1,234,567.89", align="end")),
        (say("Options"), Cell("badges", say("Open"), marks=marks)),
        (say("Person"), Cell("links", "周敏", parts=(Part("周敏 Zhou Min", initials="周"),))),
        (say("Progress"), Cell("progress", "64%", level=64)),
        (say("Rating"), Cell("rating", "4", level=4)),
        (say("Yes or no"), Cell("boolean", say("Yes"), level=1)),
        (say("Nothing"), Cell("text")),
    ]
