"""Links what views other than lists are drawn by: dates, pictures, places, rows and columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from formula.typed import Typed
from formula.types import NumberType
from metamodel.flows import Pipeline
from metamodel.linking.formulas import Rules, check_node, condition, formula
from metamodel.linking.paths import field_path, read_path
from metamodel.model import Entity, Field
from metamodel.nearest import nearest
from metamodel.reader import Node
from metamodel.scope import ModelScope
from metamodel.views import FieldPath, Layout

DAYS = ("date", "datetime", "period")
"""Field types that a record can stand at on a calendar."""

PLACES = ("location", "address")

PICTURES = ("image", "file")

WRITTEN: Mapping[str, tuple[str, ...]] = {
    "start": DAYS,
    "end": (),
    "all_day": (),
    "repeat": ("text",),
    "color": (),
    "picture": PICTURES,
    "place": (*PLACES, "text"),
}
"""The fields that a view may name, and of which types they are where that is fixed."""

NEEDED: Mapping[str, tuple[tuple[str, ...], str]] = {
    "calendar": (DAYS, "start"),
    "timeline": (DAYS, "start"),
    "gallery": (PICTURES, "picture"),
    "map": (PLACES, "place"),
}
"""What a type of view cannot do without: a field of one of these types, named under this key."""


MINUTES = Rules(NumberType(digits=16, scale=0))


def read_layout(node: Node, kind: str, entity: Entity, scope: ModelScope) -> Layout:
    """Return what a view is drawn by; what it leaves out is taken from its columns and fields."""
    found = _paths(node, kind, entity, scope)
    return Layout(
        start=found.get("start"),
        end=found.get("end"),
        all_day=found.get("all_day"),
        repeat=found.get("repeat"),
        color=found.get("color"),
        picture=found.get("picture"),
        place=found.get("place"),
        usual="mine" in node,
        mine=condition(node, "mine", scope) or _mine(node, kind, entity, scope),
        busy=condition(node, "busy", scope),
        remind=formula(node, "remind", scope, MINUTES),
        rows=_formulas(node.child("rows"), scope, Rules()),
        across=_formulas(node.child("across"), scope, Rules()),
        measures=_formulas(node.child("measures"), scope, Rules(measure=True)),
        limits=_limits(node, entity),
    )


def _paths(
    node: Node, kind: str, entity: Entity, scope: ModelScope
) -> Mapping[str, FieldPath | None]:
    """Return the fields that a view is drawn by: as written, else those that suit its type."""
    found = {
        key: read_path(node, scope, node.text(key), at=key) for key in WRITTEN if node.text(key)
    }
    for key, types in WRITTEN.items():
        if types and key in found and not _is_of(scope, found[key], types):
            _report_missing(node, kind, entity, key, types)
            found[key] = None
    fields = list(_candidates(node, entity))
    types, key = NEEDED.get(kind, ((), ""))
    if key and key not in found:
        suiting = [each for each in fields if each.type in types]
        if not suiting:
            _report_missing(node, kind, entity, key, types)
        else:
            found[key] = field_path(scope, suiting[0].name)
            if key == "start" and "end" not in found:
                found["end"] = _until(suiting, scope)
    if kind in ("calendar", "timeline") and "color" not in found:
        found["color"] = _colored(fields, scope)
    return found


def _candidates(node: Node, entity: Entity) -> Iterable[Field]:
    """Yield the fields that a view shows, then all that the entity has."""
    for each in (*node.child("columns").live(), *node.child("card").live()):
        field = entity.field_named(each.name)
        if field is not None:
            yield field
    yield from (each for each in entity.fields.values() if not (each.retired or each.builtin))


def _until(found: list[Field], scope: ModelScope) -> FieldPath | None:
    """Return the end that goes with the first date: the next one of its type that is shown."""
    first = found[0]
    others = [each for each in found[1:] if each.type == first.type and each.key != first.key]
    paired = next((each for each in others if each.name in ("end", "ends_on", "end_date")), None)
    return field_path(scope, paired.name) if paired is not None else None


def _colored(fields: Iterable[Field], scope: ModelScope) -> FieldPath | None:
    """Return the choice whose colours a view takes."""
    found = next((each for each in fields if each.options), None)
    return field_path(scope, found.name) if found is not None else None


def _is_of(scope: ModelScope, path: FieldPath | None, types: tuple[str, ...]) -> bool:
    """Return whether a path ends at a field of one of some types; unknown ones are told of."""
    steps = getattr(path.binding, "steps", ()) if path is not None else ()
    if not steps:
        return path is None
    return scope.model.entities[steps[-1].entity].fields[steps[-1].field].type in types


def _report_missing(
    node: Node, kind: str, entity: Entity, key: str, types: tuple[str, ...]
) -> None:
    named = node.text(key)
    wanted = " or ".join(f"`{each}`" for each in types)
    found = f"`{named}` is none" if named else f"`{entity.name}` has none"
    node.report(
        "view_lacks_field",
        f"A view of type `{kind}` needs a field of type {wanted} under `{key}`, and {found}.",
        f"Name such a field under `{key}:`, or make it a list.",
        at=key if named else "",
    )


def _mine(node: Node, kind: str, entity: Entity, scope: ModelScope) -> Typed | None:
    """Return the condition that a record is the reader's own, where nobody wrote another."""
    if kind not in ("calendar", "timeline") or not entity.owned:
        return None
    made = Node(node.merged, (*node.path, "mine"), "owner == user.id")
    return check_node(made, scope)


def _formulas(node: Node, scope: ModelScope, rules: Rules) -> Mapping[str, Typed]:
    checked = {each.name: check_node(each, scope, rules) for each in node.live()}
    return {name: typed for name, typed in checked.items() if typed is not None}


def _limits(node: Node, entity: Entity) -> Mapping[str, int]:
    """Return how many records a board wants in a stage at most, by the stage's key."""
    stages = {
        stage.name: stage.key
        for pipeline in _pipelines(node, entity)
        for stage in pipeline.stages.values()
    }
    found = {}
    for each in node.child("limits").items():
        if each.name not in stages:
            each.report(
                "unknown_stage",
                f"The board has no stage `{each.name}`.",
                nearest(each.name, stages),
            )
        elif isinstance(each.value, int):
            found[stages[each.name]] = each.value
    return found


def _pipelines(node: Node, entity: Entity) -> list[Pipeline]:
    named = node.text("pipeline")
    everything = list(entity.pipelines.values())
    return [each for each in everything if each.name == named] or everything[:1]
