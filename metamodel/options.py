"""What the codes of choices and stages are called, by language."""

from __future__ import annotations

from collections.abc import Mapping

from formula.scope import Step
from metamodel.label import Label
from metamodel.model import Model


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
