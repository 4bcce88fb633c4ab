"""Links pipelines: their stages, the moves between them, and the field that goes through them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from metamodel.fieldtypes import FIELD_TYPES, NotAValue, Options
from metamodel.fieldtypes.contract import label
from metamodel.flows import Pipeline, Stage, Work
from metamodel.label import Label
from metamodel.linking.columns import column_name
from metamodel.linking.draft import Draft
from metamodel.linking.fields import Home
from metamodel.linking.merging import merged_into
from metamodel.linking.options import refer_stages, stage_path
from metamodel.linking.splitting import taken_from
from metamodel.model import Entity, Field, Option
from metamodel.nearest import nearest
from metamodel.options import choice_of
from metamodel.reader import Node


def link_pipeline(
    draft: Draft, home: Home, node: Node, fields: dict[str, Field]
) -> Pipeline | None:
    """Link stages, and make the field that goes through them."""
    name = node.text("field")
    if not name:
        return None
    written = tuple(node.child("stages").items())
    merged, taken = merged_into(written), taken_from(written)
    stages = {
        each.key: _stage(each, merged.get(each.key, ""), taken.get(each.key, {}))
        for each in written
    }
    if not any(not stage.retired for stage in stages.values()):
        node.report(
            "no_stages",
            f"The pipeline `{node.name}` has no stage left.",
            "Write at least one stage under `stages:`.",
            at="stages",
        )
    existing = fields.get(name)
    if existing is not None and not existing.pipeline:
        node.report(
            "name_taken",
            f"The pipeline makes the field `{name}`, but one is written already.",
            "Take the field out of `fields:`; the pipeline owns its options.",
            at="field",
        )
        return None
    fields[name] = _stage_field(home, node, existing, stages)
    draft.fields[home.key, name] = node
    return Pipeline(
        key=node.key,
        name=node.name,
        label=node.label() or Label({"": node.name.replace("_", " ").capitalize()}),
        field_key=name,
        stages=stages,
        moves=_moves(home, node, stages),
    )


def _stage_field(
    home: Home, node: Node, existing: Field | None, stages: Mapping[str, Stage]
) -> Field:
    """Return the choice that goes through the stages, those of other pipelines included."""
    name = node.text("field")
    options = dict(existing.options) if existing else {}
    for key, stage in stages.items():
        made = _stage_option(stage)
        shared = options.get(key, made)
        if (shared.retired, shared.into) != (made.retired, made.into):
            node.child("stages").report(
                "into_shared",
                f"`{stage.name}` is a stage of another pipeline over `{name}`, too, and goes "
                "elsewhere there.",
                "Retire it in both, into the same stage, or in neither.",
                at=stage.name,
            )
        if shared is not made and shared.takes and made.takes:
            node.child("stages").report(
                "takes_shared",
                f"`{stage.name}` is a stage of another pipeline over `{name}`, too, and says "
                "`takes` there.",
                "Say it in one of the two.",
                at=stage.name,
            )
        options[key] = replace(made, takes={**shared.takes, **made.takes})
    return Field(
        key=name,
        name=name,
        entity=home.key,
        type="choice",
        label=node.label("field_label") or label("Stage", "阶段"),
        value_type=FIELD_TYPES["choice"].value_type(choice_of(options)),
        column=column_name(name, "choice"),
        options=options,
        pipeline=existing.pipeline if existing else node.key,
        index=True,
        retired=node.retired,
    )


def _stage(node: Node, into: str, takes: Mapping[str, None]) -> Stage:
    ends = node.text("ends")
    return Stage(
        key=node.key,
        name=node.name,
        label=node.label() or Label({"": node.name.replace("_", " ").capitalize()}),
        color=node.text("color"),
        probability=_probability(node),
        normal_days=node.whole("normal_days"),
        ends=ends if ends in ("won", "lost", "done", "cancelled") else "",  # type: ignore[arg-type]
        guide=node.label("guide"),
        works={
            each.key: Work(each.key, each.label(), each.whole("within_days"), each.flag("required"))
            for each in node.child("works").live()
        },
        roles=node.names("roles"),
        note=node.label("note"),
        retired=node.retired,
        former=tuple(sorted(node.former)),
        into=into,
        takes=takes,
    )


def _probability(node: Node) -> Decimal | None:
    value = node.get("probability")
    if value is None:
        return None
    try:
        parsed = FIELD_TYPES["percent"].parse(value, Options())
    except NotAValue as error:
        node.report(
            "wrong_value",
            f"`probability` is `{value}`, but {error}.",
            "Write `20%`.",
            at="probability",
        )
        return None
    return parsed if isinstance(parsed, Decimal) else None


def _stage_option(stage: Stage) -> Option:
    return Option(
        stage.key,
        stage.name,
        stage.label,
        stage.color,
        "",
        not stage.retired,
        stage.retired,
        stage.former,
        stage.into,
        stage.takes,
    )


def _moves(home: Home, node: Node, stages: dict[str, Stage]) -> dict[str, tuple[str, ...]]:
    names = {name: key for key, stage in stages.items() for name in (*stage.former, key)}
    names |= {stage.name: key for key, stage in stages.items()}
    moves = {}
    for each in node.child("moves").items():
        targets = node.child("moves").names(each.name)
        for name in (each.name, *targets):
            if name in names:
                place = stage_path(home.key, node.key, names[name])
                node.child("moves").refer(name, *place, at=each.name)
            if name not in names:
                node.child("moves").report(
                    "unknown_stage",
                    f"`moves` names the stage `{name}`, which does not exist.",
                    nearest(name, names),
                    at=each.name,
                )
        if each.name in names:
            moves[names[each.name]] = tuple(names[name] for name in targets if name in names)
    return moves


def stage_keys(node: Node, name: str, entity: Entity, pipeline: str = "") -> tuple[str, ...]:
    """Return the keys of the stages that a list names, in one pipeline or in any; report others."""
    stages = [
        stage
        for found in entity.pipelines.values()
        if pipeline in ("", found.name)
        for stage in found.stages.values()
        if not stage.retired
    ]
    refer_stages(node, name, entity, pipeline)
    known = {each: stage.key for stage in stages for each in (*stage.former, stage.key)}
    known |= {stage.name: stage.key for stage in stages}
    for each in node.names(name):
        if each not in known:
            sentence = f"`{entity.name}` has no stage `{each}`."
            node.report("unknown_stage", sentence, nearest(each, known), at=name)
    return tuple(known[each] for each in node.names(name) if each in known)
