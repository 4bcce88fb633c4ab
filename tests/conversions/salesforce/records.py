"""The sample records of a set, as our API takes them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from metamodel.model import Model
from tests.conversions.salesforce.reading import option_name, snake

Sample = tuple[str, str, dict[str, Any], dict[str, str]]
"""Entity, reference, plain values, and links by field to a reference."""


def samples(folder: Path, model: Model) -> Iterator[Sample]:
    """Yield the records of a set's data files; a value its entity has no field for is left out."""
    for path in sorted((folder / "data").glob("*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        for record in found["records"] if isinstance(found, dict) else ():
            yield _sample(model, record)


def _sample(model: Model, record: Mapping[str, Any]) -> Sample:
    said = record["attributes"]
    entity = next(e for e in model.entities.values() if e.name == snake(said["type"]))
    fields = {each.name: each for each in entity.fields.values()}
    values: dict[str, Any] = {}
    links: dict[str, str] = {}
    for api, value in record.items():
        field = fields.get(snake(api))
        if field is None or value is None or field.formula is not None:
            continue
        if isinstance(value, str) and value.startswith("@"):
            links[field.name] = value[1:]
        elif field.type == "choice":
            values[field.name] = option_name(value)
        elif field.type == "multi_choice":
            values[field.name] = [option_name(each) for each in value.split(";")]
        elif field.type in ("decimal", "money"):
            values[field.name] = str(value)
        elif field.type != "autonumber":
            values[field.name] = value
    return entity.name, said["referenceId"], values, links
