"""What is asked when somebody leaves: whose things go where, rule by rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from engine.errors import FieldError, RecordRefused

Kind = Literal["people", "team", "manager", "stays"]

KINDS: tuple[Kind, ...] = ("people", "team", "manager", "stays")


@dataclass(frozen=True, slots=True)
class Whom:
    """Who takes what a rule speaks of.

    `people` take turns, one of them takes all; the members of a `team` take turns, too.
    `manager` is the leaver's own; what `stays` is the leaver's on purpose, such as what is closed.
    """

    kind: Kind
    ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """Records of an entity, by name, that one of its fields gives to the leaver.

    A blank entity means all, a blank field every one; `filter` is a condition in the formula
    language on records of the one entity. The first rule that fits a record decides.
    """

    whom: Whom
    entity: str = ""
    field: str = ""
    filter: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """Who leaves, and by which rules; `disable` ends their access before anything is moved."""

    person: UUID
    rules: tuple[Rule, ...] = ()
    disable: bool = True


# Any: JSON as it was sent.
def rule_of(said: Mapping[str, Any], path: tuple[str | int, ...]) -> Rule:
    """Return a rule from JSON: `{"entity", "field", "filter", "to": {"people": [ids]}}`.

    Raises `RecordRefused` at its place for what cannot be read.
    """
    unknown = set(said) - {"entity", "field", "filter", "to"}
    texts = {name: said.get(name) or "" for name in ("entity", "field", "filter")}
    if unknown or not all(isinstance(each, str) for each in texts.values()):
        raise RecordRefused([FieldError("handover_rule", path)])
    if texts["filter"] and not texts["entity"]:
        raise RecordRefused([FieldError("handover_filter", path)])
    return Rule(_whom(said.get("to"), (*path, "to")), **texts)


def rule_to_json(rule: Rule) -> dict[str, object]:
    """Return a rule as it is kept and answered."""
    to: dict[str, object] = {rule.whom.kind: [str(each) for each in rule.whom.ids]}
    if rule.whom.kind == "team":
        to = {"team": str(rule.whom.ids[0])}
    elif rule.whom.kind != "people":
        to = {rule.whom.kind: True}
    return {"entity": rule.entity, "field": rule.field, "filter": rule.filter, "to": to}


def rules_of(said: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Return rules that were kept."""
    return tuple(rule_of(each, ("rules", at)) for at, each in enumerate(said))


def _whom(said: object, path: tuple[str | int, ...]) -> Whom:
    match said:
        case {"people": [_, *_] as ids, **rest} if not rest:
            return Whom("people", tuple(_id(each, path) for each in ids))
        case {"team": str() as team, **rest} if not rest:
            return Whom("team", (_id(team, path),))
        case {"manager": True, **rest} if not rest:
            return Whom("manager")
        case {"stays": True, **rest} if not rest:
            return Whom("stays")
        case _:
            raise RecordRefused([FieldError("handover_whom", path)])


def _id(said: object, path: tuple[str | int, ...]) -> UUID:
    try:
        return UUID(str(said))
    except ValueError:
        raise RecordRefused([FieldError("invalid_id", path, {"value": str(said)})]) from None
