"""The dialog of a new kind of record: its name, icon, place, title, and who works with it."""

from __future__ import annotations

from dataclasses import dataclass

from ui.reshaping.kinds import NUMBER
from ui.screen import Screen
from ui.viewmodels.admin.reshape.field_dialog import Typed, typed

ICONS = (
    "forms", "folder", "file-text", "clipboard-list", "checklist", "checkbox",
    "calendar-event", "clock", "users", "user", "id-badge-2", "building",
    "building-warehouse", "home", "map-pin", "truck", "package", "box",
    "tool", "device-desktop", "car", "school", "book", "certificate",
    "shopping-cart", "receipt", "coin-yuan", "wallet", "chart-bar", "target",
    "phone", "mail", "message-2", "headset", "star", "flag",
)  # fmt: skip
"""Icons to choose from, alike ones beside each other."""


@dataclass(frozen=True, slots=True)
class KindDialog:
    """A new kind of record before it is one.

    Only English has `plurals`. `modules` are the parts of the menu that it can stand in, `roles`
    whom its records can be given to, each by name and label.
    """

    labels: tuple[Typed, ...]
    plurals: tuple[Typed, ...]
    titles: tuple[Typed, ...]
    icons: tuple[str, ...]
    modules: tuple[tuple[str, str], ...]
    pattern: str
    roles: tuple[tuple[str, str], ...]
    rights: tuple[tuple[str, str], ...]
    url: str


def kind_dialog(screen: Screen) -> KindDialog:
    """Return the dialog over the model that the administrator works on."""
    model, say = screen.ctx.model, screen.words.say
    return KindDialog(
        labels=typed(screen, "label", {}),
        plurals=tuple(e for e in typed(screen, "plural", {}) if e.name == "plural_en"),
        titles=typed(screen, "title", {"en": "Name", "zh": "名称"}),
        icons=ICONS,
        modules=tuple(
            (name, screen.label(each.label, name)) for name, each in model.modules.items()
        ),
        pattern=NUMBER,
        roles=tuple(
            (role.name, screen.label(role.label, role.name))
            for role in model.roles.values()
            if not role.all_rights
        ),
        rights=(
            ("", say("nothing")),
            ("see", say("sees all of them")),
            ("own", say("works with their own")),
            ("all", say("works with all of them")),
        ),
        url=screen.url("admin", "forms", "add", "kind"),
    )
