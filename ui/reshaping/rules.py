"""Rules as an administrator writes them, as edits of the app."""

from __future__ import annotations

from collections.abc import Iterator

from metamodel.editing import Add, Edit, Path, name_for
from metamodel.flows import Rule
from metamodel.model import Entity, Model
from ui.reshaping.sent import Sent, label_changes, label_of, leaf_changes, text_of


def rules_path(entity: Entity, *names: str) -> Path:
    """Return the path of an entity's rules, or of one."""
    return ("entities", entity.name, "rules", *names)


def new_rule(model: Model, entity: Entity, sent: Sent) -> Iterator[Edit]:
    """Yield a new rule, named after what it tells people."""
    message = label_of(sent, model.app.languages, "message")
    spoken = message.get("en") or next(iter(message.values()), "")
    name = name_for(spoken, entity.rules, fallback="rule")
    value: dict[str, object] = {"refuse_when": text_of(sent, "refuse_when"), "message": message}
    at = text_of(sent, "at")
    yield Add(rules_path(entity), name, {**value, **({"at": at} if at else {})})


def rule_changes(model: Model, entity: Entity, rule: Rule, sent: Sent) -> Iterator[Edit]:
    """Yield what differs between a rule and what was written."""
    path = rules_path(entity, rule.name)
    typed = label_of(sent, model.app.languages, "message")
    yield from label_changes(path, "message", rule.message, typed)
    wanted = {"refuse_when": text_of(sent, "refuse_when"), "at": text_of(sent, "at") or None}
    yield from leaf_changes(model.source, path, wanted)
