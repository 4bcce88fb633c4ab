"""Layouts, list views and compact layouts as forms and views."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.conversions.left_out import LeftOut
from tests.conversions.salesforce.reading import Element, one, option_name, snake
from tests.conversions.salesforce.standard import FIELDS

COLUMNS = {
    "NAME": "name", "CREATED_DATE": "created_at", "LAST_UPDATE": "updated_at",
    "CASES.CASE_NUMBER": "case_number", "CASES.STATUS": "status", "OWNER.ALIAS": "owner",
}  # fmt: skip
"""Columns of list views that Salesforce names in another way than fields."""

COMPARED = {
    "equals": "==", "notEqual": "!=", "greaterThan": ">", "lessThan": "<",
    "greaterOrEqual": ">=", "lessOrEqual": "<=",
}  # fmt: skip

SPANS = {
    "TODAY": ("day", 0, 1), "TOMORROW": ("day", 1, 1), "YESTERDAY": ("day", -1, 1),
    "THIS_WEEK": ("week", 0, 1), "NEXT_WEEK": ("week", 1, 1),
    "THIS_MONTH": ("month", 0, 1), "NEXT_MONTH": ("month", 1, 1), "LAST_MONTH": ("month", -1, 1),
    "THIS_YEAR": ("year", 0, 1),
}  # fmt: skip


def field_name(api: str) -> str:
    """Return a field's name in our spelling; `Account.Name` is a path."""
    if api in COLUMNS:
        return COLUMNS[api]
    return ".".join(FIELDS.get(part, snake(part)) for part in api.split("."))


@dataclass(frozen=True, slots=True)
class ScreenReader:
    """Reads the screens of one object.

    `kind` gives the type of a field, blank for none; `fixed` says which cannot be entered,
    `options` what a choice offers.
    """

    entity: str
    kind: Callable[[str], str]
    fixed: Callable[[str], bool]
    options: Callable[[str], frozenset[str]]
    collection: Callable[[str, str], str]
    left: LeftOut

    def view(self, element: Element) -> dict[str, Any]:
        """Return a list view."""
        name = one(element, "fullName")
        columns = [field_name(each) for each in element.get("columns", [])]
        view: dict[str, Any] = {
            "type": "list",
            "label": one(element, "label"),
            "columns": {each: {} for each in self._known(columns, f"list {name}")},
        }
        conditions = [text for each in element.get("filters", []) if (text := self.condition(each))]
        if one(element, "filterScope") == "Mine":
            conditions.append("owner == user.id")
        if conditions:
            view["filter"] = " and ".join(conditions)
        return view

    def condition(self, item: Element) -> str:
        """Return one line of a filter; several values are alternatives."""
        field = field_name(one(item, "field").split(".")[-1])
        operator, text = one(item, "operation"), one(item, "value")
        kind = self.kind(field)
        if not kind:
            self.left.note("a filter on what only Salesforce has", f"{self.entity}: {field}")
            return ""
        if kind in ("date", "datetime"):
            return _when(f"DATE({field})" if kind == "datetime" else field, operator, text)
        values = [_value(kind, each) for each in self._offered(field, kind, text)] or ["null"]
        if len(values) > 1:
            word = {"equals": "in", "notEqual": "not in"}[operator]
            return f"{field} {word} [{', '.join(values)}]"
        return f"{field} {COMPARED[operator]} {values[0]}"

    def _offered(self, field: str, kind: str, text: str) -> list[str]:
        """Return the values of a filter, without those that a choice does not offer."""
        values = [each.strip() for each in text.split(",") if each.strip()]
        known = self.options(field) if kind == "choice" else frozenset()
        for each in values:
            if known and option_name(each) not in known:
                where = f"{self.entity}.{field}: {each}"
                self.left.note("a filter on a value that the field does not offer", where)
        return [each for each in values if not known or option_name(each) in known]

    def form(self, element: Element) -> dict[str, Any]:
        """Return a layout as a form."""
        sections: dict[str, Any] = {}
        for section in element.get("layoutSections", []):
            columns = [each for each in section.get("layoutColumns", []) if isinstance(each, dict)]
            items = [
                (item, field_name(one(item, "field")))
                for column in columns
                for item in column.get("layoutItems", [])
                if one(item, "field")
            ]
            kept = self._known([field for _, field in items], "layout")
            if kept:
                title = one(section, "label") or "Details"
                sections[_unused(option_name(title), sections)] = {
                    "label": title,
                    "columns": max(1, min(2, len(columns))),
                    "items": {field: self._item(items, field) for field in kept},
                }
        lists = {
            name: {} for each in element.get("relatedLists", []) if (name := self._related(each))
        }
        return {"sections": sections} | ({"lists": lists} if lists else {})

    def figures(self, element: Element) -> dict[str, Any]:
        """Return what stands in a record's head."""
        fields = [field_name(each) for each in element.get("fields", [])]
        return {each: {} for each in self._known(fields, "compact layout")}

    def _related(self, element: Element) -> str:
        named = one(element, "relatedList")
        child, _, link = named.partition(".")
        found = self.collection(child, link) if link else ""
        if not found:
            self.left.note("a related list of Salesforce's own", f"{self.entity}: {named}")
        return found

    def _item(self, items: Sequence[tuple[Element, str]], field: str) -> dict[str, str]:
        behavior = next(one(item, "behavior") for item, name in items if name == field)
        if self.fixed(field):
            return {}
        return {"Required": {"required_when": "true"}, "Readonly": {"readonly_when": "true"}}.get(
            behavior, {}
        )

    def _known(self, fields: Sequence[str], where: str) -> list[str]:
        known = []
        for field in dict.fromkeys(fields):
            if self.kind(field):
                known.append(field)
            else:
                self.left.note("a field of Salesforce's own", f"{self.entity}.{field} ({where})")
        return known


def _value(kind: str, text: str) -> str:
    if kind == "boolean":
        return {"1": "true", "True": "true", "0": "false", "False": "false"}[text]
    if kind in ("integer", "decimal", "money"):
        return text
    return f'"{option_name(text) if kind in ("choice", "multi_choice") else text}"'


def _when(field: str, operator: str, text: str) -> str:
    """Return a condition on a date: a word for a span of time, or a day."""
    found = re.fullmatch(r"NEXT_N_(DAY|WEEK|MONTH)S:(\d+)", text)
    if found:
        unit, start, count = found[1].lower(), 1, int(found[2])
    elif text in SPANS:
        unit, start, count = SPANS[text]
    else:
        month, day, year = (int(part) for part in text.split(" ")[0].split("/"))
        return f"{field} {COMPARED[operator]} DATE({year}, {month}, {day})"
    first = f'STARTOF(TODAY(), "{unit}")' if unit != "day" else "TODAY()"
    begin = f'DATEADD({first}, {start}, "{unit}")' if start else first
    if operator != "equals":
        return f"{field} {COMPARED[operator]} {begin}"
    return f'({field} >= {begin} and {field} < DATEADD({first}, {start + count}, "{unit}"))'


def _unused(name: str, taken: dict[str, Any]) -> str:
    number = 2
    found = name
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found
