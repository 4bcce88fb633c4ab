"""Notes where options and stages are named, so that whoever renames them finds the places."""

from __future__ import annotations

from collections.abc import Iterable

from metamodel.fields import Field, Option
from metamodel.flows import Stage
from metamodel.model import Entity
from metamodel.reader import Node
from metamodel.references import Path


def option_path(field: Field, option: str) -> Path:
    """Return the path, of keys, of an option of a field: its own, a shared one, or a stage."""
    if field.pipeline:
        return stage_path(field.entity, field.pipeline, option)
    if field.choices:
        return "choices", field.choices, "options", option
    return "entities", field.entity, "fields", field.key, "options", option


def stage_path(entity: str, pipeline: str, stage: str) -> Path:
    """Return the path, of keys, of a stage."""
    return "entities", entity, "pipelines", pipeline, "stages", stage


def refer_option(node: Node, value: object, field: Field, *, at: str = "") -> None:
    """Note that a value, or each of a list of values, names an option of a field."""
    if node.merged.references is None or not field.options:
        return
    for name in value if isinstance(value, list) else (value,):
        key = _named(str(name), field.options.values())
        if key is not None:
            node.refer(str(name), *option_path(field, key), at=at)


def refer_stages(node: Node, name: str, entity: Entity, pipeline: str) -> None:
    """Note that a list names stages, of one pipeline or of any."""
    if node.merged.references is None:
        return
    for each in node.names(name):
        for found in entity.pipelines.values():
            key = _named(each, found.stages.values()) if pipeline in ("", found.name) else None
            if key is not None:
                node.refer(each, *stage_path(entity.key, found.key, key), at=name)
                break


def _named(name: str, options: Iterable[Option | Stage]) -> str | None:
    """Return the key of the live option of a name; a former name answers after present ones."""
    live = [each for each in options if not each.retired]
    present = (each.key for each in live if each.name == name)
    former = (each.key for each in live if name == each.key or name in each.former)
    return next(present, None) or next(former, None)
