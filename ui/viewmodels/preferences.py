"""What somebody sets for themselves, and the keys that everything can be done with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.notices import KINDS
from engine.notices.preferences import REMINDERS
from ui.choices import DENSITIES, FIRST_DAYS, MOST_DAYS, Choices, zones
from ui.screen import Screen
from ui.viewmodels.devices import DevicesView, devices_view
from ui.viewmodels.inbox import ICONS
from ui.viewmodels.shell import MenuLine, Shell, menu_groups, shell
from workflow.own_reminders import may_remind, rules_of


@dataclass(frozen=True, slots=True)
class Option:
    """One of several that can be chosen."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class KindLine:
    """One kind of notices, and whether the person wants to be told."""

    kind: str
    label: str
    icon: str
    on: bool


@dataclass(frozen=True, slots=True)
class ReminderLine:
    """One rule of reminding, as it reads and as it is kept."""

    what: str
    days: int
    mail: bool
    label: str
    when: str


@dataclass(frozen=True, slots=True)
class PreferencesPage:
    """The page on which somebody sets what they see."""

    shell: Shell
    heading: str
    save_url: str
    starts: tuple[Option, ...]
    zones: tuple[Option, ...]
    days: tuple[Option, ...]
    densities: tuple[Option, ...]
    kinds: tuple[KindLine, ...]
    reminders: tuple[ReminderLine, ...]
    dates: tuple[Option, ...]
    most_days: int
    devices: DevicesView
    shortcuts_url: str
    design_url: str


@dataclass(frozen=True, slots=True)
class Shortcut:
    """Keys, each a list of what is pressed together, and what they do."""

    keys: tuple[tuple[str, ...], ...]
    does: str


@dataclass(frozen=True, slots=True)
class ShortcutGroup:
    """Keys of one place."""

    label: str
    lines: tuple[Shortcut, ...]


@dataclass(frozen=True, slots=True)
class ShortcutsPage:
    """The page of all keys."""

    shell: Shell
    heading: str
    groups: tuple[ShortcutGroup, ...]
    design_url: str


def preferences_page(screen: Screen) -> PreferencesPage:
    """Return the page of one's own preferences."""
    say, choices = screen.words.say, screen.choices
    heading = say("Preferences")
    days = {1: say("Monday"), 7: say("Sunday")}
    density = {"cosy": say("Comfortable"), "compact": say("Compact")}
    return PreferencesPage(
        shell=shell(screen, heading, screen.url("preferences")),
        heading=heading,
        save_url=screen.url("preferences"),
        starts=tuple(_starts(screen, choices)),
        zones=(
            Option("", say("As the workspace: {zone}", zone=screen.ctx.moment.zone), False),
            *(Option(each, each.replace("_", " "), each == choices.zone) for each in zones()),
        ),
        days=tuple(Option(str(d), days[d], d == choices.first_day) for d in FIRST_DAYS),
        densities=tuple(Option(d, density[d], d == choices.density) for d in DENSITIES),
        kinds=tuple(
            KindLine(kind, _kinds(screen)[kind], ICONS[kind], kind not in choices.muted)
            for kind in KINDS
        ),
        reminders=tuple(_reminders(screen)),
        dates=tuple(_dates(screen)),
        most_days=MOST_DAYS,
        devices=devices_view(screen),
        shortcuts_url=screen.url("shortcuts"),
        design_url=screen.url("design"),
    )


def _starts(screen: Screen, choices: Choices) -> list[Option]:
    own = MenuLine(screen.words.say("Inbox"), "inbox", screen.url("inbox"))
    lines = [own, *(line for group in menu_groups(screen) for line in group.lines)]
    first = Option("", screen.words.say("As the workspace says"), not choices.start)
    return [first, *(Option(each.url, each.label, each.url == choices.start) for each in lines)]


def _kinds(screen: Screen) -> dict[str, str]:
    say = screen.words.say
    return {
        "mention": say("Somebody mentions me"),
        "comment": say("Somebody comments on a record of mine"),
        "assigned": say("Somebody names me in a record"),
        "shared": say("Somebody shares a record with me"),
        "due": say("Something I have to do comes due"),
        "finished": say("Work that I began has ended"),
        "told": say("An automation tells me something"),
        "approval": say("I am asked to decide, or told what was decided"),
        "pool": say("A record of mine goes back to a pool"),
    }


def _reminders(screen: Screen) -> Iterator[ReminderLine]:
    """Yield the person's own rules of reminding, those that the app still has dates for."""
    say = screen.words.say
    kept = screen.services.preferences.of(screen.ctx).get(REMINDERS)
    for rule in rules_of(screen.ctx.model, kept):
        when = say("{count} days before", count=rule.days) if rule.days else say("on the day")
        yield ReminderLine(
            f"{rule.entity.key}.{rule.field.key}", rule.days, rule.mail,
            f"{screen.entity_label(rule.entity)} · {screen.field_label(rule.field)}", when,
        )  # fmt: skip


def _dates(screen: Screen) -> Iterator[Option]:
    """Yield the dates of one's own records that somebody may be reminded of."""
    ctx, access = screen.ctx, screen.services.access
    for entity in ctx.model.entities.values():
        readable = access.readable(ctx, entity.key) if entity.owned else frozenset()
        for field in entity.fields.values():
            if field.key in readable and may_remind(entity, field):
                label = f"{screen.entity_label(entity)} · {screen.field_label(field)}"
                yield Option(f"{entity.key}.{field.key}", label, False)


def shortcuts_page(screen: Screen) -> ShortcutsPage:
    """Return the page of all keys."""
    heading = screen.words.say("Keyboard shortcuts")
    return ShortcutsPage(
        shell=shell(screen, heading, screen.url("shortcuts")),
        heading=heading,
        groups=tuple(shortcut_groups(screen)),
        design_url=screen.url("design"),
    )


def shortcut_groups(screen: Screen) -> list[ShortcutGroup]:
    """Return the keys by the places where they work."""
    say = screen.words.say
    return [
        ShortcutGroup(
            say("Everywhere"),
            (
                Shortcut((("Mod", "K"),), say("Find a record, a page, a command")),
                Shortcut((("c",), ("Mod", "J")), say("Create something")),
                Shortcut((("g", "i"),), say("Go to the inbox")),
                Shortcut((("g", "h"),), say("Go to the start page")),
                Shortcut((("g", "m"),), say("Fold the menu away, and back")),
                Shortcut((("?",),), say("Show these keys")),
                Shortcut((("Esc",),), say("Close what lies above the page")),
            ),
        ),
        ShortcutGroup(
            say("In a list"),
            (
                Shortcut((("/",),), say("Search this list")),
                Shortcut((("n",),), say("A new record")),
                Shortcut((("↑", "↓"),), say("Go from row to row")),
                Shortcut((("Enter",),), say("Open the row")),
            ),
        ),
        ShortcutGroup(
            say("On a record and in a form"),
            (
                Shortcut((("e",),), say("Edit the record")),
                Shortcut((("Mod", "S"), ("Mod", "Enter")), say("Save")),
                Shortcut((("Esc",),), say("Cancel, asking where something would be lost")),
                Shortcut((("Enter",),), say("In a line: go to the line below, or add one")),
            ),
        ),
        ShortcutGroup(
            say("On a board"),
            (Shortcut((("Shift", "→"), ("Alt", "→")), say("Carry a card to the next stage")),),
        ),
    ]
