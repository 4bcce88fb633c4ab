"""Why somebody can or cannot see or change a record: a sentence, and the rules behind it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from engine.access.explain import Explanation
from engine.access.grants import explains
from engine.access.sentences import field_sentence, rule_sentence, verdict_sentence
from engine.access.verdicts import Verdict
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.admin.rights import action_labels
from ui.viewmodels.inputs import Input, inputs_of

SHOWN = ("read", "update", "delete", "export")


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule, and whether it holds for the record."""

    sentence: str
    holds: bool
    denies: bool
    decides: bool


@dataclass(frozen=True, slots=True)
class ActionReason:
    """Whether an action is allowed, in a sentence, with every rule that speaks of it."""

    action: str
    allowed: bool
    sentence: str
    rules: tuple[RuleLine, ...]


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field that is hidden, masked, or cannot be changed, and why."""

    label: str
    right: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ReasonDialog:
    """Why a person may do what they may do; `chooser` asks about somebody else, for who may."""

    heading: str
    person: str
    actions: tuple[ActionReason, ...]
    fields: tuple[FieldLine, ...]
    chooser: Input | None
    url: str


def reason_dialog(
    screen: Screen, entity: Entity, record: UUID, title: str, found: Explanation
) -> ReasonDialog:
    """Return the dialog over an explanation."""
    chooser = None
    if explains(screen.ctx):
        user = screen.ctx.model.entities["user"]
        chooser = replace(
            inputs_of(screen, user, ("manager",), None)[0],
            name="user", readonly=False, empty=False, copies=(), required=False,
        )  # fmt: skip
    return ReasonDialog(
        heading=screen.words.say("Who may do what with “{title}”, and why", title=title),
        person=found.person.title or "",
        actions=tuple(_action(screen, found, found.actions[each]) for each in SHOWN),
        fields=tuple(
            FieldLine(
                screen.field_label(entity.fields[key]),
                reason.right,
                field_sentence(screen.ctx.model, found, reason, screen.language),
            )
            for key, reason in found.fields.items()
            if (reason.right in ("none", "mask") or reason.code in ("limited", "barred"))
            and not entity.fields[key].hidden
        ),
        chooser=chooser,
        url=screen.record_url(entity.name, record, "why"),
    )  # fmt: skip


def _action(screen: Screen, found: Explanation, verdict: Verdict) -> ActionReason:
    model, language = screen.ctx.model, screen.language
    return ActionReason(
        action=action_labels(screen)[verdict.action],
        allowed=verdict.allowed and found.active,
        sentence=verdict_sentence(model, found, verdict, language),
        rules=tuple(
            RuleLine(
                rule_sentence(model, each.rule, language),
                each.holds is True,
                each.rule.kind == "deny",
                each.rule.name == verdict.rule,
            )
            for each in verdict.rules
        ),
    )
