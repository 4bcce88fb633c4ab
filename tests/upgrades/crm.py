"""Both versions of the CRM: the one that comes along, and the one before it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.schema.revisions import Document
from metamodel import Layer, read_app, read_text
from metamodel.dump import bundle, dump
from metamodel.layers import merge

ROOT = Path(__file__).parents[2]

NAME = "crm_template.yaml"


@lru_cache(maxsize=1)
def second() -> Document:
    """Return the CRM as it comes along."""
    return Document(NAME, bundle([read_app(ROOT / "apps" / NAME)]))


@lru_cache(maxsize=1)
def first() -> Document:
    """Return version 1, which `crm_1.yaml` makes of the present one."""
    back = read_text((Path(__file__).parent / "crm_1.yaml").read_text(encoding="utf-8"), "crm_1")
    return Document(NAME, dump(merge([layer_of(second()), back]).document))


def layer_of(document: Document) -> Layer:
    """Return a document as a layer."""
    return read_text(document.text, document.name)


def merged(*layers: Layer) -> dict[str, Any]:
    """Return what layers give together."""
    return merge(layers).document
