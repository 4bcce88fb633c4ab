"""Links the steps of scenarios: acts on records that are known by name, and expectations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import get_args

from formula.typed import Typed
from metamodel.linking.behaviour import field_key
from metamodel.linking.draft import Draft
from metamodel.linking.formulas import Rules, check_node, condition
from metamodel.linking.pipelines import stage_keys
from metamodel.linking.written import written_values
from metamodel.model import Entity
from metamodel.nearest import nearest
from metamodel.reader import Node
from metamodel.scope import scope_of
from metamodel.stories import ActName, Expectations, Person, ScenarioStep

ACTS: tuple[ActName, ...] = tuple(act for act in get_args(ActName) if act != "check")
"""What a step of a scenario may do; a step without any only checks."""

OVER_ENTITY = ("create", "import", "find", "measure")
"""Acts that name an entity; the others name a record."""

ANSWERS = ("submit", "approve", "reject", "return", "withdraw", "urge", "comment")
"""What may be done with an approval: submitting is what begins it."""

TELLING = ("automations", "service_levels", "pools")
"""Parts of an app that tell people something by themselves."""


@dataclass(frozen=True, slots=True)
class Told:
    """One scenario so far: its people, and the entity (key) of every record it knows by name."""

    draft: Draft
    records: dict[str, str]
    people: Mapping[str, Person]

    def actor(self, node: Node) -> tuple[str, tuple[str, ...]]:
        """Return the person or the roles under `as`; report who is neither."""
        names = node.names("as")
        if len(names) == 1 and names[0] in self.people:
            return names[0], ()
        roles = {each.name for each in self.draft.root.child("roles").live()} | {"administrator"}
        for name in names:
            if name not in roles:
                sentence = f"There is no role `{name}`."
                known = (*self.people, *sorted(roles))
                node.report("unknown_role", sentence, nearest(name, known), at="as")
        return "", tuple(name for name in names if name in roles)

    def record(self, node: Node, name: str, *, at: str = "") -> Entity | None:
        """Return the entity of the record called `name`; report one that nothing made."""
        key = self.records.get(name)
        if key is None:
            sentence = f"No earlier step made `{name}`."
            node.report("unknown_record", sentence, nearest(name, self.records), at=at)
            return None
        return self.draft.entities[key]


def link_story_step(told: Told, node: Node, *, given: bool = False) -> ScenarioStep:
    """Return one step; the records that it makes are known to later ones."""
    acts = [act for act in ACTS if act in node]
    if len(acts) > 1:
        node.report(
            "several_acts",
            f"`{node.name}` does several things: {', '.join(acts)}.",
            "Write one step for each.",
        )
    act: ActName = acts[0] if acts else "check"
    entity = _subject(told, node, act)
    rows = _rows(told, node, entity) if act == "import" else {}
    if entity is not None:
        _remember(told, node, act, entity, rows)
    person, roles = told.actor(node)
    return ScenarioStep(
        act=act,
        name=node.name,
        record=node.name if act in OVER_ENTITY else node.text(act),
        entity=entity.key if entity else "",
        values=_values(told, node, act, entity),
        to=_object(told, node, act, entity),
        answer=_answer(node) if act == "decide" else "",
        rows=rows,
        filter=_filter(told, node, entity),
        measures=_measures(told, node, entity),
        roles=("administrator",) if given else roles,
        person=person,
        today=read_day(node),
        then=_expectations(told, node, entity),
    )


def read_day(node: Node) -> date | datetime | None:
    """Return the day or moment under `today`; report what is none."""
    text = node.text("today")
    if not text:
        return None
    try:
        return datetime.fromisoformat(text) if len(text) > 10 else date.fromisoformat(text)
    except ValueError:
        hint = "Write a date such as 2026-03-01, or a moment such as 2026-03-01T14:30."
        node.report("wrong_value", f"`today` is `{text}`.", hint, at="today")
        return None


def _subject(told: Told, node: Node, act: str) -> Entity | None:
    """Return the entity that a step acts on."""
    if act == "check":
        return None
    if act in OVER_ENTITY:
        return told.draft.entity(node, node.text(act), at=act)
    return told.record(node, node.text(act), at=act)


def _remember(told: Told, node: Node, act: str, entity: Entity, rows: Mapping[str, object]) -> None:
    """Note the records that a step makes."""
    if act == "create":
        told.records[node.name] = entity.key
    elif act == "import":
        told.records.update(dict.fromkeys(rows, entity.key))
    elif act == "convert":
        _converted(told, node, entity)


def _converted(told: Told, node: Node, entity: Entity) -> None:
    by_name = {convert.name: convert for convert in entity.converts.values()}
    convert = by_name.get(node.text("by"))
    if convert is None:
        node.report(
            "unknown_conversion",
            f"`{entity.name}` has no conversion `{node.text('by')}`.",
            nearest(node.text("by"), by_name),
            at="by",
        )
        return
    for index, step in enumerate(convert.steps):
        told.records[f"{node.name}.{step.name}"] = step.create
        if index == 0:
            told.records[node.name] = step.create


def _values(told: Told, node: Node, act: str, entity: Entity | None) -> Mapping[str, object]:
    if entity is None:
        return {}
    if act == "press" or (act == "decide" and "input" in node):
        given = node.child("input").value
        return dict(given) if isinstance(given, Mapping) else {}
    return written_values(told.draft, node.child("set"), entity, lines=True)


def _rows(told: Told, node: Node, entity: Entity | None) -> Mapping[str, Mapping[str, object]]:
    if entity is None:
        return {}
    rows = node.child("rows").live()
    return {row.name: written_values(told.draft, row, entity, lines=False) for row in rows}


def _object(told: Told, node: Node, act: str, entity: Entity | None) -> str:
    """Return the stage, conversion, button, approval or pool that an act names."""
    if entity is None:
        return node.text("to")
    if act == "move":
        stages = {k: s.name for p in entity.pipelines.values() for k, s in p.stages.items()}
        return next((stages[key] for key in stage_keys(node, "to", entity)), "")
    named = node.text("by")
    if act == "press":
        known = [each.name for each in entity.buttons.values()]
        return _known(node, named, known, code="unknown_button", what="button")
    if act in ("decide", "claim"):
        section, what = ("approvals", "approval") if act == "decide" else ("pools", "pool")
        known = [each.name for each in told.draft.root.child(section).live()]
        return _known(node, named, known, code=f"unknown_{what}", what=what)
    return named


def _known(node: Node, name: str, known: list[str], *, code: str, what: str) -> str:
    if name not in known:
        node.report(code, f"There is no {what} `{name}`.", nearest(name, known), at="by")
    return name


def _answer(node: Node) -> str:
    answer = node.text("with")
    if answer not in ANSWERS:
        sentence = f"`with` cannot be `{answer}`."
        node.report("unknown_value", sentence, nearest(answer, ANSWERS, "It may be"), at="with")
    return answer


def _filter(told: Told, node: Node, entity: Entity | None) -> Typed | None:
    if entity is None:
        return None
    return condition(node, "filter", scope_of(told.draft.model, entity.key))


def _measures(told: Told, node: Node, entity: Entity | None) -> Mapping[str, Typed]:
    if entity is None:
        return {}
    scope, rules = scope_of(told.draft.model, entity.key), Rules(measure=True)
    found = {each.name: check_node(each, scope, rules) for each in node.child("measures").live()}
    return {name: typed for name, typed in found.items() if typed is not None}


def _expectations(told: Told, node: Node, entity: Entity | None) -> Expectations:
    counts = node.child("counts")
    return Expectations(
        refused=node.text("refused"),
        warned=node.names("warned"),
        values=_expected(told, node.child("expect")),
        visible=_fields(told, node.child("visible")),
        hidden=_fields(told, node.child("hidden")),
        masked=_fields(told, node.child("masked")),
        sees=_names(told, node, "sees"),
        unseen=_names(told, node, "unseen"),
        found=_names(told, node, "found") if "found" in node else None,
        gives=dict(_given_values(node)),
        counts={each.name: counts.whole(each.name) or 0 for each in counts.items()},
        approvals=_approvals(told, node.child("approvals")),
        told=_heard(told, node.child("told")),
    )


def _expected(told: Told, node: Node) -> Mapping[str, Mapping[str, object]]:
    result = {}
    for each in node.live():
        entity = told.record(each, each.name)
        if entity is not None:
            result[each.name] = written_values(told.draft, each, entity, lines=True)
    return result


def _fields(told: Told, node: Node) -> Mapping[str, tuple[str, ...]]:
    """Return names of fields by record; fields that do not exist are reported."""
    result = {}
    for each in node.live():
        entity = told.record(each, each.name)
        if entity is not None:
            keys = (field_key(each, name, entity) for name in node.names(each.name))
            result[each.name] = tuple(entity.fields[key].name for key in keys if key)
    return result


def _names(told: Told, node: Node, name: str) -> tuple[str, ...]:
    return tuple(each for each in node.names(name) if told.record(node, each, at=name))


def _given_values(node: Node) -> Iterator[tuple[str, object]]:
    measures = [each.name for each in node.child("measures").live()]
    for each in node.child("gives").items():
        if each.name not in measures:
            sentence = f"`{node.name}` measures nothing called `{each.name}`."
            each.report("unknown_path", sentence, nearest(each.name, measures))
        yield each.name, each.value


def _approvals(told: Told, node: Node) -> Mapping[str, Mapping[str, str]]:
    known = [each.name for each in told.draft.root.child("approvals").live()]
    result = {}
    for each in node.live():
        told.record(each, each.name)
        states = {part.name: str(part.value) for part in each.items()}
        for name in states:
            if name not in known:
                sentence = f"There is no approval `{name}`."
                each.report("unknown_approval", sentence, nearest(name, known), at=name)
        result[each.name] = states
    return result


def _heard(told: Told, node: Node) -> Mapping[str, tuple[str, ...]]:
    """Return who tells whom: a person of the scenario, or an address outside."""
    root = told.draft.root
    known = {each.name for part in TELLING for each in root.child(part).items()}
    for each in node.items():
        if each.name not in told.people and not any(mark in each.name for mark in "@+0123456789"):
            sentence = f"There is no person `{each.name}` in this scenario."
            node.report("unknown_person", sentence, nearest(each.name, told.people), at=each.name)
        for name in node.names(each.name):
            if name not in known:
                sentence = f"There is no automation `{name}`."
                hint = nearest(name, known)
                node.report("unknown_automation", sentence, hint, at=each.name)
    return {each.name: node.names(each.name) for each in node.items()}
