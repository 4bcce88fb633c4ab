"""What JSON Schemas of the API are put together from."""

from __future__ import annotations

from typing import Any

# Any: JSON holds values of every type.
Json = dict[str, Any]


def reference(name: str) -> Json:
    """Return a reference to a schema of this document."""
    return {"$ref": f"#/components/schemas/{name}"}


def listed(items: Json) -> Json:
    """Return an array of these."""
    return {"type": "array", "items": items}


def whole(**properties: Json) -> Json:
    """Return an object that always has all of these, and nothing else."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


ID: Json = {"type": "string", "format": "uuid"}
TEXT: Json = {"type": "string"}
TEXT_OR_NULL: Json = {"type": ["string", "null"]}
NUMBER: Json = {"type": "integer"}
FLAG: Json = {"type": "boolean"}
TEXTS: Json = listed(TEXT)
ANY_OBJECT: Json = {"type": "object"}
LABEL: Json = {"type": "object", "additionalProperties": TEXT}
FORMULAS: Json = {"type": "object", "additionalProperties": TEXT}
