"""What the codes of choices and stages are called: by name, now and formerly, and by language.

The law: people write names, in formulas and YAML, on the wire and in files, and the present
name goes before a former one; what is stored, compared and handed to back ends is the key,
which never changes.
"""

from __future__ import annotations

from collections.abc import Mapping

from formula.scope import Step
from metamodel.fields import Option
from metamodel.fieldtypes.contract import Options
from metamodel.label import Label
from metamodel.model import Model


def choice_of(options: Mapping[str, Option]) -> Options:
    """Return what a choice type depends on: its codes, and what people call them."""
    names = tuple(option.name for option in options.values())
    former = [
        (text, key)
        for key, option in options.items()
        for text in (*option.former, key)
        if text not in names
    ]
    return Options(
        codes=tuple(options),
        names=names if names != tuple(options) else (),
        former=tuple(dict(reversed(former)).items()),
    )


def labels_by_language(model: Model, step: Step) -> Mapping[str, Mapping[str, str]]:
    """Return the label of each code that a field may hold, the app's first language first."""
    labels = _labels(model, step)
    written = (language for label in labels.values() for language in label.texts if language)
    return {
        language: {code: label.text(language) for code, label in labels.items()}
        for language in dict.fromkeys((*model.app.languages, *written))
    }


def _labels(model: Model, step: Step) -> Mapping[str, Label]:
    entity = model.entities[step.entity]
    found = entity.fields[step.field]
    if found.pipeline:
        stages = entity.pipelines[found.pipeline].stages
        return {stage.key: stage.label for stage in stages.values()}
    return {option.key: option.label for option in found.options.values()}
