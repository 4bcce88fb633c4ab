"""Loading a converted app."""

from __future__ import annotations

from typing import Any

import yaml

from metamodel import DefinitionInvalid, Model, load, read_text


def written(app: dict[str, Any]) -> str:
    """Return an app as YAML."""
    return yaml.safe_dump(app, allow_unicode=True, sort_keys=False, width=1000)


def model_of(app: dict[str, Any]) -> Model:
    """Load a converted app; what is wrong with it is shown in lines."""
    try:
        return load([read_text(written(app), "converted.yaml")])
    except DefinitionInvalid as invalid:
        lines = [f"{each.place.path}: {each.sentence} {each.hint}" for each in invalid.problems]
        raise AssertionError("\n".join(lines)) from invalid
