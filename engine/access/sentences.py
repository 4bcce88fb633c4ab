"""Explanations of rights as sentences, in the language of whoever asks."""

from __future__ import annotations

from collections.abc import Iterator

from engine.access.compare import AccessDiff, RoleChange
from engine.access.explain import Explanation
from engine.access.fields import FieldReason
from engine.access.grants import Rule
from engine.access.phrases import ACTIONS, CHANGES, FIELDS, LISTED, RIGHTS, RULES, SCOPES, VERDICTS
from engine.access.verdicts import Verdict
from engine.messages import filled
from metamodel.model import Model


def verdict_sentence(
    model: Model, found: Explanation, verdict: Verdict, language: str
) -> str:  # fmt: skip
    """Return whether an action is allowed and by which rule, for one's own eyes."""
    deciding = next((e.rule for e in verdict.rules if e.rule.name == verdict.rule), None)
    params = {
        "person": found.person.title or "",
        "action": filled(ACTIONS[verdict.action], {}, language),
        "rule": rule_sentence(model, deciding, language) if deciding else verdict.rule,
    }
    code = verdict.reason if found.active else "inactive"
    return filled(VERDICTS[code], params, language)


def rule_sentence(model: Model, rule: Rule, language: str) -> str:
    """Return what a rule says, without saying whether it holds."""
    role = model.roles.get(rule.role or rule.name)
    params = {
        "role": role.label if role else rule.role or rule.name,
        "scope": filled(SCOPES[rule.scope], {}, language) if rule.scope else "",
        "text": rule.text or "…",
        "name": rule.name,
    }
    kind = rule.kind if rule.scope or f"{rule.kind}_where" not in RULES else f"{rule.kind}_where"
    return filled(RULES.get(kind, RULES["other"]), params, language)


def field_sentence(model: Model, found: Explanation, reason: FieldReason, language: str) -> str:
    """Return what somebody may do with a field, and why."""
    role, step = model.roles.get(reason.role), reason.made_of
    code = "made_of_other" if reason.code == "made_of" and step is None else reason.code
    params: dict[str, object] = {
        "person": found.person.title or "",
        "role": role.label if role else reason.role,
        "field": model.entities[step.entity].fields[step.field].label if step else "",
    }
    right = filled(RIGHTS[reason.right], {}, language)
    between, end = ("：", "。") if language == "zh" else (": ", ".")
    return f"{right}{between}{filled(FIELDS[code], params, language)}{end}"


def listed_sentence(found: Explanation, language: str) -> str:
    """Return why a list shows a record or does not; "" where none was asked about."""
    if found.listed is None:
        return ""
    return filled(LISTED[found.listed], {"person": found.person.title or ""}, language)


def change_sentences(model: Model, found: AccessDiff, language: str) -> tuple[str, ...]:
    """Return what a change of rights does, role by role; `model` is the new one."""
    told = [each for role in found.roles for each in _role_sentences(model, role, language)]
    for code, pairs in (("revealed", found.revealed), ("untold", found.untold)):
        for entity, other in pairs:
            kind = model.entities[entity]
            field = kind.fields.get(other)
            params = {
                "entity": kind.label,
                "field": field.label if field else "",
                "action": filled(ACTIONS[other], {}, language) if other in ACTIONS else "",
            }
            told.append(filled(CHANGES[code], params, language))
    if found.asked < found.everybody:
        counts = {"asked": found.asked, "everybody": found.everybody}
        told.append(filled(CHANGES["asked"], counts, language))
    return tuple(told)


def _role_sentences(model: Model, change: RoleChange, language: str) -> Iterator[str]:
    role = model.roles.get(change.role)
    common = {"role": role.label if role else change.role, "people": change.people}
    for each in change.records:
        params = {
            "action": filled(ACTIONS[each.action], {}, language),
            "entity": model.entities[each.entity].label,
            "gained": each.gained,
            "lost": each.lost,
        }
        yield filled(CHANGES["records"], common | params, language)
    for field in change.fields:
        kind = model.entities[field.entity]
        rights = {
            side: filled(RIGHTS[right], {}, language)
            for side, right in (("before", field.before), ("after", field.after))
        }
        params = {"entity": kind.label, "field": kind.fields[field.field].label, **rights}
        yield filled(CHANGES["field"], common | params, language)
    for able in change.abilities:
        params = {
            "action": filled(ACTIONS[able.action], {}, language),
            "entity": model.entities[able.entity].label,
        }
        yield filled(CHANGES["able" if able.gained else "unable"], common | params, language)
