"""Permission sets as roles."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.conversions.left_out import LeftOut
from tests.conversions.salesforce.reading import Element, files_of, flag, one, snake
from tests.conversions.salesforce.screens import field_name

ALLOWS = {
    "allowCreate": "create", "allowRead": "read", "allowEdit": "update", "allowDelete": "delete",
}  # fmt: skip

ALWAYS = {"created_at", "created_by", "updated_at", "updated_by", "owner", "id"}


def read_roles(root: Path, entities: Mapping[str, Any], left: LeftOut) -> dict[str, Any]:
    """Return a role for every permission set."""
    found = {}
    for path, element in files_of(root, "permissionset-meta.xml"):
        name = path.name.partition(".")[0]
        rights = {
            snake(one(each, "object")): _rights(each)
            for each in element.get("objectPermissions", [])
            if _known(one(each, "object"), entities, name, left)
        }
        if rights:
            fields = _fields(element, entities, rights)
            found[snake(name)] = {"label": one(element, "label") or name, "rights": rights}
            found[snake(name)] |= {"fields": fields} if fields else {}
    return found


def _known(api: str, entities: Mapping[str, Any], role: str, left: LeftOut) -> bool:
    if snake(api) in entities:
        return True
    left.note("a right on an object that is not in the set", f"{role}: {api}")
    return False


def _rights(element: Element) -> dict[str, str]:
    """Return the scopes: what Salesforce shares by a record's owner is everybody's here."""
    wide = flag(element, "viewAllRecords") or flag(element, "modifyAllRecords")
    scope = "all" if wide else "department_tree"
    return {ours: scope for theirs, ours in ALLOWS.items() if flag(element, theirs)}


def _fields(
    element: Element, entities: Mapping[str, Any], rights: Mapping[str, Any]
) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for each in element.get("fieldPermissions", []):
        api, _, field = one(each, "field").partition(".")
        entity, name = snake(api), field_name(field)
        if entity not in rights or name not in entities[entity]["fields"] or name in ALWAYS:
            continue
        if not flag(each, "readable"):
            found.setdefault(entity, {})[name] = "none"
        elif not flag(each, "editable"):
            found.setdefault(entity, {})[name] = "read"
    return found
