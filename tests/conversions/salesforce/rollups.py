"""Declared roll-ups over look-ups as computed fields of the parent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.conversions.left_out import LeftOut
from tests.conversions.salesforce.reading import files_of, one, option_name, snake
from tests.conversions.salesforce.screens import field_name

OPERATIONS = {
    "Sum": "SUM", "Avg": "AVG", "Min": "MIN", "Max": "MAX", "Count": "COUNT",
    "Count Distinct": "COUNTDISTINCT", "First": "FIRST", "Last": "LAST", "Concatenate": "JOIN",
}  # fmt: skip


def declared(root: Path) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the roll-ups that a folder declares, by name, with their settings."""
    for path, element in files_of(root, "md-meta.xml"):
        said = {
            one(each, "field").removesuffix("__c"): one(each, "value")
            for each in element.get("values", [])
        }
        if "AggregateOperation" in said:
            yield path.name.split(".")[1], said


def add_rollups(root: Path, entities: dict[str, Any], left: LeftOut) -> None:
    """Make the fields that roll-ups fill computed ones."""
    for name, said in declared(root):
        parent, child = snake(said["ParentObject"]), snake(said["ChildObject"])
        link = entities.get(child, {}).get("fields", {}).get(field_name(said["RelationshipField"]))
        if link is None or link["type"] != "link":
            left.note("a roll-up along a text that holds an id, not a link", name)
            continue
        target = entities[parent]["fields"][field_name(said["AggregateResultField"])]
        for key in ("default", "min", "max", "max_length", "required"):
            target.pop(key, None)
        target["formula"] = _formula(said, str(link["inverse"]), entities[child]["fields"])
        if parent == child:
            target["stored"] = False


def _formula(said: Mapping[str, str], collection: str, fields: Mapping[str, Any]) -> str:
    function = OPERATIONS[said["AggregateOperation"]]
    over = collection
    if function != "COUNT":
        over += "." + field_name(said["FieldToAggregate"])
    parts = [over]
    if function == "JOIN":
        parts.append(f'"{said.get("ConcatenateDelimiter", ", ")}"')
    if said.get("RelationshipCriteria"):
        parts.append(_condition(said["RelationshipCriteria"], fields))
    return f"{function}({', '.join(parts)})"


def _condition(text: str, fields: Mapping[str, Any]) -> str:
    """Return a query's condition as a formula over the child."""
    found = []
    for part in re.split(r"\s+AND\s+", text):
        like = re.fullmatch(r"(\w+) like '%([^%']*)%'", part)
        equal = re.fullmatch(r"(\w+) = '([^']*)'", part)
        if like:
            found.append(f'CONTAINS({field_name(like[1])}, "{like[2]}")')
        elif equal:
            name = field_name(equal[1])
            value = option_name(equal[2]) if fields[name]["type"] == "choice" else equal[2]
            found.append(f'{name} == "{value}"')
        else:
            raise AssertionError(f"a condition of a kind not met before: {part}")
    return " and ".join(found)
