"""Choices whose codes are called something else now: the browser knows names, the rest codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from formula import check, compile_js, parse
from formula.calendars import Calendar
from formula.scope import FieldBinding, Path, Step
from formula.types import ChoiceType, ListType, ValueType
from tests.formula.everywhere import Browser

KIND = ChoiceType(("machine", "part"), ("engine", "part"), (("machine", "machine"),))


@dataclass(frozen=True, slots=True)
class _Scope:
    """A record with one choice and several choices."""

    fields: Mapping[str, ValueType]

    def lookup(self, path: Path) -> FieldBinding | None:
        kind = self.fields.get(path[0]) if len(path) == 1 else None
        return FieldBinding(path, kind, (Step("thing", path[0]),)) if kind else None

    def suggestions(self, path: Path) -> tuple[str, ...]:
        return tuple(self.fields)

    def name_of(self, label: Path) -> Path | None:
        return None

    def calendars(self) -> Mapping[str, Calendar]:
        return {}

    def labels(self, binding: FieldBinding) -> Mapping[str, Mapping[str, str]]:
        return {}


SCOPE = _Scope({"kind": KIND, "kinds": ListType(KIND)})


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ('kind == "engine"', True),
        ('kind == "machine"', True),
        ('kind != "part"', True),
        ('kind in ["engine"]', True),
        ('"engine" in kinds', True),
        ('"part" in kinds', False),
        ('SWITCH(kind, "engine", 1, 2) == 1', True),
        ("kind", "engine"),
    ],
)
def test_the_browser_compares_what_a_choice_is_called_now(
    browser: Browser, formula: str, expected: object
) -> None:
    typed = check(parse(formula), SCOPE)
    record = {"values": {"kind": "engine", "kinds": ["engine"]}, "rows": {}, "entities": {}}
    moment = {"now": "2026-03-02T01:00:00Z", "today": "2026-03-02", "zone": "Asia/Shanghai"}
    kind = "boolean" if isinstance(expected, bool) else "choice"

    answers = browser.send(
        {
            "moment": moment,
            "formulas": [{"text": compile_js(typed), "kind": kind}],
            "records": [record],
        }
    )

    assert answers == [[{"value": expected}]]
