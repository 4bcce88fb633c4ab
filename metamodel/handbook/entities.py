"""One chapter for each entity: fields, stages, rules, and what can be done with a record."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from metamodel.fieldtypes import FIELD_TYPES
from metamodel.flows import Pipeline, Stage
from metamodel.handbook.markdown import bullets, code, heading, paragraph, table
from metamodel.handbook.words import word
from metamodel.model import Entity, Field, Model

FLAGS = ("required", "unique", "search", "encrypted", "personal_data")

CONDITIONS = ("visible_when", "required_when", "readonly_when", "filter")


def chapter(model: Model, entity: Entity, language: str) -> Iterator[str]:
    """Yield everything there is to say of one entity."""
    yield from heading(3, f"{entity.label.text(language)} ({code(entity.name)})")
    yield from paragraph(entity.help.text(language))
    yield from paragraph(_note(entity.note.text(language), language))
    yield from paragraph("; ".join(_facts(model, entity, language)))
    yield from _fields(model, entity, language)
    for pipeline in entity.pipelines.values():
        yield from _pipeline(entity, pipeline, language)
    yield from _rules(entity, language)
    yield from _behaviour(model, entity, language)


def _note(text: str, language: str) -> str:
    return f"{word('note', language)}: {text}" if text else ""


def _facts(model: Model, entity: Entity, language: str) -> Iterator[str]:
    if entity.child_of is not None:
        parent = model.entities[entity.child_of.entity].label.text(language)
        said = word("child", language)
        yield said.format(parent=parent, collection=entity.child_of.collection)
    if entity.owned:
        yield word("owned", language)
    yield f"{word('title', language)}: {code(entity.title.text)}"


def _fields(model: Model, entity: Entity, language: str) -> Iterator[str]:
    headers = [word(key, language) for key in ("field", "name", "type", "meaning")]
    rows = (
        (
            each.label.text(language),
            code(each.name),
            _type(model, each, language),
            "; ".join(_meaning(entity, each, language)),
        )
        for each in entity.fields.values()
        if not (each.retired or each.hidden or (each.builtin and each.readonly))
    )
    yield from table(headers, rows)


def _type(model: Model, field: Field, language: str) -> str:
    shown = FIELD_TYPES[field.type].label.text(language)
    if field.link is None or field.type not in ("link", "links"):
        return shown
    targets = (model.entities[key].label.text(language) for key in field.link.to)
    return f"{shown} → {', '.join(targets)}"


def _meaning(entity: Entity, field: Field, language: str) -> Iterator[str]:
    """Yield what a field is for, and what holds for it."""
    if field.help:
        yield field.help.text(language)
    yield from (word(flag, language) for flag in FLAGS if getattr(field, flag))
    yield from _value(field, language)
    for name in CONDITIONS:
        condition = getattr(field, name)
        if condition is not None:
            yield f"{word(name, language)} {code(condition.text)}"
    if field.copy:
        copied = (entity.fields[each.field].label.text(language) for each in field.copy)
        yield f"{word('copies', language)}: {', '.join(copied)}"
    if field.options and not field.pipeline:
        yield f"{word('options', language)}: {', '.join(_options(field, language))}"
    if field.note:
        yield _note(field.note.text(language), language)


def _value(field: Field, language: str) -> Iterator[str]:
    """Yield where a field's value comes from."""
    if field.formula is not None:
        yield f"{word('computed', language)}: {code(field.formula.text)}"
    elif field.readonly:
        yield word("readonly", language)
    if field.default is not None:
        yield f"{word('default', language)}: {code(_written(field, field.default))}"
    if field.default_formula is not None:
        yield f"{word('default', language)}: {code(field.default_formula.text)}"


def _options(field: Field, language: str) -> Iterator[str]:
    for option in field.options.values():
        if not option.retired:
            away = "" if option.active else f" ({word('inactive', language)})"
            yield f"{option.label.text(language)} {code(option.name)}{away}"


def _written(field: Field, value: object) -> str:
    """Return a value as YAML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal) and field.type in ("percent", "progress"):
        return f"{(value * 100).normalize():f}%"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, tuple):
        return ", ".join(_written(field, each) for each in value)
    option = field.options.get(str(value))
    return option.name if option is not None else str(value)


def _pipeline(entity: Entity, pipeline: Pipeline, language: str) -> Iterator[str]:
    shown = pipeline.label.text(language)
    when = f" ({code(pipeline.when.text)})" if pipeline.when is not None else ""
    yield from paragraph(f"**{word('stages', language)}: {shown}**{when}")
    keys = ("stage", "name", "probability", "must_fill", "enter_when", "goes_to", "meaning")
    stages = [stage for stage in pipeline.stages.values() if not stage.retired]
    rows = (_stage(entity, pipeline, stage, language) for stage in stages)
    yield from table([word(key, language) for key in keys], rows)


def _stage(entity: Entity, pipeline: Pipeline, stage: Stage, language: str) -> tuple[str, ...]:
    filled = (entity.fields[key].label.text(language) for key in stage.must_fill)
    moves = pipeline.moves.get(stage.key)
    onward = word("anywhere", language)
    if moves is not None:
        onward = ", ".join(pipeline.stages[key].label.text(language) for key in moves)
    said = (stage.guide.text(language), _note(stage.note.text(language), language))
    return (
        stage.label.text(language),
        code(stage.name),
        "" if stage.probability is None else f"{(stage.probability * 100).normalize():f}%",
        ", ".join(filled),
        code(stage.enter_when.text) if stage.enter_when is not None else "",
        onward,
        "; ".join(part for part in said if part),
    )


def _rules(entity: Entity, language: str) -> Iterator[str]:
    if entity.rules:
        yield from paragraph(f"**{word('rules', language)}**")
    headers = [word(key, language) for key in ("name", "refused_when", "message")]
    rows = (
        (
            code(rule.name),
            code(rule.refuse_when.text),
            " ".join(
                part
                for part in (
                    rule.message.text(language),
                    _note(rule.note.text(language), language),
                )
                if part
            ),
        )
        for rule in entity.rules.values()
    )
    yield from table(headers, rows)


def _behaviour(model: Model, entity: Entity, language: str) -> Iterator[str]:
    """Yield uniqueness, conversions, buttons and views, a line each."""

    def fields(keys: tuple[str, ...]) -> str:
        return ", ".join(entity.fields[key].label.text(language) for key in keys)

    lines = [
        *(f"{word('uniqueness', language)}: {fields(u.fields)}" for u in entity.unique.values()),
        *(
            f"{word('duplicates', language)}: {fields(tuple(each.match))}"
            for each in entity.duplicates.values()
        ),
    ]
    for convert in entity.converts.values():
        made = (model.entities[step.create].label.text(language) for step in convert.steps)
        shown = convert.label.text(language)
        lines.append(f"{word('converts', language)}: {shown} → {', '.join(dict.fromkeys(made))}")
    for button in entity.buttons.values():
        lines.append(f"{word('buttons', language)}: {button.label.text(language)}")
    for collection in entity.collections.values():
        shown = collection.label.text(language)
        lines.append(f"{word('collections', language)}: {code(collection.name)} → {shown}")
    yield from bullets(lines)
