"""What a conversion could not say in our language, and holding it against the committed list."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

LISTS = Path(__file__).parent / "left"


@dataclass(slots=True)
class LeftOut:
    """Elements of the source that our language does not say, by the reason why."""

    found: dict[str, set[str]] = field(default_factory=dict)

    def note(self, reason: str, element: str) -> None:
        """Note one element that is not converted."""
        self.found.setdefault(reason, set()).add(element)

    def listed(self) -> dict[str, list[str]]:
        """Everything noted, sorted."""
        return {reason: sorted(each) for reason, each in sorted(self.found.items())}


def assert_as_listed(name: str, left: LeftOut) -> None:
    """Hold what was left out against `left/<name>.yaml`; JOINERY_REWRITE_GOLDEN=1 rewrites it."""
    path = LISTS / f"{name}.yaml"
    if os.environ.get("JOINERY_REWRITE_GOLDEN"):
        text = yaml.safe_dump(left.listed(), allow_unicode=True, sort_keys=True, width=110)
        path.write_text(text, encoding="utf-8")
    listed: Any = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    assert left.listed() == listed
