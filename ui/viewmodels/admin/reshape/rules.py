"""The rules of a kind of record: when it is refused, and what the person is told."""

from __future__ import annotations

from dataclasses import dataclass

from metamodel.flows import Rule
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.admin.reshape.field_dialog import Typed, formula_url, typed
from ui.viewmodels.admin.reshape.origins import Origins, Written, origins_below


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
    messages: tuple[Typed, ...]
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
            url=rule_url(screen, entity, "of", rule.name),
        )
        for rule in entity.rules.values()
    )


def rule_url(screen: Screen, entity: Entity, *parts: str) -> str:
    """Return an address about the rules of a kind of record."""
    return screen.url("admin", "forms", entity.name, "rules", *parts)


def rule_dialog(screen: Screen, entity: Entity, rule: Rule | None) -> RuleDialog:
    """Return the editor of a rule, or of a new one."""
    here = rule_url(screen, entity, *(("of", rule.name) if rule else ("add",)))
    path = ("entities", entity.name, "rules", rule.name if rule else "")
    changed = origins_below(screen.ctx.model, *path).of(*path) == "changed" if rule else False
    named = entity.fields.get(rule.at) if rule and rule.at else None
    return RuleDialog(
        name=rule.name if rule else "",
        heading=screen.words.say("Rule") if rule else screen.words.say("New rule"),
        formula=rule.refuse_when.text if rule else "",
        messages=typed(screen, "message", rule.message.texts if rule else {}),
        at=named.name if named else "",
        fields=tuple(
            (field.name, screen.field_label(field))
            for field in entity.fields.values()
            if not (field.retired or field.builtin)
        ),
        url=here,
        check_url=formula_url(screen, entity),
        retire_url=f"{here}/retire" if rule else "",
        reset_url=f"{here}/reset" if changed else "",
    )
