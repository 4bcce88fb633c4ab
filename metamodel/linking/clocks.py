"""Makes the fields in which records show their service levels: until when, and how it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from metamodel.duties import due_field, state_field
from metamodel.fieldtypes import FIELD_TYPES, Options
from metamodel.fieldtypes.contract import label
from metamodel.label import Label
from metamodel.linking.columns import column_name
from metamodel.linking.draft import Draft
from metamodel.linking.fields import Home
from metamodel.model import Field, Option
from metamodel.options import choice_of
from metamodel.reader import Node

STATES: Mapping[str, Option] = {
    "running": Option("running", "running", label("Running", "计时中"), "blue"),
    "paused": Option("paused", "paused", label("Paused", "已暂停"), "gray"),
    "late": Option("late", "late", label("Late", "已超时"), "red"),
    "met": Option("met", "met", label("In time", "按时完成"), "green"),
    "missed": Option("missed", "missed", label("Too late", "超时完成"), "orange"),
}
"""How a target of a service level may stand, of one record."""

_DUE = {"en": "{} due", "zh": "{}时限"}

_STATE = {"en": "{}: state", "zh": "{}状态"}


def add_clock_fields(draft: Draft, home: Home, fields: dict[str, Field]) -> None:
    """Add two fields to an entity for each group of targets that service levels promise on it."""
    for group, targets in _groups(draft, home).items():
        retired = all(gone for _, gone in targets)
        shown = targets[0][0].label() or Label({"": group.replace("_", " ").capitalize()})
        for made in (_due(home, group, shown), _state(home, group, shown)):
            if made.key in fields:
                targets[0][0].report(
                    "name_taken",
                    f"The service level makes the field `{made.name}`, but one is written already.",
                    "Take the field out of `fields:`, or name the `group` of the target otherwise.",
                )
            elif not retired:
                fields[made.key] = made


def _groups(draft: Draft, home: Home) -> Mapping[str, list[tuple[Node, bool]]]:
    """Return the targets over an entity by group, each with whether it is taken away."""
    found: dict[str, list[tuple[Node, bool]]] = {}
    for level, target in _targets(draft, home):
        group = target.text("group") or target.name
        found.setdefault(group, []).append((target, level.retired or target.retired))
    return found


def _targets(draft: Draft, home: Home) -> Iterator[tuple[Node, Node]]:
    for level in draft.root.child("service_levels").items():
        if draft.names.get(level.text("entity")) == home.key:
            for target in level.child("targets").items():
                yield level, target


def _due(home: Home, group: str, shown: Label) -> Field:
    return Field(
        key=due_field(group),
        name=due_field(group),
        entity=home.key,
        type="datetime",
        label=_worded(shown, _DUE),
        value_type=FIELD_TYPES["datetime"].value_type(Options()),
        column=column_name(due_field(group), "datetime"),
        index=True,
        readonly=True,
    )


def _state(home: Home, group: str, shown: Label) -> Field:
    return Field(
        key=state_field(group),
        name=state_field(group),
        entity=home.key,
        type="choice",
        label=_worded(shown, _STATE),
        value_type=FIELD_TYPES["choice"].value_type(choice_of(STATES)),
        column=column_name(state_field(group), "choice"),
        options=STATES,
        index=True,
        readonly=True,
    )


def _worded(shown: Label, patterns: Mapping[str, str]) -> Label:
    """Return what a field is called, in each language that its target is."""
    return Label({
        language: patterns.get(language, patterns["en"]).format(text)
        for language, text in shown.texts.items()
    })  # fmt: skip
