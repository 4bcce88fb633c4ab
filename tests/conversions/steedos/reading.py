"""Steedos's metadata files, the few functions in JavaScript among them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

Said = Mapping[str, Any]


class _Loader(yaml.SafeLoader):
    """Reads functions written in JavaScript as their text."""


def _function(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


_Loader.add_constructor("tag:yaml.org,2002:js/function", _function)


def read(path: Path) -> dict[str, Any]:
    """Return one file."""
    found = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe one
    return found if isinstance(found, dict) else {}


def files_of(folder: Path, kind: str) -> Iterator[dict[str, Any]]:
    """Yield the files of a kind below a folder, in order of their names."""
    for path in sorted(folder.glob(f"**/*.{kind}.yml")):
        yield read(path)


def conditions(filters: object) -> list[tuple[str, str, Any]]:
    """Return the lines of a filter: field, operator, value; a function returns them as JSON."""
    if isinstance(filters, str):
        found = re.search(r"return\s*(\[.*\])\s*;", filters, re.DOTALL)
        filters = json.loads(found[1]) if found else []
    assert isinstance(filters, list)
    return [(str(field), str(operator), value) for field, operator, value in filters]


def labels(root: Path, entity: str) -> dict[str, dict[str, Any]]:
    """Return the translations of one object, by language of ours."""
    found = {}
    for ours, theirs in (("zh", "zh-CN"), ("en", "en")):
        for path in sorted((root / "objectTranslations" / f"{entity}.{theirs}").glob("*.yml")):
            found[ours] = read(path)
    return found
