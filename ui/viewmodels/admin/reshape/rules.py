"""The rules of a kind of record: when it is refused, and what the person is told."""

from __future__ import annotations

from dataclasses import dataclass

from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.admin.reshape.origins import Origins, Written


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule in the list."""

    name: str
    message: str
    formula: str
    at: str
    written: Written
    url: str


@dataclass(frozen=True, slots=True)
class RuleDialog:
    """The editor of a rule, or of a new one where `name` is blank."""

    name: str
    heading: str
    formula: str
    messages: tuple[tuple[str, str, str], ...]
    at: str
    fields: tuple[tuple[str, str], ...]
    url: str
    check_url: str
    retire_url: str
    reset_url: str


def rule_lines(screen: Screen, entity: Entity, origins: Origins) -> tuple[RuleLine, ...]:
    """Return the rules of a kind of record."""
    return tuple(
        RuleLine(
            name=rule.name,
            message=screen.label(rule.message, rule.name),
            formula=rule.refuse_when.text,
            at=screen.field_label(entity.fields[rule.at]) if rule.at in entity.fields else "",
            written=origins.of("entities", entity.name, "rules", rule.name),
            url=rule_url(screen, entity, rule.name),
        )
        for rule in entity.rules.values()
    )


def rule_url(screen: Screen, entity: Entity, *parts: str) -> str:
    """Return an address about the rules of a kind of record."""
    return screen.url("admin", "forms", entity.name, "rules", *parts)
